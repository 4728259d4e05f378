/* SPDX-License-Identifier: ISC */
/*
 * simulation: a run of a plan in virtual time: the scheduler of a run, on a machine that has as many
 * cores as it has workers. What computes at a moment shares the cores equally, if it is more than
 * there are; what waits takes none. Workers do what stint-worker does in `hybrid`: built-in
 * computations one after the other, waits and commands that wait beside them; a task that has
 * waited and is to compute goes back to the supervisor. Pure; in the supervisor.
 *
 * Not in it: tasks that fail, and what else the machine does.
 */
#ifndef SUPERVISOR_SIMULATION_H
#define SUPERVISOR_SIMULATION_H

#include "supervisor/plan.h"

#define SIMULATION_WORKERS_MOST 100000

struct simulation_setup {
	unsigned workers;       /* and cores; from 1 */
	unsigned waiting_most;  /* tasks that wait at once */
	unsigned commands_most; /* commands at once */
};

struct simulation_result {
	int64_t wall_us;
	int64_t task_wall_us;  /* sum of the tasks' */
	unsigned waiting_peak; /* most tasks that waited at once */
	unsigned peak;         /* most tasks that were in progress at once */
	bool limited;          /* tasks were held back by `waiting_most` */
	bool gated;            /* or by resources, or memory */
};

/* The plan's kinds are lent: they are afterwards as they were. */
void simulation_run(const struct plan *, const struct simulation_setup *,
		    struct simulation_result *);

#endif
