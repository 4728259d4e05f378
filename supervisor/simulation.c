/* SPDX-License-Identifier: ISC */
/* simulation: see simulation.h; the supervisor's part of it, and the clock. Pure; in the supervisor. */
#include "supervisor/simulation.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/simulation_state.h"

#define START_US  1500  /* until the first task begins: processes are made */
#define WINDOW    32768 /* tasks that the scheduler is given ahead, as in intake.c */
#define SLAB      4096  /* tasks that are allocated at once */
#define ABILITIES (WORKER_GREETED | WORKER_QUEUES | WORKER_MEASURES)

struct sim_slab {
	struct sim_slab *next;
	struct sim_task tasks[SLAB];
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "what-if");
	}
	return memory;
}

/* ---- needs ------------------------------------------------------------------------------------ */

static void
release(struct sim *sim, const struct plan_task *plan)
{
	for (uint32_t k = 0; k < plan->dependents; k++) {
		uint32_t to = sim->plan->dependents[plan->dependent + k];

		if (--sim->pending[to] == 0) {
			sim->ready[sim->ready_end++] = to;
			sim->held--;
		}
	}
}

/* One repeat of it has ended. */
static void
over(struct sim *sim, const struct plan_task *plan)
{
	sim->ended++;
	if (--sim->left[plan - sim->plan->tasks] == 0) {
		release(sim, plan);
	}
}

/* ---- tasks ------------------------------------------------------------------------------------ */

static struct sim_task *
new_task(struct sim *sim)
{
	struct sim_task *task = TAILQ_FIRST(&sim->spare);

	if (task == NULL) {
		struct sim_slab *slab = check(calloc(1, sizeof(*slab)));

		slab->next = sim->slabs;
		sim->slabs = slab;
		for (int i = 0; i < SLAB; i++) {
			TAILQ_INSERT_TAIL(&sim->spare, &slab->tasks[i], queue);
		}
		task = TAILQ_FIRST(&sim->spare);
	}
	TAILQ_REMOVE(&sim->spare, task, queue);
	*task = (struct sim_task){.plan = NULL};
	return task;
}

static void
free_task(struct sim *sim, struct sim_task *task)
{
	struct sim_extra *extra = (struct sim_extra *)(void *)task->sched.more;

	if (extra != NULL) {
		task_free(extra->held);
		free(extra);
	}
	TAILQ_INSERT_HEAD(&sim->spare, task, queue);
}

static void
make_extra(struct sim_task *task)
{
	const struct plan_task *plan = task->plan;
	struct sim_extra *extra = check(calloc(1, sizeof(*extra)));

	extra->more = (struct sched_more){
	    .task = &task->sched, .kind = plan->kind, .cpus = plan->cpus, .hint = plan->hint};
	task->sched.more = &extra->more;
	if (plan->limits != NULL) {
		extra->held = task_new(plan->limits, (uintptr_t)task, 0);
		extra->held->sched.order = plan->order;
	}
}

/* The next task of the present one's repeats. False: it waits at the gate. */
static void
add_task(struct sim *sim)
{
	const struct plan_task *plan = &sim->plan->tasks[sim->present];
	struct sim_task *task = new_task(sim);
	uint32_t place = sim->present + sim->repeats; /* the golden ratio makes all differ */

	sim->repeats--;
	task->plan = plan;
	task->sched.order = plan->order;
	task->sched.command = plan->command;
	task->sched.computes = plan->computes;
	task->turned = (uint16_t)(((place * UINT32_C(2654435769)) >> 16) * plan->phases >> 16);
	if (plan->command || plan->cpus > 1 || plan->limits != NULL) {
		struct sim_extra *extra;

		make_extra(task);
		extra = (struct sim_extra *)(void *)task->sched.more;
		if (extra->held != NULL && gate_forbids(sim->gate, extra->held) != NULL) {
			over(sim, plan);
			free_task(sim, task);
			return;
		}
		if (extra->held != NULL && !gate_pass(sim->gate, extra->held)) {
			sim->result.gated = true;
			return;
		}
	}
	scheduler_add(sim->scheduler, &task->sched);
}

/* ---- from the plan to the workers --------------------------------------------------------------- */

