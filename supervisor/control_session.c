/* SPDX-License-Identifier: ISC */
/*
 * control_session: one client: its hello, its lines, its deadlines, its end; see control_parts.h.
 * In the supervisor, of stintd.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/control_parts.h"
#include "supervisor/daemon_log.h"
#include "supervisor/trim.h"

#define BRIEF_MOST 1024 /* requests that wait for the store; more are not read meanwhile */
#define CLOSING_US (30 * US_PER_SECOND) /* for what is still to be answered */
#define EARLY_HALF \
	((size_t)1 << 20) /* bytes of a line for which there is room whatever others do */

static void (*const handlers[CONTROL_REQUESTS])(struct control_session *,
						const struct control_message *) = {
#define REQUEST(name, required, optional) control_take_##name,
#include "supervisor/requests.def"
#undef REQUEST
};

/* ---- deadlines -------------------------------------------------------------------------------- */

static int64_t
sooner(int64_t a_us, int64_t b_us)
{
	return a_us == 0 || (b_us != 0 && b_us < a_us) ? b_us : a_us;
}

/* The timer is set only while there is something to wait for. */
static void
set_timer(struct control_session *session)
{
	int64_t due_us = sooner(sooner(session->hello_due_us, session->line_due_us),
				sooner(session->write_due_us, session->close_due_us));
	int64_t left_us = due_us - clock_us();
	struct timeval wait;

	if (due_us == 0 || session->dead) {
		event_del(session->timer);
		return;
	}
	left_us = left_us < 0 ? 0 : left_us;
	wait = (struct timeval){left_us / US_PER_SECOND, left_us % US_PER_SECOND};
	event_add(session->timer, &wait);
}

static bool
is_due(int64_t due_us, int64_t now_us)
{
	return due_us != 0 && due_us <= now_us;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct control_session *session = arg;
	int64_t now_us = clock_us();

	(void)fd;
	(void)what;
	if (is_due(session->hello_due_us, now_us)) {
		control_session_drop(session, "it did not say hello in time");
	} else if (is_due(session->line_due_us, now_us)) {
		control_session_drop(session, "the rest of a line did not come in time");
	} else if (is_due(session->write_due_us, now_us)) {
		control_session_drop(session, "it does not read its answers");
	} else if (is_due(session->close_due_us, now_us)) {
		control_session_drop(session, NULL);
	} else {
		set_timer(session);
	}
}

/* ---- what comes ------------------------------------------------------------------------------- */

static void
take_hello(struct control_session *session, const struct control_message *message)
{
	struct control *control = session->control;
	char why[128];

	if (session->greeted) {
		control_session_drop(session, "it said hello twice");
		return;
	}
	if (message->version != CONTROL_VERSION) {
		snprintf(why, sizeof(why),
			 "it speaks version %" PRIu64 " of the protocol, this stintd version %d; "
			 "use the stint that came with it",
			 message->version, CONTROL_VERSION);
		control_session_drop(session, why);
		return;
	}
	session->greeted = true;
	session->hello_due_us = 0;
	set_timer(session);
	TAILQ_REMOVE(&control->strangers, session, link);
	TAILQ_INSERT_TAIL(&control->sessions, session, link);
}

static void
drop_for_nonsense(struct control_session *session, const struct text *why, struct span line)
{
	struct text reason = TEXT_INIT;
	size_t shown = text_cut(line, 80);

	text_string(&reason, "it sent what is not to be understood (");
	text_bytes(&reason, why->data, why->len);
	text_string(&reason, "): ");
	if (text_is_utf8(line.at, shown)) {
		text_bytes(&reason, line.at, shown);
	} else {
		text_string(&reason, "not UTF-8");
	}
	text_terminate(&reason);
	control_session_drop(session, text_printable(reason.data));
	text_free(&reason);
}

static bool
on_line(void *arg, struct span line)
{
	struct control_session *session = arg;
	struct control_message message;
	struct text why = TEXT_INIT;
	enum control_verdict verdict = control_message_decode(line, &message, &why);

	if (verdict == CONTROL_NONSENSE) {
		drop_for_nonsense(session, &why, line);
	} else if (verdict == CONTROL_GOOD && message.type == CONTROL_hello) {
		take_hello(session, &message);
	} else if (!session->greeted) {
		control_session_drop(session, "it did not begin with hello");
	} else if (verdict == CONTROL_WRONG) {
		text_terminate(&why);
		control_refuse(session, message.request, "%s", why.data);
	} else {
		handlers[message.type](session, &message);
	}
	text_free(&why);
	return !session->dead;
}

