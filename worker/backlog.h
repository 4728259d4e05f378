/* SPDX-License-Identifier: ISC */
/*
 * backlog: those in the worker who have something large to say, or to read that they would have to
 * say, while the supervisor is behind: they wait here, one after the other. In stint-worker, the
 * loop thread.
 */
#ifndef WORKER_BACKLOG_H
#define WORKER_BACKLOG_H

#include <bsd/sys/queue.h>
#include <stdbool.h>

struct worker;

/* Zero-initialise but for `go`. */
struct waiter {
	TAILQ_ENTRY(waiter) link;
	/* It is its turn: it calls backlog_leave(), or stays the first if it has to wait again. */
	void (*go)(struct worker *, struct waiter *);
	bool waits;
};

TAILQ_HEAD(backlog, waiter);

void backlog_init(struct worker *); /* once the channel is there */

/* Whether there is room now, with nobody waiting before this one. If not, it waits from now on. */
bool backlog_pass(struct worker *, struct waiter *);
void backlog_leave(struct worker *, struct waiter *); /* harmless if it does not wait */

#endif
