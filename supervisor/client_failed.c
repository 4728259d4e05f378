/* SPDX-License-Identifier: ISC */
/* client_failed: see client_failed.h. In the client. */
#include "supervisor/client_failed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define SHOWN_MOST 10
#define READ_MOST  ((uint64_t)8 << 20) /* bytes of results */

/* Those that failed first, and have not ended ok since. */
struct failed {
	struct text ids[SHOWN_MOST], whys[SHOWN_MOST];
	struct span statuses[SHOWN_MOST]; /* constants */
	size_t count;
	struct text lines; /* what has come of results and is not whole */
};

static struct span
constant(struct span status)
{
	for (int i = 0; i < STATUSES; i++) {
		const char *name = task_status_name((enum task_status)i);

		if (status.len == strlen(name) + 2 &&
		    memcmp(status.at + 1, name, strlen(name)) == 0) {
			return span_of(name);
		}
	}
	return SPAN_LITERAL("failed");
}

static void
forget(struct failed *failed, const struct text *id)
{
	for (size_t i = 0; i < failed->count; i++) {
		if (failed->ids[i].len == id->len &&
		    memcmp(failed->ids[i].data, id->data, id->len) == 0) {
			text_free(&failed->ids[i]);
			text_free(&failed->whys[i]);
			failed->count--;
			failed->ids[i] = failed->ids[failed->count];
			failed->whys[i] = failed->whys[failed->count];
			failed->statuses[i] = failed->statuses[failed->count];
			failed->ids[failed->count] = failed->whys[failed->count] =
			    (struct text)TEXT_INIT;
			return;
		}
	}
}

static void
take_record(struct failed *failed, struct span record)
{
	struct span key, value, status = SPAN_EMPTY, error = SPAN_EMPTY;
	struct text id = TEXT_INIT;
	struct json_members members;

	json_members_begin(&members, record);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "id") && id.len == 0) {
			json_value_append(&id, value);
		} else if (span_is(key, "status")) {
			status = value;
		} else if (span_is(key, "error")) {
			error = value;
		}
	}
	if (id.len > 0) {
		forget(failed, &id);
	}
	if (id.len == 0 || span_is(status, "\"ok\"") || failed->count == SHOWN_MOST) {
		text_free(&id);
		return;
	}
	failed->ids[failed->count] = id;
	failed->statuses[failed->count] = constant(status);
	if (error.len > 0) {
		json_value_append(&failed->whys[failed->count], error);
	}
	failed->count++;
}

static void
take_piece(struct failed *failed, const struct control_answer *answer)
{
	size_t done = 0;
	const char *end;

	control_answer_bytes(answer, &failed->lines);
	while (done < failed->lines.len &&
	       (end = memchr(failed->lines.data + done, '\n', failed->lines.len - done)) != NULL) {
		size_t len = (size_t)(end - failed->lines.data) - done;

		take_record(failed, (struct span){failed->lines.data + done, len});
		done += len + 1;
	}
	text_drop_front(&failed->lines, done);
}

static void
print(struct failed *failed, const struct client_job *job, uint64_t count)
{
	printf("\n%-24s %-12s %s\n", "not ok", "status", "why");
	for (size_t i = 0; i < failed->count; i++) {
		text_terminate(&failed->ids[i]);
		text_terminate(&failed->whys[i]);
		printf("%-24s %-12.*s %s\n", text_printable(failed->ids[i].data),
		       (int)failed->statuses[i].len, failed->statuses[i].at,
		       text_printable(failed->whys[i].data));
		text_free(&failed->ids[i]);
		text_free(&failed->whys[i]);
	}
	if (count > failed->count) {
		printf("and %" PRIu64 " more: stint results %" PRIu64 "\n", count - failed->count,
		       job->number);
	}
}

int
client_failed_print(struct control_client *client, const struct client_job *job)
{
	uint64_t count = job->done - job->by_status[STATUS_ok];
	struct failed failed = {.count = 0};
	struct control_answer answer;
	int status;

	if (count == 0) {
		return EXIT_ALL_OK;
	}
	if (job->result_bytes <= READ_MOST) {
		control_client_begin(client, "results");
		control_client_uint(client, "job", job->number);
		control_client_true(client, "final");
		control_client_send(client);
		do {
			control_client_receive(client, &answer, &status);
			if (answer.kind == ANSWER_DATA) {
				take_piece(&failed, &answer);
			}
		} while (answer.kind == ANSWER_DATA);
		text_free(&failed.lines);
		if (status != EXIT_ALL_OK) {
			return status;
		}
	}
	print(&failed, job, count);
	return EXIT_ALL_OK;
}
