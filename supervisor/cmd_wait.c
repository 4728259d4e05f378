/* SPDX-License-Identifier: ISC */
/* cmd_wait: `stint wait`: until jobs of the daemon have ended. In the client. */
#include <err.h>
#include <stdlib.h>

#include "supervisor/client_wait.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint wait [options] [JOB...]"

int
cmd_wait(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	size_t count;
	uint64_t *jobs;
	int status;

	client_options_parse(&line, argc, argv, FOR_WAIT, USAGE);
	count = argc == line.first ? 1 : (size_t)(argc - line.first);
	jobs = calloc(count, sizeof(*jobs));
	if (jobs == NULL) {
		err(EXIT_SYSTEM, "jobs");
	}
	control_client_open(&client, &line.client, true);
	for (size_t i = 0; i < count; i++) {
		jobs[i] = control_client_job(&client,
					     argc == line.first ? NULL : argv[line.first + (int)i]);
	}
	status = client_wait_for(&client, jobs, count, line.client.timeout_us);
	free(jobs);
	return control_client_finish(&client, status);
}
