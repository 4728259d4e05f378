/* SPDX-License-Identifier: ISC */
/*
 * store_parts: what store.c, store_answers.c and store_link.c share, and nobody else: the daemon's end
 * of the socket to the store's process.
 */
#ifndef SUPERVISOR_STORE_PARTS_H
#define SUPERVISOR_STORE_PARTS_H

#include <bsd/sys/queue.h>

#include "supervisor/store.h"
#include "supervisor/store_wire.h"

struct event;

#define STORE_KEPT ((size_t)1 << 20) /* a buffer above that is given back when it is empty */

/* A request that was not answered yet. */
struct pending {
	STAILQ_ENTRY(pending) link;
	uint64_t request;
	size_t bytes;
	int64_t since_us; /* when it was asked */
	store_done *done; /* NULL: nobody waits, or it is a read */
	store_got *got;   /* NULL: it is a write */
	void *context;
	const char *refused; /* by us, a constant; NULL: it was not */
};
STAILQ_HEAD(pendings, pending);

/* A job that is not whole yet, and who waits for it. */
struct submission {
	TAILQ_ENTRY(submission) link;
	uint64_t number;
	store_done *done;
	void *context;
};

struct store {
	const struct store_events *events;
	void *context;
	pid_t pid;
	int pidfd;
	int socket;
	struct event *readable;
	struct event *writable;
	struct event *flushing; /* made active, for later in this turn of the loop */
	struct event *failing;
	struct text out;
	size_t sent; /* bytes at the front of `out` */
	struct store_inbox inbox;
	uint64_t request; /* the last one */
	uint64_t next_number;
	struct pendings writes;
	struct pendings reads;
	struct pendings failed; /* will be told so by `failing` */
	TAILQ_HEAD(, submission) submissions;
	size_t backlog;
	bool crowded; /* `room` is to be called */
	char *broken; /* why; NULL: it is not */
};

/* ---- store_answers.c -------------------------------------------------------------------------- */

/* Reads once, and calls the answers that have come. False: the socket has ended. */
bool store_receive(struct store *);
void store_fail_all(struct store *, struct pendings *);
/* Nothing more is sent nor received, because of `why`. */
void store_hang_up(struct store *, const char *why);
/* And all who wait are told, and the owner. */
void store_break_down(struct store *, const char *why);

/* ---- store_link.c ----------------------------------------------------------------------------- */

/*
 * Sends as much as can be sent without waiting, the rest later, also what there is no memory for now;
 * the end of the socket is seen where it is read.
 */
void store_flush(struct store *);

#endif
