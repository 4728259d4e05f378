/* SPDX-License-Identifier: ISC */
/*
 * control_results: requests for what the store keeps as bytes: results and source, sent a piece at
 * a time, as fast as they are read. In the supervisor, of stintd.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/control_parts.h"
#include "supervisor/control_reading.h"

static void
clear_state(struct control_request *request)
{
	free(request->state);
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
	struct control_reading *reading = request->state;

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
on_got(void *context, int fd, const char *error)
{
	struct control_request *request = context;
	struct control_reading *reading;

	if (!control_called_back(request)) {
		close(fd);
		return;
	}
	request->fd = fd;
	if (fd < 0) {
		control_fail(request, "%s", error);
		return;
	}
	reading = malloc(sizeof(*reading));
	if (reading == NULL) {
		control_fail(request, "out of memory");
		return;
	}
	reading->left = reading->now = 0;
	request->state = reading;
	request->clear = clear_state;
	request->more = send_more;
	send_more(request);
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
