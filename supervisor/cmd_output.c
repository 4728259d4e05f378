/* SPDX-License-Identifier: ISC */
/* cmd_output: `stint output`: what tasks of the daemon wrote, and write. In the client. */
#include <err.h>

#include "supervisor/client_output.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint output [options] [JOB[/TASK]]"

int
cmd_output(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	const char *task = NULL;
	uint64_t job;
	int status;

	client_options_parse(&line, argc, argv, FOR_OUTPUT, USAGE);
	if (argc - line.first > 1) {
		errx(EXIT_USAGE, "of one at a time; usage: " USAGE);
	}
	control_client_open(&client, &line.client, false);
	job = argc == line.first ? control_client_job(&client, NULL)
				 : control_client_task(&client, argv[line.first], &task);
	status = client_output_show(&client, job, task, line.client.all, line.client.follow);
	return control_client_finish(&client, status);
}