/* The next of the plan's tasks that may begin, into `present`. False: there is none now. */
static bool
next_present(struct sim *sim)
{
	while (sim->ready_first < sim->ready_end) {
		sim->present = sim->ready[sim->ready_first++];
		sim->repeats = sim->plan->tasks[sim->present].repeat;
		if (sim->repeats > 0) {
			return true;
		}
		release(sim, &sim->plan->tasks[sim->present]);
	}
	while (sim->turn < sim->plan->turn_count) {
		sim->present = sim->plan->turns[sim->turn++];
		if (sim->plan->tasks[sim->present].needs == 0) {
			sim->repeats = sim->plan->tasks[sim->present].repeat;
			return true;
		}
	}
	return false;
}

/* Whether some of the plan's tasks may begin that the scheduler does not know of. */
static bool
has_more(const struct sim *sim)
{
	return sim->repeats > 0 || sim->ready_first < sim->ready_end ||
	       sim->turn < sim->plan->turn_count;
}

static bool
has_room(const struct sim *sim, unsigned window)
{
	return scheduler_wants(sim->scheduler, window) && gate_waiting(sim->gate) <= WINDOW;
}

static void
fill(struct sim *sim)
{
	while (has_room(sim, WINDOW)) {
		if (sim->repeats == 0 && !next_present(sim)) {
			break;
		}
		add_task(sim);
	}
	scheduler_no_more(sim->scheduler,
			  !has_more(sim) && sim->held == 0 && gate_waiting(sim->gate) == 0);
}

static void
dispatch(struct sim *sim)
{
	struct sched_task *next;
	uint64_t ended;

	do {
		ended = sim->ended;
		fill(sim);
		while ((next = scheduler_next(sim->scheduler, sim->now_us)) != NULL) {
			sim->in_progress++;
			sim_receive(sim, (struct sim_task *)(void *)next);
		}
	} while (sim->ended != ended || (has_more(sim) && has_room(sim, WINDOW / 2)));
	if (sim->waiting >= sim->setup.waiting_most && scheduler_load(sim->scheduler).ready > 0) {
		sim->result.limited = true;
	}
}

/* ---- the end of a stay ------------------------------------------------------------------------ */

void
sim_end(struct sim *sim, struct sim_task *task)
{
	const struct plan_task *plan = task->plan;
	struct sim_extra *extra = (struct sim_extra *)(void *)task->sched.more;

	sim_leave(sim, task);
	scheduler_remove(sim->scheduler, &task->sched, task->wall_us, plan->cpu_us, sim->now_us);
	sim->in_progress--;
	sim->result.task_wall_us += task->wall_us;
	if (extra != NULL && extra->held != NULL) {
		struct task *opened;

		gate_give_back(sim->gate, extra->held);
		while ((opened = gate_opened(sim->gate)) != NULL) {
			struct sim_task *passed = (struct sim_task *)(uintptr_t)opened->number;

			scheduler_add(sim->scheduler, &passed->sched);
		}
	}
	over(sim, plan);
	free_task(sim, task);
}

void
sim_yield(struct sim *sim, struct sim_task *task)
{
	sim_leave(sim, task);
	scheduler_remove(sim->scheduler, &task->sched, -1, 0, sim->now_us);
	sim->in_progress--;
	task->sched.computes = true;
	scheduler_again(sim->scheduler, &task->sched);
}

/* ---- time ------------------------------------------------------------------------------------- */

/* The clock goes on; what computes gets its share of the cores. */
static void
pass(struct sim *sim, int64_t to_us)
{
	int64_t span_us = to_us - sim->now_us;

	if (sim->computing > sim->setup.workers) {
		sim->cpu_ns +=
		    (int64_t)((double)span_us * 1000 * sim->setup.workers / (double)sim->computing);
	} else {
		sim->cpu_ns += span_us * 1000;
	}
	sim->now_us = to_us;
}

static int64_t
next_event_us(const struct sim *sim)
{
	const struct deadline *wake = deadlines_first(&sim->wakes);
	const struct deadline *done = deadlines_first(&sim->dones);
	const struct deadline *look = deadlines_first(&sim->looks);
	int64_t at_us = look == NULL ? INT64_MAX : look->at_us;

	if (wake != NULL && wake->at_us < at_us) {
		at_us = wake->at_us;
	}
	if (done != NULL) {
		int64_t left_ns = done->at_us - sim->cpu_ns, left_us;

		if (sim->computing > sim->setup.workers) {
			left_ns = (int64_t)((double)left_ns * (double)sim->computing /
					    sim->setup.workers) +
				  1;
		}
		left_us = left_ns <= 0 ? 0 : (left_ns + 999) / 1000;
		at_us = sim->now_us + left_us < at_us ? sim->now_us + left_us : at_us;
	}
	if (scheduler_watch(sim->scheduler) && sim->tick_us < at_us) {
		at_us = sim->tick_us > sim->now_us ? sim->tick_us : sim->now_us;
	}
	return at_us;
}

