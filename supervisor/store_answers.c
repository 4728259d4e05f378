/* SPDX-License-Identifier: ISC */
/* store_answers: what comes from the store's process, and who is told: see store_parts.h. In stintd. */
#include <err.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/fds.h"
#include "supervisor/store_parts.h"

#define RECEIVE_MOST ((size_t)1 << 20)

static void
tell(struct pending *pending, int fd, const char *error)
{
	if (pending->got != NULL) {
		pending->got(pending->context, fd, error);
	} else if (pending->done != NULL) {
		pending->done(pending->context, error);
	}
	free(pending);
}

static void
complete_writes(struct store *store, uint64_t through, const char *error)
{
	struct pending *pending;

	while ((pending = STAILQ_FIRST(&store->writes)) != NULL && pending->request <= through) {
		STAILQ_REMOVE_HEAD(&store->writes, link);
		store->backlog -= pending->bytes;
		tell(pending, -1, error);
	}
}

static struct pending *
take_read(struct store *store, uint64_t request)
{
	struct pending *pending;

	STAILQ_FOREACH(pending, &store->reads, link)
	{
		if (pending->request == request) {
			STAILQ_REMOVE(&store->reads, pending, pending, link);
			store->backlog -= pending->bytes;
			break;
		}
	}
	return pending;
}

void
store_fail_all(struct store *store, struct pendings *pendings)
{
	struct pending *pending;

	while ((pending = STAILQ_FIRST(pendings)) != NULL) {
		STAILQ_REMOVE_HEAD(pendings, link);
		tell(pending, -1, pending->refused == NULL ? store->broken : pending->refused);
	}
}

static void
tell_room(struct store *store)
{
	if (store->crowded && store->backlog <= STORE_BACKLOG / 2) {
		store->crowded = false;
		if (store->events->room != NULL) {
			store->events->room(store->context);
		}
	}
}

/* Nothing more is sent nor received. */
void
store_hang_up(struct store *store, const char *why)
{
	store->broken = strdup(why);
	if (store->broken == NULL) {
		err(3, "store");
	}
	event_del(store->readable);
	event_del(store->writable);
	text_free(&store->out);
	store->sent = 0;
	store->backlog = 0;
}

void
store_break_down(struct store *store, const char *why)
{
	struct pendings writes, reads;
	struct submission *submission;

	store_hang_up(store, why);
	STAILQ_INIT(&writes);
	STAILQ_INIT(&reads);
	STAILQ_CONCAT(&writes, &store->writes);
	STAILQ_CONCAT(&reads, &store->reads);
	store_fail_all(store, &writes);
	store_fail_all(store, &reads);
	while ((submission = TAILQ_FIRST(&store->submissions)) != NULL) {
		TAILQ_REMOVE(&store->submissions, submission, link);
		if (submission->done != NULL) {
			submission->done(submission->context, store->broken);
		}
		free(submission);
	}
	store->events->broken(store->context, store->broken);
	tell_room(store);
}

static void
take_jobs(struct store *store, const struct store_head *head, struct span jobs)
{
	struct store_job job;

	for (uint32_t i = 0; i < head->count && store_wire_take_job(&jobs, &job); i++) {
		store->events->loaded(store->context, &job);
	}
	if (head->count == 0) {
		store->events->loaded(store->context, NULL);
	}
}

static void
take_failure(struct store *store, const struct store_head *head, const char *why)
{
	struct pending *pending = take_read(store, head->request);

	if (pending == NULL) {
		complete_writes(store, head->request, why);
	} else {
		tell(pending, -1, why);
	}
}

static void
take_answer(struct store *store, const struct store_head *head, int fd)
{
	struct pending *pending = take_read(store, head->request);

	if (pending == NULL) {
		fds_close(&fd);
	} else {
		tell(pending, fd, fd < 0 ? "too many files are open for the answer" : NULL);
	}
}

static void
handle(struct store *store, const struct store_head *head, struct span bytes, int fd)
{
	struct text why = TEXT_INIT;

	switch (head->message) {
	case STORE_LOADED:
		take_jobs(store, head, bytes);
		return;
	case STORE_DONE:
		complete_writes(store, head->request, NULL);
		return;
	case STORE_GOT:
		take_answer(store, head, fd);
		return;
	case STORE_FAILED:
	case STORE_BROKEN:
	default:
		break;
	}
	text_span(&why, bytes);
	text_terminate(&why);
	if (head->message == STORE_FAILED) {
		take_failure(store, head, why.data);
	} else {
		store_break_down(store, head->message == STORE_BROKEN
					    ? why.data
					    : "the store's process sent what is no answer");
	}
	text_free(&why);
}

static void
handle_all(struct store *store)
{
	struct store_head head;
	struct span bytes;
	bool bad = false;
	int fd;

	while (store->broken == NULL && store_wire_next(&store->inbox, &head, &bytes, &fd, &bad)) {
		handle(store, &head, bytes, fd);
	}
	if (bad && store->broken == NULL) {
		store_break_down(store, "the store's process sent what is no answer");
	}
	if (store->inbox.begin == store->inbox.bytes.len && store->inbox.bytes.cap >= STORE_KEPT) {
		text_free(&store->inbox.bytes);
		store->inbox.begin = 0;
	}
	if (store->broken == NULL) {
		tell_room(store);
	}
}

/* False: the socket has ended. */
bool
store_receive(struct store *store)
{
	enum store_received received =
	    store_wire_receive(store->socket, &store->inbox, RECEIVE_MOST);

	handle_all(store);
	return received != STORE_ENDED;
}
