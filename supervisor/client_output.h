/* SPDX-License-Identifier: ISC */
/* client_output: shows what tasks of the daemon wrote, and write. In the client. */
#ifndef SUPERVISOR_CLIENT_OUTPUT_H
#define SUPERVISOR_CLIENT_OUTPUT_H

#include "supervisor/control_client.h"

/*
 * On stdout and stderr, as they did; of `task` alone, unless that is NULL. `all`: earlier tries, too;
 * `follow`: up to the end of the job. 0, or the exit status; what was wrong was said.
 */
int client_output_show(struct control_client *, uint64_t job, const char *task, bool all,
		       bool follow);

#endif
