/* SPDX-License-Identifier: ISC */
/*
 * http_results: what came of a job: its records, the record of one task, and what tasks wrote. The
 * store hands out a descriptor; nothing of it is held in memory. In the supervisor, of stintd.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/result_record.h"
#include "supervisor/dashboard_parts.h"

/* The store has answered: -1 is a descriptor that nobody wants any more, or an error. */
static bool
take(struct http_call *call, int fd, const char *error)
{
	bool open = http_call_open(call);

	if (open && fd < 0) {
		http_answer_error(call, 503, "%s", error);
	} else if (!open) {
		fds_close(&fd);
	}
	return open && fd >= 0;
}

static void
got_results(void *context, int fd, const char *error)
{
	struct http_call *call = context;

	if (take(call, fd, error)) {
		http_answer_fd(call, fd, "application/jsonl", NULL, NULL, NULL, NULL);
	}
	http_call_release(call);
}

void
http_results(struct dashboard *dashboard, struct http_call *call)
{
	if (http_find_job(dashboard, call) != NULL) {
		http_call_hold(call);
		queue_get_results(dashboard->queue, call->job, got_results, call);
	}
}

/* ---- a task ----------------------------------------------------------------------------------- */

static void
got_record(void *context, int fd, const char *error)
{
	struct http_call *call = context;
	char byte;

	if (take(call, fd, error)) {
		if (pread(fd, &byte, 1, 0) == 0) {
			fds_close(&fd);
			http_answer_error(
			    call, 404,
			    "no task of job %llu has that id and a record: it has not "
			    "ended yet, or there is none",
			    (unsigned long long)call->job);
		} else {
			http_answer_fd(call, fd, HTTP_JSON, NULL, NULL, NULL, NULL);
		}
	}
	http_call_release(call);
}

/* Asks for the record of a task by its plain id. */
static void
ask_record(struct dashboard *dashboard, struct http_call *call, struct span id, store_got *got)
{
	struct text json = TEXT_INIT;

	if (!text_is_utf8(id.at, id.len)) {
		http_answer_error(call, 400, "the id of the task is not UTF-8");
		return;
	}
	text_json_string(&json, id.at, id.len);
	json.len--; /* without its quotes */
	text_terminate(&json);
	http_call_hold(call);
	queue_get_record(dashboard->queue, call->job, json.data + 1, got, call);
	text_free(&json);
}

void
http_task(struct dashboard *dashboard, struct http_call *call)
{
	if (http_find_job(dashboard, call) != NULL) {
		ask_record(dashboard, call, call->task, got_record);
	}
}

/* ---- output ----------------------------------------------------------------------------------- */

static void
put_output(const struct result_record *record, int stream, struct text *out)
{
	char *bytes;
	size_t len;

	if (record->output[stream].len > 0) {
		json_value_append(out, record->output[stream]);
	} else if (record->output_base64[stream].len > 0 &&
		   json_value_base64(record->output_base64[stream], &bytes, &len)) {
		text_bytes(out, bytes, len);
		free(bytes);
	}
}

/* A line of results becomes what the task wrote, which ends its last line. */
static void
to_output(void *context, struct span line, struct text *out)
{
	const char *stream = context;
	struct result_record record;
	size_t before = out->len;

	if (result_record_decode(line, &record) != NULL) {
		return;
	}
	if (stream == NULL || strcmp(stream, "stdout") == 0) {
		put_output(&record, 0, out);
	}
	if (stream == NULL || strcmp(stream, "stderr") == 0) {
		put_output(&record, 1, out);
	}
	if (out->len > before && out->data[out->len - 1] != '\n') {
		text_char(out, '\n');
	}
}

/* "stdout", "stderr" or NULL: both. False: it is neither, and the call was answered so. */
static bool
take_stream(struct http_call *call, const char **stream)
{
	struct text value = TEXT_INIT;
	bool good = true;

	*stream = NULL;
	if (http_request_query(&call->asked, "stream", &value)) {
		struct span given = {value.data, value.len};

		*stream = span_is(given, "stdout")   ? "stdout"
			  : span_is(given, "stderr") ? "stderr"
						     : NULL;
		good = *stream != NULL;
	}
	text_free(&value);
	if (!good) {
		http_answer_error(call, 400, "stream must be stdout or stderr");
	}
	return good;
}

static void
got_output(void *context, int fd, const char *error)
{
	struct http_call *call = context;
	const char *stream;

	if (take(call, fd, error)) {
		if (!take_stream(call, &stream)) {
			fds_close(&fd);
		} else {
			http_answer_fd(call, fd, HTTP_PLAIN, NULL, to_output,
				       (void *)(uintptr_t)stream, NULL);
		}
	}
	http_call_release(call);
}

void
http_output(struct dashboard *dashboard, struct http_call *call)
{
	struct text task = TEXT_INIT;
	const char *stream;

	if (http_find_job(dashboard, call) == NULL || !take_stream(call, &stream)) {
		return;
	}
	if (http_request_query(&call->asked, "task", &task)) {
		ask_record(dashboard, call, (struct span){task.data, task.len}, got_output);
	} else {
		http_call_hold(call);
		queue_get_results(dashboard->queue, call->job, got_output, call);
	}
	text_free(&task);
}
