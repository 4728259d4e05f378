/* SPDX-License-Identifier: ISC */
/*
 * model: how tasks are laid over processes and threads; the table of the six in model.c.
 * Constant data; both sides read it, the supervisor to decide, the worker to carry out.
 */
#ifndef IPC_MODEL_H
#define IPC_MODEL_H

#include <stdbool.h>

enum model_compute {
	COMPUTE_IN_LOOP,   /* in the thread of the event loop, which it blocks */
	COMPUTE_IN_THREAD, /* in one compute thread beside the loop */
	COMPUTE_IN_POOL    /* a task has a thread of a pool to itself, from begin to end */
};

struct model {
	const char *name;
	bool per_cpu;   /* a worker process for each CPU; else one */
	bool exclusive; /* a worker runs one task at a time, even one that waits */
	enum model_compute compute;
	bool gil;         /* computing threads share one lock */
	const char *says; /* what overlaps, for people */
};

extern const struct model models[];
extern const int model_count;

const struct model *model_find(const char *name); /* NULL if there is none */
const struct model *model_default(void);          /* hybrid */

#endif
