/* SPDX-License-Identifier: ISC */
/*
 * http_events: /api/v1/events, server-sent events: jobs that changed, and the queue's status, at
 * most twice a second while anything changes or runs, and nothing at all else: an idle daemon is
 * not woken up. A reader that does not keep up is dropped. In the supervisor, of stintd.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ipc/clock.h"
#include "supervisor/dashboard_parts.h"
#include "supervisor/job_json.h"

#define READERS_MOST 16
#define PACE_US      500000
#define CHANGED_MOST 200               /* jobs that are told one by one; more: "jobs" */
#define WAITING_MOST ((size_t)1 << 20) /* bytes that a reader may leave lying */
#define OUTPUT_MOST  65536             /* of what a task writes, in one event */

struct reader {
	TAILQ_ENTRY(reader) entry;
	struct http_events *events;
	struct http_call *call;
	uint64_t job;              /* only that one; 0: all */
	struct queue_watch *watch; /* for what its tasks write */
	bool slow;
};

struct http_events {
	struct dashboard *dashboard;
	struct event *timer;
	struct queue_watch *watch; /* while there are readers */
	TAILQ_HEAD(, reader) readers;
	unsigned count;
	uint64_t changed[CHANGED_MOST];
	unsigned changed_count;
	bool too_many;
	int64_t told_us;
	struct text status; /* as it was told last */
};

struct http_events *
http_events_new(struct dashboard *dashboard)
{
	struct http_events *events = calloc(1, sizeof(*events));

	if (events != NULL) {
		events->dashboard = dashboard;
		TAILQ_INIT(&events->readers);
	}
	return events;
}

void
http_events_free(struct http_events *events)
{
	if (events != NULL) {
		text_free(&events->status);
		free(events);
	}
}

unsigned
http_events_readers(const struct http_events *events)
{
	return events->count;
}

/* ---- what is told ----------------------------------------------------------------------------- */

static void
put_event(struct text *out, const char *name, const struct text *data)
{
	text_printf(out, "event: %s\ndata: ", name);
	text_bytes(out, data->data, data->len);
	text_string(out, "\n\n");
}

static void
put_job(struct http_events *events, uint64_t number, struct text *out)
{
	const struct queue_job *job = queue_job(events->dashboard->queue, number);
	struct text data = TEXT_INIT;

	if (job != NULL) {
		job_json(&data, job);
	} else {
		text_printf(&data, "{\"job\":%" PRIu64 "}", number);
	}
	put_event(out, job != NULL ? "job" : "removed", &data);
	text_free(&data);
}

/* Its last member, how long the daemon is up, always changes. */
static size_t
without_time(const struct text *status)
{
	const char *at = status->len == 0 ? NULL : memmem(status->data, status->len, ",\"up\":", 6);

	return at == NULL ? status->len : (size_t)(at - status->data);
}

/* Appends it if it is another than before. True: tasks are in progress. */
static bool
put_status(struct http_events *events, struct text *out)
{
	struct queue_status status = {0};
	struct text data = TEXT_INIT;
	size_t len;

	queue_status(events->dashboard->queue, &status);
	queue_status_json(&data, &status);
	len = without_time(&data);
	if (len != without_time(&events->status) ||
	    memcmp(data.data, events->status.data, len) != 0) {
		put_event(out, "status", &data);
		text_clear(&events->status);
		text_bytes(&events->status, data.data, data.len);
	}
	text_free(&data);
	return status.computing + status.waiting > 0;
}

static void
send_to(struct reader *reader, const struct text *what)
{
	if (what->len > 0 && !reader->slow) {
		reader->slow = http_stream_waiting(reader->call) > WAITING_MOST;
		if (!reader->slow) {
			http_stream_send(reader->call, what->data, what->len, NULL);
		}
	}
}

static void
drop_slow(struct http_events *events)
{
	struct reader *reader, *next;

	for (reader = TAILQ_FIRST(&events->readers); reader != NULL; reader = next) {
		next = TAILQ_NEXT(reader, entry);
		if (reader->slow) {
			http_call_drop(reader->call);
		}
	}
}

static void
tell_in(struct http_events *events, int64_t us)
{
	const struct timeval time = {us / US_PER_SECOND, us % US_PER_SECOND};

	if (!evtimer_pending(events->timer, NULL)) {
		event_add(events->timer, &time);
	}
}

static void
tell(evutil_socket_t fd, short what, void *context)
{
	struct http_events *events = context;
	struct text all = TEXT_INIT, one = TEXT_INIT;
	struct reader *reader;
	size_t jobs;
	bool going_on;

	(void)fd;
	(void)what;
	if (events->too_many) {
		text_string(&all, "event: jobs\ndata: {}\n\n");
	}
	for (unsigned i = 0; i < events->changed_count && !events->too_many; i++) {
		put_job(events, events->changed[i], &all);
	}
	jobs = all.len;
	going_on = put_status(events, &all);
	TAILQ_FOREACH(reader, &events->readers, entry)
	{
		text_clear(&one);
		for (unsigned i = 0; i < events->changed_count; i++) {
			if (events->changed[i] == reader->job) {
				put_job(events, reader->job, &one);
			}
		}
		if (reader->job != 0 && !events->too_many) {
			text_bytes(&one, all.data + jobs, all.len - jobs);
			send_to(reader, &one);
		} else {
			send_to(reader, &all);
		}
	}
	events->changed_count = 0;
	events->too_many = false;
	events->told_us = clock_us();
	text_free(&all);
	text_free(&one);
	drop_slow(events);
	if (going_on && events->count > 0) {
		tell_in(events, PACE_US);
	}
}

