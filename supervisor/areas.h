/* SPDX-License-Identifier: ISC */
/*
 * areas: how many cores computed and how many tasks were in progress over a recorded run, in equal
 * intervals, and what the idle cores waited for. What a task computed counts evenly from its start
 * to its end. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_AREAS_H
#define SUPERVISOR_AREAS_H

#include "supervisor/recorded_run.h"

struct areas {
	size_t count;
	double cell_us;  /* the length of an interval */
	double *cpu_us;  /* that tasks computed in each: over all, the summary's user + sys */
	double *task_us; /* that tasks were in progress: over all, the summary's task_wall */
};

/* `count` intervals from 0 to the end of the run. areas_free() frees what it holds. */
void areas_make(struct areas *, const struct recorded_run *, size_t count);
void areas_free(struct areas *);

/*
 * Core-microseconds that nothing computed in, by cause: as the run has measured them, or else an
 * estimate from the records: before the first task, while tasks waited for others, while there
 * were none left, and otherwise.
 */
void areas_idle(const struct recorded_run *, int64_t idle_us[IDLE_COUNT]);

#endif
