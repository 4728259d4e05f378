/* SPDX-License-Identifier: ISC */
/* scheduler: see scheduler.h. Pure; in the supervisor. */
#include "supervisor/scheduler.h"

#include <stdlib.h>

#define DEPTH_US   8000  /* of work that is sent ahead */
#define DEPTH_MOST 1024  /* tasks */
#define LOOP_MOST  4096  /* computing tasks that `async` has in its loop */
#define STUCK_US   10000 /* without a result: what is queued there is not coming along */
#define MEAN_SHIFT 4     /* the mean of the last 16 tasks or so */
#define MEAN_ONE   64    /* its unit: 1/64 us */

enum queue { WAITS, COMPUTES, ALONE, QUEUES };

struct sched_worker {
	TAILQ_ENTRY(sched_worker) open; /* those that may get a computing task */
	struct sched_list tasks;
	int64_t recalled_us; /* when tasks were last asked back */
	int64_t ended_us;    /* when a computing task last ended there */
	unsigned computing;  /* tasks there that compute or queue for it */
	int number;
	bool up;
	bool queues;
	bool is_open;
	bool is_idle;
	bool recalled; /* and nothing ended since: it gets no more */
};

TAILQ_HEAD(open_workers, sched_worker);

struct scheduler {
	const struct model *model;
	struct sched_worker *workers;
	struct open_workers open;
	struct sched_list ready[QUEUES]; /* but in `hybrid`, WAITS is for both kinds */
	unsigned ready_count[QUEUES];
	unsigned count;
	unsigned next_worker; /* for waiting tasks, in turn */
	unsigned waiting_most;
	unsigned waiting;
	unsigned sent;
	unsigned busy;    /* workers with a computing task */
	unsigned idle;    /* workers that are up and have none */
	unsigned stacked; /* workers with more than one */
	int64_t mean;     /* MEAN_ONE-ths of a microsecond a computing task; -1: not known */
	unsigned depth;
};

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
	sched->count = workers;
	sched->waiting_most = waiting_most;
	sched->mean = -1;
	sched->depth = 1;
	TAILQ_INIT(&sched->open);
	for (int i = 0; i < QUEUES; i++) {
		TAILQ_INIT(&sched->ready[i]);
	}
	for (unsigned i = 0; i < workers + SCHED_CELLS; i++) {
		sched->workers[i].number = (int)i;
		TAILQ_INIT(&sched->workers[i].tasks);
	}
	return sched;
}

void
scheduler_free(struct scheduler *sched)
{
	if (sched != NULL) {
		free(sched->workers);
		free(sched);
	}
}

/* Only `hybrid` tells those that compute from those that wait when it sends them. */
static bool
tells_apart(const struct scheduler *sched)
{
	return sched->model->compute == COMPUTE_IN_THREAD;
}

