/* SPDX-License-Identifier: ISC */
/* starters: see starters.h. In stint-worker, the loop thread. */
#include "worker/starters.h"

#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/pids.h"
#include "worker/tree.h"
#include "worker/worker.h"

#define DELAY_FIRST_US (20 * INT64_C(1000)) /* then doubled */
#define DELAY_MOST_US  US_PER_SECOND
#define GIVE_UP_US     (60 * US_PER_SECOND)

static struct run_queue waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct run *trying; /* taken out, to be put back in front */
static int64_t delay_us = DELAY_FIRST_US;
static int64_t since_us; /* nothing has been started or has ended */

bool
starters_before(const struct run *run)
{
	return run != trying && !TAILQ_EMPTY(&waiting);
}

static void
set_deadline(struct worker *worker, struct run *run, int64_t at_us)
{
	int64_t timeout_us = run_timeout_at(run);

	if (timeout_us != 0 && (at_us == 0 || timeout_us < at_us)) {
		at_us = timeout_us;
	}
	if (at_us != 0) {
		deadlines_set(&worker->deadlines, &run->deadline, at_us);
	}
}

/* Whether another worker of the supervisor has children, as far as can be seen. */
static bool
others_run(void)
{
	struct pids siblings = {.at = NULL}, children = {.at = NULL};
	bool some;

	pids_add_children(&siblings, getppid());
	for (size_t i = 0; i < siblings.count; i++) {
		if (siblings.at[i] != getpid()) {
			pids_add_children(&children, siblings.at[i]);
		}
	}
	some = children.count > 0;
	pids_free(&siblings);
	pids_free(&children);
	return some;
}

bool
starters_put(struct worker *worker, struct run *run)
{
	int64_t now_us = clock_us();

	if (run != trying) {
		if (TAILQ_EMPTY(&waiting)) {
			since_us = now_us;
			set_deadline(worker, run, now_us + delay_us);
		} else {
			set_deadline(worker, run, 0);
		}
		TAILQ_INSERT_TAIL(&waiting, run, queue);
		return true;
	}
	if (tree_count() == 0 && now_us - since_us >= GIVE_UP_US && !others_run()) {
		return false;
	}
	TAILQ_INSERT_HEAD(&waiting, run, queue);
	delay_us = delay_us * 2 > DELAY_MOST_US ? DELAY_MOST_US : delay_us * 2;
	set_deadline(worker, run, now_us + delay_us);
	return true;
}

void
starters_wake(struct worker *worker)
{
	struct run *first = TAILQ_FIRST(&waiting);

	delay_us = DELAY_FIRST_US;
	if (first != NULL) {
		since_us = clock_us();
		set_deadline(worker, first, since_us);
	}
}

void
starters_remove(struct worker *worker, struct run *run)
{
	bool was_first = run == TAILQ_FIRST(&waiting);

	TAILQ_REMOVE(&waiting, run, queue);
	deadlines_clear(&worker->deadlines, &run->deadline);
	if (was_first) {
		starters_wake(worker);
	}
}

void
starters_due(struct worker *worker, struct run *run)
{
	enum progress progress;

	if (run_timeout_at(run) != 0 && clock_us() >= run_timeout_at(run)) {
		starters_remove(worker, run);
		cancel_request(&run->cancel, CANCEL_TIMEOUT);
		run_cancelled(run);
		run_step_done(worker, run);
		return;
	}
	TAILQ_REMOVE(&waiting, run, queue);
	trying = run;
	progress = run_start(worker, run);
	trying = NULL;
	if (run != TAILQ_FIRST(&waiting)) {
		starters_wake(worker); /* where one could be, another can */
	}
	if (progress == RUN_DONE) {
		run_step_done(worker, run);
	}
}
