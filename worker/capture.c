/* SPDX-License-Identifier: ISC */
/* capture: see capture.h. In stint-worker, the loop thread. */
#include "worker/capture.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "worker/worker.h"

#define READ_SIZE   65536
#define LINE_MAX    ((size_t)64 << 10) /* a longer line is shown in pieces */
#define UNSENT_MOST ((size_t)4 << 20)  /* the supervisor is behind: let the command wait */
#define PAUSE_US    10000

static struct text *
kept(const struct capture *capture)
{
	return &run_extra(capture->run)->output[capture->stream - 1];
}

static void
show(struct capture *capture, const void *bytes, size_t len)
{
	if (len > 0) {
		reply_output(capture->worker, capture->run, capture->stream, bytes, len);
	}
}

static void
keep(struct capture *capture, const char *bytes, size_t len)
{
	struct text *text = kept(capture);
	size_t room = text->len < capture->most ? capture->most - text->len : 0;

	if (len > room) {
		run_extra(capture->run)->truncated = true;
		len = room;
	}
	text_bytes(text, bytes, len);
}

static void
keep_tail(struct capture *capture, const char *bytes, size_t len)
{
	size_t old;

	if (len >= CAPTURE_TAIL) {
		memcpy(capture->tail, bytes + len - CAPTURE_TAIL, CAPTURE_TAIL);
		capture->tail_len = CAPTURE_TAIL;
		return;
	}
	old = capture->tail_len < CAPTURE_TAIL - len ? capture->tail_len : CAPTURE_TAIL - len;
	memmove(capture->tail, capture->tail + capture->tail_len - old, old);
	memcpy(capture->tail + old, bytes, len);
	capture->tail_len = old + len;
}

static void
show_lines(struct capture *capture, const char *bytes, size_t len)
{
	const char *newline = memrchr(bytes, '\n', len);
	size_t whole = newline == NULL ? 0 : (size_t)(newline - bytes) + 1;

	text_bytes(&capture->line, bytes, whole);
	if (whole > 0) {
		show(capture, capture->line.data, capture->line.len);
		text_clear(&capture->line);
	}
	text_bytes(&capture->line, bytes + whole, len - whole);
	if (capture->line.len >= LINE_MAX) {
		show(capture, capture->line.data, capture->line.len);
		text_clear(&capture->line);
	}
}

static void
take(struct capture *capture, const char *bytes, size_t len)
{
	keep(capture, bytes, len);
	if (capture->stream == 2) {
		keep_tail(capture, bytes, len);
	}
	if (capture->worker->show == SHOW_RAW) {
		show(capture, bytes, len);
	} else if (capture->worker->show == SHOW_LINE) {
		show_lines(capture, bytes, len);
	}
}

static void
stop_watching(struct capture *capture)
{
	if (capture->event != NULL) {
		event_free(capture->event);
		capture->event = NULL;
	}
	if (capture->again != NULL) {
		event_free(capture->again);
		capture->again = NULL;
	}
	fds_close(&capture->fd);
}

/* Reads once. False if there is nothing more for now; the pipe's end closes it. */
static bool
read_once(struct capture *capture)
{
	char bytes[READ_SIZE];
	ssize_t got = read(capture->fd, bytes, sizeof(bytes));

	if (got > 0) {
		take(capture, bytes, (size_t)got);
		return (size_t)got == sizeof(bytes);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return false;
	}
	stop_watching(capture);
	return false;
}

/* While the supervisor is behind, the pipe fills and the command waits. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval pause = {.tv_usec = PAUSE_US};
	struct capture *capture = arg;
	struct worker *worker = capture->worker;

	(void)fd;
	if (channel_unsent(worker->channel) > UNSENT_MOST) {
		event_del(capture->event);
		if (capture->again == NULL) {
			capture->again = evtimer_new(capture->worker->base, on_readable, capture);
		}
		event_add(capture->again, &pause);
		return;
	}
	if (what & EV_TIMEOUT) {
		event_add(capture->event, NULL);
		return;
	}
	read_once(capture);
	if (capture->fd < 0) {
		capture->ended(capture->run); /* which may free it */
	}
	dispatch_flush(worker);
}

bool
capture_open(struct capture *capture, struct worker *worker, struct run *run, int stream,
	     int *write_end, void (*ended)(struct run *))
{
	struct task_context *context = run->spec->context;
	int ends[2];

	*capture = (struct capture){.worker = worker, .run = run, .stream = stream, .ended = ended};
	capture->most = context == NULL ? TASK_OUTPUT_DEFAULT : context->max_output;
	capture->fd = -1;
	if (!fds_pipe(ends, 0)) {
		return false;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	capture->fd = ends[0];
	capture->shown = kept(capture)->len;
	*write_end = ends[1];
	return true;
}

bool
capture_begin(struct capture *capture)
{
	if (capture->fd < 0) {
		return true;
	}
	capture->event = event_new(capture->worker->base, capture->fd, EV_READ | EV_PERSIST,
				   on_readable, capture);
	return capture->event != NULL && event_add(capture->event, NULL) == 0;
}

void
capture_none(struct capture *capture)
{
	*capture = (struct capture){.fd = -1};
}

void
capture_drain(struct capture *capture)
{
	while (capture->fd >= 0 && read_once(capture)) {
	}
}

void
capture_finish(struct capture *capture)
{
	struct text *text;

	if (capture->worker == NULL) {
		return;
	}
	text = kept(capture);
	if (capture->worker->show == SHOW_GROUP && text->len > capture->shown) {
		show(capture, text->data + capture->shown, text->len - capture->shown);
	}
	show(capture, capture->line.data, capture->line.len);
	text_free(&capture->line);
	stop_watching(capture);
}

struct span
capture_last_line(const struct capture *capture)
{
	size_t len = capture->tail_len;
	const char *newline;

	while (len > 0 && strchr(" \t\r\n", capture->tail[len - 1]) != NULL) {
		len--;
	}
	newline = memrchr(capture->tail, '\n', len);
	if (newline == NULL) {
		return (struct span){capture->tail, len};
	}
	return (struct span){newline + 1, len - (size_t)(newline + 1 - capture->tail)};
}
