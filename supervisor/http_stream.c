/* SPDX-License-Identifier: ISC */
/*
 * http_stream: answers that come bit by bit: of whoever has something to say from time to time, and
 * of a descriptor, which is read only as fast as the client takes it. In the supervisor, of stintd.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/http_gate_parts.h"

#define PIECE     65536
#define PIECES    128                /* at a time, at most */
#define LINE_MOST ((size_t)64 << 20) /* of what is converted; a longer line is passed over */

void
http_stream_begin(struct http_call *call, const char *type, const char *policy)
{
	if (call->request != NULL) {
		http_call_headers(call, 200, type, policy);
		http_peer_deadline(call->peer, HTTP_STALL_US);
		evhttp_send_reply_start(call->request, 200, http_reason(200));
	}
}

static void
all_written(struct evhttp_connection *connection, void *context)
{
	struct http_peer *peer = context;
	void (*written)(struct http_call *) = peer->written;

	(void)connection;
	if (written != NULL) {
		peer->written = NULL;
		written(&peer->call);
	}
}

void
http_stream_send(struct http_call *call, const void *bytes, size_t len,
		 void (*written)(struct http_call *))
{
	struct http_peer *peer = call->peer;
	struct evbuffer *buffer;

	if (call->request == NULL) {
		return;
	}
	buffer = evbuffer_new();
	if (buffer == NULL || evbuffer_add(buffer, bytes, len) != 0) {
		http_call_drop(call);
		return;
	}
	peer->written = written;
	if (!event_pending(peer->deadline, EV_TIMEOUT, NULL)) {
		peer->sent_before = peer->sent;
		http_peer_deadline(peer, HTTP_STALL_US);
	}
	evhttp_send_reply_chunk_with_cb(call->request, buffer, all_written, peer);
	evbuffer_free(buffer);
}

size_t
http_stream_waiting(const struct http_call *call)
{
	return call->request == NULL
		   ? 0
		   : evbuffer_get_length(bufferevent_get_output(call->peer->bufferevent));
}

void
http_stream_rests(struct http_call *call)
{
	call->peer->rests = true;
}

void
http_stream_end(struct http_call *call)
{
	struct evhttp_request *request = call->request;

	if (request != NULL) {
		call->request = NULL;
		call->gone = NULL;
		evhttp_send_reply_end(request);
	}
}

/* ---- from a descriptor ------------------------------------------------------------------------ */

struct source {
	int fd;
	struct text rest; /* a line that is not whole yet */
	bool skips;       /* what comes until the next line is not wanted */
	void (*convert)(void *context, struct span line, struct text *out);
	void *context;
	void (*free_context)(void *);
};

static void
source_free(struct source *source)
{
	fds_close(&source->fd);
	text_free(&source->rest);
	if (source->free_context != NULL) {
		source->free_context(source->context);
	}
	free(source);
}

static void
source_gone(struct http_call *call, void *context)
{
	call->gone = NULL;
	source_free(context);
}

static void
convert_lines(struct source *source, struct text *out)
{
	struct text *rest = &source->rest;
	size_t at = 0;

	while (at < rest->len) {
		const char *end = memchr(rest->data + at, '\n', rest->len - at);
		size_t len;

		if (end == NULL) {
			break;
		}
		len = (size_t)(end - rest->data) - at;
		if (!source->skips) {
			source->convert(source->context, (struct span){rest->data + at, len}, out);
		}
		source->skips = false;
		at += len + 1;
	}
	text_drop_front(rest, at);
	if (rest->len > LINE_MOST) {
		source->skips = true;
		text_clear(rest);
	}
}

enum got { GOT_SOME, GOT_ALL, GOT_ERROR };

/* Some of it may be nothing, where long stretches say nothing: others want their turn. */
static enum got
read_some(struct source *source, struct text *out)
{
	struct text *into = source->convert == NULL ? out : &source->rest;
	ssize_t got = 1;

	for (unsigned i = 0; i < PIECES && got > 0 && out->len == 0; i++) {
		text_reserve(into, PIECE);
		do {
			got = read(source->fd, into->data + into->len, PIECE);
		} while (got < 0 && errno == EINTR);
		into->len += got > 0 ? (size_t)got : 0;
		if (source->convert != NULL) {
			convert_lines(source, out);
		}
	}
	return got > 0 ? GOT_SOME : got == 0 ? GOT_ALL : GOT_ERROR;
}

static void source_next(struct http_call *);

static void
source_turn(evutil_socket_t fd, short what, void *context)
{
	struct http_call *call = context;

	(void)fd;
	(void)what;
	if (http_call_open(call)) {
		source_next(call);
	}
	http_call_release(call);
}

static void
source_next(struct http_call *call)
{
	struct source *source = call->context;
	struct text piece = TEXT_INIT;
	const struct timeval now = {0, 0};
	enum got got = read_some(source, &piece);

	if (piece.len > 0) {
		http_stream_send(call, piece.data, piece.len, got == GOT_SOME ? source_next : NULL);
	} else if (got == GOT_SOME) {
		http_call_hold(call);
		event_base_once(bufferevent_get_base(call->peer->bufferevent), -1, EV_TIMEOUT,
				source_turn, call, &now);
	}
	text_free(&piece);
	if (got == GOT_ERROR) {
		http_call_drop(call); /* half an answer must not look like a whole one */
	} else if (got == GOT_ALL && http_call_open(call)) {
		source_free(source);
		http_stream_end(call);
	}
}

void
http_answer_fd(struct http_call *call, int fd, const char *type, const char *policy,
	       void (*convert)(void *context, struct span line, struct text *out), void *context,
	       void (*free_context)(void *))
{
	struct source *source = calloc(1, sizeof(*source));

	if (source == NULL || call->request == NULL) {
		fds_close(&fd);
		if (free_context != NULL) {
			free_context(context);
		}
		free(source);
		http_call_drop(call);
		return;
	}
	*source = (struct source){
	    .fd = fd, .convert = convert, .context = context, .free_context = free_context};
	call->gone = source_gone;
	call->context = source;
	http_stream_begin(call, type, policy);
	if (call->asked.method == METHOD_HEAD) {
		call->gone = NULL;
		source_free(source);
		http_stream_end(call);
		return;
	}
	http_call_hold(call);
	source_next(call);
	http_call_release(call);
}
