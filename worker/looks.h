/* SPDX-License-Identifier: ISC */
/*
 * looks: when each command that runs is measured, and what follows: `phase` messages, and a slot
 * that is free again when its command turns out to wait. Young commands are looked at one by one,
 * the others all in one pass, so that it wakes the loop once. All looks together take 2 % of a
 * core at most: passes become rare where they cost much. Only in the model `hybrid`.
 * In stint-worker, the loop thread.
 */
#ifndef WORKER_LOOKS_H
#define WORKER_LOOKS_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "worker/meter.h"

struct run;
struct worker;

/* A command that is looked at, inside what stands for it. Zero-initialise. */
struct looked {
	TAILQ_ENTRY(looked) link; /* among the grown ones */
	struct deadline due;      /* among the young ones */
	struct run *run;          /* NULL: it is not looked at */
	struct meter meter;
	bool grown;
};

TAILQ_HEAD(looked_list, looked);

struct looks {
	struct deadlines young;
	struct looked_list grown;
	int64_t pass_us;  /* when the next pass is due */
	int64_t adopt_us; /* when orphans are to be looked for again */
	bool busy;        /* some command has run since they were */
};

void looks_init(struct looks *);
void looks_begin(struct worker *, struct looked *, struct run *, pid_t); /* it has started */
void looks_end(struct worker *, struct looked *); /* it was reaped; harmless when said again */
void looks_due(struct worker *);                  /* looks at what is due; may fill the slot */
int64_t looks_next_us(const struct looks *);      /* monotonic, when something is; 0: never */

#endif
