/* SPDX-License-Identifier: ISC */
/* plan_crowd: see plan_crowd.h. Pure; in the supervisor. */
#include "supervisor/plan_crowd.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/id_table.h"
#include "supervisor/ids.h"
#include "supervisor/kind.h"

/* By the hash of the name: how many may have waited for a core, and how many of those did not. */
struct crowd {
	struct id_table names;
};

enum { BUSY, ALONE, COUNTS };

bool
crowd_is_command(const struct recorded_task *task)
{
	return task->start_us >= 0 && (task->has_exit || task->signal != 0);
}

static uint64_t
name_of(const struct recorded_task *task)
{
	return task->name == NULL ? ids_hash("", 0) : ids_hash(task->name, strlen(task->name));
}

/* Whether it had so many thousandths of a core. */
static bool
had(const struct recorded_task *task, int64_t thousandths)
{
	return (task->user_us + task->sys_us) * 1000 >= task->wall_us * thousandths;
}

struct crowd *
crowd_new(const struct recorded_run *run)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (crowd == NULL) {
		err(3, "tasks");
	}
	crowd->names.value_words = COUNTS;
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		if (crowd_is_command(task) && had(task, KIND_CROWDED)) {
			bool is_new;
			uint32_t *counts = id_table_put(&crowd->names, name_of(task), &is_new);

			counts[BUSY]++;
			counts[ALONE] += had(task, KIND_ALONE);
		}
	}
	return crowd;
}

void
crowd_free(struct crowd *crowd)
{
	id_table_free(&crowd->names);
	free(crowd);
}

int64_t
crowd_wall_us(const struct crowd *crowd, const struct recorded_task *task)
{
	int64_t cpu_us = task->user_us + task->sys_us;
	const uint32_t *counts;

	if (!crowd_is_command(task) || !had(task, KIND_CROWDED) || cpu_us >= task->wall_us) {
		return task->wall_us;
	}
	counts = id_table_find(&crowd->names, name_of(task));
	return counts != NULL && counts[ALONE] * 5 >= counts[BUSY] ? cpu_us : task->wall_us;
}
