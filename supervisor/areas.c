/* SPDX-License-Identifier: ISC */
/* areas: see areas.h. Pure; in the supervisor. */
#include "supervisor/areas.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define ESTIMATE_CELLS 20000 /* for the causes of idle time */

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "areas");
	}
	return memory;
}

/* `amount` spread evenly over a stretch of time, of which [0, count * cell_us] is looked at. */
static void
spread(double *cells, size_t count, double cell_us, double from_us, double to_us, double amount)
{
	size_t first = (size_t)(from_us / cell_us), last = (size_t)(to_us / cell_us);
	double per_us = amount / (to_us - from_us);

	first = first >= count ? count - 1 : first;
	last = last >= count ? count - 1 : last;
	if (first == last) {
		cells[first] += amount;
		return;
	}
	cells[first] += ((double)(first + 1) * cell_us - from_us) * per_us;
	for (size_t i = first + 1; i < last; i++) {
		cells[i] += cell_us * per_us;
	}
	cells[last] += (to_us - (double)last * cell_us) * per_us;
}

void
areas_make(struct areas *areas, const struct recorded_run *run, size_t count)
{
	double wall_us = run->summary.wall_us > 0 ? (double)run->summary.wall_us : 1;

	areas->count = count;
	areas->cell_us = wall_us / (double)count;
	areas->cpu_us = check(calloc(count, sizeof(double)));
	areas->task_us = check(calloc(count, sizeof(double)));
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		double from_us = (double)task->start_us;
		double to_us = from_us + (task->wall_us > 0 ? (double)task->wall_us : 1);

		if (task->start_us < 0) {
			continue;
		}
		spread(areas->cpu_us, count, areas->cell_us, from_us, to_us,
		       (double)(task->user_us + task->sys_us));
		spread(areas->task_us, count, areas->cell_us, from_us, to_us,
		       (double)task->wall_us);
	}
}

void
areas_free(struct areas *areas)
{
	free(areas->cpu_us);
	free(areas->task_us);
	memset(areas, 0, sizeof(*areas));
}

/* When the last of its needs ended; 0: it has none. */
static int64_t
ready_us(const struct recorded_run *run, const struct recorded_task *task)
{
	int64_t ready = 0;

	for (unsigned i = 0; i < task->need_count; i++) {
		int64_t end_us = recorded_end_us(&run->tasks[task->needs[i]]);

		ready = end_us > ready ? end_us : ready;
	}
	return ready;
}

/* In each interval, for how long some task waited: for others, and for its turn. */
static void
find_waits(const struct recorded_run *run, double cell_us, double *held, double *ready)
{
	double *changes[2] = {held, ready};

	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		int64_t from_us = ready_us(run, task);
		double until[2] = {(double)from_us, (double)task->start_us};

		if (task->start_us < 0) {
			continue;
		}
		for (int k = 0; k < 2; k++) {
			size_t begin = (size_t)((k == 0 ? 0 : until[0]) / cell_us);
			size_t end = (size_t)(until[k] / cell_us);

			if (begin < end && begin < ESTIMATE_CELLS) {
				changes[k][begin] += 1;
				changes[k][end < ESTIMATE_CELLS ? end : ESTIMATE_CELLS] -= 1;
			}
		}
	}
	for (int k = 0; k < 2; k++) {
		for (size_t i = 1; i < ESTIMATE_CELLS; i++) {
			changes[k][i] += changes[k][i - 1];
		}
	}
}

void
areas_idle(const struct recorded_run *run, int64_t idle_us[IDLE_COUNT])
{
	const struct summary *summary = &run->summary;
	struct areas areas;
	double *held, *ready, sums[IDLE_COUNT] = {0}, first_us;

	if (run->measured) {
		memcpy(idle_us, summary->idle.sums_us, sizeof(summary->idle.sums_us));
		return;
	}
	areas_make(&areas, run, ESTIMATE_CELLS);
	held = check(calloc(ESTIMATE_CELLS + 1, sizeof(*held)));
	ready = check(calloc(ESTIMATE_CELLS + 1, sizeof(*ready)));
	find_waits(run, areas.cell_us, held, ready);
	first_us = run->count > 0 ? (double)run->tasks[0].start_us : 0;
	for (size_t i = 0; i < ESTIMATE_CELLS; i++) {
		double idle = areas.cell_us * summary->cores - areas.cpu_us[i];
		enum idle_cause cause = (double)i * areas.cell_us < first_us ? IDLE_START
					: ready[i] > 0                       ? IDLE_OVERHEAD
					: held[i] > 0                        ? IDLE_NEEDS
									     : IDLE_TASKS;

		sums[cause] += idle > 0 ? idle : 0;
	}
	for (int i = 0; i < IDLE_COUNT; i++) {
		idle_us[i] = (int64_t)sums[i];
	}
	free(held);
	free(ready);
	areas_free(&areas);
}
