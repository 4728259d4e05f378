/* SPDX-License-Identifier: ISC */
/*
 * pool: the workers of a run: as many as are wanted, replaced at once when one dies, slower when
 * they die before they have done anything, and given up when they do not even say hello. In the
 * supervisor.
 */
#ifndef SUPERVISOR_POOL_H
#define SUPERVISOR_POOL_H

#include <stdbool.h>

#include "supervisor/worker_proc.h"

struct pool;

struct pool_events {
	struct worker_events worker;           /* `lost` comes before its replacement */
	void (*up)(void *context, int number); /* a worker was started, its hello is to come */
	/* There is no getting a worker to run; what it says is complete. The pool does no more. */
	void (*hopeless)(void *context, const char *why);
};

struct pool *pool_new(struct event_base *, const struct worker_setup *, unsigned size,
		      const struct pool_events *, void *context);
void pool_free(struct pool *); /* kills what is left */

/* Starts those of the `count` places from `first` that have no worker. */
void pool_want(struct pool *, unsigned first, unsigned count);
struct worker_proc *pool_worker(struct pool *, int number); /* NULL: there is none now */
void pool_flush(struct pool *);
void pool_pause(struct pool *, bool paused); /* reads nothing from those that run now */
unsigned pool_size(const struct pool *);
unsigned pool_running(const struct pool *);

void pool_reap(struct pool *);   /* SIGCHLD came */
void pool_second(struct pool *); /* a second has passed: what is stopped is not waited for long */

/* No replacements from now on; each is asked to end. `lost` comes for each. */
void pool_shutdown(struct pool *);
void pool_kill(struct pool *);

#endif
