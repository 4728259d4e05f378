/* SPDX-License-Identifier: ISC */
/* cmd_wait: `stint wait`: until jobs of the daemon have ended. In the client. */
#include <err.h>
#include <stdlib.h>

#include "supervisor/client_targets.h"
#include "supervisor/client_wait.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint wait [options] [JOB... | --all]"

int
cmd_wait(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	struct client_targets targets = {.count = 0};
	uint64_t *jobs;
	bool last;
	int status;

	client_options_parse(&line, argc, argv, FOR_WAIT, USAGE);
	last = argc == line.first && !line.client.all;
	if (argc > line.first && line.client.all) {
		errx(EXIT_USAGE, "jobs, or all: which of the two?");
	}
	control_client_open(&client, &line.client, false);
	for (int i = line.first; i < argc; i++) {
		client_targets_add(&targets, &client, argv[i], false);
	}
	if (line.client.all) {
		client_targets_add_all(&targets, &client, WHICH_OPEN);
	}
	jobs = calloc(targets.count + 1, sizeof(*jobs));
	if (jobs == NULL) {
		err(EXIT_SYSTEM, "jobs");
	}
	for (size_t i = 0; i < targets.count; i++) {
		jobs[i] = targets.all[i].job;
	}
	if (last) {
		jobs[0] = control_client_job(&client, NULL);
	}
	status = client_wait_for(&client, jobs, last ? 1 : targets.count, line.client.timeout_us);
	free(jobs);
	client_targets_free(&targets);
	return control_client_finish(&client, status);
}
