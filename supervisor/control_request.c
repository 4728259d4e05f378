/* SPDX-License-Identifier: ISC */
/*
 * control_request: what clients have asked for, from the question to the last answer; see
 * control_parts.h. In the supervisor, of stintd.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/fds.h"
#include "ipc/json_value.h"
#include "supervisor/control_parts.h"
#include "supervisor/daemon_log.h"
#include "supervisor/supervisor.h"

struct control_request *
control_request_new(struct control_session *session, const struct control_message *message,
		    bool lasting)
{
	struct control_request *request;

	if (lasting && session->lasting >= CONTROL_LASTING) {
		control_refuse(session, message->request,
			       "%s: %d such requests are under way on this connection, which is as "
			       "many as there may be; make another connection",
			       control_request_name(message->type), CONTROL_LASTING);
		return NULL;
	}
	request = calloc(1, sizeof(*request));
	if (request == NULL) {
		control_refuse(session, message->request, "out of memory");
		return NULL;
	}
	*request = (struct control_request){.control = session->control,
					    .session = session,
					    .number = message->request,
					    .type = message->type,
					    .job = message->job,
					    .fd = -1,
					    .lasting = lasting};
	LIST_INSERT_HEAD(&session->requests, request, link);
	if (lasting) {
		session->lasting++;
	} else {
		session->brief++;
		control_session_pause(session);
	}
	return request;
}

void
control_request_free(struct control_request *request)
{
	LIST_REMOVE(request, link);
	if (request->watch != NULL) {
		queue_unwatch(request->watch);
	}
	if (request->clear != NULL) {
		request->clear(request);
	}
	fds_close(&request->fd);
	free(request);
}

void
control_request_orphan(struct control_request *request)
{
	LIST_REMOVE(request, link);
	request->session = NULL;
	request->ended = true;
	request->more = NULL;
	if (request->awaited) {
		LIST_INSERT_HEAD(&request->control->orphans, request, link);
	} else {
		LIST_INSERT_HEAD(&request->control->ended, request, link);
		control_tidy_soon(request->control);
	}
}

bool
control_called_back(struct control_request *request)
{
	request->awaited = false;
	if (request->session != NULL) {
		return true;
	}
	if (request->control != NULL) {
		control_request_orphan(request);
		return false;
	}
	if (request->clear != NULL) {
		request->clear(request);
	}
	free(request);
	return false;
}

/* It is answered: the session may ask for more. */
void
control_request_end(struct control_request *request)
{
	struct control_session *session = request->session;

	if (request->lasting) {
		session->lasting--;
	} else {
		session->brief--;
	}
	control_request_orphan(request);
	control_session_pause(session);
}

static void
begin_answer(struct text *out, const char *type, uint64_t number)
{
	text_string(out, "{\"type\":\"");
	text_string(out, type);
	text_string(out, "\",\"request\":");
	text_uint(out, number);
}

struct text *
control_answer(struct control_request *request, const char *type)
{
	struct text *out = channel_out(request->session->channel);

	begin_answer(out, type, request->number);
	return out;
}

void
control_answer_end(struct control_request *request)
{
	text_string(channel_out(request->session->channel), "}\n");
	control_session_dirty(request->session);
}

bool
control_may_send(const struct control_request *request)
{
	return channel_unsent(request->session->channel) < CONTROL_AHEAD;
}

void
control_done(struct control_request *request)
{
	control_answer(request, "done");
	control_answer_end(request);
	control_request_end(request);
}

void
control_done_job(struct control_request *request)
{
	struct text *out = control_answer(request, "done");

	text_string(out, ",\"job\":");
	text_uint(out, request->job);
	control_answer_end(request);
	control_request_end(request);
}

/* `exit`: as a command of stint would: the job is not so, what was asked for is wrong, we cannot do it. */
static void
put_error(struct control_session *session, uint64_t number, const char *why, int exit)
{
	struct text *out = channel_out(session->channel);

	begin_answer(out, "error", number);
	text_string(out, ",\"error\":");
	if (text_is_utf8(why, strlen(why))) {
		text_json_string(out, why, strlen(why));
	} else {
		text_json_string(out, "it cannot be said why in UTF-8", 30);
	}
	text_printf(out, ",\"exit\":%d}\n", exit);
	control_session_dirty(session);
}

/* The last answer of a request. */
static void
fail(struct control_request *request, int exit, const char *format, va_list args)
{
	char *why = NULL;

	if (vasprintf(&why, format, args) < 0) {
		why = NULL;
	}
	put_error(request->session, request->number, why == NULL ? "out of memory" : why, exit);
	free(why);
	control_request_end(request);
}

void
control_fail(struct control_request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(request, EXIT_SYSTEM, format, args);
	va_end(args);
}

void
control_decline(struct control_request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(request, EXIT_NOT_ALL_OK, format, args);
	va_end(args);
}

void
control_refuse(struct control_session *session, uint64_t number, const char *format, ...)
{
	char *why = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&why, format, args) < 0) {
		why = NULL;
	}
	va_end(args);
	put_error(session, number, why == NULL ? "out of memory" : why, EXIT_USAGE);
	free(why);
}

bool
control_is_in_vain(struct control_request *request)
{
	const char *broken = queue_broken(request->control->queue);

	if (!request->ended && broken != NULL) {
		control_fail(request, "%s; job %" PRIu64 " goes on then", broken, request->job);
	}
	return broken != NULL;
}

void
control_changed(void *context, const char *error)
{
	struct control_request *request = context;

	if (!control_called_back(request)) {
		return;
	}
	if (error != NULL && queue_refuses(request->control->queue)) {
		control_decline(request, "%s", error);
	} else if (error != NULL) {
		control_fail(request, "%s", error);
	} else if (request->job != 0) {
		control_done_job(request);
	} else {
		control_done(request);
	}
}

const struct queue_job *
control_job(struct control_session *session, const struct control_message *message)
{
	const struct queue_job *job = queue_job(session->control->queue, message->job);

	if (job == NULL) {
		control_refuse(session, message->request,
			       "there is no job %" PRIu64 "; `stint jobs` lists those there are",
			       message->job);
	}
	return job;
}

bool
control_string(struct control_session *session, const struct control_message *message,
	       enum control_field field, struct span string, char **out)
{
	static const char *const names[CONTROL_FIELDS] = {
#define FIELD(name, kind) #name,
#include "supervisor/requests.def"
#undef FIELD
	};
	size_t len;

	*out = NULL;
	if ((message->has & 1U << field) == 0) {
		return true;
	}
	if (!json_value_string(string, out, &len)) {
		*out = NULL;
		control_refuse(session, message->request, "%s: out of memory", names[field]);
		return false;
	}
	if (strlen(*out) != len) {
		free(*out);
		*out = NULL;
		control_refuse(session, message->request,
			       "%s: holds a NUL character (\\u0000); leave it out", names[field]);
		return false;
	}
	return true;
}