/* After each read: a line that has begun is waited for, but not for ever, and not at any size. */
static void
on_read(void *arg)
{
	struct control_session *session = arg;
	struct control *control = session->control;
	size_t half = channel_half(session->channel);
	bool began = half > 0 && session->line_due_us == 0, whole = half == 0;

	control->half += half - session->half;
	session->half = half;
	if (began) {
		session->line_due_us = clock_us() + control->limits.line_us;
		set_timer(session);
	} else if (whole && session->line_due_us != 0) {
		session->line_due_us = 0;
		set_timer(session);
	}
	if (control->half > control->limits.half_lines && half > EARLY_HALF) {
		control_session_drop(session, "the lines that clients have begun and not ended "
					      "are too much; send pieces of 256 KiB");
	}
}

static void
on_batch(void *arg)
{
	struct control_session *session = arg;

	session->line_due_us = 0; /* the line that had begun is whole; on_read() sees to the next */
}

/* The client has closed what it sends by; is there still somebody to read answers? */
static bool
is_gone(const struct control_session *session)
{
	struct pollfd look = {.fd = session->fd};

	return poll(&look, 1, 0) != 0; /* POLLHUP, or POLLERR */
}

static void
check_closing(struct control_session *session)
{
	if (session->closing && LIST_EMPTY(&session->requests) &&
	    channel_unsent(session->channel) == 0) {
		control_session_drop(session, NULL);
	}
}

