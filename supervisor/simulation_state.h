/* SPDX-License-Identifier: ISC */
/*
 * simulation_state: what the files of the simulation share; for nobody else. In the supervisor;
 * pure.
 *
 *	simulation.c          from the plan to the scheduler, the clock, the end
 *	simulation_worker.c   what workers do with the tasks that they are sent
 */
#ifndef SUPERVISOR_SIMULATION_STATE_H
#define SUPERVISOR_SIMULATION_STATE_H

#include "ipc/deadlines.h"
#include "supervisor/gate.h"
#include "supervisor/scheduler.h"
#include "supervisor/simulation.h"

/* What only commands have, and what takes several cores, or is limited. */
struct sim_extra {
	struct sched_more more; /* first */
	struct deadline look;   /* when its use is told */
	struct task *held;      /* of the gate; NULL: it takes nothing that is limited */
};

struct sim_task {
	struct sched_task sched; /* first; `more` is that of `extra` */
	TAILQ_ENTRY(sim_task) queue;
	struct deadline next; /* the end of its phase, on the clock of those that compute or wait */
	const struct plan_task *plan;
	int64_t stay_us; /* when it began, since it was sent last */
	int64_t wall_us; /* of its earlier stays */
	uint32_t phase;  /* that it is in, or goes on with */
	uint16_t turned; /* where phases take turns: that it began with */
	bool in_phase : 1;
	bool computes : 1; /* in it */
	bool queued : 1;   /* at its worker, for the slot */
	bool granted : 1;  /* it has the slot */
	bool begun : 1;
};

TAILQ_HEAD(sim_queue, sim_task);

struct sim_worker {
	struct sim_queue queue;
	struct sim_task *slot;
};

struct sim {
	const struct plan *plan;
	struct scheduler *scheduler;
	struct gate *gate;
	struct sim_worker *workers;
	struct deadlines wakes; /* of those that wait, by now_us */
	struct deadlines dones; /* of those that compute, by cpu_ns */
	struct deadlines looks; /* at commands, by now_us */
	struct simulation_setup setup;
	struct simulation_result result;

	uint32_t *pending; /* of each of the plan's tasks: needs that have not ended */
	uint32_t *left;    /* of each: repeats that have not ended */
	uint32_t *ready;   /* those whose needs have ended, in that order */
	size_t ready_first;
	size_t ready_end;
	size_t held;      /* those whose needs have not */
	uint32_t repeats; /* of the present one, that are still to be added */
	uint32_t present;
	size_t turn; /* in the order of the file */
	struct sim_queue spare;
	struct sim_slab *slabs;

	uint64_t ended;
	int64_t now_us;
	int64_t tick_us;    /* when recalls are next thought of */
	int64_t cpu_ns;     /* that one which computed all the time would have got so far */
	uint64_t computing; /* cores that are asked for */
	unsigned waiting;
	unsigned in_progress;
};

/* simulation.c */
void sim_end(struct sim *, struct sim_task *);   /* all its phases are over */
void sim_yield(struct sim *, struct sim_task *); /* it goes back, and is to compute next */

/* simulation_worker.c */
void sim_receive(struct sim *, struct sim_task *);            /* it was sent to its worker */
void sim_events(struct sim *);                                /* all that is due now */
void sim_give_back(struct sim *, int number, unsigned count); /* what was not begun */
void sim_leave(struct sim *, struct sim_task *);              /* its stay at the worker is over */

#endif
