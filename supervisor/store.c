/* SPDX-License-Identifier: ISC */
/* store: see store.h. In stintd: what is asked of the store's process. */
#include "supervisor/store.h"

#include <err.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/store_parts.h"

#define SEND_AT_ONCE   ((size_t)256 << 10) /* else it goes with what this turn of the loop adds */
#define REMOVE_AT_ONCE 10000

static void
fail_later(struct store *store, struct pending *pending)
{
	STAILQ_INSERT_TAIL(&store->failed, pending, link);
	event_active(store->failing, EV_TIMEOUT, 0);
}

static struct pending *
pending_new(store_done *done, store_got *got, void *context)
{
	struct pending *pending = malloc(sizeof(*pending));

	if (pending == NULL) {
		err(3, "store");
	}
	*pending =
	    (struct pending){.since_us = clock_us(), .done = done, .got = got, .context = context};
	return pending;
}

static void
request(struct store *store, struct store_head *head, const struct store_job *job,
	struct span bytes, struct pending *pending)
{
	size_t before = store->out.len;

	if (store->broken != NULL) {
		fail_later(store, pending);
		return;
	}
	head->request = pending->request = ++store->request;
	store_wire_put(&store->out, head, job, bytes);
	if (head->length > STORE_LONGEST) {
		store->out.len = before;
		pending->refused = "a single job, or a single record, of more than 16 MiB";
		fail_later(store, pending);
		return;
	}
	pending->bytes = store->out.len - before;
	store->backlog += pending->bytes;
	store->crowded |= store->backlog > STORE_BACKLOG;
	if (pending->got != NULL) {
		STAILQ_INSERT_TAIL(&store->reads, pending, link);
	} else {
		STAILQ_INSERT_TAIL(&store->writes, pending, link);
	}
	if (store->out.len - store->sent < SEND_AT_ONCE) {
		event_active(store->flushing, EV_TIMEOUT, 0);
	} else if (!event_pending(store->writable, EV_WRITE, NULL)) {
		store_flush(store);
	}
}

uint64_t
store_next_number(struct store *store)
{
	return store->next_number++;
}

/* The piece, cut if it is large; `job`: with the first. Who waits does so for the last. */
static void
send_pieces(struct store *store, uint64_t number, const struct store_job *job, struct span piece,
	    bool last, struct pending *pending)
{
	bool more = true;

	while (more) {
		size_t len = piece.len < STORE_PIECE ? piece.len : STORE_PIECE;
		struct store_head head = {.message = job == NULL ? STORE_MORE : STORE_SUBMIT,
					  .number = number};

		more = piece.len > len;
		head.flags = last && !more ? STORE_LAST : 0;
		request(store, &head, job, (struct span){piece.at, len},
			more ? pending_new(NULL, NULL, NULL) : pending);
		piece = (struct span){piece.at + len, piece.len - len};
		job = NULL;
	}
}

void
store_submit(struct store *store, const struct store_job *job, struct span piece, bool last,
	     store_done *done, void *context)
{
	struct submission *submission;

	if (!last && store->broken == NULL) {
		submission = malloc(sizeof(*submission));
		if (submission == NULL) {
			err(3, "store");
		}
		*submission =
		    (struct submission){.number = job->number, .done = done, .context = context};
		TAILQ_INSERT_TAIL(&store->submissions, submission, link);
		done = NULL;
	}
	send_pieces(store, job->number, job, piece, last, pending_new(done, NULL, context));
}

static struct submission *
find_submission(struct store *store, uint64_t number)
{
	struct submission *submission;

	TAILQ_FOREACH(submission, &store->submissions, link)
	{
		if (submission->number == number) {
			break;
		}
	}
	return submission;
}

void
store_submit_more(struct store *store, uint64_t number, struct span piece, bool last)
{
	struct submission *submission = find_submission(store, number);
	struct pending *pending;

	if (submission == NULL) {
		return; /* it was told that it failed */
	}
	pending = pending_new(last ? submission->done : NULL, NULL, submission->context);
	if (last) {
		TAILQ_REMOVE(&store->submissions, submission, link);
		free(submission);
	}
	send_pieces(store, number, NULL, piece, last, pending);
}