/* Whether a sent task takes one of the worker's places for computing tasks. */
static bool
takes_place(const struct scheduler *sched, const struct sched_task *task)
{
	return task->computes || sched->model->exclusive ||
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
	bool is_cell = worker->number >= (int)sched->count;
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

static void
count_computing(struct scheduler *sched, struct sched_worker *worker, int change)
{
	unsigned before = worker->computing;

	worker->computing = (unsigned)((int)before + change);
	sched->busy += (unsigned)(worker->computing > 0) - (unsigned)(before > 0);
	sched->stacked += (unsigned)(worker->computing > 1) - (unsigned)(before > 1);
	settle(sched, worker);
}

void
scheduler_worker_up(struct scheduler *sched, int number, bool queues)
{
	struct sched_worker *worker = &sched->workers[number];

	worker->up = true;
	worker->queues = queues;
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

static enum queue
queue_of(const struct scheduler *sched, const struct sched_task *task)
{
	if (task->alone) {
		return ALONE;
	}
	return tells_apart(sched) && task->computes ? COMPUTES : WAITS;
}

void
scheduler_add(struct scheduler *sched, struct sched_task *task)
{
	enum queue queue = queue_of(sched, task);

	TAILQ_INSERT_TAIL(&sched->ready[queue], task, link);
	sched->ready_count[queue]++;
	task->state = SCHED_READY;
	task->worker = SCHED_NOWHERE;
}

void
scheduler_again(struct scheduler *sched, struct sched_task *task)
{
	enum queue queue = queue_of(sched, task);

	TAILQ_INSERT_HEAD(&sched->ready[queue], task, link);
	sched->ready_count[queue]++;
	task->state = SCHED_READY;
	task->worker = SCHED_NOWHERE;
}

void
scheduler_forget(struct scheduler *sched, struct sched_task *task)
{
	enum queue queue = queue_of(sched, task);

	TAILQ_REMOVE(&sched->ready[queue], task, link);
	sched->ready_count[queue]--;
	task->state = SCHED_OUTSIDE;
}

/* The next worker in turn that is up; NULL: none is. */
static struct sched_worker *
any_worker(struct scheduler *sched)
{
	for (unsigned i = 0; i < sched->count; i++) {
		struct sched_worker *worker = &sched->workers[sched->next_worker];

		sched->next_worker = (sched->next_worker + 1) % sched->count;
		if (worker->up) {
			return worker;
		}
	}
	return NULL;
}

static struct sched_task *
send(struct scheduler *sched, struct sched_task *task, struct sched_worker *worker)
{
	scheduler_forget(sched, task);
	TAILQ_INSERT_TAIL(&worker->tasks, task, link);
	task->state = SCHED_SENT;
	task->worker = worker->number;
	sched->sent++;
	if (!takes_place(sched, task)) {
		sched->waiting++;
		return task;
	}
	count_computing(sched, worker, 1);
	if (worker->is_open) { /* the others' turn first */
		TAILQ_REMOVE(&sched->open, worker, open);
		TAILQ_INSERT_TAIL(&sched->open, worker, open);
	}
	return task;
}

/* A worker for a computing task. The depth may have shrunk since one was found open. */
static struct sched_worker *
open_worker(struct scheduler *sched)
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

/* Where a ready task may go now; NULL: nowhere. */
static struct sched_worker *
worker_for(struct scheduler *sched, const struct sched_task *task)
{
	if (task->alone) {
		return free_cell(sched);
	}
	if (takes_place(sched, task)) {
		return open_worker(sched);
	}
	return sched->waiting < sched->waiting_most ? any_worker(sched) : NULL;
}

struct sched_task *
scheduler_next(struct scheduler *sched)
{
	for (int queue = QUEUES - 1; queue >= 0; queue--) {
		struct sched_task *task = TAILQ_FIRST(&sched->ready[queue]);
		struct sched_worker *worker = task == NULL ? NULL : worker_for(sched, task);

		if (worker != NULL) {
			return send(sched, task, worker);
		}
	}
	return NULL;
}

unsigned
scheduler_cells(const struct scheduler *sched)
{
	unsigned wanted = sched->ready_count[ALONE];

	for (unsigned i = sched->count; i < sched->count + SCHED_CELLS; i++) {
		wanted += !TAILQ_EMPTY(&sched->workers[i].tasks);
	}
	return wanted < SCHED_CELLS ? wanted : SCHED_CELLS;
}

void
scheduler_phase(struct scheduler *sched, struct sched_task *task, bool computes)
{
	struct sched_worker *worker = &sched->workers[task->worker];
	bool before = takes_place(sched, task);

	task->computes = computes;
	if (before == takes_place(sched, task)) {
		return;
	}
	count_computing(sched, worker, before ? -1 : 1);
	sched->waiting = (unsigned)((int)sched->waiting + (before ? 1 : -1));
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
scheduler_remove(struct scheduler *sched, struct sched_task *task, int64_t took_us, int64_t now_us)
{
	struct sched_worker *worker = &sched->workers[task->worker];

	TAILQ_REMOVE(&worker->tasks, task, link);
	task->state = SCHED_OUTSIDE;
	sched->sent--;
	if (takes_place(sched, task)) {
		if (took_us >= 0) {
			learn(sched, took_us);
			worker->ended_us = now_us;
		}
		worker->recalled = worker->recalled && took_us < 0 && worker->computing > 1;
		count_computing(sched, worker, -1);
	} else {
		sched->waiting--;
	}
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
	struct sched_worker *most = NULL;

	for (unsigned i = 0; i < sched->count; i++) {
		struct sched_worker *worker = &sched->workers[i];

		if (worker->up && worker->queues && worker->computing > 1 &&
		    (!worker->recalled || now_us - worker->recalled_us >= STUCK_US) &&
		    (most == NULL || worker->computing > most->computing)) {
			most = worker;
		}
	}
	return most;
}

bool
scheduler_recall(struct scheduler *sched, int64_t now_us, int *number, unsigned *count)
{
	bool ready = sched->ready_count[tells_apart(sched) ? COMPUTES : WAITS] > 0;
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

static unsigned
ready_count(const struct scheduler *sched)
{
	return sched->ready_count[WAITS] + sched->ready_count[COMPUTES] + sched->ready_count[ALONE];
}

struct scheduler_load
scheduler_load(const struct scheduler *sched)
{
	struct scheduler_load load = {.waiting = sched->waiting,
				      .sent = sched->sent,
				      .ready = ready_count(sched),
				      .computing = sched->busy};

	if (sched->model->compute == COMPUTE_IN_POOL) {
		load.computing =
		    sched->sent < sched->waiting_most ? sched->sent : sched->waiting_most;
	} else if (!tells_apart(sched) && !sched->model->exclusive) {
		load.waiting = sched->sent - load.computing; /* all of them have begun */
	}
	return load;
}

bool
scheduler_wants(const struct scheduler *sched, unsigned window)
{
	return ready_count(sched) < window;
}

struct sched_task *
scheduler_any_ready(struct scheduler *sched)
{
	struct sched_task *task = NULL;

	for (int queue = QUEUES - 1; queue >= 0 && task == NULL; queue--) {
		task = TAILQ_FIRST(&sched->ready[queue]);
	}
	return task;
}

int64_t
scheduler_slack_us(const struct scheduler *sched)
{
	unsigned least = UINT32_MAX;

	if (!tells_apart(sched) || sched->waiting > 0 || sched->mean < 0) {
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
	return sched->model->exclusive || (tells_apart(sched) && task->computes);
}
