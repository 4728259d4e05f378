/* SPDX-License-Identifier: ISC */
/*
 * scheduler_learn: what is counted for commands that are sent, and what is learned of them when
 * they are measured and when they end. Pure; in the supervisor.
 */
#include <limits.h>

#include "supervisor/scheduler_state.h"

#define SHORT_US 5000 /* most of a command that is over sooner is its start */

/* How many tasks speak for what is expected of this one. */
static uint32_t
evidence(const struct sched_more *more)
{
	const struct kind *kind = more->kind;

	if (kind == NULL || more->hint != TASK_CLASS_NONE) {
		return UINT32_MAX; /* its author's word */
	}
	return kind->ended > kind->waited ? kind->ended : kind->waited;
}

/* The books of admission for a command, or a task of several cores, that is being sent. */
void
sched_count_sent(struct scheduler *sched, struct sched_task *task)
{
	struct sched_more *more = task->more;

	more->measured = false;
	more->counted = 0;
	sched->admission.commands += task->command;
	more->waits = task->beside && more->kind != NULL && queues_class(task) == KIND_WAITS;
	if (task->beside) {
		more->counted = admission_young(queues_class(task), evidence(more), more->cpus);
		sched->admission.young++;
	} else if (more->cpus > 1 && sched_takes_place(sched, task)) {
		more->counted = (more->cpus - 1U) * ADMISSION_CORE;
	}
	admission_change(&sched->admission, 0, more->counted);
}

/* The trial of a kind, or the test of one, has an outcome. */
static void
end_trial(struct scheduler *sched, struct sched_more *more, bool waits, int64_t now_us)
{
	if (more->trial) {
		more->trial = false;
		more->kind->trials--;
		queues_settle(&sched->queues, more->kind);
	}
	if (more->exploring) {
		int64_t pause_us = sched->explore_pause_us * 2;

		more->exploring = false;
		pause_us = pause_us < EXPLORE_MOST_US ? pause_us : EXPLORE_MOST_US;
		sched->explore_pause_us = waits ? EXPLORE_FIRST_US : pause_us;
		sched->explore_us = waits ? now_us : sched->explore_us;
	}
}

/* What is learned of the command's kind. */
static void
learn_use(struct scheduler *sched, struct sched_more *more, uint32_t use)
{
	if (more->kind != NULL && more->hint == TASK_CLASS_NONE && sched_tells_apart(sched)) {
		kind_learn_use(more->kind, use);
		queues_settle(&sched->queues, more->kind);
	}
}

static void
count_use(struct scheduler *sched, struct sched_task *task, uint32_t use)
{
	struct sched_more *more = task->more;

	sched->admission.young -= task->beside && !more->measured;
	admission_change(&sched->admission, more->counted, use);
	if (more->waits && !more->measured) {
		more->kind->waited = use < KIND_LIGHT ? more->kind->waited + 1 : 0;
	}
	if (more->waits) {
		more->kind->surprise += use - (more->measured ? more->counted : 0);
	}
	more->measured = true;
	more->counted = use;
}

/* A command was measured: it leaves its place for good if it does not compute. */
static void
take_measure(struct scheduler *sched, struct sched_task *task, bool computes, uint32_t use,
	     int64_t now_us)
{
	struct sched_more *more = task->more;
	bool first = !more->measured;
	enum kind_class was = queues_class(task);

	if (!task->beside) {
		if (computes) {
			more->measured = true;
		} else {
			task->beside = true;
			more->measured = true;
			sched->workers[task->worker].recalled = false; /* it is coming along */
			sched_count_computing(sched, &sched->workers[task->worker], -1);
			sched->waiting++;
		}
	}
	if (task->beside) {
		count_use(sched, task, use);
	}
	/* At once where it is news: others of its kind are not to be misjudged meanwhile. */
	if (first && (was == KIND_UNKNOWN || (was == KIND_COMPUTES && !computes))) {
		learn_use(sched, more, use);
	}
	end_trial(sched, more, !computes, now_us);
}

/* The books of admission for a command that is no longer with its worker. */
void
sched_count_gone(struct scheduler *sched, struct sched_task *task, int64_t took_us, int64_t cpu_us,
		 int64_t now_us)
{
	struct sched_more *more = task->more;
	uint32_t use = ADMISSION_CORE;

	sched->admission.young -= task->beside && !more->measured;
	sched->admission.commands -= task->command;
	admission_change(&sched->admission, more->counted, 0);
	if (more->waits && more->measured) {
		more->kind->surprise -= more->counted;
	}
	more->counted = 0;
	if (took_us > SHORT_US) {
		use = (uint32_t)(cpu_us * ADMISSION_CORE / took_us);
	}
	if (took_us >= 0 && task->command) {
		learn_use(sched, more, use);
		if (more->kind != NULL) {
			kind_learn_took(more->kind, took_us, cpu_us);
		}
	}
	end_trial(sched, more, use < KIND_LIGHT, now_us);
}

void
scheduler_phase(struct scheduler *sched, struct sched_task *task, bool computes, int use,
		int64_t now_us)
{
	struct sched_worker *worker = &sched->workers[task->worker];
	bool before = sched_takes_place(sched, task);

	if (task->alone) {
		return;
	}
	if (use >= 0 && task->more != NULL && sched_tells_apart(sched)) {
		take_measure(sched, task, computes, (uint32_t)use, now_us);
		return;
	}
	task->computes = computes;
	if (before == sched_takes_place(sched, task)) {
		return;
	}
	worker->recalled = worker->recalled && !before; /* it is coming along */
	sched_count_computing(sched, worker, before ? -1 : 1);
	sched->waiting = (unsigned)((int)sched->waiting + (before ? 1 : -1));
}
