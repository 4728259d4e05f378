/* SPDX-License-Identifier: ISC */
/* plan: see plan.h and plan_parts.h. In the supervisor; pure. */
#include "supervisor/plan_parts.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define TURNS      4 /* that a command takes with each when it both computes and waits */
#define PATH_SHOWN 8 /* ids of a path; more are left out */

struct plan_edge {
	uint32_t need;
	uint32_t task;
};

struct plan_parts {
	struct plan_edge *edges;
	size_t edge_count;
	size_t edge_room;
	size_t task_room;
	size_t phase_count;
	size_t phase_room;
	double factor;
};

static void *
grow(void *memory, size_t *room, size_t size)
{
	*room = *room == 0 ? 64 : *room * 2;
	memory = reallocarray(memory, *room, size);
	if (memory == NULL) {
		err(3, "tasks");
	}
	return memory;
}

static void *
make(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (memory == NULL) {
		err(3, "tasks");
	}
	return memory;
}

struct plan *
plan_new(double factor)
{
	struct plan *plan = make(1, sizeof(*plan));

	plan->parts = make(1, sizeof(*plan->parts));
	plan->parts->factor = factor;
	plan->kinds = kinds_new();
	plan->memory = UINT64_MAX;
	return plan;
}

void
plan_free(struct plan *plan)
{
	if (plan == NULL) {
		return;
	}
	for (size_t i = 0; i < plan->count; i++) {
		task_text_release(plan->tasks[i].limits);
	}
	kinds_free(plan->kinds);
	resources_clear(&plan->resources);
	text_free(&plan->ids);
	text_free(&plan->path);
	free(plan->parts->edges);
	free(plan->parts);
	free(plan->tasks);
	free(plan->phases);
	free(plan->dependents);
	free(plan->turns);
	free(plan);
}

const char *
plan_id(const struct plan *plan, const struct plan_task *task)
{
	return plan->ids.data + task->id;
}

struct plan_task *
plan_add(struct plan *plan, const char *id, size_t len, uint32_t repeat)
{
	struct plan_task *task;

	if (plan->count == plan->parts->task_room) {
		plan->tasks = grow(plan->tasks, &plan->parts->task_room, sizeof(*plan->tasks));
	}
	if (plan->count >= UINT32_MAX / 2) {
		errx(3, "too many tasks");
	}
	task = &plan->tasks[plan->count++];
	*task = (struct plan_task){.id = plan->ids.len, .repeat = repeat, .cpus = 1};
	text_bytes(&plan->ids, id, len);
	text_char(&plan->ids, '\0');
	return task;
}

void
plan_phase(struct plan *plan, struct plan_task *task, int64_t us, uint32_t cores)
{
	struct plan_parts *parts = plan->parts;

	us = (int64_t)((double)us * parts->factor + 0.5);
	if (us <= 0) {
		return;
	}
	if (parts->phase_count == parts->phase_room) {
		plan->phases = grow(plan->phases, &parts->phase_room, sizeof(*plan->phases));
	}
	if (task->phases++ == 0) {
		task->phase = parts->phase_count;
	}
	plan->phases[parts->phase_count++] = (struct plan_phase){us, cores};
	task->wall_us += us;
	task->cpu_us += us * cores;
}

void
plan_phases(struct plan *plan, struct plan_task *task, int64_t cpu_us, int64_t wall_us)
{
	uint32_t cores = 1;
	int64_t compute_us, wait_us;

	if (wall_us > 0 && cpu_us > wall_us) {
		int64_t wanted = (cpu_us + wall_us / 2) / wall_us;

		cores = wanted < 1                ? 1
			: wanted > TASK_CPUS_MOST ? TASK_CPUS_MOST
						  : (uint32_t)wanted;
	}
	compute_us = cpu_us / cores;
	wait_us = wall_us > compute_us ? wall_us - compute_us : 0;
	task->mixes = task->command && compute_us * 10 >= wall_us && wait_us * 10 >= wall_us;
	if (!task->mixes) {
		plan_phase(plan, task, compute_us, cores);
		plan_phase(plan, task, wait_us, 0);
		return;
	}
	for (int i = 0; i < TURNS; i++) {
		plan_phase(plan, task, compute_us / TURNS, cores);
		plan_phase(plan, task, wait_us / TURNS, 0);
	}
}

