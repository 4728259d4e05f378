/* SPDX-License-Identifier: ISC */
/* client_failed: which tasks of a job did not end ok, and why, for people. In the client. */
#ifndef SUPERVISOR_CLIENT_FAILED_H
#define SUPERVISOR_CLIENT_FAILED_H

#include "supervisor/client_job.h"
#include "supervisor/control_client.h"

/*
 * Prints the first of them, a line each, by the results of the job; nothing if there are none. Of a
 * job with many results only where they are. The exit status; what was wrong was said.
 */
int client_failed_print(struct control_client *, const struct client_job *);

#endif
