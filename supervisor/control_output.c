/* SPDX-License-Identifier: ISC */
/*
 * control_output: the request for what tasks wrote: of those that have ended out of their records,
 * and with `follow`, as it comes, of those that run. In the supervisor, of stintd.
 *
 * What a task was seen to write is not sent again when its record comes. When a client reads more
 * slowly than tasks write, it is told how much was left out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/control_last.h"
#include "supervisor/control_reading.h"
#include "supervisor/control_shown.h"
#include "supervisor/control_missed.h"
#include "supervisor/control_parts.h"
#include "supervisor/ids.h"
#include "supervisor/record_lines.h"

#define BEHIND_MOST ((size_t)4 << 20) /* unread bytes from which on live output is left out */
#define PASS_MOST   ((size_t)1 << 20) /* bytes of a string that is passed on as it stands */

struct following {
	char *task; /* its id, plain; NULL: all */
	bool follow;
	bool live;  /* what comes by the watch is for the client */
	bool found; /* a record of the task */
	struct record_lines lines;
	struct control_last last;
	struct text early;          /* records that were told before `live` */
	uint64_t left_out;          /* bytes */
	struct control_shown shown; /* of what was seen while it ran */

	/* All that a task wrote, where that is more than its record has; -1: none is being sent. */
	int files[2];
	struct text file_id; /* of the task, as in JSON */
	struct control_reading reading;
};

static void
clear_state(struct control_request *request)
{
	struct following *following = request->state;

	record_lines_end(&following->lines);
	control_last_free(&following->last);
	text_free(&following->early);
	free(following->task);
	control_shown_free(&following->shown);
	fds_close(&following->files[0]);
	fds_close(&following->files[1]);
	text_free(&following->file_id);
	free(following);
}

/* ---- what is sent ----------------------------------------------------------------------------- */

static struct text *
begin_output(struct control_request *request, struct span id, int stream)
{
	struct text *out = control_answer(request, "output");

	text_string(out, ",\"task\":\"");
	text_span(out, id);
	text_string(out, stream == 1 ? "\",\"stream\":\"stdout\"" : "\",\"stream\":\"stderr\"");
	return out;
}

static void
send_bytes(struct control_request *request, struct span id, int stream, struct span bytes)
{
	while (bytes.len > 0) {
		size_t now = text_cut(bytes, CONTROL_PIECE);

		now = now == 0 ? bytes.len : now;
		control_put_text(begin_output(request, id, stream), (struct span){bytes.at, now});
		control_answer_end(request);
		bytes = (struct span){bytes.at + now, bytes.len - now};
	}
}

/* A string out of a record, quotes included. */
static void
send_string(struct control_request *request, struct span id, int stream, struct span string,
	    bool base64)
{
	struct text *out;
	char *bytes;
	size_t len;

	if (string.len <= PASS_MOST) {
		out = begin_output(request, id, stream);
		text_string(out, base64 ? ",\"base64\":" : ",\"text\":");
		text_span(out, string);
		control_answer_end(request);
	} else if (base64 ? json_value_base64(string, &bytes, &len)
			  : json_value_string(string, &bytes, &len)) {
		send_bytes(request, id, stream, (struct span){bytes, len});
		free(bytes);
	}
}

/* The id in a record, as it stands there, without quotes. */
static bool
id_of(struct span record, struct span *id)
{
	struct span value = json_member(record, "id");

	if (value.len < 2 || value.at[0] != '"') {
		return false;
	}
	*id = (struct span){value.at + 1, value.len - 2};
	return true;
}

/* False: the record has all of it, or there is no such file. It is sent as it is read. */
static bool
open_file(struct control_request *request, struct span id, int stream)
{
	struct following *following = request->state;
	struct text quoted = TEXT_INIT, plain = TEXT_INIT;
	int *fd = &following->files[stream - 1];

	text_char(&quoted, '"');
	text_span(&quoted, id);
	text_char(&quoted, '"');
	fds_close(fd);
	if (json_value_append(&plain, (struct span){quoted.data, quoted.len})) {
		text_terminate(&plain);
		*fd = queue_open_output(request->control->queue, request->job, plain.data, stream);
	}
	text_clear(&following->file_id);
	text_span(&following->file_id, id);
	text_free(&quoted);
	text_free(&plain);
	return *fd >= 0;
}

