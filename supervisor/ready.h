/* SPDX-License-Identifier: ISC */
/*
 * ready: a queue of tasks that are ready, by `order` (the higher first), then by arrival. There
 * are few orders at a time: a list each; adding and taking cost the same however many tasks wait.
 * Tasks of several jobs stand in a lane for each: share.h says whose turn it is. Pure; in the
 * supervisor.
 *
 *	order = (priority + 1000) * READY_RANKS + rank
 *
 * where the rank is the logarithm of the time expected from the task's start to the end of the
 * longest chain behind it, in steps of 1 %, so that tasks of the same length keep the order of the
 * file.
 */
#ifndef SUPERVISOR_READY_H
#define SUPERVISOR_READY_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#define READY_RANKS 4096

struct sched_task;
struct share;
struct ready_level;

TAILQ_HEAD(sched_list, sched_task);

/* The tasks of one share; those without one have one in common. */
struct ready_lane {
	const struct share *share;
	struct ready_level **levels; /* ascending; some may be empty */
	struct ready_level *recent;  /* that was added to last */
	struct ready_level *spare;
	unsigned level_count;
	unsigned room;
	unsigned count; /* of tasks */
};

/* All zero: empty. */
struct ready {
	struct ready_lane **lanes; /* only the first may be empty */
	struct ready_lane *recent; /* that was used last */
	unsigned lane_count;
	unsigned room;
	unsigned count; /* of tasks */
};

/* `rank_us`: as above; 0 or less: not known. */
uint32_t ready_order(int priority, int64_t rank_us);

void ready_add(struct ready *, struct sched_task *);       /* behind those of its order */
void ready_add_first(struct ready *, struct sched_task *); /* before them */
void ready_remove(struct ready *, struct sched_task *);
struct sched_task *ready_first(struct ready *); /* NULL: it is empty */
struct sched_task *ready_last(struct ready *);
struct sched_task *ready_lane_first(struct ready_lane *); /* likewise, of this lane */
bool ready_has(const struct ready *,
	       const struct sched_task *); /* looks through all of its order */
void ready_free(struct ready *);           /* the tasks are not touched */

#endif
