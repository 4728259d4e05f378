/* SPDX-License-Identifier: ISC */
/* scheduler: see scheduler.h. Pure; in the supervisor. */
#include "supervisor/scheduler_state.h"

#include <limits.h>
#include <stdlib.h>

#define DEPTH_US     8000  /* of work that is sent ahead */
#define DEPTH_MOST   1024  /* tasks */
#define LOOP_MOST    4096  /* computing tasks that `async` has in its loop */
#define STUCK_US     10000 /* without a result: what is queued there is not coming along */
#define MEAN_SHIFT   4     /* the mean of the last 16 tasks or so */
#define WANTED_READY 256   /* tasks; with fewer, or tasks of fewer jobs, there may be more jobs */
#define MEAN_ONE     64    /* its unit: 1/64 us */

struct scheduler *
scheduler_new(const struct model *model, unsigned workers, unsigned waiting_most)
{
	struct scheduler *sched = calloc(1, sizeof(*sched));

	if (sched == NULL ||
	    (sched->workers = calloc(workers + SCHED_CELLS, sizeof(*sched->workers))) == NULL) {
		free(sched);
		return NULL;
	}
	sched->model = model;
	sched->count = sched->cores = workers;
	sched->waiting_most = waiting_most;
	sched->mean = -1;
	sched->depth = 1;
	sched->explore_pause_us = EXPLORE_FIRST_US;
	sched->admission = (struct admission){.cores = workers, .commands_most = UINT_MAX};
	TAILQ_INIT(&sched->open);
	TAILQ_INIT(&sched->stacks);
	queues_init(&sched->queues, model->compute == COMPUTE_IN_THREAD);
	for (unsigned i = 0; i < workers + SCHED_CELLS; i++) {
		sched->workers[i].number = (int)(i & 0x7fffff);
		TAILQ_INIT(&sched->workers[i].tasks);
	}
	return sched;
}

void
scheduler_free(struct scheduler *sched)
{
	if (sched != NULL) {
		queues_free(&sched->queues);
		free(sched->workers);
		free(sched);
	}
}

/* Only `hybrid` tells those that compute from those that wait when it sends them. */
bool
sched_tells_apart(const struct scheduler *sched)
{
	return sched->queues.apart;
}

/* Whether a sent task takes one of the worker's places for computing tasks. */
bool
sched_takes_place(const struct scheduler *sched, const struct sched_task *task)
{
	return (task->computes && !task->beside) || sched->model->exclusive ||
	       sched->model->compute == COMPUTE_IN_POOL;
}

/* How many of those places a worker has. */
static unsigned
places(const struct scheduler *sched, const struct sched_worker *worker)
{
	if (sched->model->compute == COMPUTE_IN_POOL) {
		return sched->waiting_most + sched->depth;
	}
	if (!sched->model->exclusive && sched->model->compute == COMPUTE_IN_LOOP) {
		return LOOP_MOST;
	}
	return worker->queues ? sched->depth : 1;
}

/* The worker joins or leaves those that may get a computing task. */
static void
settle(struct scheduler *sched, struct sched_worker *worker)
{
	bool is_cell = worker->number >= (int)sched->cores;
	bool open = !is_cell && worker->up && !worker->recalled &&
		    worker->computing < places(sched, worker);
	bool idle = !is_cell && worker->up && worker->computing == 0;

	if (open && !worker->is_open) {
		TAILQ_INSERT_TAIL(&sched->open, worker, open);
	} else if (!open && worker->is_open) {
		TAILQ_REMOVE(&sched->open, worker, open);
	}
	worker->is_open = open;
	sched->idle += (unsigned)idle - (unsigned)worker->is_idle;
	worker->is_idle = idle;
}

void
sched_count_computing(struct scheduler *sched, struct sched_worker *worker, int change)
{
	unsigned before = worker->computing;

	worker->computing = (unsigned)((int)before + change);
	if ((worker->computing > 0) != (before > 0)) {
		sched->busy += change > 0 ? 1U : -1U;
		admission_change(&sched->admission, change > 0 ? 0 : ADMISSION_CORE,
				 change > 0 ? ADMISSION_CORE : 0);
	}
	if (worker->computing > 1 && before <= 1) {
		sched->stacked++;
		TAILQ_INSERT_TAIL(&sched->stacks, worker, stack);
	} else if (worker->computing <= 1 && before > 1) {
		sched->stacked--;
		TAILQ_REMOVE(&sched->stacks, worker, stack);
	}
	settle(sched, worker);
}

