/* SPDX-License-Identifier: ISC */
/*
 * simulation_worker: what a worker does with tasks, in virtual time; see simulation.h. What
 * stint-worker measures of a command is told here once, when it would have become clear. In the
 * supervisor; pure.
 */
#include <stddef.h>

#include "supervisor/simulation_state.h"

#define REACH_US 20    /* from the supervisor to a worker that has nothing else to do */
#define TAKE_US  2     /* from one task in the slot to the next */
#define LOOK_US  20000 /* after as long it is clear what a command asks for */
#define DOZE_US  4000  /* or sooner, if it sleeps */

#define OF(entry, member) \
	((struct sim_task *)(void *)((char *)(entry)-offsetof(struct sim_task, member)))

static struct sim_extra *
extra_of(const struct sim_task *task)
{
	return (struct sim_extra *)(void *)task->sched.more;
}

/* Commands that alternate begin anywhere, so that they do not all compute at once. */
static const struct plan_phase *
phase_of(const struct sim *sim, const struct sim_task *task)
{
	uint32_t at = task->phase;

	if (task->plan->mixes) {
		at = (at + task->turned) % task->plan->phases;
	}
	return &sim->plan->phases[task->plan->phase + at];
}

/* ---- phases ----------------------------------------------------------------------------------- */

static void
start_phase(struct sim *sim, struct sim_task *task, int64_t more_us)
{
	const struct plan_phase *phase = phase_of(sim, task);

	task->in_phase = true;
	task->computes = phase->cores > 0;
	if (task->computes) {
		deadlines_set(&sim->dones, &task->next, sim->cpu_ns + (phase->us + more_us) * 1000);
		sim->computing += phase->cores;
		return;
	}
	deadlines_set(&sim->wakes, &task->next, sim->now_us + phase->us + more_us);
	sim->waiting++;
	if (sim->waiting > sim->result.waiting_peak) {
		sim->result.waiting_peak = sim->waiting;
	}
}

static void
stop_phase(struct sim *sim, struct sim_task *task)
{
	if (task->in_phase && task->computes) {
		deadlines_clear(&sim->dones, &task->next);
		sim->computing -= phase_of(sim, task)->cores;
	} else if (task->in_phase) {
		deadlines_clear(&sim->wakes, &task->next);
		sim->waiting--;
	}
	task->in_phase = false;
}

/* ---- commands --------------------------------------------------------------------------------- */

/* Thousandths of a core, over its life. */
static int
use_of(const struct plan_task *task)
{
	return task->wall_us == 0 ? ADMISSION_CORE
				  : (int)(task->cpu_us * ADMISSION_CORE / task->wall_us);
}

static void
watch(struct sim *sim, struct sim_task *task)
{
	int64_t after_us = LOOK_US;

	if (use_of(task->plan) < KIND_LIGHT) {
		after_us =
		    DOZE_US + task->plan->cpu_us < LOOK_US ? DOZE_US + task->plan->cpu_us : LOOK_US;
	}
	if (after_us < task->plan->wall_us) {
		deadlines_set(&sim->looks, &extra_of(task)->look, sim->now_us + after_us);
	}
}

/* ---- the slot --------------------------------------------------------------------------------- */

static void
begin(struct sim *sim, struct sim_task *task, int64_t more_us)
{
	if (!task->begun) {
		task->begun = true;
		task->stay_us = sim->now_us;
		if (task->sched.command) {
			watch(sim, task);
		}
	}
	if (task->phase == task->plan->phases) {
		sim_end(sim, task);
	} else {
		start_phase(sim, task, more_us);
	}
}

static void
fill_slot(struct sim *sim, struct sim_worker *worker, int64_t more_us)
{
	while (worker->slot == NULL && !TAILQ_EMPTY(&worker->queue)) {
		struct sim_task *task = TAILQ_FIRST(&worker->queue);

		worker->slot = task;
		task->queued = false;
		task->granted = true;
		TAILQ_REMOVE(&worker->queue, task, queue);
		begin(sim, task, more_us);
	}
}

static void
leave_slot(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];

	if (task->granted) {
		task->granted = false;
		worker->slot = NULL;
	}
}

void
sim_receive(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];

	task->begun = false;
	if (task->sched.beside || !task->sched.computes) {
		begin(sim, task, REACH_US);
		return;
	}
	task->queued = true;
	TAILQ_INSERT_TAIL(&worker->queue, task, queue);
	fill_slot(sim, worker, REACH_US);
}

void
sim_leave(struct sim *sim, struct sim_task *task)
{
	if (task->queued) {
		TAILQ_REMOVE(&sim->workers[task->sched.worker].queue, task, queue);
		task->queued = false;
	}
	stop_phase(sim, task);
	leave_slot(sim, task);
	if (task->sched.more != NULL) {
		deadlines_clear(&sim->looks, &extra_of(task)->look);
	}
	if (task->begun) {
		task->wall_us += sim->now_us - task->stay_us;
		task->begun = false;
	}
}

void
sim_give_back(struct sim *sim, int number, unsigned count)
{
	struct sim_task *task;

	while (count-- > 0 && (task = TAILQ_LAST(&sim->workers[number].queue, sim_queue)) != NULL) {
		sim_yield(sim, task);
	}
}

/* ---- events ----------------------------------------------------------------------------------- */

/* Its phase is over: what it does next. A command goes on by itself. */
static void
next_phase(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];
	bool computes;

	stop_phase(sim, task);
	task->phase++;
	if (task->phase == task->plan->phases) {
		sim_end(sim, task);
		fill_slot(sim, worker, TAKE_US);
		return;
	}
	computes = phase_of(sim, task)->cores > 0;
	if (task->sched.command || (computes && task->granted)) {
		start_phase(sim, task, 0);
	} else if (computes) {
		sim_yield(sim, task);
	} else {
		if (task->granted) {
			leave_slot(sim, task);
			scheduler_phase(sim->scheduler, &task->sched, false, -1, sim->now_us);
		}
		start_phase(sim, task, 0);
		fill_slot(sim, worker, TAKE_US);
	}
}

static void
look(struct sim *sim, struct sim_task *task)
{
	struct sim_worker *worker = &sim->workers[task->sched.worker];
	int use = use_of(task->plan);

	use = use < KIND_LIGHT ? 0 : use;
	scheduler_phase(sim->scheduler, &task->sched, use >= KIND_HEAVY, use, sim->now_us);
	if (use < KIND_HEAVY) {
		leave_slot(sim, task);
		fill_slot(sim, worker, TAKE_US);
	}
}

void
sim_events(struct sim *sim)
{
	struct deadline *due;

	while ((due = deadlines_due(&sim->dones, sim->cpu_ns)) != NULL) {
		next_phase(sim, OF(due, next));
	}
	while ((due = deadlines_due(&sim->wakes, sim->now_us)) != NULL) {
		next_phase(sim, OF(due, next));
	}
	while ((due = deadlines_due(&sim->looks, sim->now_us)) != NULL) {
		struct sim_extra *extra =
		    (struct sim_extra *)(void *)((char *)due - offsetof(struct sim_extra, look));

		look(sim, (struct sim_task *)(void *)extra->more.task);
	}
}
