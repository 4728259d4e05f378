/* SPDX-License-Identifier: ISC */
/* client_results: the records of a job of the daemon, for commands that show them. In the client. */
#ifndef SUPERVISOR_CLIENT_RESULTS_H
#define SUPERVISOR_CLIENT_RESULTS_H

#include <stdio.h>

#include "supervisor/control_client.h"

/*
 * Writes them to `to`, which is called `shown` if that fails: of each task the last, or `all`.
 * 0, or the exit status; what was wrong was said.
 */
int client_results_write(struct control_client *, uint64_t job, bool all, FILE *to,
			 const char *shown);

#endif
