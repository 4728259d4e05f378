/* SPDX-License-Identifier: ISC */
/*
 * recorded_gaps: results that several runs have written, one that was ended and those that went on
 * with it, hold long times in which nothing was in progress and nothing ran. They are cut out. See
 * recorded_run.h. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>

#include "supervisor/recorded_parts.h"

struct stretch {
	int64_t start_us;
	int64_t end_us;
};

static int
by_start(const void *a, const void *b)
{
	const struct stretch *left = a, *right = b;

	return (left->start_us > right->start_us) - (left->start_us < right->start_us);
}

/* In each of them a task was in progress, or paused before it was tried again. */
static struct stretch *
find_busy(const struct recorded_run *run, size_t *count)
{
	struct stretch *all = calloc(run->count + 1, sizeof(*all));

	*count = 0;
	for (size_t i = 0; all != NULL && i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		struct stretch stretch = {task->start_us, recorded_end_us(task)};

		for (unsigned k = 0; k < task->earlier_count; k++) {
			if (task->earlier[k].start_us < stretch.start_us) {
				stretch.start_us = task->earlier[k].start_us;
			}
		}
		if (task->start_us >= 0) {
			all[(*count)++] = stretch;
		}
	}
	if (all == NULL) {
		err(3, "results");
	}
	qsort(all, *count, sizeof(*all), by_start);
	return all;
}

static void
find_gaps(struct recorded_run *run, int64_t least_us)
{
	struct recorded_parts *parts = run->parts;
	struct recorded_gap gap;
	int64_t reach_us = 0, cut_us = 0;
	struct stretch *busy;
	size_t count;

	run->gap_count = 0;
	text_clear(&parts->list);
	busy = find_busy(run, &count);
	for (size_t i = 0; i < count; i++) {
		gap = (struct recorded_gap){reach_us - cut_us, busy[i].start_us - reach_us};
		if (i > 0 && gap.cut_us >= least_us) {
			text_bytes(&parts->list, &gap, sizeof(gap));
			cut_us += gap.cut_us;
			run->gap_count++;
		}
		reach_us = i == 0 || busy[i].end_us > reach_us ? busy[i].end_us : reach_us;
	}
	run->gaps = recorded_keep(parts, parts->list.data, parts->list.len);
	free(busy);
}

/* A time since the run began, the gaps before it left out. */
static int64_t
without_gaps(const struct recorded_run *run, int64_t at_us)
{
	int64_t cut_us = 0;

	for (unsigned i = 0; i < run->gap_count; i++) {
		if (at_us - cut_us <= run->gaps[i].at_us) {
			break;
		}
		cut_us += run->gaps[i].cut_us;
	}
	return at_us - cut_us;
}

void
recorded_cut_gaps(struct recorded_run *run, int64_t least_us)
{
	find_gaps(run, least_us);
	for (size_t i = 0; run->gap_count > 0 && i < run->count; i++) {
		struct recorded_task *task = &run->tasks[i];
		struct recorded_attempt *earlier = (struct recorded_attempt *)task->earlier;

		if (task->start_us >= 0) {
			task->start_us = without_gaps(run, task->start_us);
		}
		for (unsigned k = 0; k < task->earlier_count; k++) {
			earlier[k].start_us = without_gaps(run, earlier[k].start_us);
		}
	}
}

int64_t
recorded_epoch_us(const struct recorded_run *run, int64_t at_us)
{
	int64_t epoch_us = run->began_us + at_us;

	for (unsigned i = 0; i < run->gap_count && run->gaps[i].at_us <= at_us; i++) {
		epoch_us += run->gaps[i].cut_us;
	}
	return epoch_us;
}
