/* SPDX-License-Identifier: ISC */
/* cmd_output: `stint output`: what tasks of the daemon wrote, and write. In the client. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>

#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint output [options] JOB[/TASK]"

static void
show(const struct control_answer *answer, struct text *bytes)
{
	struct span stream;
	uint64_t left_out;
	FILE *to;

	if (span_is(answer->type, "left_out") && control_answer_uint(answer, "bytes", &left_out)) {
		warnx("%" PRIu64 " bytes were written faster than they were read here, and are not "
		      "shown; stint output shows them when the task has ended",
		      left_out);
		return;
	}
	to = control_answer_member(answer, "stream", &stream) && span_is(stream, "\"stderr\"")
		 ? stderr
		 : stdout;
	text_clear(bytes);
	control_answer_bytes(answer, bytes);
	if (fwrite(bytes->data, 1, bytes->len, to) != bytes->len) {
		err(EXIT_SYSTEM, to == stdout ? "stdout" : "stderr");
	}
}

int
cmd_output(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	struct control_answer answer;
	struct text bytes = TEXT_INIT;
	const char *task;
	uint64_t job;
	int status;

	client_options_parse(&line, argc, argv, FOR_OUTPUT, USAGE);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "of which job?" : "of one at a time");
	}
	control_client_open(&client, &line.client, true);
	job = control_client_task(&client, argv[line.first], &task);
	control_client_begin(&client, "output");
	control_client_uint(&client, "job", job);
	if (task != NULL) {
		control_client_string(&client, "task", span_of(task));
	}
	if (line.client.follow) {
		control_client_true(&client, "follow");
	}
	control_client_send(&client);
	for (;;) {
		if (!control_client_wait(&client, 0) && fflush(stdout) != 0) {
			err(EXIT_SYSTEM, "stdout"); /* all that has come is shown before we wait */
		}
		control_client_receive(&client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		show(&answer, &bytes);
	}
	text_free(&bytes);
	return control_client_finish(&client, status);
}
