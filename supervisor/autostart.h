/* SPDX-License-Identifier: ISC */
/*
 * autostart: how a client finds stintd, and starts it where nobody listens, so that nobody has to
 * set anything up. In the supervisor, of a client.
 */
#ifndef SUPERVISOR_AUTOSTART_H
#define SUPERVISOR_AUTOSTART_H

#include <stdbool.h>

#include "ipc/text.h"

/*
 * A connection to the daemon at `given` (--socket), or if that is NULL at $STINT_SOCKET, else at
 * "socket" of the configuration, else at the usual place. If nobody listens there and `may_start`,
 * stintd is started first, once for all who want it at the same moment: $STINTD, or stintd beside
 * this executable (a build tree), or the one that is installed. It has nothing of ours but the
 * environment. Not if the configuration says no ("autostart"), nor at $STINT_SOCKET, which names one
 * that is there. The descriptor blocks, and is the caller's. -1: `error`, terminated, says why, with
 * what stintd said.
 */
int autostart_connect(const char *given, bool may_start, struct text *error);

#endif
