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

/* When a task, or an attempt of it, was in progress. */
struct stretch {
	int64_t start_us;
	int64_t end_us;
	int worker;
	uint32_t *row; /* where its row is to be written */
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
take_row(struct lane *lane, int64_t start_us, int64_t end_us)
{
	struct row *row;

	while ((row = (struct row *)deadlines_due(&lane->taken, start_us)) != NULL) {
		deadlines_set(&lane->free, &row->deadline, row->number);
	}
	row = (struct row *)deadlines_due(&lane->free, INT64_MAX);
	if (row == NULL) {
		row = add_row(lane);
	}
	deadlines_set(&lane->taken, &row->deadline, recorded_over_us(start_us, end_us - start_us));
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

static int
by_start(const void *a, const void *b)
{
	const struct stretch *left = a, *right = b;

	if (left->start_us != right->start_us) {
		return left->start_us < right->start_us ? -1 : 1;
	}
	return (left->row > right->row) - (left->row < right->row);
}

/* All tasks and attempts that had a worker; how many there are. */
static size_t
list(struct lanes *lanes, const struct recorded_run *run, struct stretch *all)
{
	size_t count = 0;
	uint32_t attempts = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		lanes->first[i] = attempts;
		for (unsigned k = 0; k < task->earlier_count; k++) {
			const struct recorded_attempt *attempt = &task->earlier[k];

			if (attempt->worker >= 0) {
				all[count++] = (struct stretch){
				    .start_us = attempt->start_us,
				    .end_us = attempt->start_us + attempt->wall_us,
				    .worker = attempt->worker,
				    .row = &lanes->earlier[attempts + k],
				};
			}
		}
		attempts += task->earlier_count;
		if (task->start_us >= 0 && task->worker >= 0) {
			all[count++] = (struct stretch){.start_us = task->start_us,
							.end_us = recorded_end_us(task),
							.worker = task->worker,
							.row = &lanes->row[i]};
		}
	}
	return count;
}

void
lane_rows_begin(struct lane_rows *rows, unsigned lanes)
{
	rows->all = check(calloc((size_t)lanes + 1, sizeof(*rows->all)));
	rows->count = lanes;
}

uint32_t
lane_rows_take(struct lane_rows *rows, unsigned lane, int64_t start_us, int64_t end_us)
{
	return take_row(&rows->all[lane], start_us, end_us);
}

unsigned
lane_rows_count(const struct lane_rows *rows, unsigned lane)
{
	return rows->all[lane].count;
}

void
lane_rows_end(struct lane_rows *rows)
{
	for (unsigned i = 0; i < rows->count; i++) {
		free_lane(&rows->all[i]);
	}
	free(rows->all);
}

void
lanes_make(struct lanes *lanes, const struct recorded_run *run)
{
	struct stretch *stretches;
	struct lane_rows rows;
	size_t attempts = 0, count;

	for (size_t i = 0; i < run->count; i++) {
		attempts += run->tasks[i].earlier_count;
	}
	lanes->count = run->lanes;
	lanes->rows = check(calloc(run->lanes + 1, sizeof(*lanes->rows)));
	lanes->row = check(calloc(run->count + 1, sizeof(*lanes->row)));
	lanes->first = check(calloc(run->count + 1, sizeof(*lanes->first)));
	lanes->earlier = check(calloc(attempts + 1, sizeof(*lanes->earlier)));
	stretches = check(calloc(run->count + attempts + 1, sizeof(*stretches)));
	count = list(lanes, run, stretches);
	if (attempts > 0) { /* tasks alone are in order */
		qsort(stretches, count, sizeof(*stretches), by_start);
	}
	lane_rows_begin(&rows, run->lanes);
	for (size_t i = 0; i < count; i++) {
		*stretches[i].row = lane_rows_take(&rows, (unsigned)stretches[i].worker,
						   stretches[i].start_us, stretches[i].end_us);
	}
	free(stretches);
	for (unsigned i = 0; i < run->lanes; i++) {
		lanes->rows[i] = lane_rows_count(&rows, i);
	}
	lane_rows_end(&rows);
}

void
lanes_free(struct lanes *lanes)
{
	free(lanes->rows);
	free(lanes->row);
	free(lanes->first);
	free(lanes->earlier);
	memset(lanes, 0, sizeof(*lanes));
}