void
store_abandon(struct store *store, uint64_t number)
{
	struct store_head head = {.message = STORE_ABANDON, .number = number};
	struct submission *submission = find_submission(store, number);

	if (submission != NULL) {
		TAILQ_REMOVE(&store->submissions, submission, link);
		free(submission);
		request(store, &head, NULL, SPAN_EMPTY, pending_new(NULL, NULL, NULL));
	}
}

void
store_update(struct store *store, const struct store_job *job, store_done *done, void *context)
{
	struct store_head head = {.message = STORE_UPDATE, .number = job->number};

	request(store, &head, job, SPAN_EMPTY, pending_new(done, NULL, context));
}

/* The first lines, up to a piece, but whole ones: at least one. */
static size_t
first_lines(struct span lines)
{
	const char *end;

	if (lines.len <= STORE_PIECE) {
		return lines.len;
	}
	end = memrchr(lines.at, '\n', STORE_PIECE);
	if (end == NULL) {
		end = memchr(lines.at + STORE_PIECE, '\n', lines.len - STORE_PIECE);
	}
	return end == NULL ? lines.len : (size_t)(end + 1 - lines.at);
}

static unsigned
count_lines(struct span lines)
{
	const char *at = lines.at, *end = lines.at + lines.len;
	unsigned count = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		count++;
		at++;
	}
	return count;
}

void
store_results(struct store *store, uint64_t number, struct span lines, unsigned count,
	      const struct store_job *job, store_done *done, void *context)
{
	struct store_head head = {.message = STORE_RESULTS, .number = number, .count = count};
	struct span part = {lines.at, first_lines(lines)};

	while (part.len < lines.len) {
		head.flags = STORE_PART;
		head.count = count_lines(part);
		count -= head.count;
		request(store, &head, NULL, part, pending_new(NULL, NULL, NULL));
		lines = (struct span){lines.at + part.len, lines.len - part.len};
		part = (struct span){lines.at, first_lines(lines)};
	}
	head.flags = 0;
	head.count = count;
	request(store, &head, job, part, pending_new(done, NULL, context));
}

static void
get(struct store *store, enum store_message message, uint64_t number, struct span task,
    store_got *got, void *context)
{
	struct store_head head = {.message = (uint16_t)message, .number = number};

	request(store, &head, NULL, task, pending_new(NULL, got, context));
}

void
store_source(struct store *store, uint64_t number, store_got *got, void *context)
{
	get(store, STORE_GET_SOURCE, number, SPAN_EMPTY, got, context);
}

void
store_get_results(struct store *store, uint64_t number, store_got *got, void *context)
{
	get(store, STORE_GET_RESULTS, number, SPAN_EMPTY, got, context);
}

void
store_get_record(struct store *store, uint64_t number, const char *task, store_got *got,
		 void *context)
{
	get(store, STORE_GET_RECORD, number, span_of(task), got, context);
}

void
store_remove(struct store *store, const uint64_t *numbers, size_t count, store_done *done,
	     void *context)
{
	struct store_head head = {.message = STORE_REMOVE};
	size_t some;

	do {
		some = count < REMOVE_AT_ONCE ? count : REMOVE_AT_ONCE;
		count -= some;
		request(store, &head, NULL,
			(struct span){(const char *)numbers, some * sizeof(numbers[0])},
			pending_new(count == 0 ? done : NULL, NULL, context));
		numbers += some;
	} while (count > 0);
}

const char *
store_broken(const struct store *store)
{
	return store->broken;
}

size_t
store_backlog(const struct store *store)
{
	return store->backlog;
}

static int64_t
waits_us(const struct pendings *pendings, int64_t now_us)
{
	const struct pending *first = STAILQ_FIRST(pendings);

	return first == NULL ? 0 : now_us - first->since_us;
}

int64_t
store_waits_us(const struct store *store)
{
	int64_t now_us = clock_us();
	int64_t writes_us = waits_us(&store->writes, now_us);
	int64_t reads_us = waits_us(&store->reads, now_us);

	return writes_us > reads_us ? writes_us : reads_us;
}

pid_t
store_process(const struct store *store)
{
	return store->pid;
}
