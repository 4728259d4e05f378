/* SPDX-License-Identifier: ISC */
/* client_output: see client_output.h. In the client. */
#include "supervisor/client_output.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>

#include "supervisor/supervisor.h"

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
client_output_show(struct control_client *client, uint64_t job, const char *task, bool all,
		   bool follow)
{
	struct control_answer answer;
	struct text bytes = TEXT_INIT;
	int status;

	control_client_begin(client, "output");
	control_client_uint(client, "job", job);
	if (task != NULL) {
		control_client_string(client, "task", span_of(task));
	}
	if (!all) {
		control_client_true(client, "final");
	}
	if (follow) {
		control_client_true(client, "follow");
	}
	control_client_send(client);
	for (;;) {
		if (!control_client_wait(client, 0) && fflush(stdout) != 0) {
			err(EXIT_SYSTEM, "stdout"); /* all that has come is shown before we wait */
		}
		control_client_receive(client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		show(&answer, &bytes);
	}
	text_free(&bytes);
	return status;
}
