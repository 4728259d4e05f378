/* SPDX-License-Identifier: ISC */
/*
 * top_tasks: what the daemon tells a view of tasks: those that run, told anew each time; and those
 * that have failed. Pure; of stint top.
 */
#ifndef SUPERVISOR_TOP_TASKS_H
#define SUPERVISOR_TOP_TASKS_H

#include "supervisor/top_view.h"

struct top_told_task {
	uint64_t job;
	size_t label; /* in `labels`, terminated */
	struct top_task task;
};

/* Zero-initialise. */
struct top_tasks {
	struct text labels;
	struct top_told_task *rows;
	size_t count, room;
};

void top_tasks_clear(struct top_tasks *);
void top_tasks_free(struct top_tasks *);
void top_tasks_take(struct top_tasks *, struct span running); /* an object of the daemon's */
void top_tasks_show(const struct top_tasks *, struct top_view *);
uint64_t top_tasks_count(const struct top_tasks *, uint64_t job);

/* The job of an object that has one; 0: none. */
uint64_t top_tasks_job(struct span object);

/*
 * A record of that job: what did not end ok is told the view, what did is forgiven there.
 * `otherwise_us`: when, if it does not say.
 */
void top_tasks_ended(struct top_view *, uint64_t job, struct span line, int64_t otherwise_us);
void top_tasks_forgive(struct top_view *, uint64_t job); /* all failures of it */

#endif
