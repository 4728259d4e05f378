/* SPDX-License-Identifier: ISC */
/*
 * plan_results: a plan of what results tell: of each task its wall and its CPU time. Whatever it was
 * that a task did, in what order it computed and waited is not in its record. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/plan_crowd.h"
#include "supervisor/plan_parts.h"

/*
 * Of commands without a name: they are taken to be of as many kinds as there are classes, since
 * what program ran is not in the results. A name begins with no such byte.
 */
static struct kind *
kind_of_class(struct plan *plan, const struct result_record *record)
{
	char name[16] = "\1";

	strncat(name, result_record_class(record), sizeof(name) - 2);
	return kinds_get(plan->kinds, span_of(name), true);
}

/* What the next run will know: what this one has taught. */
static struct kind *
learn(struct plan *plan, const struct recorded_task *task, int64_t wall_us, double factor)
{
	struct result_record record = {
	    .wall_us = wall_us, .user_us = task->user_us, .sys_us = task->sys_us};
	int64_t cpu_us = task->user_us + task->sys_us;
	struct kind *kind = task->name != NULL ? kinds_get(plan->kinds, span_of(task->name), false)
					       : kind_of_class(plan, &record);

	if (kind != NULL) {
		kind_learn_use(kind, wall_us == 0 ? ADMISSION_CORE
						  : (uint32_t)(cpu_us * ADMISSION_CORE / wall_us));
		kind_learn_took(kind, (int64_t)((double)wall_us * factor),
				(int64_t)((double)cpu_us * factor));
	}
	return kind;
}

static void
add(struct plan *plan, const struct crowd *crowd, const struct recorded_task *recorded,
    double factor)
{
	struct plan_task *task = plan_add(plan, recorded->id, strlen(recorded->id), 1);
	int64_t cpu_us = recorded->user_us + recorded->sys_us;
	int64_t wall_us = crowd_wall_us(crowd, recorded);

	task->command = crowd_is_command(recorded);
	if (task->command) {
		task->kind = learn(plan, recorded, wall_us, factor);
	}
	plan_phases(plan, task, cpu_us, wall_us);
	task->computes = task->command || (task->phases > 0 && cpu_us > 0);
	if (task->phases > 0) {
		uint32_t cores = plan->phases[task->phase].cores;

		task->cpus = cores > 1 ? (uint16_t)cores : 1;
	}
}

/* What it needs began before it; what says otherwise is no record of ours. */
static void
add_needs(struct plan *plan, const struct recorded_run *run, size_t i)
{
	const struct recorded_task *task = &run->tasks[i];

	for (unsigned k = 0; k < task->need_count; k++) {
		if (task->needs[k] < i) {
			plan_need(plan, i, task->needs[k]);
		}
	}
}

static void
finish(struct plan *plan, size_t count)
{
	int64_t *expected_us = calloc(count + 1, sizeof(*expected_us));

	plan->turn_count = count;
	plan->turns = calloc(count + 1, sizeof(*plan->turns));
	if (expected_us == NULL || plan->turns == NULL) {
		err(3, "tasks");
	}
	for (size_t i = 0; i < count; i++) {
		const struct plan_task *task = &plan->tasks[i];

		plan->turns[i] = (uint32_t)i;
		expected_us[i] = task->command ? kind_median_us(task->kind) : task->wall_us;
	}
	plan_finish(plan, expected_us);
	free(expected_us);
}

struct plan *
plan_of_results(const struct recorded_run *run, double factor)
{
	struct plan *plan = plan_new(factor);
	struct crowd *crowd = crowd_new(run);
	size_t count = run->count;

	while (count > 0 && run->tasks[count - 1].start_us < 0) { /* they come last */
		count--;
	}
	plan->left_out = run->count - count;
	for (size_t i = 0; i < count; i++) {
		add(plan, crowd, &run->tasks[i], factor);
		add_needs(plan, run, i);
	}
	crowd_free(crowd);
	finish(plan, count);
	plan->ran_us = run->summary.wall_us;
	plan->ran_on = run->summary.cores;
	return plan;
}
