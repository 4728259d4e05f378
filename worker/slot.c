/* SPDX-License-Identifier: ISC */
/* slot: see slot.h. In stint-worker, the loop thread. */
#include "worker/slot.h"

#include "worker/thread_pool.h"
#include "worker/worker.h"

void
slot_init(struct slot *slot)
{
	*slot = (struct slot){.command = NULL};
	TAILQ_INIT(&slot->queue);
}

void
slot_enter(struct worker *worker, struct run *run)
{
	run_enqueue(&worker->slot.queue, run);
}

static void
begin_command(struct worker *worker, struct run *run)
{
	worker->slot.command = run;
	run_begin(run);
	run->end_us = 0;
	if (run_start(worker, run) == RUN_DONE) {
		worker->slot.command = NULL;
		run->step++;
		run_advance(worker, run);
	}
}

void
slot_fill(struct worker *worker)
{
	struct slot *slot = &worker->slot;
	struct run *run;

	while (slot->command == NULL && (run = TAILQ_FIRST(&slot->queue)) != NULL) {
		if (run_is_command(run)) {
			if (slot->computing > 0) {
				return;
			}
			run_dequeue(run);
			begin_command(worker, run);
			continue;
		}
		run_dequeue(run);
		slot->computing++;
		thread_pool_push(worker->pool, run);
	}
}

void
slot_leave(struct worker *worker, struct run *run)
{
	if (worker->slot.command == run) {
		worker->slot.command = NULL;
	}
}

void
slot_returned(struct worker *worker, struct run *run)
{
	worker->slot.computing--;
	run->step++;
	run_advance(worker, run);
}

struct run *
slot_recall(struct worker *worker)
{
	struct run *run = TAILQ_LAST(&worker->slot.queue, run_queue);

	if (run != NULL) {
		run_dequeue(run);
	} else if (worker->pool != NULL && (run = thread_pool_recall(worker->pool)) != NULL) {
		worker->slot.computing--;
	}
	return run;
}
