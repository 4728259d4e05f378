/* SPDX-License-Identifier: ISC */
/*
 * plan: the tasks of a job as a what-if runs them: what each computes and waits, what it needs, what
 * the scheduler knows of it. In the supervisor.
 *
 * plan_of_results() or plan_of_jobfile() makes one; it is then only looked at, by any number of
 * simulations, one after the other.
 */
#ifndef SUPERVISOR_PLAN_H
#define SUPERVISOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/kind.h"
#include "supervisor/recorded_run.h"
#include "supervisor/resources.h"
#include "supervisor/task.h"

struct jobfile;

struct plan_phase {
	int64_t us;     /* on cores of its own */
	uint32_t cores; /* that it computes on at once; 0: it waits */
};

/* One task, or all repeats of one. Tasks are in an order in which what is needed comes first. */
struct plan_task {
	size_t id;           /* where it is in the plan's `ids`, terminated */
	size_t phase;        /* its first */
	size_t dependent;    /* the first of those that need it, in the plan's `dependents` */
	uint32_t dependents; /* how many those are */
	uint32_t needs;      /* how many it needs */
	uint32_t repeat;     /* 0: it stands for others, which it needs, and does nothing */
	uint32_t phases;
	uint32_t order; /* ready_order() */
	uint16_t cpus;
	uint8_t hint;             /* enum task_class */
	bool command : 1;         /* one single command: it is measured */
	bool computes : 1;        /* it is taken for computing when it begins */
	bool unknown : 1;         /* nobody knows how long it takes */
	bool mixes : 1;           /* its phases take turns; where it begins is not known */
	int64_t wall_us;          /* of one, if nobody else is there */
	int64_t cpu_us;           /* likewise */
	struct kind *kind;        /* NULL: none */
	struct task_text *limits; /* what it takes of resources and memory; NULL: nothing */
};

struct plan {
	struct plan_task *tasks;
	size_t count;
	struct plan_phase *phases;
	uint32_t *dependents;
	uint32_t
	    *turns; /* the tasks in the order of the file, without those that stand for others */
	size_t turn_count;
	struct text ids;
	struct kinds *kinds; /* as they were before the run */
	struct resources resources;
	uint64_t memory;     /* bytes there are for tasks that say what they take */
	uint64_t task_count; /* repeats counted */
	int64_t cpu_us;      /* of all */
	int64_t path_us;     /* the longest chain of needs */
	struct text path;    /* its ids: "a -> c -> f"; of one task: its id */
	uint32_t path_tasks; /* how many those are */
	uint64_t unknown;    /* tasks of which nobody knows how long they take */
	int64_t assumed_us;  /* that they were taken to */
	uint64_t left_out;   /* that never began, of results */
	int64_t ran_us;      /* how long the run itself took, of results; else 0 */
	unsigned ran_on;     /* workers that it had */
	struct plan_parts *parts;
};

/* Of a run that has ended. `factor`: all its seconds times this. */
struct plan *plan_of_results(const struct recorded_run *, double factor);

/*
 * Reads the job file to its end. NULL: `error` says what is wrong with it, or that nothing is known
 * of how long its tasks take.
 */
struct plan *plan_of_jobfile(struct jobfile *, double factor, struct text *error);

void plan_free(struct plan *);

const char *plan_id(const struct plan *, const struct plan_task *);

#endif
