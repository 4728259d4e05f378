/* SPDX-License-Identifier: ISC */
/*
 * cancel: how a computing or waiting task is told to stop. In the worker; one a run.
 * The loop thread asks, the thread that runs the task notices: both may be the same thread.
 */
#ifndef WORKER_CANCEL_H
#define WORKER_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum cancel_reason { CANCEL_NONE, CANCEL_TIMEOUT, CANCEL_REQUEST, CANCEL_SHUTDOWN };

struct cancel {
	_Atomic int reason;  /* enum cancel_reason; the first one asked for stays */
	int64_t deadline_us; /* monotonic; 0: none. Passing it is CANCEL_TIMEOUT */
	int64_t next_us;     /* when the idle work below is due again */
};

/*
 * What a computing thread does beside its work, every few milliseconds, from cancel_check():
 * read messages where the loop shares the thread, pass the lock on in `gil`, and so on.
 * Returns when it is due again, in monotonic microseconds. One a thread; NULL: nothing.
 */
typedef int64_t cancel_idle(struct cancel *, int64_t now_us);
void cancel_set_idle(cancel_idle *); /* for the calling thread */

void cancel_init(struct cancel *, int64_t deadline_us);
void cancel_request(struct cancel *, enum cancel_reason); /* from any thread */
enum cancel_reason cancel_reason(const struct cancel *);

/* For computing code, at least every millisecond: true when it must stop. About 30 ns. */
bool cancel_check(struct cancel *);

#endif
