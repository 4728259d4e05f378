/* SPDX-License-Identifier: ISC */
/* cmd_results: `stint results`: the records of a job of the daemon, as JSON Lines. In the client. */
#include <err.h>
#include <stdio.h>

#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint results [options] JOB"

int
cmd_results(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	struct control_answer answer;
	struct text bytes = TEXT_INIT;
	uint64_t job;
	int status;

	client_options_parse(&line, argc, argv, FOR_RESULTS, USAGE);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "of which job?" : "of one job at a time");
	}
	control_client_open(&client, &line.client, true);
	job = control_client_job(&client, argv[line.first]);
	control_client_begin(&client, "results");
	control_client_uint(&client, "job", job);
	control_client_send(&client);
	for (;;) {
		control_client_receive(&client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		text_clear(&bytes);
		control_answer_bytes(&answer, &bytes);
		if (fwrite(bytes.data, 1, bytes.len, stdout) != bytes.len) {
			err(EXIT_SYSTEM, "stdout");
		}
	}
	text_free(&bytes);
	return control_client_finish(&client, status);
}
