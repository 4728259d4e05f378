/* SPDX-License-Identifier: ISC */
/*
 * bars: what is to be drawn of a recorded run in the lanes of its workers: a bar for each attempt,
 * those that came before the one that counts as well. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_BARS_H
#define SUPERVISOR_BARS_H

#include "supervisor/recorded_run.h"

struct bar {
	uint32_t task;    /* its place in run->tasks */
	uint32_t attempt; /* from 1 */
	bool earlier;     /* another attempt came after it */
	enum task_status status;
	unsigned lane;
	uint32_t row; /* in the lane: the lowest that was free */
	int64_t start_us;
	int64_t end_us;
};

struct bars {
	struct bar *all; /* by start */
	size_t count;
	unsigned lanes; /* workers; and one more, the last, for what no worker is known of */
	bool unknown;   /* there is that one */
	unsigned *rows; /* of each lane */
};

/* What began after the end of the run, by the clock of the day, is drawn at its end. */
void bars_make(struct bars *, const struct recorded_run *);
void bars_free(struct bars *);

const char *bar_class(const struct recorded_run *, const struct bar *); /* as results have it */

/* What a reader knows a task by: "id" or "id (tag)"; plain, with whatever is in them. */
void bar_label(const struct recorded_task *, struct text *out);

#endif