static void
tick(struct sim *sim)
{
	unsigned count;
	int number;

	sim->tick_us = sim->now_us + SCHED_TICK_US;
	if (scheduler_recall(sim->scheduler, sim->now_us, &number, &count)) {
		sim_give_back(sim, number, count);
	}
}

static void
run(struct sim *sim)
{
	while (sim->ended < sim->plan->task_count) {
		int64_t at_us;

		dispatch(sim);
		sim->result.peak =
		    sim->in_progress > sim->result.peak ? sim->in_progress : sim->result.peak;
		if (sim->ended == sim->plan->task_count) {
			break;
		}
		at_us = next_event_us(sim);
		if (at_us == INT64_MAX) {
			abort(); /* what is left can never run: that would be our mistake */
		}
		pass(sim, at_us);
		sim_events(sim);
		if (sim->now_us >= sim->tick_us) {
			tick(sim);
		}
	}
	sim->result.wall_us = sim->now_us;
}

/* ---- beginning and end ------------------------------------------------------------------------ */

struct kept {
	struct kind *kinds;
	size_t count;
	bool back;
};

static void
keep_kind(void *context, struct kind *kind)
{
	struct kept *kept = context;

	if (kept->back) {
		*kind = kept->kinds[kept->count++];
	} else {
		kept->kinds[kept->count++] = *kind;
	}
}

static void
set_up(struct sim *sim)
{
	const struct plan *plan = sim->plan;

	sim->scheduler =
	    check(scheduler_new(model_default(), sim->setup.workers, sim->setup.waiting_most));
	scheduler_cap(sim->scheduler, sim->setup.commands_most, false);
	sim->workers = check(calloc(sim->setup.workers, sizeof(*sim->workers)));
	for (unsigned i = 0; i < sim->setup.workers; i++) {
		TAILQ_INIT(&sim->workers[i].queue);
		scheduler_worker_up(sim->scheduler, (int)i, ABILITIES);
	}
	sim->gate = gate_new(plan->memory, NULL);
	for (uint32_t i = 0; i < plan->resources.count; i++) {
		gate_declare(sim->gate, plan->resources.list[i].name,
			     plan->resources.list[i].units);
	}
	sim->pending = check(calloc(plan->count + 1, sizeof(*sim->pending)));
	sim->left = check(calloc(plan->count + 1, sizeof(*sim->left)));
	sim->ready = check(calloc(plan->count + 1, sizeof(*sim->ready)));
	for (size_t i = 0; i < plan->count; i++) {
		sim->pending[i] = plan->tasks[i].needs;
		sim->left[i] = plan->tasks[i].repeat;
		sim->held += plan->tasks[i].needs > 0;
	}
}

static void
clear(struct sim *sim)
{
	struct sim_slab *slab;

	scheduler_free(sim->scheduler);
	gate_free(sim->gate);
	deadlines_free(&sim->wakes);
	deadlines_free(&sim->dones);
	deadlines_free(&sim->looks);
	while ((slab = sim->slabs) != NULL) {
		sim->slabs = slab->next;
		free(slab);
	}
	free(sim->workers);
	free(sim->pending);
	free(sim->left);
	free(sim->ready);
}

void
simulation_run(const struct plan *plan, const struct simulation_setup *setup,
	       struct simulation_result *result)
{
	struct sim sim = {.plan = plan, .setup = *setup, .now_us = START_US};
	struct kept kept = {.kinds = check(calloc(KINDS_MOST, sizeof(struct kind)))};

	kinds_each(plan->kinds, keep_kind, &kept);
	TAILQ_INIT(&sim.spare);
	set_up(&sim);
	run(&sim);
	clear(&sim);
	kept.back = true;
	kept.count = 0;
	kinds_each(plan->kinds, keep_kind, &kept);
	free(kept.kinds);
	*result = sim.result;
}
