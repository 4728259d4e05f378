/* SPDX-License-Identifier: ISC */
/*
 * environment: the variables of a command: the worker's own, STINT_JOB, STINT_WORKER,
 * STINT_TASK_ID, STINT_ATTEMPT, OMP_NUM_THREADS unless it is set, and the task's. In stint-worker.
 */
#ifndef WORKER_ENVIRONMENT_H
#define WORKER_ENVIRONMENT_H

struct environment; /* what all tasks of a worker share */

struct environment *environment_new(const char *job, unsigned worker);
void environment_free(struct environment *);

/*
 * For one task: `changes` are "NAME=value" to set, "NAME" to remove, NULL at the end; may be NULL.
 * Freed by environment_for_free(), before `changes` and the environment are.
 */
char **environment_for(const struct environment *, const char *id, unsigned attempt,
		       char *const *changes);
void environment_for_free(char **);

const char *environment_get(char *const *variables, const char *name); /* NULL: not set */

#endif