/* A worker for a computing task. The depth may have shrunk since one was found open. */
struct sched_worker *
sched_open_worker(struct scheduler *sched)
{
	struct sched_worker *worker;

	while ((worker = TAILQ_FIRST(&sched->open)) != NULL) {
		if (!worker->recalled && worker->computing < places(sched, worker)) {
			return worker;
		}
		settle(sched, worker);
	}
	return NULL;
}

void
scheduler_set_cores(struct scheduler *sched, unsigned cores)
{
	sched->cores = sched->admission.cores = cores;
	for (unsigned i = 0; i < sched->count; i++) {
		settle(sched, &sched->workers[i]);
	}
}

void
scheduler_no_more(struct scheduler *sched, bool no_more)
{
	sched->no_more = no_more;
}

unsigned
scheduler_cores(const struct scheduler *sched)
{
	return sched->cores;
}

void
scheduler_cap(struct scheduler *sched, unsigned commands_most, bool short_of_memory)
{
	sched->admission.commands_most = commands_most;
	sched->admission.short_of_memory = short_of_memory;
}

void
scheduler_worker_up(struct scheduler *sched, int number, unsigned abilities)
{
	struct sched_worker *worker = &sched->workers[number];

	worker->up = true;
	worker->queues = (abilities & WORKER_QUEUES) != 0;
	worker->measures = (abilities & WORKER_MEASURES) != 0;
	sched->queues.measured &= worker->measures || (abilities & WORKER_GREETED) == 0;
	worker->recalled = false;
	settle(sched, worker);
}

void
scheduler_worker_down(struct scheduler *sched, int number)
{
	sched->workers[number].up = false;
	settle(sched, &sched->workers[number]);
}

struct sched_list *
scheduler_tasks(struct scheduler *sched, int number)
{
	return &sched->workers[number].tasks;
}

void
scheduler_add(struct scheduler *sched, struct sched_task *task)
{
	queues_add(&sched->queues, task, false);
	task->state = SCHED_READY;
	task->worker = SCHED_NOWHERE;
}

void
scheduler_again(struct scheduler *sched, struct sched_task *task)
{
	queues_add(&sched->queues, task, true);
	task->state = SCHED_READY;
	task->worker = SCHED_NOWHERE;
}

void
scheduler_forget(struct scheduler *sched, struct sched_task *task)
{
	queues_remove(&sched->queues, task);
	task->state = SCHED_OUTSIDE;
}

unsigned
scheduler_cells(const struct scheduler *sched)
{
	unsigned wanted = sched->queues.ready[QUEUE_ALONE].count;

	for (unsigned i = sched->count; i < sched->count + SCHED_CELLS; i++) {
		wanted += !TAILQ_EMPTY(&sched->workers[i].tasks);
	}
	return wanted < SCHED_CELLS ? wanted : SCHED_CELLS;
}

/* Exponential moving average; the depth follows it. */
static void
learn(struct scheduler *sched, int64_t took_us)
{
	int64_t took = took_us * MEAN_ONE, ahead;

	if (sched->mean < 0) {
		sched->mean = took;
	} else {
		sched->mean += (took - sched->mean) / (1 << MEAN_SHIFT);
	}
	ahead = sched->mean < 1 ? DEPTH_MOST : (int64_t)DEPTH_US * MEAN_ONE / sched->mean;
	sched->depth = ahead < 1 ? 1 : ahead > DEPTH_MOST ? DEPTH_MOST : (unsigned)ahead;
}

void
scheduler_remove(struct scheduler *sched, struct sched_task *task, int64_t took_us, int64_t cpu_us,
		 int64_t now_us)
{
	struct sched_worker *worker = &sched->workers[task->worker];
	bool placed = sched_takes_place(sched, task);

	TAILQ_REMOVE(&worker->tasks, task, link);
	task->state = SCHED_OUTSIDE;
	sched->sent--;
	if (task->share != NULL) {
		share_ended(task->share, took_us < 0 ? -1 : cpu_us);
	}
	if (task->more != NULL) {
		sched_count_gone(sched, task, took_us, cpu_us, now_us);
	}
	task->beside = false;
	if (placed) {
		if (took_us >= 0) {
			learn(sched, took_us);
			worker->ended_us = now_us;
		}
		worker->recalled = worker->recalled && took_us < 0 && worker->computing > 1;
		sched_count_computing(sched, worker, -1);
	} else {
		sched->waiting--;
	}
}

