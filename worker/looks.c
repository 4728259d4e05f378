/* SPDX-License-Identifier: ISC */
/* looks: see looks.h. In stint-worker, the loop thread. */
#include "worker/looks.h"

#include <bsd/stdlib.h>
#include <stddef.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "worker/action_exec.h"
#include "worker/proc.h"
#include "worker/worker.h"

#define PASS_US   (20 * INT64_C(1000))
#define ADOPT_US  (100 * INT64_C(1000))
#define JITTER_US 5000
#define SHARE     50 /* a pass may cost this part of the time between two */

void
looks_init(struct looks *looks)
{
	*looks = (struct looks){.pass_us = 0};
	TAILQ_INIT(&looks->grown);
}

void
looks_begin(struct worker *worker, struct looked *looked, struct run *run, pid_t pid)
{
	int64_t now_us = clock_us();

	if (worker->model->compute != COMPUTE_IN_THREAD) {
		return;
	}
	looked->run = run;
	meter_begin(&looked->meter, pid, now_us);
	deadlines_set(&worker->looks.young, &looked->due, now_us + METER_FIRST_US);
}

void
looks_end(struct worker *worker, struct looked *looked)
{
	struct run *run = looked->run;

	if (run == NULL) {
		return;
	}
	looked->run = NULL;
	deadlines_clear(&worker->looks.young, &looked->due);
	if (looked->grown) {
		TAILQ_REMOVE(&worker->looks.grown, looked, link);
	}
	if (looked->meter.told > 0 && !run->granted && run->step + 1 < run->spec->count) {
		reply_use(worker, run, 0); /* that was this step; another one follows */
	}
	meter_end(&looked->meter);
}

static void
leave_slot(struct worker *worker, struct run *run)
{
	if (worker->slot.command == run) {
		run->granted = false;
		slot_leave(worker, run);
	}
}

static void
look(struct worker *worker, struct looked *looked, int64_t now_us)
{
	struct meter_news news;

	if (!meter_look(&looked->meter, now_us, &news)) {
		return;
	}
	/* Also when it has just stopped: what goes on for it may have another parent now. */
	worker->looks.busy = worker->looks.busy || looked->meter.use > 0 || news.report;
	if (news.waits) {
		leave_slot(worker, looked->run);
	}
	if (news.report) {
		reply_use(worker, looked->run, looked->meter.use);
	}
}

static void
look_at_young(struct worker *worker)
{
	struct looks *looks = &worker->looks;
	struct deadline *due;

	while ((due = deadlines_due(&looks->young, clock_us())) != NULL) {
		struct looked *looked =
		    (struct looked *)(void *)((char *)due - offsetof(struct looked, due));
		int64_t now_us = clock_us();

		look(worker, looked, now_us);
		if (meter_is_young(&looked->meter, now_us)) {
			deadlines_set(&looks->young, due, meter_next_us(&looked->meter, now_us));
			continue;
		}
		if (TAILQ_EMPTY(&looks->grown)) {
			looks->pass_us = now_us + PASS_US;
		}
		looked->grown = true;
		TAILQ_INSERT_TAIL(&looks->grown, looked, link);
	}
}

/* A process belongs to the command that leads its session, as each does. */
static void
adopt(void *arg, pid_t pid)
{
	struct proc_stat stat;
	struct looked *looked;

	(void)arg;
	if (exec_looked(pid) == NULL && proc_stat(pid, &stat) && stat.session != pid &&
	    (looked = exec_looked(stat.session)) != NULL && looked->run != NULL) {
		members_adopt(&looked->meter.members, pid);
	}
}

/*
 * Processes whose parent ended before we had seen them are children of this process, a subreaper.
 * Where the kernel does not tell children at all, every process there is could be one.
 */
static void
adopt_orphans(struct looks *looks, int64_t now_us)
{
	if (!looks->busy || now_us < looks->adopt_us) {
		return;
	}
	looks->busy = false;
	looks->adopt_us = now_us + ADOPT_US;
	if (!proc_children(getpid(), getpid(), adopt, NULL)) {
		proc_all(adopt, NULL);
	}
}

static void
look_at_grown(struct worker *worker)
{
	int64_t began_us = clock_us(), cost_us = clock_thread_cpu_us();
	struct looks *looks = &worker->looks;
	struct looked *looked;

	adopt_orphans(looks, began_us);
	TAILQ_FOREACH(looked, &looks->grown, link)
	{
		look(worker, looked, clock_us());
	}
	cost_us = (clock_thread_cpu_us() - cost_us) * SHARE;
	looks->pass_us = began_us + (cost_us > PASS_US ? cost_us : PASS_US) +
			 arc4random_uniform(JITTER_US); /* not in step with what it measures */
}

void
looks_due(struct worker *worker)
{
	const struct looks *looks = &worker->looks;

	look_at_young(worker);
	if (!TAILQ_EMPTY(&looks->grown) && looks->pass_us <= clock_us()) {
		look_at_grown(worker);
	}
	slot_fill(worker);
}

int64_t
looks_next_us(const struct looks *looks)
{
	const struct deadline *first = deadlines_first(&looks->young);
	int64_t young_us = first == NULL ? 0 : first->at_us;

	if (TAILQ_EMPTY(&looks->grown)) {
		return young_us;
	}
	return young_us != 0 && young_us < looks->pass_us ? young_us : looks->pass_us;
}
