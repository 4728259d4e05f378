/* SPDX-License-Identifier: ISC */
/*
 * lanes: a lane for each worker of a recorded run, in which tasks that overlap stack in rows. Pure;
 * in the supervisor.
 */
#ifndef SUPERVISOR_LANES_H
#define SUPERVISOR_LANES_H

#include "supervisor/recorded_run.h"

struct lanes {
	unsigned count; /* workers, as run->lanes */
	unsigned *rows; /* of each lane: most tasks that overlap in it; 0: it had none */
	uint32_t
	    *row; /* of each task: its row in the lane of its worker, from 0, the lowest free */
	uint32_t *earlier; /* the same of earlier attempts: tasks[i].earlier[k] at first[i] + k */
	uint32_t *first;
};

void lanes_make(struct lanes *, const struct recorded_run *);
void lanes_free(struct lanes *);

/* The same one by one, for what is not only tasks: in the order of their starts. */
struct lane_rows {
	struct lane *all;
	unsigned count;
};

void lane_rows_begin(struct lane_rows *, unsigned lanes);
uint32_t lane_rows_take(struct lane_rows *, unsigned lane, int64_t start_us, int64_t end_us);
unsigned lane_rows_count(const struct lane_rows *, unsigned lane); /* of rows in it so far */
void lane_rows_end(struct lane_rows *);

#endif