void
plan_need(struct plan *plan, size_t task, size_t need)
{
	struct plan_parts *parts = plan->parts;

	if (parts->edge_count == parts->edge_room) {
		parts->edges = grow(parts->edges, &parts->edge_room, sizeof(*parts->edges));
	}
	parts->edges[parts->edge_count++] = (struct plan_edge){(uint32_t)need, (uint32_t)task};
	plan->tasks[need].dependents++;
	plan->tasks[task].needs++;
}

/* The edges, by what is needed. */
static void
sort_edges(struct plan *plan)
{
	struct plan_parts *parts = plan->parts;
	size_t at = 0;

	for (size_t i = 0; i < plan->count; i++) {
		plan->tasks[i].dependent = at;
		at += plan->tasks[i].dependents;
		plan->tasks[i].dependents = 0;
	}
	plan->dependents = make(parts->edge_count, sizeof(*plan->dependents));
	for (size_t i = 0; i < parts->edge_count; i++) {
		struct plan_task *need = &plan->tasks[parts->edges[i].need];

		plan->dependents[need->dependent + need->dependents++] = parts->edges[i].task;
	}
	free(parts->edges);
	parts->edges = NULL;
}

static void
put_path(struct plan *plan, const uint32_t *chain, uint32_t length)
{
	uint32_t shown = length <= PATH_SHOWN ? length : PATH_SHOWN;

	for (uint32_t i = length; i-- > 0;) {
		uint32_t place = length - 1 - i;

		if (length > shown && place == shown / 2) {
			text_printf(&plan->path, "%u more -> ", length - shown);
		}
		if (length > shown && place >= shown / 2 && i >= shown - shown / 2) {
			continue;
		}
		text_string(&plan->path, plan_id(plan, &plan->tasks[chain[i]]));
		text_string(&plan->path, i > 0 ? " -> " : "");
	}
	text_terminate(&plan->path);
}

/* The longest chain of tasks that need each other, each as if it were alone. */
static void
find_path(struct plan *plan)
{
	int64_t *ends =
	    make(plan->count, sizeof(*ends)); /* at first: when what it needs has ended */
	uint32_t *before = make(plan->count, sizeof(*before));
	uint32_t *chain, length = 0, last = 0;

	for (uint32_t i = 0; i < plan->count; i++) {
		const struct plan_task *task = &plan->tasks[i];

		ends[i] += task->wall_us;
		last = ends[i] > ends[last] ? i : last;
		for (uint32_t k = 0; k < task->dependents; k++) {
			uint32_t to = plan->dependents[task->dependent + k];

			if (before[to] == 0 || ends[i] > ends[to]) {
				ends[to] = ends[i];
				before[to] = i + 1;
			}
		}
	}
	chain = make(plan->count, sizeof(*chain));
	for (uint32_t at = last + 1; at != 0 && plan->count > 0; at = before[at - 1]) {
		if (plan->tasks[at - 1].repeat > 0) {
			chain[length++] = at - 1;
		}
	}
	plan->path_us = plan->count == 0 ? 0 : ends[last];
	plan->path_tasks = length;
	put_path(plan, chain, length);
	free(chain);
	free(before);
	free(ends);
}

/* The order of each: the longest chain from its start to the end of all behind it. */
static void
rank(struct plan *plan, const int64_t *expected_us)
{
	int64_t *ranks = make(plan->count, sizeof(*ranks));

	for (size_t i = plan->count; i-- > 0;) {
		struct plan_task *task = &plan->tasks[i];
		int64_t behind_us = 0;

		for (uint32_t k = 0; k < task->dependents; k++) {
			int64_t us = ranks[plan->dependents[task->dependent + k]];

			behind_us = us > behind_us ? us : behind_us;
		}
		ranks[i] = expected_us[i] + behind_us;
		task->order = ready_order(0, ranks[i]);
	}
	free(ranks);
}

void
plan_finish(struct plan *plan, const int64_t *expected_us)
{
	sort_edges(plan);
	if (expected_us != NULL) {
		rank(plan, expected_us);
	}
	for (size_t i = 0; i < plan->count; i++) {
		plan->task_count += plan->tasks[i].repeat;
		plan->cpu_us += plan->tasks[i].cpu_us * plan->tasks[i].repeat;
	}
	find_path(plan);
}
