/* SPDX-License-Identifier: ISC */
/*
 * scheduler_queues: the tasks that are ready, by what they are expected to ask of a core; part of
 * the scheduler, for nobody else. When a kind of command turns out to be another than was thought,
 * all its ready tasks move. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_SCHEDULER_QUEUES_H
#define SUPERVISOR_SCHEDULER_QUEUES_H

#include "supervisor/scheduler.h"

/* Where the models do not tell tasks apart, all but ALONE are in WAITS. */
enum queue {
	QUEUE_WAITS,    /* built-in waits */
	QUEUE_COMPUTES, /* computations, and commands that are known for it */
	QUEUE_UNKNOWN,  /* commands of kinds of which nothing is known */
	QUEUE_BESIDE,   /* commands that wait, or do both */
	QUEUE_ALONE,
	QUEUES
};

TAILQ_HEAD(untried, kind);

struct queues {
	struct ready ready[QUEUES];
	struct untried untried; /* unknown kinds with ready tasks, none on trial */
	bool apart;             /* the model tells tasks apart */
	bool measured;          /* false: a worker is of somebody's own, and does not */
};

void queues_init(struct queues *, bool apart);
void queues_free(struct queues *);

void queues_add(struct queues *, struct sched_task *, bool first);
void queues_remove(struct queues *, struct sched_task *);

/* The first of a queue; NULL: it is empty. */
struct sched_task *queues_first(struct queues *, enum queue);
/* The next one to be tried, of a kind that is not on trial. */
struct sched_task *queues_untried(struct queues *);
/* The last command of unsaid class among those that are taken for computing. */
struct sched_task *queues_last_command(struct queues *);

/* A kind has learned something, or a trial of it began or ended: its ready tasks may move. */
void queues_settle(struct queues *, struct kind *);

/* What is expected of a command: what its author says, or its kind. */
enum kind_class queues_class(const struct sched_task *);

/* Whether nothing is known of its kind, so that its run will tell. */
bool queues_is_unknown(const struct sched_task *);

/* How many shares have tasks there. */
unsigned queues_shares(const struct queues *, enum queue);
unsigned queues_count(const struct queues *);

#endif
