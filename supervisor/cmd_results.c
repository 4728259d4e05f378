/* SPDX-License-Identifier: ISC */
/* cmd_results: `stint results`: the records of a job of the daemon, as JSON Lines. In the client. */
#include <err.h>

#include "supervisor/client_results.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint results [options] [JOB]"

int
cmd_results(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	uint64_t job;
	int status;

	client_options_parse(&line, argc, argv, FOR_RESULTS, USAGE);
	if (argc - line.first > 1) {
		errx(EXIT_USAGE, "of one job at a time; usage: " USAGE);
	}
	control_client_open(&client, &line.client, false);
	job = control_client_job(&client, argv[line.first]);
	status = client_results_write(&client, job, line.client.all, stdout, "stdout");
	return control_client_finish(&client, status);
}
