/* SPDX-License-Identifier: ISC */
/* top_link: see top_link.h. Of stint top. */
#include "supervisor/top_link.h"

#include <err.h>
#include <event2/event.h>
#include <event2/util.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ipc/channel.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/autostart.h"
#include "supervisor/control_message.h"
#include "supervisor/supervisor.h"

#define AGAIN_S 1

struct top_link {
	struct event_base *base;
	const char *socket;
	const struct top_link_events *events;
	void *context;
	struct channel *channel; /* NULL: there is no connection */
	struct event *again;
	struct event *lost; /* so that nothing is closed from within its own call */
	bool up;            /* both have said hello */
	struct text why;    /* that it is lost; empty: not said */
};

static void
lose(struct top_link *link)
{
	link->up = false;
	event_active(link->lost, EV_TIMEOUT, 0);
}

/* What the daemon says of the connection, not of a request. */
static void
take_error(struct top_link *link, struct span error)
{
	text_clear(&link->why);
	json_value_append(&link->why, error);
}

static bool
take_hello(struct top_link *link, struct span version)
{
	uint64_t number = 0;

	if (!json_value_uint(version, &number) || number != CONTROL_VERSION) {
		text_printf(&link->why,
			    "stintd speaks another version of the protocol, %" PRIu64 " instead of "
			    "%d; use those of one release",
			    number, CONTROL_VERSION);
		lose(link);
		return false;
	}
	link->up = true;
	text_printf(channel_out(link->channel), "{\"type\":\"hello\",\"version\":%d}\n",
		    CONTROL_VERSION);
	link->events->up(link->context);
	channel_flush(link->channel);
	return true;
}

static bool
on_line(void *context, struct span line)
{
	struct span key, value, type = SPAN_EMPTY, version = SPAN_EMPTY, error = SPAN_EMPTY;
	struct top_link *link = context;
	struct json_members members;
	uint64_t request = 0;

	json_members_begin(&members, line);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "type") && value.at[0] == '"') {
			type = (struct span){value.at + 1, value.len - 2};
		} else if (span_is(key, "request")) {
			json_value_uint(value, &request);
		} else if (span_is(key, "version")) {
			version = value;
		} else if (span_is(key, "error")) {
			error = value;
		}
	}
	if (members.failed || (!link->up && !span_is(type, "hello") && !span_is(type, "error"))) {
		text_string(&link->why, "what listens there does not speak as stintd does");
		lose(link);
		return false;
	}
	if (span_is(type, "error") && request == 0) {
		take_error(link, error);
		lose(link);
		return false;
	}
	if (!link->up) {
		return take_hello(link, version);
	}
	link->events->message(link->context, type, request, line);
	return true;
}

static void
on_closed(void *context, const char *why)
{
	(void)why;
	lose(context);
}

static void
close_channel(struct top_link *link)
{
	channel_free(link->channel);
	link->channel = NULL;
	link->up = false;
}

static void
open_channel(struct top_link *link, int fd)
{
	static const struct channel_events events = {on_line, NULL, on_closed};

	evutil_make_socket_nonblocking(fd);
	text_clear(&link->why);
	link->channel = channel_new(link->base, fd, fd, CONTROL_LINE_MAX, &events, link);
	if (link->channel == NULL) {
		err(EXIT_SYSTEM, "cannot set up the event loop");
	}
}

static void
look_again(struct top_link *link)
{
	static const struct timeval wait = {.tv_sec = AGAIN_S};

	event_add(link->again, &wait);
}

static void
on_again(evutil_socket_t no_fd, short what, void *arg)
{
	struct top_link *link = arg;
	struct text error = TEXT_INIT;
	int fd;

	(void)no_fd;
	(void)what;
	if (link->channel != NULL) {
		return;
	}
	fd = autostart_connect(link->socket, false, &error);
	if (fd >= 0) {
		open_channel(link, fd);
	} else {
		look_again(link);
	}
	text_free(&error);
}

static void
on_lost(evutil_socket_t no_fd, short what, void *arg)
{
	struct top_link *link = arg;

	(void)no_fd;
	(void)what;
	if (link->channel == NULL) {
		return;
	}
	close_channel(link);
	text_terminate(&link->why);
	look_again(link);
	link->events->down(link->context, link->why.len > 0 ? link->why.data : NULL);
}

struct top_link *
top_link_new(struct event_base *base, int fd, const char *socket,
	     const struct top_link_events *events, void *context)
{
	struct top_link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		err(EXIT_SYSTEM, "the connection");
	}
	*link =
	    (struct top_link){.base = base, .socket = socket, .events = events, .context = context};
	link->again = evtimer_new(base, on_again, link);
	link->lost = evtimer_new(base, on_lost, link);
	if (link->again == NULL || link->lost == NULL) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	open_channel(link, fd);
	return link;
}

void
top_link_free(struct top_link *link)
{
	if (link != NULL) {
		close_channel(link);
		event_free(link->again);
		event_free(link->lost);
		text_free(&link->why);
		free(link);
	}
}

bool
top_link_is_up(const struct top_link *link)
{
	return link->up;
}

void
top_link_ask(struct top_link *link, const char *type, uint64_t request, const char *members)
{
	if (link->up) {
		text_printf(channel_out(link->channel),
			    "{\"type\":\"%s\",\"request\":%" PRIu64 "%s}\n", type, request,
			    members);
		channel_flush(link->channel);
	}
}

void
top_link_rest(struct top_link *link, bool on)
{
	if (on) {
		close_channel(link);
		event_del(link->again);
	} else {
		on_again(-1, 0, link);
	}
}