/* What was submitted in part will not be whole any more. */
static void
abandon(struct control_session *session)
{
	struct control_submit *submit;

	while ((submit = LIST_FIRST(&session->open)) != NULL) {
		LIST_REMOVE(submit, link);
		if (submit->job != 0) {
			queue_abandon(session->control->queue, submit->job);
			submit->answer->awaited = false; /* it will not call back */
			control_fail(submit->answer, "the connection ended before it was whole");
			daemon_log(DAEMON_WARNING,
				   "client %" PRIu64 " has gone in the middle of submitting job "
				   "%" PRIu64 ", which is dropped",
				   session->id, submit->job);
		}
		free(submit);
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct control_session *session = arg;

	if (why != NULL) {
		control_session_drop(session, why);
		return;
	}
	if (!session->greeted || channel_torn(session->channel) || is_gone(session)) {
		control_session_drop(session, NULL);
		return;
	}
	abandon(session);
	session->closing = true;
	session->close_due_us = clock_us() + CLOSING_US;
	set_timer(session);
	check_closing(session);
}

/* ---- what goes -------------------------------------------------------------------------------- */

void
control_session_dirty(struct control_session *session)
{
	if (!session->dirty && !session->dead) {
		session->dirty = true;
		STAILQ_INSERT_TAIL(&session->control->unsent, session, unsent);
		control_tidy_soon(session->control);
	}
}

/* Answers that go on for as long as they are read. */
static void
go_on(struct control_session *session)
{
	struct control_request *request = LIST_FIRST(&session->requests), *next;

	for (; request != NULL; request = next) {
		next = LIST_NEXT(request, link);
		if (request->more != NULL && control_may_send(request)) {
			request->more(request);
		}
	}
}

/* One that has gone is heard to its end all the same: it may have asked for something before. */
static bool
cannot_write(struct control_session *session)
{
	int error = channel_failed(session->channel);
	char why[128];

	if (error == 0 || error == EPIPE || error == ECONNRESET) {
		return false;
	}
	snprintf(why, sizeof(why), "what it is answered cannot be written: %s", strerror(error));
	control_session_drop(session, why);
	return true;
}

void
control_session_send(struct control_session *session)
{
	struct control *control = session->control;
	size_t unsent;

	channel_flush(session->channel);
	if (cannot_write(session)) {
		return;
	}
	unsent = channel_unsent(session->channel);
	if (unsent > control->limits.unsent) {
		control_session_drop(session, "it does not read its answers, or too slowly");
		return;
	}
	if ((unsent > 0) != (session->write_due_us != 0)) {
		session->write_due_us = unsent > 0 ? clock_us() + control->limits.write_us : 0;
		set_timer(session);
	}
	go_on(session);
	check_closing(session);
}

static void
on_room(void *arg)
{
	struct control_session *session = arg;

	session->write_due_us = 0; /* it has read something */
	session->close_due_us = session->closing ? clock_us() + CLOSING_US : 0;
	control_session_dirty(session);
}

void
control_session_pause(struct control_session *session)
{
	bool paused = session->brief >= BRIEF_MOST ||
		      (session->control->full && (session->submits > 0 || session->brief > 0));

	if (paused == session->paused || session->dead || session->closing) {
		return;
	}
	session->paused = paused;
	channel_pause(session->channel, paused);
	if (session->half > 0) { /* it is we who do not read */
		session->line_due_us = paused ? 0 : clock_us() + session->control->limits.line_us;
		set_timer(session);
	}
}

/* ---- beginning and end ------------------------------------------------------------------------ */

static void
say_hello(struct control_session *session)
{
	struct text *out = channel_out(session->channel);

	text_printf(
	    out,
	    "{\"type\":\"hello\",\"version\":%d,\"release\":\"" STINT_VERSION "\",\"pid\":%ld%s}\n",
	    CONTROL_VERSION, (long)getpid(), session->control->ends ? ",\"ending\":true" : "");
	control_session_dirty(session);
}

struct control_session *
control_session_new(struct control *control, int fd, uid_t uid, pid_t pid)
{
	static const struct channel_events events = {on_line, on_batch, on_closed};
	struct control_session *session = calloc(1, sizeof(*session));

	if (session == NULL) {
		fds_close(&fd);
		return NULL;
	}
	*session = (struct control_session){.control = control, .fd = fd, .uid = uid, .pid = pid};
	session->timer = evtimer_new(control->base, on_timer, session);
	session->channel = channel_new(control->base, fd, fd, CONTROL_LINE_MAX, &events, session);
	if (session->timer == NULL || session->channel == NULL) {
		if (session->timer != NULL) {
			event_free(session->timer);
		}
		fds_close(session->channel == NULL ? &fd : &(int){-1});
		channel_free(session->channel);
		free(session);
		return NULL;
	}
	channel_on_read(session->channel, on_read);
	channel_on_room(session->channel, on_room);
	LIST_INIT(&session->requests);
	LIST_INIT(&session->open);
	session->id = ++control->last_id;
	control->count++;
	TAILQ_INSERT_TAIL(&control->strangers, session, link);
	session->hello_due_us = clock_us() + control->limits.hello_us;
	set_timer(session);
	say_hello(session);
	return session;
}

static void
say_why(struct control_session *session, const char *why)
{
	struct text *out = channel_out(session->channel);

	text_string(out, "{\"type\":\"error\",\"error\":");
	text_json_string(out, why, strlen(why));
	text_string(out, "}\n");
	channel_flush(session->channel); /* as far as it goes; it is not waited for */
}

void
control_session_drop(struct control_session *session, const char *why)
{
	struct control *control = session->control;
	struct control_request *request;

	if (session->dead) {
		return;
	}
	session->dead = true;
	if (why != NULL) {
		daemon_log(DAEMON_WARNING,
			   "client %" PRIu64 " (user %u, process %d) is dropped: %s", session->id,
			   (unsigned)session->uid, (int)session->pid, why);
		say_why(session, why);
	} else {
		daemon_log(DAEMON_DEBUG, "client %" PRIu64 " has gone", session->id);
	}
	abandon(session);
	while ((request = LIST_FIRST(&session->requests)) != NULL) {
		control_request_orphan(request);
	}
	event_del(session->timer);
	channel_pause(session->channel, true);
	if (session->dirty) {
		STAILQ_REMOVE(&control->unsent, session, control_session, unsent);
	}
	TAILQ_REMOVE(session->greeted ? &control->sessions : &control->strangers, session, link);
	TAILQ_INSERT_TAIL(&control->dead, session, link);
	control->count--;
	control->half -= session->half;
	control_tidy_soon(control);
}

void
control_session_free(struct control_session *session)
{
	event_free(session->timer);
	channel_free(session->channel);
	free(session);
	trim_soon();
}
