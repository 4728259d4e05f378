/* SPDX-License-Identifier: ISC */
/* client_command: the command that a job of the daemon is, if it is one. In the client. */
#ifndef SUPERVISOR_CLIENT_COMMAND_H
#define SUPERVISOR_CLIENT_COMMAND_H

#include "supervisor/control_client.h"

/* Appends it as one would type it; nothing if the daemon does not tell. `job`: without a file. */
void client_command_put(struct control_client *, uint64_t job, struct text *);

#endif
