/* SPDX-License-Identifier: ISC */
/*
 * starters: commands for which there was no process or no descriptor to be had. They queue, the
 * first is tried again when a command of this worker ends, or else after a while, so that any
 * number of them costs nothing. In stint-worker, the loop thread.
 */
#ifndef WORKER_STARTERS_H
#define WORKER_STARTERS_H

#include <stdbool.h>

#include "worker/run.h"

/* Before a run's command is tried: whether others are before it. Then it is to be put. */
bool starters_before(const struct run *);

/*
 * It could not be started now. False: nothing of ours has run for so long that what is missing
 * will not be freed; it has failed.
 */
bool starters_put(struct worker *, struct run *);

/* The deadline of one that waits is over: it is tried again, or its time is up. May free it. */
void starters_due(struct worker *, struct run *);

void starters_remove(struct worker *, struct run *); /* it is not to be started any more */
void starters_wake(struct worker *);                 /* a command has ended */

#endif
