/* SPDX-License-Identifier: ISC */
/*
 * control_wait: requests that are answered when something has happened: wait and watch. In the
 * supervisor, of stintd.
 */
#include <inttypes.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "supervisor/control_parts.h"
#include "supervisor/job_json.h"

/* {"type":"done",...,"outcome":"failed","reason":"...","exit":1} */
static void
done_ended(struct control_request *request, const struct queue_job *job)
{
	struct text *out = control_answer(request, "done");

	text_printf(out, ",\"job\":%" PRIu64 ",\"outcome\":\"%s\",\"exit\":%d", request->job,
		    job_outcome_name(job->kept.outcome), control_exit_of(&job->kept));
	if (job->kept.reason != NULL) {
		text_string(out, ",\"reason\":");
		text_json_string(out, job->kept.reason, strlen(job->kept.reason));
	}
	control_answer_end(request);
	control_request_end(request);
}

static void
on_job(void *context, uint64_t number, const struct queue_job *job)
{
	struct control_request *request = context;

	if (request->ended) {
		return;
	}
	if (job == NULL) {
		control_fail(request, "job %" PRIu64 " was removed", number);
	} else if (job->over) {
		done_ended(request, job);
	}
}

static void
on_status(void *context)
{
	control_is_in_vain(context);
}

static void
watch(struct control_request *request, const struct queue_watch_ops *ops)
{
	request->watch = queue_watch(request->control->queue, request->job, ops, request);
	if (request->watch == NULL) {
		control_fail(request, "out of memory");
	}
}

void
control_take_wait(struct control_session *session, const struct control_message *message)
{
	static const struct queue_watch_ops ops = {.job = on_job, .status = on_status};
	const struct queue_job *job = control_job(session, message);
	struct control_request *request;

	if (job == NULL || (request = control_request_new(session, message, true)) == NULL) {
		return;
	}
	if (job->over) {
		done_ended(request, job);
	} else if (!control_is_in_vain(request)) {
		watch(request, &ops);
	}
}

static void
on_event(void *context, uint64_t number, const struct queue_job *job)
{
	struct control_request *request = context;
	struct text *out;

	if (request->ended) {
		return;
	}
	out = control_answer(request, job == NULL ? "removed" : "job");
	if (job == NULL) {
		text_printf(out, ",\"job\":%" PRIu64, number);
	} else {
		text_string(out, ",\"value\":");
		control_put_job(out, job);
	}
	control_answer_end(request);
	if (job == NULL && request->job != 0) {
		control_done(request);
	}
}

/* Members of a record that tell who failed and why; what it wrote may be long. */
static bool
is_told(struct span key)
{
	static const char *const told[] = {"id",   "name",  "tag",     "status", "exit", "signal",
					   "wall", "start", "attempt", "worker", "error"};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (span_is(key, told[i])) {
			return true;
		}
	}
	return false;
}

static bool
is_ok(struct span record)
{
	struct span status = json_member(record, "status");

	return status.len == 0 || span_is(status, "\"ok\""); /* without one it is no record */
}

static void
tell_failed(struct control_request *request, uint64_t number, struct span record)
{
	struct text *out = control_answer(request, "failed");
	struct json_members at;
	struct span key, value;
	bool first = true;

	text_printf(out, ",\"job\":%" PRIu64 ",\"value\":{", number);
	json_members_begin(&at, record);
	while (!at.failed && json_members_next(&at, &key, &value)) {
		if (is_told(key)) {
			text_string(out, first ? "\"" : ",\"");
			text_span(out, key);
			text_string(out, "\":");
			text_span(out, value);
			first = false;
		}
	}
	text_char(out, '}');
	control_answer_end(request);
}

/* A reader that is slow is told of fewer: `results` has them all. */
static void
on_results(void *context, uint64_t number, struct span lines)
{
	struct control_request *request = context;

	while (lines.len > 0 && !request->ended && control_may_send(request)) {
		const char *end = memchr(lines.at, '\n', lines.len);
		size_t len = end == NULL ? lines.len : (size_t)(end - lines.at);

		if (!is_ok((struct span){lines.at, len})) {
			tell_failed(request, number, (struct span){lines.at, len});
		}
		len += end != NULL;
		lines = (struct span){lines.at + len, lines.len - len};
	}
}

void
control_take_watch(struct control_session *session, const struct control_message *message)
{
	static const struct queue_watch_ops ops = {.job = on_event};
	static const struct queue_watch_ops with_failed = {.job = on_event, .results = on_results};
	struct control_request *request;

	if (CONTROL_HAS(message, job) && control_job(session, message) == NULL) {
		return;
	}
	request = control_request_new(session, message, true);
	if (request != NULL) {
		watch(request, message->failed ? &with_failed : &ops);
	}
}
