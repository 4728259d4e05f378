/* SPDX-License-Identifier: ISC */
/*
 * scheduler_state: what the files of the scheduler share; for nobody else. Pure; in the
 * supervisor.
 */
#ifndef SUPERVISOR_SCHEDULER_STATE_H
#define SUPERVISOR_SCHEDULER_STATE_H

#include "supervisor/scheduler_queues.h"

#define EXPLORE_FIRST_US 500000 /* after one that computes, as its kind does; then doubled */
#define EXPLORE_MOST_US  8000000

struct sched_worker {
	TAILQ_ENTRY(sched_worker) open;  /* those that may get a computing task */
	TAILQ_ENTRY(sched_worker) stack; /* those with more than one */
	struct sched_list tasks;
	int64_t recalled_us; /* when tasks were last asked back */
	int64_t ended_us;    /* when a computing task last ended there */
	unsigned computing;  /* tasks there that compute or queue for it */
	int32_t number : 24;
	bool up;
	bool queues;
	bool measures;
	bool is_open;
	bool is_idle;
	bool recalled; /* and nothing ended since: it gets no more */
};

TAILQ_HEAD(open_workers, sched_worker);
TAILQ_HEAD(stacked_workers, sched_worker);

struct scheduler {
	const struct model *model;
	struct sched_worker *workers;
	struct open_workers open;
	struct stacked_workers stacks; /* as many as `stacked` */
	struct queues queues;
	struct admission admission;
	struct sched_reason reason;
	unsigned count;
	unsigned cores;       /* of those: the first ones, which get computing tasks */
	unsigned next_worker; /* for waiting tasks, in turn */
	unsigned waiting_most;
	unsigned waiting;
	double pass_us; /* of the share that went last, before that */
	unsigned sent;
	unsigned busy;    /* workers with a computing task */
	unsigned idle;    /* workers that are up and have none */
	unsigned stacked; /* workers with more than one */
	int64_t mean;     /* MEAN_ONE-ths of a microsecond a computing task; -1: not known */
	unsigned depth;
	int64_t explore_us; /* when a kind that computes is next put to the test */
	int64_t explore_pause_us;
	int64_t now_us;
	bool no_more; /* ready tasks will come */
};

/* scheduler.c */
bool sched_tells_apart(const struct scheduler *);
bool sched_takes_place(const struct scheduler *, const struct sched_task *);
struct sched_worker *sched_open_worker(struct scheduler *); /* for a computing task; NULL: none */
void sched_count_computing(struct scheduler *, struct sched_worker *, int change);

/* scheduler_learn.c: the books of admission, and of kinds */
void sched_count_sent(struct scheduler *, struct sched_task *);
void sched_count_gone(struct scheduler *, struct sched_task *, int64_t took_us, int64_t cpu_us,
		      int64_t now_us);

/* scheduler_choose.c */
struct sched_task *sched_first_in_line(struct scheduler *); /* of those that may compute */

#endif
