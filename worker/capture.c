/* SPDX-License-Identifier: ISC */
/* capture: see capture.h. In stint-worker, the loop thread. */
#include "worker/capture.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "worker/worker.h"

#define READ_SIZE  65536
#define CHUNK_SIZE ((size_t)256 << 10) /* that is read back at a time */

static char chunk[CHUNK_SIZE];

static struct spill *
kept(const struct capture *capture)
{
	return &run_extra(capture->run)->output[capture->stream - 1];
}

static uint64_t
record_most(const struct run *run)
{
	const struct task_context *context = run->spec->context;

	return context == NULL ? TASK_OUTPUT_DEFAULT : context->max_output;
}

/* How many bytes of a stream are kept. */
static uint64_t
keep_most(const struct worker *worker, const struct run *run)
{
	if (worker->show == SHOW_GROUP) {
		return UINT64_MAX;
	}
	return worker->record_output ? record_most(run) : 0;
}

static void
show(struct capture *capture, const void *bytes, size_t len, bool more)
{
	if (len > 0) {
		reply_output(capture->worker, capture->run, capture->stream,
			     (struct span){bytes, len}, more);
	}
}

static bool
say_lost(const struct run *run, int stream, const char *why)
{
	warnx("task %s: %s: no room in %s (TMPDIR): %s; what follows is not kept", run_label(run),
	      stream == 1 ? "stdout" : "stderr", spill_place(), why);
	return false;
}

/* False if something was lost that was to be shown. */
static bool
keep(struct worker *worker, struct run *run, int stream, struct span bytes)
{
	struct run_extra *extra = run_extra(run);
	struct spill *output = &extra->output[stream - 1];
	uint64_t most = keep_most(worker, run);
	size_t room = output->len < most ? (size_t)(most - output->len) : 0;

	extra->truncated |= output->len + bytes.len > record_most(run);
	if (!spill_append(output, bytes.at, bytes.len < room ? bytes.len : room)) {
		extra->truncated = true;
		return say_lost(run, stream, strerror(errno));
	}
	return true;
}

void
capture_keep(struct worker *worker, struct run *run, int stream, struct span bytes)
{
	keep(worker, run, stream, bytes);
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

/* Shows the line that has begun, `end` behind it. */
static void
show_line(struct capture *capture, struct span end)
{
	uint64_t offset = 0;
	ssize_t got;

	while ((got = spill_read(&capture->line, offset, chunk, sizeof(chunk))) > 0) {
		offset += (uint64_t)got;
		show(capture, chunk, (size_t)got, offset < capture->line.len || end.len > 0);
	}
	show(capture, end.at, end.len, false);
	spill_free(&capture->line);
}

static void
show_lines(struct capture *capture, struct span bytes)
{
	const char *newline = memrchr(bytes.at, '\n', bytes.len);
	size_t whole = newline == NULL ? 0 : (size_t)(newline - bytes.at) + 1;

	if (whole > 0) {
		show_line(capture, (struct span){bytes.at, whole});
	}
	bytes = (struct span){bytes.at + whole, bytes.len - whole};
	if (capture->line.len + bytes.len > CAPTURE_LINE ||
	    !spill_append(&capture->line, bytes.at, bytes.len)) {
		show_line(capture, bytes);
	}
}

static void
take(struct capture *capture, struct span bytes)
{
	if (!capture->cut) {
		capture->cut = !keep(capture->worker, capture->run, capture->stream, bytes);
	}
	if (capture->stream == 2) {
		keep_tail(capture, bytes.at, bytes.len);
	}
	if (capture->worker->show == SHOW_RAW) {
		show(capture, bytes.at, bytes.len, false);
	} else if (capture->worker->show == SHOW_LINE) {
		show_lines(capture, bytes);
	}
}

static void
stop_watching(struct capture *capture)
{
	if (capture->event != NULL) {
		event_free(capture->event);
		capture->event = NULL;
	}
	backlog_leave(capture->worker, &capture->waiter);
	fds_close(&capture->fd);
}

/* Reads once. False if there is nothing more for now; the pipe's end closes it. */
static bool
read_once(struct capture *capture)
{
	char bytes[READ_SIZE];
	ssize_t got = read(capture->fd, bytes, sizeof(bytes));

	if (got > 0) {
		take(capture, (struct span){bytes, (size_t)got});
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
	struct capture *capture = arg;
	struct worker *worker = capture->worker;

	(void)fd;
	(void)what;
	if ((worker->show == SHOW_LINE || worker->show == SHOW_RAW) &&
	    !backlog_pass(worker, &capture->waiter)) {
		event_del(capture->event);
		return;
	}
	read_once(capture);
	if (capture->fd < 0) {
		capture->ended(capture->run); /* which may free it */
	}
	dispatch_flush(worker);
}

static void
on_turn(struct worker *worker, struct waiter *waiter)
{
	struct capture *capture =
	    (struct capture *)(void *)((char *)waiter - offsetof(struct capture, waiter));

	backlog_leave(worker, waiter);
	event_add(capture->event, NULL);
}

bool
capture_open(struct capture *capture, struct worker *worker, struct run *run, int stream,
	     int *write_end, void (*ended)(struct run *))
{
	int ends[2];

	*capture = (struct capture){.worker = worker,
				    .run = run,
				    .stream = stream,
				    .ended = ended,
				    .waiter = {.go = on_turn}};
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
capture_close(struct capture *capture)
{
	if (capture->worker != NULL) {
		stop_watching(capture);
		show_line(capture, SPAN_EMPTY);
	}
}

static uint64_t
not_shown(const struct capture *capture)
{
	if (capture->worker == NULL || capture->worker->show != SHOW_GROUP) {
		return 0;
	}
	return kept(capture)->len - capture->shown;
}

/* Shows a chunk; `more` is to follow from the other stream. */
static void
show_chunk(struct capture *capture, bool more)
{
	ssize_t got = spill_read(kept(capture), capture->shown, chunk, sizeof(chunk));

	if (got <= 0) {
		run_extra(capture->run)->truncated = true;
		run_fail(capture->run, STATUS_failed, "output was lost: %s: %s", spill_place(),
			 strerror(errno));
		capture->shown = kept(capture)->len;
		return;
	}
	capture->shown += (uint64_t)got;
	show(capture, chunk, (size_t)got, more || not_shown(capture) > 0);
}

bool
capture_show(struct capture streams[2], struct waiter *waiter)
{
	struct worker *worker = streams[0].worker == NULL ? streams[1].worker : streams[0].worker;

	if (worker == NULL) {
		return true;
	}
	for (;;) {
		if (!backlog_pass(worker, waiter)) {
			return false;
		}
		if (not_shown(&streams[0]) > 0) {
			show_chunk(&streams[0], not_shown(&streams[1]) > 0);
		} else if (not_shown(&streams[1]) > 0) {
			show_chunk(&streams[1], false);
		} else {
			backlog_leave(worker, waiter);
			return true;
		}
	}
}

void
capture_free(struct capture *capture)
{
	if (capture->worker == NULL) {
		return;
	}
	stop_watching(capture);
	spill_free(&capture->line);
	if (!capture->worker->record_output) {
		spill_free(kept(capture));
	}
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

bool
capture_lost(const struct capture *capture)
{
	return capture->worker != NULL && capture->worker->show == SHOW_GROUP && capture->cut;
}
