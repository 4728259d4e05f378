/* SPDX-License-Identifier: ISC */
/* client_command: see client_command.h. In the client. */
#include "supervisor/client_command.h"

#include <string.h>

#include "supervisor/command_text.h"

void
client_command_put(struct control_client *client, uint64_t job, struct text *out)
{
	struct control_answer answer;
	struct text source = TEXT_INIT;
	int status;

	control_client_begin(client, "source");
	control_client_uint(client, "job", job);
	control_client_send(client);
	do {
		control_client_receive(client, &answer, &status);
		if (answer.kind == ANSWER_DATA) {
			control_answer_bytes(&answer, &source);
		}
	} while (answer.kind == ANSWER_DATA);
	if (source.len > 0 &&
	    memchr(source.data, '\n', source.len) == source.data + source.len - 1) {
		command_text_put(out, (struct span){source.data, source.len - 1});
	}
	text_free(&source);
}
