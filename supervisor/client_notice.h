/* SPDX-License-Identifier: ISC */
/* client_notice: why jobs of the daemon do not begin, for people who look at them. In the client. */
#ifndef SUPERVISOR_CLIENT_NOTICE_H
#define SUPERVISOR_CLIENT_NOTICE_H

#include "supervisor/control_client.h"

/* Says on stderr that the whole queue is paused, or takes nothing any more, and why, if it is so. */
void client_notice(struct control_client *);

#endif
