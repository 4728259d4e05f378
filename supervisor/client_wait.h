/* SPDX-License-Identifier: ISC */
/* client_wait: waits until jobs of the daemon have ended. In the client. */
#ifndef SUPERVISOR_CLIENT_WAIT_H
#define SUPERVISOR_CLIENT_WAIT_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/control_client.h"

#define EXIT_TIME_OVER 4

/*
 * Waits for all of them, at most `us` (-1: for as long as it takes). Says on stderr why one did not
 * end ok. Where the daemon goes meanwhile and one comes after it, within half a minute, the waiting
 * goes on with that. The highest of the exit statuses that `stint run` would have had, or
 * EXIT_TIME_OVER.
 */
int client_wait_for(struct control_client *, const uint64_t *jobs, size_t count, int64_t us);

#endif
