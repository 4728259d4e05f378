/* SPDX-License-Identifier: ISC */
/* client_results: see client_results.h. In the client. */
#include "supervisor/client_results.h"

#include <err.h>

#include "supervisor/supervisor.h"

int
client_results_write(struct control_client *client, uint64_t job, bool all, FILE *to,
		     const char *shown)
{
	struct control_answer answer;
	struct text bytes = TEXT_INIT;
	int status;

	control_client_begin(client, "results");
	control_client_uint(client, "job", job);
	if (!all) {
		control_client_true(client, "final");
	}
	control_client_send(client);
	for (;;) {
		control_client_receive(client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		text_clear(&bytes);
		control_answer_bytes(&answer, &bytes);
		if (fwrite(bytes.data, 1, bytes.len, to) != bytes.len) {
			err(EXIT_SYSTEM, "%s", shown);
		}
	}
	text_free(&bytes);
	return status;
}
