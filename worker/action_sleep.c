/* SPDX-License-Identifier: ISC */
/*
 * action_sleep: waits. In the loop it is one deadline, so any number of sleeps overlap for free;
 * in the pool models it holds its thread. In stint-worker.
 */
#include "ipc/clock.h"
#include "worker/thread_pool.h"
#include "worker/worker.h"

/* When this sleep is over, by the time that the step began at. */
static int64_t
wake_at(const struct run *run, int64_t began_us, int64_t sleep_us)
{
	int64_t timeout_us = run_timeout_at(run), wake_us = began_us + sleep_us;

	return timeout_us != 0 && timeout_us < wake_us ? timeout_us : wake_us;
}

/* The sleep is over or was told to be. */
static void
settle(struct run *run, int64_t wake_us)
{
	if (run_timeout_at(run) == wake_us && wake_us != 0) {
		cancel_request(&run->cancel, CANCEL_TIMEOUT);
	}
	if (cancel_reason(&run->cancel) != CANCEL_NONE) {
		run_cancelled(run);
	}
}

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	int64_t now_us = clock_us();

	if (action->us == 0) {
		return RUN_DONE;
	}
	deadlines_set(&worker->deadlines, &run->deadline, wake_at(run, now_us, action->us));
	return RUN_PENDING;
}

static void
block(struct worker *worker, struct run *run, const struct action *action)
{
	int64_t wake_us = wake_at(run, clock_us(), action->us);

	thread_pool_sleep(worker->pool, run, wake_us);
	settle(run, wake_us);
}

static void
due(struct worker *worker, struct run *run, const struct action *action)
{
	(void)action;
	settle(run, run->deadline.at_us);
	run_step_done(worker, run);
}

static void
stop(struct worker *worker, struct run *run, const struct action *action)
{
	(void)action;
	if (run->deadline.place != 0) {
		run_cancelled(run);
		run_step_done(worker, run);
	}
}

const struct action_ops action_sleep = {.start = start, .block = block, .due = due, .stop = stop};