static void
status_changed(void *context)
{
	struct http_events *events = context;
	int64_t since = clock_us() - events->told_us;

	tell_in(events, since >= PACE_US ? 0 : PACE_US - since);
}

static void
job_changed(void *context, uint64_t number, const struct queue_job *job)
{
	struct http_events *events = context;
	bool known = events->too_many;

	(void)job;
	for (unsigned i = 0; i < events->changed_count && !known; i++) {
		known = events->changed[i] == number;
	}
	if (!known && events->changed_count == CHANGED_MOST) {
		events->too_many = true;
	} else if (!known) {
		events->changed[events->changed_count++] = number;
	}
	status_changed(events);
}

/* What a task writes is told at once, cut into events that are not too long. */
static void
task_wrote(void *context, uint64_t number, const char *task, int stream, struct span bytes)
{
	struct reader *reader = context;

	while (bytes.len > 0) {
		size_t len = text_cut(bytes, OUTPUT_MOST);
		struct text data = TEXT_INIT, event = TEXT_INIT;

		len = len == 0 ? bytes.len < OUTPUT_MOST ? bytes.len : OUTPUT_MOST : len;
		text_printf(&data, "{\"job\":%" PRIu64 ",\"task\":", number);
		text_json_string(&data, task, strlen(task));
		text_printf(&data, ",\"stream\":\"%s\",", stream == 2 ? "stderr" : "stdout");
		if (text_is_utf8(bytes.at, len)) {
			text_string(&data, "\"text\":");
			text_json_string(&data, bytes.at, len);
		} else {
			text_string(&data, "\"base64\":");
			text_json_base64(&data, bytes.at, len);
		}
		text_char(&data, '}');
		put_event(&event, "output", &data);
		send_to(reader, &event);
		text_free(&data);
		text_free(&event);
		bytes.at += len;
		bytes.len -= len;
	}
	if (reader->slow) { /* not from here: the watch must not end now */
		tell_in(reader->events, 0);
	}
}

/* ---- readers ---------------------------------------------------------------------------------- */

static void
reader_gone(struct http_call *call, void *context)
{
	struct reader *reader = context;
	struct http_events *events = reader->events;

	call->gone = NULL;
	TAILQ_REMOVE(&events->readers, reader, entry);
	events->count--;
	if (reader->watch != NULL) {
		queue_unwatch(reader->watch);
	}
	free(reader);
	if (events->count == 0) {
		queue_unwatch(events->watch);
		events->watch = NULL;
		event_free(events->timer);
		events->timer = NULL;
		events->changed_count = 0;
		events->too_many = false;
	}
}

/* The first reader of all: what it sees from now on is watched. */
static bool
begin(struct http_events *events)
{
	static const struct queue_watch_ops ops = {.job = job_changed, .status = status_changed};

	events->timer = evtimer_new(events->dashboard->base, tell, events);
	if (events->timer == NULL) {
		return false;
	}
	events->watch = queue_watch(events->dashboard->queue, 0, &ops, events);
	return true;
}

static struct reader *
reader_new(struct http_events *events, struct http_call *call, uint64_t job)
{
	static const struct queue_watch_ops ops = {.output = task_wrote};
	struct reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL || (events->count == 0 && !begin(events))) {
		free(reader);
		return NULL;
	}
	reader->events = events;
	reader->call = call;
	reader->job = job;
	if (job != 0) {
		reader->watch = queue_watch(events->dashboard->queue, job, &ops, reader);
	}
	TAILQ_INSERT_TAIL(&events->readers, reader, entry);
	events->count++;
	return reader;
}

/* ?job=N; false: there is none, and the call was answered so. */
static bool
take_job(struct dashboard *dashboard, struct http_call *call)
{
	struct text value = TEXT_INIT;
	bool good = true;

	if (http_request_query(&call->asked, "job", &value)) {
		text_terminate(&value);
		call->job = strtoull(value.data, NULL, 10);
		good = http_find_job(dashboard, call) != NULL;
	}
	text_free(&value);
	return good;
}

void
http_events(struct dashboard *dashboard, struct http_call *call)
{
	struct http_events *events = dashboard->events;
	struct text first = TEXT_INIT;
	struct reader *reader;

	if (!take_job(dashboard, call)) {
		return;
	}
	if (events->count == READERS_MOST) {
		http_answer_error(call, 429, "there are %d readers of events already",
				  READERS_MOST);
		return;
	}
	http_call_header(call, "X-Accel-Buffering", "no"); /* nginx is to pass them on at once */
	http_stream_begin(call, "text/event-stream", NULL);
	if (call->asked.method == METHOD_HEAD) {
		http_stream_end(call);
		return;
	}
	reader = reader_new(events, call, call->job);
	if (reader == NULL) {
		http_call_drop(call);
		return;
	}
	call->gone = reader_gone;
	call->context = reader;
	http_stream_rests(call);
	text_string(&first, "retry: 2000\n\n");
	text_clear(&events->status); /* so that this one is told how things are */
	put_status(events, &first);
	send_to(reader, &first);
	text_free(&first);
	tell_in(events, PACE_US);
}
