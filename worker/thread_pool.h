/* SPDX-License-Identifier: ISC */
/*
 * thread_pool: the threads beside the loop: the one that computes in `hybrid`, the many of
 * `threads` and `gil`. A run that is pushed belongs to the pool until `returned` is called for
 * it in the loop thread.
 */
#ifndef WORKER_THREAD_POOL_H
#define WORKER_THREAD_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/run.h"

struct thread_pool;

/*
 * Up to `size` threads, begun as they are needed. `body` is what a thread does with a run,
 * `returned` what the loop does with it afterwards. NULL with errno on failure.
 */
struct thread_pool *thread_pool_new(struct worker *, unsigned size, cancel_idle *idle,
				    void (*body)(struct worker *, struct run *),
				    void (*returned)(struct worker *, struct run *));

/* In the loop thread. */
void thread_pool_push(struct thread_pool *, struct run *);
struct run *thread_pool_recall(struct thread_pool *);      /* the newest that no thread has begun */
bool thread_pool_stop(struct thread_pool *, struct run *); /* false: the loop does its step */
void thread_pool_answer(struct thread_pool *, struct run *); /* what was asked for is done */
void thread_pool_announce(struct thread_pool *); /* `started` for what a single thread is at */

/* In a thread of the pool. */
void thread_pool_ask(struct thread_pool *, struct run *); /* the loop is to do the step; waits */
void thread_pool_sleep(struct thread_pool *, struct run *, int64_t until_us); /* or cancelled */
void thread_pool_wake_loop(struct thread_pool *); /* hands over what waits to be returned */

/* The pool of the calling thread, for a cancel_idle. */
struct thread_pool *thread_pool_mine(void);

#endif