/* A piece of such a file; false: there is none. */
static bool
send_file(struct control_request *request)
{
	struct following *following = request->state;
	int stream = following->files[0] >= 0 ? 1 : 2, *fd = &following->files[stream - 1];
	struct control_reading *reading = &following->reading;
	ssize_t got;

	if (*fd < 0) {
		return false;
	}
	got = control_reading_next(reading, *fd);
	if (reading->now > 0) {
		send_bytes(request, (struct span){following->file_id.data, following->file_id.len},
			   stream, (struct span){reading->bytes, reading->now});
	}
	if (got <= 0) { /* what cannot be read is as if it were not there */
		fds_close(fd);
	}
	return true;
}

static void
send_record(struct control_request *request, struct span line)
{
	struct following *following = request->state;
	struct result_record record;
	struct span id;
	uint64_t hash;

	if (!id_of(line, &id) || result_record_decode(line, &record) != NULL) {
		return;
	}
	hash = record_key_id(id);
	if (control_shown_take(&following->shown, hash) ||
	    (following->task != NULL &&
	     hash != ids_hash(following->task, strlen(following->task)))) {
		return;
	}
	following->found = true;
	for (int i = 0; i < 2; i++) {
		if (record.truncated && open_file(request, id, i + 1)) {
			continue;
		}
		if (record.output[i].len > 2) {
			send_string(request, id, i + 1, record.output[i], false);
		} else if (record.output_base64[i].len > 2) {
			send_string(request, id, i + 1, record.output_base64[i], true);
		}
	}
}

/* ---- while it runs ---------------------------------------------------------------------------- */

static bool
is_behind(struct control_request *request, size_t more)
{
	struct following *following = request->state;
	bool behind = channel_unsent(request->session->channel) > BEHIND_MOST;

	following->left_out += behind ? more : 0;
	return behind;
}

static void
tell_left_out(struct control_request *request)
{
	struct following *following = request->state;

	if (following->left_out > 0) {
		text_printf(control_answer(request, "left_out"), ",\"bytes\":%" PRIu64,
			    following->left_out);
		control_answer_end(request);
		following->left_out = 0;
	}
}

static void
on_output(void *context, uint64_t number, const char *task, int stream, struct span bytes)
{
	struct control_request *request = context;
	struct following *following = request->state;
	struct text id = TEXT_INIT;

	(void)number;
	if (request->ended || !following->live ||
	    (following->task != NULL && strcmp(following->task, task) != 0)) {
		return;
	}
	control_shown_add(&following->shown, ids_hash(task, strlen(task)));
	if (is_behind(request, bytes.len)) {
		return;
	}
	tell_left_out(request);
	text_json_string(&id, task, strlen(task));
	send_bytes(request, (struct span){id.data + 1, id.len - 2}, stream, bytes);
	text_free(&id);
}

static void
on_results(void *context, uint64_t number, struct span lines)
{
	struct control_request *request = context;
	struct following *following = request->state;

	(void)number;
	if (!following->live) {
		text_span(&following->early, lines);
		return;
	}
	while (!request->ended && lines.len > 0) {
		const char *newline = memchr(lines.at, '\n', lines.len);
		size_t len = newline == NULL ? lines.len : (size_t)(newline - lines.at);

		if (!is_behind(request, len)) {
			tell_left_out(request);
			send_record(request, (struct span){lines.at, len});
		}
		len += newline != NULL;
		lines = (struct span){lines.at + len, lines.len - len};
	}
}

static void
on_job(void *context, uint64_t number, const struct queue_job *job)
{
	struct control_request *request = context;
	struct following *following = request->state;

	(void)number;
	if (!request->ended && following->live && request->more == NULL &&
	    (job == NULL || job->over)) { /* else when all that was kept is sent */
		tell_left_out(request);
		control_done_job(request);
	}
}

/* What a task that runs has written before somebody asked. */
static void
on_written(void *context, const char *task, int stream, struct span bytes, bool all)
{
	struct control_request *request = context;
	struct following *following = request->state;
	struct stat info;
	int fd;

	on_output(request, request->job, task, stream, bytes);
	if (all || (following->task != NULL && strcmp(following->task, task) != 0)) {
		return;
	}
	fd = queue_open_output(request->control->queue, request->job, task, stream);
	if (fd >= 0 && fstat(fd, &info) == 0 && (uint64_t)info.st_size > bytes.len) {
		following->left_out += (uint64_t)info.st_size - bytes.len;
	}
	fds_close(&fd);
}

