/* SPDX-License-Identifier: ISC */
/* scheduler_choose: the next task to be sent, and why. Pure; in the supervisor. */
#include "supervisor/scheduler_state.h"

#define LOOKED_AT_MOST 1000 /* tasks */
#define WORTH_SHARING  8    /* a core, by the last task: to save this part of its wall */

/* The next worker in turn that is up, and measures if that is wanted; NULL: none is. */
static struct sched_worker *
any_worker(struct scheduler *sched, bool measures)
{
	for (unsigned i = 0; i < sched->count; i++) {
		struct sched_worker *worker = &sched->workers[sched->next_worker];

		sched->next_worker = (sched->next_worker + 1) % sched->count;
		if (worker->up && (worker->measures || !measures)) {
			return worker;
		}
	}
	return NULL;
}

static struct sched_task *
send(struct scheduler *sched, struct sched_task *task, struct sched_worker *worker,
     enum sched_why why)
{
	scheduler_forget(sched, task);
	TAILQ_INSERT_TAIL(&worker->tasks, task, link);
	task->state = SCHED_SENT;
	task->worker = worker->number;
	task->beside = why == WHY_HINT || why == WHY_KIND || why == WHY_TRIAL ||
		       why == WHY_EXPLORE || why == WHY_LAST;
	sched->reason.why = why;
	sched->sent++;
	if (task->share != NULL) {
		sched->pass_us = task->share->pass_us;
		share_sent(task->share);
	}
	if (task->more != NULL) {
		task->more->sent_us = sched->now_us;
		sched_count_sent(sched, task);
	}
	if (!sched_takes_place(sched, task)) {
		sched->waiting++;
		return task;
	}
	sched_count_computing(sched, worker, 1);
	if (worker->is_open) { /* the others' turn first */
		TAILQ_REMOVE(&sched->open, worker, open);
		TAILQ_INSERT_TAIL(&sched->open, worker, open);
	}
	return task;
}

/* A cell that is up and has nothing; NULL: none is. */
static struct sched_worker *
free_cell(struct scheduler *sched)
{
	for (unsigned i = sched->count; i < sched->count + SCHED_CELLS; i++) {
		if (sched->workers[i].up && TAILQ_EMPTY(&sched->workers[i].tasks)) {
			return &sched->workers[i];
		}
	}
	return NULL;
}

static unsigned
cpus_of(const struct scheduler *sched, const struct sched_task *task)
{
	unsigned cpus = task->more == NULL ? 1 : task->more->cpus;

	return cpus < sched->cores ? cpus : sched->cores;
}

static bool
goes_before(const struct sched_task *a, const struct sched_task *b)
{
	int turn = a->share != NULL && b->share != NULL ? share_compare(a->share, b->share) : 0;

	return turn < 0 || (turn == 0 && a->order > b->order);
}

/* The computing task, or the command that may be one, which is first in line. */
struct sched_task *
sched_first_in_line(struct scheduler *sched)
{
	struct sched_task *known = queues_first(&sched->queues, QUEUE_COMPUTES);
	struct sched_task *unknown = queues_first(&sched->queues, QUEUE_UNKNOWN);

	if (known == NULL || (unknown != NULL && goes_before(unknown, known))) {
		return unknown;
	}
	return known;
}

/* Its kind is judged by it; no other of the kind is tried meanwhile. */
static void
put_on_trial(struct sched_task *task)
{
	task->more->trial = true;
	task->more->kind->trials++;
}

static struct sched_task *
next_for_place(struct scheduler *sched)
{
	struct sched_task *task = sched_first_in_line(sched);
	struct sched_worker *worker = task == NULL ? NULL : sched_open_worker(sched);
	enum admission_verdict verdict;

	if (task == NULL) {
		return NULL;
	}
	if (worker == NULL) {
		sched->reason.denied = DENIED_CORES;
		return NULL;
	}
	if (worker->computing > 0 && cpus_of(sched, task) == 1) {
		return send(sched, task, worker, WHY_AHEAD);
	}
	verdict = admission_place(&sched->admission, cpus_of(sched, task), task->command);
	if (verdict != ADMITTED) {
		sched->reason.denied = verdict;
		return NULL;
	}
	if (queues_is_unknown(task)) {
		put_on_trial(task);
	}
	return send(sched, task, worker, WHY_PLACE);
}

/* A command that waits, as far as is known, or does both. */
static struct sched_task *
next_beside(struct scheduler *sched)
{
	struct sched_task *task = queues_first(&sched->queues, QUEUE_BESIDE);
	const struct kind *kind = task == NULL ? NULL : task->more->kind;
	struct sched_worker *worker;
	enum admission_verdict verdict;

	if (task == NULL || sched->waiting >= sched->waiting_most) {
		return NULL;
	}
	verdict = admission_beside(&sched->admission, queues_class(task), kind_use(kind),
				   kind == NULL ? 0 : kind->surprise);
	if (verdict != ADMITTED || (worker = any_worker(sched, sched->queues.measured)) == NULL) {
		sched->reason.denied = verdict;
		return NULL;
	}
	if (!sched->queues.measured) {
		return send(sched, task, worker, WHY_WAITS);
	}
	return send(sched, task, worker, task->more->hint == TASK_CLASS_NONE ? WHY_KIND : WHY_HINT);
}

