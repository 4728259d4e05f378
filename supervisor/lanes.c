/* SPDX-License-Identifier: ISC */
/* lanes: see lanes.h. Pure; in the supervisor. */
#include "supervisor/lanes.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/deadlines.h"

struct row {
	struct deadline deadline; /* first; while it is taken: to when; while free: its number */
	struct row *next;         /* of all of its lane */
	uint32_t number;
};

struct lane {
	struct deadlines taken;
	struct deadlines free; /* the lowest comes first */
	struct row *rows;
	uint32_t count;
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "lanes");
	}
	return memory;
}

static struct row *
add_row(struct lane *lane)
{
	struct row *row = check(calloc(1, sizeof(*row)));

	row->number = lane->count++;
	row->next = lane->rows;
	lane->rows = row;
	return row;
}

static uint32_t
take_row(struct lane *lane, const struct recorded_task *task)
{
	struct row *row;

	while ((row = (struct row *)deadlines_due(&lane->taken, task->start_us)) != NULL) {
		deadlines_set(&lane->free, &row->deadline, row->number);
	}
	row = (struct row *)deadlines_due(&lane->free, INT64_MAX);
	if (row == NULL) {
		row = add_row(lane);
	}
	deadlines_set(&lane->taken, &row->deadline, recorded_end_us(task));
	return row->number;
}

static void
free_lane(struct lane *lane)
{
	struct row *row;

	deadlines_free(&lane->taken);
	deadlines_free(&lane->free);
	while ((row = lane->rows) != NULL) {
		lane->rows = row->next;
		free(row);
	}
}

void
lanes_make(struct lanes *lanes, const struct recorded_run *run)
{
	struct lane *all = check(calloc(run->lanes + 1, sizeof(*all)));

	lanes->count = run->lanes;
	lanes->rows = check(calloc(run->lanes + 1, sizeof(*lanes->rows)));
	lanes->row = check(calloc(run->count + 1, sizeof(*lanes->row)));
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		if (task->start_us >= 0 && task->worker >= 0) {
			lanes->row[i] = take_row(&all[task->worker], task);
		}
	}
	for (unsigned i = 0; i < run->lanes; i++) {
		lanes->rows[i] = all[i].count;
		free_lane(&all[i]);
	}
	free(all);
}

void
lanes_free(struct lanes *lanes)
{
	free(lanes->rows);
	free(lanes->row);
	memset(lanes, 0, sizeof(*lanes));
}
