/* SPDX-License-Identifier: ISC */
/*
 * worker: the state of the process stint-worker, and how its parts call each other. All of it
 * belongs to the thread of the event loop; other threads see only struct run and thread_pool.
 *
 *	dispatch.c     the loop; messages that come in
 *	reply.c        messages that go out
 *	backlog.c      who waits until the supervisor has taken what was sent
 *	run.c          a task from its arrival to its result, step by step
 *	slot.c         which computing step runs next, where the model has one at a time
 *	looks.c        what the commands that run ask of the cores
 *	thread_pool.c  the threads of the models that have some
 *	action_*.c     what a step does, a file an action
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/channel.h"
#include "ipc/deadlines.h"
#include "ipc/message.h"
#include "ipc/model.h"
#include "worker/backlog.h"
#include "worker/looks.h"
#include "worker/places.h"
#include "worker/run.h"
#include "worker/slot.h"

enum show { SHOW_NONE, SHOW_GROUP, SHOW_LINE, SHOW_RAW };

struct worker {
	struct event_base *base;
	struct channel *channel;
	const struct model *model;
	struct thread_pool *pool; /* NULL where the model has no threads of its own */
	struct spawn_base *spawn; /* what every command gets */

	struct backlog backlog; /* while the supervisor is behind */
	struct run_list all;    /* by the link `all` */
	struct run_queue inbox; /* arrived, not begun; by the link `queue` */
	struct slot slot;
	struct looks looks;   /* at the commands that run */
	struct places places; /* that they have */
	struct deadlines deadlines;
	struct event *timer; /* for the first deadline or look, or an earlier one that is gone */
	int timer_fd;
	int64_t timer_us;    /* when it is set for; 0: it is not */
	struct event *again; /* the inbox is not empty and the loop is to come back */
	struct event *child; /* SIGCHLD */

	unsigned threads;   /* the size of the pool, where there is one */
	bool record_output; /* the record is to have stdout and stderr */
	enum show show;
	bool draining; /* `shutdown` came: end with the last run */
	bool stopped;  /* the supervisor is gone, or a message was not to be understood */
};

/* dispatch.c */
void dispatch_start(struct worker *, int in, int out); /* dies with a message if it cannot */
void dispatch_flush(struct worker *);                  /* sends what was appended, sets the timer */

/* reply.c */
void reply_started(struct worker *, const struct run *);
void reply_phase(struct worker *, const struct run *, const char *phase);
void reply_use(struct worker *, const struct run *, unsigned use); /* a phase, as measured */
/* `more`: the next output of the run belongs to this, and nothing is to come between. */
void reply_output(struct worker *, const struct run *, int fd, struct span bytes, bool more);
void reply_result(struct worker *, const struct run *);
void reply_yield(struct worker *, struct run *); /* frees the run */

#endif
