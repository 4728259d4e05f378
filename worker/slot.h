/* SPDX-License-Identifier: ISC */
/*
 * slot: the place for one computing step in the model `hybrid`, so that a worker keeps one core
 * busy and no more, while any number of its tasks wait. Steps queue for it in the order of their
 * arrival. Computing goes to the compute thread, which works its own queue off; a command takes
 * the slot when that thread has nothing left, and keeps it until it ends or turns out to wait; then
 * it goes on beside the slot, whatever it does.
 * In stint-worker, the loop thread.
 */
#ifndef WORKER_SLOT_H
#define WORKER_SLOT_H

#include "worker/run.h"

struct slot {
	struct run_queue queue;
	struct run *command; /* the command that has the slot */
	unsigned computing;  /* runs that the compute thread has */
};

void slot_init(struct slot *);
void slot_enter(struct worker *, struct run *);
void slot_fill(struct worker *);                   /* begins what can begin; may free runs */
void slot_leave(struct worker *, struct run *);    /* gives it back, if it has it */
void slot_returned(struct worker *, struct run *); /* the compute thread is done with the step */

/* A run that has not begun here, the newest; it is taken out. NULL: there is none. */
struct run *slot_recall(struct worker *);

#endif