void
scheduler_share(const struct scheduler *sched, struct share *share, int priority, unsigned weight)
{
	share_begin(share, priority, weight, sched->pass_us);
}

bool
scheduler_watch(const struct scheduler *sched)
{
	return sched->stacked > 0;
}

/* The one with most to give back. What is queued there, and is not coming along, all comes back. */
static struct sched_worker *
most_stacked(struct scheduler *sched, int64_t now_us)
{
	struct sched_worker *most = NULL, *worker;

	TAILQ_FOREACH(worker, &sched->stacks, stack)
	{
		if (worker->up && worker->queues &&
		    (!worker->recalled || now_us - worker->recalled_us >= STUCK_US) &&
		    (most == NULL || worker->computing > most->computing ||
		     (worker->computing == most->computing && worker->number < most->number))) {
			most = worker;
		}
	}
	return most;
}

bool
scheduler_recall(struct scheduler *sched, int64_t now_us, int *number, unsigned *count)
{
	bool ready = sched_tells_apart(sched) ? sched_first_in_line(sched) != NULL
					      : sched->queues.ready[QUEUE_WAITS].count > 0;
	struct sched_worker *most;

	if (sched->stacked == 0 || sched->idle == 0 || ready ||
	    (most = most_stacked(sched, now_us)) == NULL) {
		return false;
	}
	most->recalled = true;
	most->recalled_us = now_us;
	settle(sched, most);
	*number = most->number;
	*count = now_us - most->ended_us >= STUCK_US ? most->computing - 1 : most->computing / 2;
	return true;
}

struct scheduler_load
scheduler_load(const struct scheduler *sched)
{
	struct scheduler_load load = {.waiting = sched->waiting,
				      .sent = sched->sent,
				      .ready = queues_count(&sched->queues),
				      .asked = sched->admission.asked,
				      .commands = sched->admission.commands,
				      .computing = sched->busy};

	if (sched->model->compute == COMPUTE_IN_POOL) {
		load.computing =
		    sched->sent < sched->waiting_most ? sched->sent : sched->waiting_most;
	} else if (!sched_tells_apart(sched) && !sched->model->exclusive) {
		load.waiting = sched->sent - load.computing; /* all of them have begun */
	}
	return load;
}

bool
scheduler_wants(const struct scheduler *sched, unsigned window)
{
	return queues_count(&sched->queues) < window;
}

/*
 * However many tasks one job has ready, others are to have their share beside it; and what is first
 * in line is to be there, whatever else is.
 */
bool
scheduler_wants_job(struct scheduler *sched, int priority)
{
	unsigned jobs = 0;
	bool first = true;

	for (int i = 0; i < QUEUES; i++) {
		const struct sched_task *task = queues_first(&sched->queues, (enum queue)i);
		unsigned shares = queues_shares(&sched->queues, (enum queue)i);

		first &= task == NULL || task->share == NULL || task->share->priority < priority;
		jobs = shares > jobs ? shares : jobs;
	}
	return first || jobs < WANTED_READY || queues_count(&sched->queues) < WANTED_READY;
}

struct sched_task *
scheduler_any_ready(struct scheduler *sched)
{
	struct sched_task *task = NULL;

	for (int i = QUEUES - 1; i >= 0 && task == NULL; i--) {
		task = queues_first(&sched->queues, (enum queue)i);
	}
	return task;
}

int64_t
scheduler_slack_us(const struct scheduler *sched)
{
	unsigned least = UINT32_MAX;

	if (!sched_tells_apart(sched) || sched->waiting > 0 || sched->mean < 0) {
		return 0;
	}
	for (unsigned i = 0; i < sched->count; i++) {
		if (sched->workers[i].up && sched->workers[i].computing < least) {
			least = sched->workers[i].computing;
		}
	}
	return least < 2 || least == UINT32_MAX ? 0 : (int64_t)(least - 1) * sched->mean / MEAN_ONE;
}

bool
scheduler_queues(const struct scheduler *sched, const struct sched_task *task)
{
	return sched->model->exclusive ||
	       (sched_tells_apart(sched) && task->computes && !task->beside);
}
