/* SPDX-License-Identifier: ISC */
/*
 * plan_parts: how a plan is made; for the files plan*.c, and for tests. In the supervisor; pure.
 *
 * plan_new(), then for each task plan_add(), its phases and its needs; then plan_finish().
 */
#ifndef SUPERVISOR_PLAN_PARTS_H
#define SUPERVISOR_PLAN_PARTS_H

#include "supervisor/plan.h"

struct plan *plan_new(double factor);

/* The next task, all zero but for its id and `repeat`; the pointer holds until the next one. */
struct plan_task *plan_add(struct plan *, const char *id, size_t len, uint32_t repeat);

/* The next phase of the task that was added last, or whose last phase was; of 0: none. */
void plan_phase(struct plan *, struct plan_task *, int64_t us, uint32_t cores);

/* Task `task` needs task `need`; both are indexes, need < task. */
void plan_need(struct plan *, size_t task, size_t need);

/*
 * The phases of one of which only the sums are known. A command that does both alternates between
 * them; what is built in computes first.
 */
void plan_phases(struct plan *, struct plan_task *, int64_t cpu_us, int64_t wall_us);

/* All was added. The order follows from the chains behind the tasks, by what each is expected to take;
 * NULL: it is set. */
void plan_finish(struct plan *, const int64_t *expected_us);

#endif
