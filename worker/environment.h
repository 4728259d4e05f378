/* SPDX-License-Identifier: ISC */
/*
 * environment: the variables of a command: the worker's own, STINT_JOB, STINT_WORKER, STINT_RUN,
 * STINT_TASK_ID, STINT_ATTEMPT, STINT_SLOT, OMP_NUM_THREADS unless it is set, what it was granted,
 * and the task's. In stint-worker.
 */
#ifndef WORKER_ENVIRONMENT_H
#define WORKER_ENVIRONMENT_H

#include <stdint.h>

struct environment; /* what all tasks of a worker share */

struct environment *environment_new(const char *job, unsigned worker);
void environment_free(struct environment *);

/* Of one task; what it points to lives until environment_for_free(). */
struct task_variables {
	const char *id;
	const char *mark; /* STINT_RUN, which no change reaches; NULL: none */
	unsigned attempt;
	uint64_t place;      /* STINT_SLOT, see worker/places.h */
	unsigned cpus;       /* 0 is as 1 */
	char *const *grants; /* "NAME=value", NULL at the end; may be NULL */
	char *const
	    *changes; /* "NAME=value" to set, "NAME" to remove, NULL at the end; may be NULL */
};

char **environment_for(const struct environment *, const struct task_variables *);
void environment_for_free(char **);

const char *environment_get(char *const *variables, const char *name); /* NULL: not set */

#endif
