/* SPDX-License-Identifier: ISC */
/*
 * running: how a run stands, and the tasks that are with its workers now, for those who tell people
 * of them. In the supervisor.
 */
#ifndef SUPERVISOR_RUNNING_H
#define SUPERVISOR_RUNNING_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/task.h"

struct engine;
struct job;
struct run_status; /* sink.h */

void running_status(const struct job *, struct run_status *);

enum running_how {
	RUNNING_COMPUTES,
	RUNNING_WAITS,
	RUNNING_QUEUED /* it was sent ahead, behind one that computes */
};

struct running {
	const struct task *task;
	enum running_how how;
	int use;        /* thousandths of a core, as measured; -1: not measured */
	int64_t for_us; /* since it was sent */
};

/* One that is with a worker. */
struct running running_task(const struct task *);

/* Workers are numbered from 0; some of them may not be there now. */
unsigned running_workers(const struct engine *);
bool running_worker_is_up(const struct engine *, unsigned number);

/* Calls `visit` for each task of the worker, oldest first, until it returns false. */
typedef bool running_visit(void *context, const struct running *);
void running_each(const struct engine *, unsigned number, running_visit *, void *context);

#endif
