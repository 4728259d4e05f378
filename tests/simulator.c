/* SPDX-License-Identifier: ISC */
/* simulator: see simulator.h. Pure. */
#include "tests/simulator.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

#define WINDOW 5000 /* tasks that the scheduler is given ahead */

void
sim_init(struct sim *sim, const char *model, unsigned workers, unsigned waiting_most,
	 uint32_t tasks)
{
	*sim = (struct sim){.model = model_find(model),
			    .count = workers,
			    .lanes = 1,
			    .task_count = tasks,
			    .idle_us = -1,
			    .in_order = true};
	ck_assert_uint_le(workers, SIM_WORKERS_MOST);
	sim->scheduler = scheduler_new(sim->model, workers, waiting_most);
	sim->tasks = calloc(tasks, sizeof(*sim->tasks));
	ck_assert_ptr_nonnull(sim->tasks);
	if (sim->model->compute == COMPUTE_IN_POOL) {
		sim->lanes = waiting_most;
	}
	for (unsigned i = 0; i < workers; i++) {
		TAILQ_INIT(&sim->workers[i].queue);
		scheduler_worker_up(sim->scheduler, (int)i, WORKER_QUEUES | WORKER_MEASURES);
	}
}

void
sim_free(struct sim *sim)
{
	scheduler_free(sim->scheduler);
	deadlines_free(&sim->deadlines);
	free(sim->tasks);
}

/* Whether a task takes one of its worker's lanes while it runs. */
static bool
takes_lane(const struct sim *sim, const struct sim_task *task)
{
	return task->computes || sim->model->exclusive || sim->model->compute == COMPUTE_IN_POOL;
}

static void
begin(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];

	task->queued = false;
	task->running = true;
	worker->running += takes_lane(sim, task);
	sim->waits += !takes_lane(sim, task);
	sim->waits_most = sim->waits > sim->waits_most ? sim->waits : sim->waits_most;
	deadlines_set(&sim->deadlines, &task->end, sim->now_us + task->us);
}

/* The worker takes up what it has room for. */
static void
pump(struct sim *sim, struct sim_worker *worker)
{
	struct sim_task *task;

	while (worker->running < sim->lanes && (task = TAILQ_FIRST(&worker->queue)) != NULL) {
		TAILQ_REMOVE(&worker->queue, task, queue);
		begin(sim, task);
	}
}

static void
receive(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];
	bool kind = sim->model->compute == COMPUTE_IN_THREAD && task->computes;

	ck_assert(!worker->down);
	ck_assert(!task->queued && !task->running && task->ends == 0);
	if (task->sends++ == 0) {
		sim->in_order = sim->in_order && task->number > sim->last_sent[kind];
		sim->last_sent[kind] = task->number;
	}
	if (!takes_lane(sim, task)) {
		begin(sim, task);
		return;
	}
	task->queued = true;
	TAILQ_INSERT_TAIL(&worker->queue, task, queue);
	pump(sim, worker);
}

static void
dispatch(struct sim *sim)
{
	struct sched_task *next;

	do {
		while (sim->added < sim->task_count && scheduler_wants(sim->scheduler, WINDOW)) {
			struct sim_task *task = &sim->tasks[sim->added];

			task->number = ++sim->added;
			task->sched.computes = task->computes;
			scheduler_add(sim->scheduler, &task->sched);
		}
		while ((next = scheduler_next(sim->scheduler, sim->now_us)) != NULL) {
			receive(sim, (struct sim_task *)(void *)next);
		}
	} while (sim->added < sim->task_count && scheduler_wants(sim->scheduler, WINDOW));
}

/* The task is no longer with its worker. */
static void
leave(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];

	if (task->queued) {
		TAILQ_REMOVE(&worker->queue, task, queue);
		task->queued = false;
	}
	if (task->running) {
		deadlines_clear(&sim->deadlines, &task->end);
		worker->running -= takes_lane(sim, task);
		sim->waits -= !takes_lane(sim, task);
		task->running = false;
	}
}

static void
end(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];

	leave(sim, task);
	task->ends++;
	sim->ended++;
	scheduler_remove(sim->scheduler, &task->sched, task->us, task->us, sim->now_us);
	pump(sim, worker);
}

/* As many as the scheduler asks for come back, the newest first. */
static void
recall(struct sim *sim)
{
	struct sim_task *task;
	unsigned count;
	int number;

	while (scheduler_recall(sim->scheduler, sim->now_us, &number, &count)) {
		sim->recalls++;
		ck_assert_uint_gt(count, 0);
		ck_assert_uint_lt(sim->recalls, 10 * sim->task_count + 1000);
		while (count-- > 0 &&
		       (task = TAILQ_LAST(&sim->workers[number].queue, sim_queue)) != NULL) {
			leave(sim, task);
			scheduler_remove(sim->scheduler, &task->sched, -1, 0, sim->now_us);
			scheduler_again(sim->scheduler, &task->sched);
		}
	}
}

/* Notes for how long a worker that is up idles while a computing task queues behind another. */
static void
note_idle(struct sim *sim)
{
	bool idle = false, queued = false;

	for (unsigned i = 0; i < sim->count; i++) {
		const struct sim_worker *worker = &sim->workers[i];

		idle = idle || (!worker->down && worker->running == 0);
		queued = queued || !TAILQ_EMPTY(&worker->queue);
	}
	if (!idle || !queued) {
		sim->idle_us = -1;
	} else if (sim->idle_us < 0) {
		sim->idle_us = sim->now_us;
	} else if (sim->now_us - sim->idle_us > sim->longest_idle) {
		sim->longest_idle = sim->now_us - sim->idle_us;
	}
}

void
sim_run(struct sim *sim, int64_t until_us)
{
	while (sim->ended < sim->task_count) {
		struct deadline *first, *due;
		int64_t next;

		dispatch(sim);
		note_idle(sim);
		first = deadlines_first(&sim->deadlines);
		next = first == NULL ? until_us : first->at_us;
		if (scheduler_watch(sim->scheduler) && sim->tick_us < next) {
			next = sim->tick_us > sim->now_us ? sim->tick_us : sim->now_us;
		}
		if (next >= until_us) {
			sim->now_us = until_us;
			return;
		}
		sim->now_us = next;
		note_idle(sim);
		while ((due = deadlines_due(&sim->deadlines, sim->now_us)) != NULL) {
			end(sim, (struct sim_task *)(void *)((char *)due -
							     offsetof(struct sim_task, end)));
		}
		if (sim->now_us >= sim->tick_us) {
			sim->tick_us = sim->now_us + SCHED_TICK_US;
			recall(sim);
		}
	}
}

void
sim_kill(struct sim *sim, unsigned number)
{
	struct sched_list *tasks = scheduler_tasks(sim->scheduler, (int)number);
	struct sched_task *task;

	sim->workers[number].down = true;
	scheduler_worker_down(sim->scheduler, (int)number);
	while ((task = TAILQ_LAST(tasks, sched_list)) != NULL) {
		leave(sim, (struct sim_task *)(void *)task);
		scheduler_remove(sim->scheduler, task, -1, 0, sim->now_us);
		scheduler_again(sim->scheduler, task);
	}
}

void
sim_revive(struct sim *sim, unsigned number)
{
	sim->workers[number].down = false;
	scheduler_worker_up(sim->scheduler, (int)number, WORKER_QUEUES | WORKER_MEASURES);
}
