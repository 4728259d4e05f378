/* SPDX-License-Identifier: ISC */
/*
 * simulator: workers in virtual time, for tests of the scheduler: each runs what it is sent as its
 * model says, gives back what it has not begun, and may die.
 */
#ifndef TESTS_SIMULATOR_H
#define TESTS_SIMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "supervisor/scheduler.h"

struct sim_task {
	struct sched_task sched; /* first */
	TAILQ_ENTRY(sim_task) queue;
	struct deadline end;
	int64_t us; /* how long it computes or waits */
	uint32_t number;
	uint16_t sends;
	uint16_t ends;
	bool computes; /* for good; that of `sched` is the scheduler's */
	bool queued;   /* at its worker, not begun */
	bool running;
};

TAILQ_HEAD(sim_queue, sim_task);

struct sim_worker {
	struct sim_queue queue;
	unsigned running; /* tasks that take a lane */
	bool down;
};

#define SIM_WORKERS_MOST 16

struct sim {
	struct scheduler *scheduler;
	const struct model *model;
	struct sim_worker workers[SIM_WORKERS_MOST];
	unsigned count;
	unsigned lanes; /* that a worker has */
	struct deadlines deadlines;
	struct sim_task *tasks;
	uint32_t task_count;
	uint32_t added;
	uint32_t ended;
	int64_t now_us;
	int64_t tick_us;      /* when recalls are next thought of */
	int64_t idle_us;      /* since when a worker idles though work is queued; -1: not */
	int64_t longest_idle; /* of such stretches */
	unsigned waits_most;  /* waiting tasks that ran at once */
	unsigned waits;
	uint32_t last_sent[2]; /* numbers, of those that wait and those that compute */
	bool in_order;         /* until now, first sends were in the order of the file */
	unsigned recalls;
};

/* `tasks` is for the caller to fill: `us` and `computes` of each. */
void sim_init(struct sim *, const char *model, unsigned workers, unsigned waiting_most,
	      uint32_t tasks);
void sim_free(struct sim *);

/* Runs until all tasks have ended, or until `until_us`. Each step is an event. */
void sim_run(struct sim *, int64_t until_us);

void sim_kill(struct sim *, unsigned number); /* its tasks are ready again */
void sim_revive(struct sim *, unsigned number);

#endif
