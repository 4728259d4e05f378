/* SPDX-License-Identifier: ISC */
/*
 * control_results: requests for what the store keeps as bytes: results and source, sent a piece at
 * a time, as fast as they are read. In the supervisor, of stintd.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/control_last.h"
#include "supervisor/control_parts.h"
#include "supervisor/control_reading.h"

/* How far an answer is. */
struct sending {
	struct control_last last; /* with `final` */
	struct record_lines lines;
	bool by_line;
	struct text gathered; /* lines that are to be sent together */
	struct control_reading reading;
};

static void
clear_state(struct control_request *request)
{
	struct sending *sending = request->state;

	if (sending->by_line) {
		record_lines_end(&sending->lines);
	}
	control_last_free(&sending->last);
	text_free(&sending->gathered);
	free(sending);
}

static void
send_piece(struct control_request *request, struct span bytes)
{
	struct text *out = control_answer(request, control_request_name(request->type));

	control_put_text(out, bytes);
	control_answer_end(request);
}

static bool
send_more(struct control_request *request)
{
	struct control_reading *reading = &((struct sending *)request->state)->reading;

	while (control_may_send(request)) {
		ssize_t got = control_reading_next(reading, request->fd);

		if (got < 0) {
			control_fail(request, "cannot be read: %s", strerror(errno));
			return true;
		}
		if (reading->now > 0) {
			send_piece(request, (struct span){reading->bytes, reading->now});
		}
		if (got == 0) {
			control_done_job(request);
			return true;
		}
	}
	return false;
}

static void
send_gathered(struct control_request *request)
{
	struct text *gathered = &((struct sending *)request->state)->gathered;
	struct span lines = {gathered->data, gathered->len};

	while (lines.len > 0) {
		size_t now = text_cut(lines, CONTROL_PIECE);

		now = now == 0 ? lines.len : now;
		send_piece(request, (struct span){lines.at, now});
		lines = (struct span){lines.at + now, lines.len - now};
	}
	text_clear(gathered);
}

/* Of those records that are the last of their tasks. */
static bool
send_last(struct control_request *request)
{
	struct sending *sending = request->state;

	if (!control_last_read(&sending->last)) {
		control_session_dirty(request->session);
		return false;
	}
	while (control_may_send(request)) {
		enum record_line kind = record_lines_next(&sending->lines);

		if (kind == RECORD_FAIL) {
			control_fail(request, "cannot be read: %s", strerror(errno));
			return true;
		}
		if (kind == RECORD_END) {
			send_gathered(request);
			control_done_job(request);
			return true;
		}
		if (kind == RECORD_LINE && control_last_is(&sending->last, &sending->lines)) {
			text_span(&sending->gathered, sending->lines.line);
			text_char(&sending->gathered, '\n');
		}
		if (sending->gathered.len >= CONTROL_PIECE) {
			send_gathered(request);
		}
	}
	return false;
}

static void
on_got(void *context, int fd, const char *error)
{
	struct control_request *request = context;
	struct sending *sending;

	if (!control_called_back(request)) {
		close(fd);
		return;
	}
	request->fd = fd;
	if (fd < 0) {
		control_fail(request, "%s", error);
		return;
	}
	sending = calloc(1, sizeof(*sending));
	if (sending == NULL) {
		control_fail(request, "out of memory");
		return;
	}
	request->state = sending;
	request->clear = clear_state;
	request->more = send_more;
	if (request->final) {
		control_last_begin(&sending->last, queue_job(request->control->queue, request->job),
				   fd);
	}
	if (sending->last.reading) { /* else it is all of them, and need not be looked at */
		sending->by_line = true;
		record_lines_begin(&sending->lines, fd);
		request->more = send_last;
	}
	request->more(request);
}

static struct control_request *
begin(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = control_job(session, message) == NULL
					      ? NULL
					      : control_request_new(session, message, true);

	if (request != NULL) {
		request->awaited = true;
	}
	return request;
}

void
control_take_results(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message);

	if (request != NULL) {
		request->final = message->final;
		queue_get_results(session->control->queue, message->job, on_got, request);
	}
}

void
control_take_source(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message);

	if (request != NULL) {
		queue_get_source(session->control->queue, message->job, on_got, request);
	}
}