static void
on_status(void *context)
{
	control_is_in_vain(context);
}

/* All that was kept is sent; what comes from now on follows. */
static void
follow(struct control_request *request)
{
	struct following *following = request->state;
	const struct queue_job *job = queue_job(request->control->queue, request->job);
	struct span early = {following->early.data, following->early.len};

	if (early.len > 0 && (following->task == NULL || !following->found)) {
		on_results(request, request->job, control_missed(early, request->fd));
	}
	if (following->task != NULL && !following->found && !following->follow) {
		control_decline(request,
				"job %" PRIu64 " has no record of that task: it has not ended, or "
				"there is no such task; -f follows it",
				request->job);
	} else if (!following->follow || job == NULL || job->over) {
		control_done_job(request);
	} else {
		control_is_in_vain(request);
	}
}

/* ---- what is kept ----------------------------------------------------------------------------- */

static bool
send_more(struct control_request *request)
{
	struct following *following = request->state;

	if (!control_last_read(&following->last)) {
		control_session_dirty(request->session); /* goes on when others had a turn */
		return false;
	}
	while (control_may_send(request)) {
		if (send_file(request)) {
			continue;
		}
		switch (record_lines_next(&following->lines)) {
		case RECORD_LINE:
		case RECORD_TORN:
			if (control_last_is(&following->last, &following->lines)) {
				send_record(request, following->lines.line);
			}
			break;
		case RECORD_OVERLONG:
		case RECORD_BLANK:
			break;
		case RECORD_END:
			request->more = NULL;
			follow(request);
			return true;
		case RECORD_FAIL:
			control_fail(request, "results cannot be read");
			return true;
		}
	}
	return false;
}

static void
on_got(void *context, int fd, const char *error)
{
	struct control_request *request = context;
	struct following *following = request->state;

	if (!control_called_back(request)) {
		close(fd);
		return;
	}
	request->fd = fd;
	if (fd < 0) {
		control_fail(request, "%s", error);
		return;
	}
	record_lines_begin(&following->lines, fd);
	if (request->final) {
		control_last_begin(&following->last,
				   queue_job(request->control->queue, request->job), fd);
	}
	if (following->follow) {
		following->live = true; /* what is kept and what comes may be mixed */
		queue_each_output(request->control->queue, request->job, on_written, request);
	}
	request->more = send_more;
	send_more(request);
}

/* The store knows tasks by their ids as they stand in JSON. */
static void
get_record(struct control_request *request)
{
	const struct following *following = request->state;
	struct text id = TEXT_INIT;

	text_json_string(&id, following->task, strlen(following->task));
	id.len--; /* the closing quote */
	text_terminate(&id);
	queue_get_record(request->control->queue, request->job, id.data + 1, on_got, request);
	text_free(&id);
}

void
control_take_output(struct control_session *session, const struct control_message *message)
{
	static const struct queue_watch_ops ops = {
	    .job = on_job, .status = on_status, .results = on_results, .output = on_output};
	struct control_request *request;
	struct following *following;
	char *task;

	if (control_job(session, message) == NULL ||
	    !control_string(session, message, CONTROL_FIELD_task, message->task, &task)) {
		return;
	}
	request = control_request_new(session, message, true);
	following = request == NULL ? NULL : calloc(1, sizeof(*following));
	if (following == NULL) {
		free(task);
		if (request != NULL) {
			control_fail(request, "out of memory");
		}
		return;
	}
	following->task = task;
	following->follow = message->follow;
	following->files[0] = following->files[1] = -1;
	request->state = following;
	request->clear = clear_state;
	request->awaited = true;
	if (following->follow) { /* before the store is asked, so that nothing is missed */
		request->watch = queue_watch(request->control->queue, request->job, &ops, request);
	}
	request->final = message->final && task == NULL;
	if (task == NULL) {
		queue_get_results(session->control->queue, message->job, on_got, request);
	} else {
		get_record(request);
	}
}