/* One of a kind that nobody knows, or of one that computes to see whether all of them do. */
static struct sched_task *
next_trial(struct scheduler *sched, int64_t now_us)
{
	struct sched_task *task = queues_untried(&sched->queues);
	enum sched_why why = WHY_TRIAL;
	struct sched_worker *worker;

	if (task == NULL && now_us >= sched->explore_us && sched->depth == 1 && sched->mean > 0 &&
	    sched->busy >= sched->cores) {
		task = queues_last_command(&sched->queues);
		why = WHY_EXPLORE;
	}
	if (task == NULL || cpus_of(sched, task) > 1 ||
	    admission_beside(&sched->admission, KIND_UNKNOWN, 0, 0) != ADMITTED ||
	    (worker = any_worker(sched, true)) == NULL) {
		return NULL;
	}
	if (why == WHY_EXPLORE) {
		sched->explore_us = now_us + sched->explore_pause_us;
	}
	task->more->exploring = why == WHY_EXPLORE;
	if (why == WHY_TRIAL) {
		put_on_trial(task);
	}
	return send(sched, task, worker, why);
}

/*
 * Whether all end notably sooner if the task, the last one, shares the cores with those that
 * compute at once instead of waiting for the first place that gets free, as far as can be told.
 */
static bool
gains_by_sharing(const struct scheduler *sched, const struct sched_task *task)
{
	int64_t wall_us = kind_median_us(task->more->kind);
	int64_t soonest_us = INT64_MAX, latest_us = 0, left_sum_us = 0, apart_us, shared_us;

	if (wall_us < 0 || sched->sent > LOOKED_AT_MOST) {
		return false;
	}
	for (unsigned i = 0; i < sched->cores; i++) {
		struct sched_task *other;

		TAILQ_FOREACH(other, &sched->workers[i].tasks, link)
		{
			int64_t left_us = other->command ? kind_median_us(other->more->kind) : -1;

			if (!sched_takes_place(sched, other)) {
				continue;
			}
			if (left_us < 0) {
				return false;
			}
			left_us -= sched->now_us - other->more->sent_us;
			left_us = left_us < 0 ? 0 : left_us;
			left_sum_us += left_us;
			soonest_us = left_us < soonest_us ? left_us : soonest_us;
			latest_us = left_us > latest_us ? left_us : latest_us;
		}
	}
	if (soonest_us == INT64_MAX) {
		return false;
	}
	apart_us = soonest_us + wall_us > latest_us ? soonest_us + wall_us : latest_us;
	shared_us = (left_sum_us + wall_us) / sched->cores;
	shared_us = shared_us < latest_us ? latest_us : shared_us;
	return apart_us - shared_us > wall_us / WORTH_SHARING;
}

/*
 * The last one that computes, when nothing is to come behind it: not in a round of its own. One
 * whose author says that it computes was promised a core.
 */
static struct sched_task *
next_last(struct scheduler *sched)
{
	struct sched_task *task = queues_first(&sched->queues, QUEUE_COMPUTES);
	struct sched_worker *worker;

	if (!sched->no_more || task == NULL || queues_count(&sched->queues) > 1 ||
	    sched->depth > 1 || !task->command || task->more->hint != TASK_CLASS_NONE ||
	    cpus_of(sched, task) > 1 ||
	    admission_beside(&sched->admission, KIND_UNKNOWN, 0, 0) != ADMITTED ||
	    !gains_by_sharing(sched, task) || (worker = any_worker(sched, true)) == NULL) {
		return NULL;
	}
	return send(sched, task, worker, WHY_LAST);
}

/* In `hybrid`, where commands are measured. */
static struct sched_task *
next_apart(struct scheduler *sched, int64_t now_us)
{
	struct sched_task *task = next_for_place(sched), *waits;
	struct sched_worker *worker;

	if (task != NULL) {
		return task;
	}
	waits = queues_first(&sched->queues, QUEUE_WAITS);
	if (waits != NULL && sched->waiting < sched->waiting_most &&
	    (worker = any_worker(sched, false)) != NULL) {
		return send(sched, waits, worker, WHY_WAITS);
	}
	task = next_beside(sched);
	if (task == NULL) {
		task = next_trial(sched, now_us);
	}
	return task != NULL ? task : next_last(sched);
}

/* In the other models, where all tasks are alike. */
static struct sched_task *
next_alike(struct scheduler *sched)
{
	struct sched_task *task = queues_first(&sched->queues, QUEUE_WAITS);
	struct sched_worker *worker = NULL;

	if (task != NULL && sched_takes_place(sched, task)) {
		worker = sched_open_worker(sched);
		if (worker != NULL && worker->computing == 0 && sched->busy >= sched->cores) {
			worker = NULL; /* there are fewer cores than before */
		}
	} else if (task != NULL && sched->waiting < sched->waiting_most) {
		worker = any_worker(sched, false);
	}
	return worker == NULL ? NULL : send(sched, task, worker, WHY_PLACE);
}

struct sched_task *
scheduler_next(struct scheduler *sched, int64_t now_us)
{
	struct sched_task *task = queues_first(&sched->queues, QUEUE_ALONE);
	struct sched_worker *cell = task == NULL ? NULL : free_cell(sched);

	sched->now_us = now_us;
	sched->reason = (struct sched_reason){WHY_NOTHING, ADMITTED};
	if (cell != NULL) {
		return send(sched, task, cell, WHY_ALONE);
	}
	return sched_tells_apart(sched) ? next_apart(sched, now_us) : next_alike(sched);
}

struct sched_reason
scheduler_reason(const struct scheduler *sched)
{
	return sched->reason;
}
