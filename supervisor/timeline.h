/* SPDX-License-Identifier: ISC */
/*
 * timeline: how many cores computed, and how many tasks were in progress, over a run, in a fixed
 * number of equal intervals that grow as the run does. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_TIMELINE_H
#define SUPERVISOR_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

#define TIMELINE_CELLS 512

struct timeline {
	int64_t cell_us;                /* the length of an interval */
	double cpu_us[TIMELINE_CELLS];  /* CPU time used in it, by all tasks */
	double task_us[TIMELINE_CELLS]; /* time that tasks were in progress in it */
};

void timeline_init(struct timeline *);

/* A task that was in progress from begin_us to end_us, since the run began, and used cpu_us. */
void timeline_add(struct timeline *, int64_t begin_us, int64_t end_us, int64_t cpu_us);

/* The part of the run's wall_us, from 0 to 1, in which at least so many cores computed. */
double timeline_part(const struct timeline *, int64_t wall_us, double cores);

/*
 * A bar of `columns` for `span_us` of time, of which the run took `wall_us`: full where all cores
 * computed, shaded where some did, dotted where tasks only waited. In ASCII if `ascii`.
 */
void timeline_bar(const struct timeline *, int64_t wall_us, int64_t span_us, unsigned columns,
		  unsigned cores, bool ascii, struct text *out);

#endif
