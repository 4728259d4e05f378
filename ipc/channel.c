/* SPDX-License-Identifier: ISC */
/* channel: see channel.h. Supervisor and worker, in the thread of the event loop. */
#include "ipc/channel.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/frame.h"

#define READ_SIZE ((size_t)256 << 10)
#define KEEP_SIZE ((size_t)1 << 20) /* of an empty buffer; what was larger is given back */

struct channel {
	const struct channel_events *events;
	void *context;
	struct event *readable;
	struct event *writable;
	void (*room)(void *context); /* NULL: nobody asked */
	void (*read)(void *context); /* likewise */
	int in;
	int out;
	struct frame frame;
	struct text unsent;
	size_t sent; /* bytes at the front of `unsent` that are gone already */
	bool closed; /* for reading */
	int failed;  /* the errno of a write, after which there is none; 0: all is well */
};

static void
close_reading(struct channel *channel, const char *why, bool tell)
{
	channel->closed = true;
	event_del(channel->readable);
	if (tell) {
		channel->events->closed(channel->context, why);
	}
}

/* Hands over the complete lines. */
static void
hand_over(struct channel *channel)
{
	enum frame_state state;
	struct span line;
	bool some = false;

	while ((state = frame_next(&channel->frame, &line)) == FRAME_LINE) {
		if (!channel->events->line(channel->context, line)) {
			close_reading(channel, NULL, false);
			return;
		}
		some = true;
	}
	if (state == FRAME_TOO_LONG) {
		close_reading(channel, "a message longer than 16 MiB", true);
		return;
	}
	if (channel->frame.bytes.len == 0 && channel->frame.bytes.cap > KEEP_SIZE) {
		text_free(&channel->frame.bytes);
	}
	if (some && channel->events->batch != NULL) {
		channel->events->batch(channel->context);
	}
	if (channel->read != NULL) {
		channel->read(channel->context);
	}
}

void
channel_poll(struct channel *channel)
{
	ssize_t got;

	if (channel->closed) {
		return;
	}
	got = read(channel->in, frame_room(&channel->frame, READ_SIZE), READ_SIZE);
	if (got > 0) {
		frame_filled(&channel->frame, (size_t)got);
		hand_over(channel);
	} else if (got == 0) {
		close_reading(channel, NULL, true);
	} else if (errno != EAGAIN && errno != EINTR) {
		close_reading(channel, strerror(errno), true);
	}
}

bool
channel_torn(const struct channel *channel)
{
	return channel_half(channel) > 0;
}

size_t
channel_half(const struct channel *channel)
{
	return frame_rest(&channel->frame).len;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	channel_poll(arg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;

	(void)fd;
	(void)what;
	channel_flush(channel);
	if (channel->room != NULL) {
		channel->room(channel->context);
	}
}

void
channel_on_room(struct channel *channel, void (*room)(void *context))
{
	channel->room = room;
}

void
channel_on_read(struct channel *channel, void (*read)(void *context))
{
	channel->read = read;
}

void
channel_pause(struct channel *channel, bool paused)
{
	if (channel->closed) {
		return;
	}
	if (paused) {
		event_del(channel->readable);
	} else if (!event_pending(channel->readable, EV_READ, NULL)) {
		event_add(channel->readable, NULL);
	}
}

struct channel *
channel_new(struct event_base *base, int in, int out, size_t longest_line,
	    const struct channel_events *events, void *context)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (channel == NULL) {
		return NULL;
	}
	*channel = (struct channel){.events = events, .context = context, .in = in, .out = out};
	frame_init(&channel->frame, longest_line);
	channel->readable = event_new(base, in, EV_READ | EV_PERSIST, on_readable, channel);
	channel->writable = event_new(base, out, EV_WRITE, on_writable, channel);
	if (channel->readable == NULL || channel->writable == NULL ||
	    fcntl(in, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(out, F_SETFL, O_NONBLOCK | O_WRONLY) != 0 ||
	    event_add(channel->readable, NULL) != 0) {
		channel->in = channel->out = -1;
		channel_free(channel);
		return NULL;
	}
	return channel;
}

void
channel_free(struct channel *channel)
{
	if (channel == NULL) {
		return;
	}
	if (channel->readable != NULL) {
		event_free(channel->readable);
	}
	if (channel->writable != NULL) {
		event_free(channel->writable);
	}
	if (channel->in >= 0) {
		close(channel->in);
	}
	if (channel->out >= 0 && channel->out != channel->in) {
		close(channel->out);
	}
	frame_free(&channel->frame);
	text_free(&channel->unsent);
	free(channel);
}

struct text *
channel_out(struct channel *channel)
{
	return &channel->unsent;
}

size_t
channel_unsent(const struct channel *channel)
{
	return channel->unsent.len - channel->sent;
}

int
channel_failed(const struct channel *channel)
{
	return channel->failed;
}

/* Writes once. False if nothing could be written. */
static bool
write_once(struct channel *channel)
{
	size_t left = channel_unsent(channel);
	ssize_t wrote;

	if (left == 0 || channel->failed != 0) {
		return false;
	}
	wrote = write(channel->out, channel->unsent.data + channel->sent, left);
	if (wrote < 0) {
		channel->failed = errno == EAGAIN || errno == EINTR ? 0 : errno;
		return false;
	}
	channel->sent += (size_t)wrote;
	return true;
}

/* Gives back what was sent, but moves the rest only when that is the smaller part. */
static void
shrink(struct channel *channel)
{
	if (channel->failed != 0) {
		channel->sent = channel->unsent.len;
	}
	if (channel->sent * 2 >= channel->unsent.len) {
		text_drop_front(&channel->unsent, channel->sent);
		channel->sent = 0;
	}
	if (channel->unsent.len == 0 && channel->unsent.cap > KEEP_SIZE) {
		text_free(&channel->unsent);
	}
}

void
channel_flush(struct channel *channel)
{
	while (write_once(channel)) {
	}
	shrink(channel);
	if (channel_unsent(channel) > 0) {
		event_add(channel->writable, NULL);
	}
}

bool
channel_drain(struct channel *channel)
{
	struct pollfd ready = {.fd = channel->out, .events = POLLOUT};

	while (channel_unsent(channel) > 0 && channel->failed == 0) {
		if (!write_once(channel) && poll(&ready, 1, -1) < 0 && errno != EINTR) {
			return false;
		}
	}
	return channel->failed == 0;
}
