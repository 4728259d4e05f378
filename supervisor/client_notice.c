/* SPDX-License-Identifier: ISC */
/* client_notice: see client_notice.h. In the client. */
#include "supervisor/client_notice.h"

#include <err.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

static void
say(struct span status)
{
	struct text broken = TEXT_INIT, hangs = TEXT_INIT, trouble = TEXT_INIT;

	json_value_append(&broken, json_member(status, "broken"));
	json_value_append(&hangs, json_member(status, "store_hangs"));
	json_value_append(&trouble, json_member(status, "trouble"));
	text_terminate(&broken);
	text_terminate(&hangs);
	text_terminate(&trouble);
	if (broken.len > 0) {
		warnx("nothing is begun any more: %s", text_printable(broken.data));
	} else if (hangs.len > 0) {
		warnx("%s", text_printable(hangs.data));
	} else if (trouble.len > 0) {
		warnx("the queue is paused, and tries again by itself: %s; `stint resume`: now",
		      text_printable(trouble.data));
	} else if (span_is(json_member(status, "paused"), "true")) {
		warnx("the queue is paused; `stint resume` lets it go on");
	}
	text_free(&broken);
	text_free(&hangs);
	text_free(&trouble);
}

void
client_notice(struct control_client *client)
{
	struct control_answer answer;
	struct span value;
	int status;

	control_client_begin(client, "status");
	control_client_send(client);
	do {
		control_client_receive(client, &answer, &status);
		if (answer.kind == ANSWER_DATA && control_answer_member(&answer, "value", &value)) {
			say(value);
		}
	} while (answer.kind == ANSWER_DATA);
}
