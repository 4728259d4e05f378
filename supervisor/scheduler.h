/* SPDX-License-Identifier: ISC */
/*
 * scheduler: which ready task goes to which worker, and when. Pure: it holds no descriptor, forks
 * nothing and reads no clock; what happened and `now_us` are arguments. So tests, and what-if,
 * run it on a virtual clock.
 *
 * Two kinds of tasks: those that compute take one of the workers' slots, one a worker; those that
 * wait are sent at once, to any worker, up to a limit. Within a kind, the order is that of the
 * file. While tasks are short, several are sent ahead to a worker, about DEPTH_US worth, so that
 * it never idles for the time of a round trip; if one of them turns out long, those behind it are
 * recalled for a worker that idles.
 *
 * A task that is suspected to end its worker runs alone: behind the workers are SCHED_CELLS more,
 * which get one such task at a time and nothing else.
 */
#ifndef SUPERVISOR_SCHEDULER_H
#define SUPERVISOR_SCHEDULER_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/model.h"

#define SCHED_NOWHERE (-1)
#define SCHED_CELLS   8 /* numbered behind the workers */

enum sched_state { SCHED_OUTSIDE, SCHED_READY, SCHED_SENT };

/* The scheduler's part of a task; the rest of the task is behind it. */
struct sched_task {
	TAILQ_ENTRY(sched_task) link; /* in a queue, or among those of its worker */
	int32_t worker;               /* that it was sent to; SCHED_NOWHERE */
	uint8_t state;                /* enum sched_state */
	bool computes;                /* set before it is added; then by scheduler_phase() */
	bool alone;                   /* set before it is added: to run in a cell */
};

TAILQ_HEAD(sched_list, sched_task);

struct scheduler;

/*
 * `waiting_most`: waiting tasks in flight at once; in the pool models, threads.
 * NULL when memory is out.
 */
struct scheduler *scheduler_new(const struct model *, unsigned workers, unsigned waiting_most);
void scheduler_free(struct scheduler *); /* the tasks are not touched */

/* A worker can take tasks (again), several ahead if `queues`. Or it is gone. */
void scheduler_worker_up(struct scheduler *, int number, bool queues);
void scheduler_worker_down(struct scheduler *, int number);
/* The tasks that are sent to it, oldest first. */
struct sched_list *scheduler_tasks(struct scheduler *, int number);

void scheduler_add(struct scheduler *, struct sched_task *);   /* ready, behind the others */
void scheduler_again(struct scheduler *, struct sched_task *); /* ready, before the others */

/* The next task to be sent, its `worker` set; NULL: none may be for now. */
struct sched_task *scheduler_next(struct scheduler *);

/* A sent task stopped computing, or began to. */
void scheduler_phase(struct scheduler *, struct sched_task *, bool computes);

/*
 * A sent task is no longer with its worker: it ended, came back, or its worker died.
 * `took_us`: how long it computed, when it ended; else -1.
 */
void scheduler_remove(struct scheduler *, struct sched_task *, int64_t took_us, int64_t now_us);
void scheduler_forget(struct scheduler *, struct sched_task *); /* a ready task will not run */

/*
 * Work that is stuck behind a long task while another worker idles: ask worker `number` for `count`
 * tasks back. False: there is none. To be asked every SCHED_TICK_US while scheduler_watch() says so.
 */
#define SCHED_TICK_US 5000
bool scheduler_recall(struct scheduler *, int64_t now_us, int *number, unsigned *count);
bool scheduler_watch(const struct scheduler *);

/*
 * For how long all workers have work at hand, as far as can be told: nothing has to be sent before
 * that. 0 where tasks wait, or where it is not known.
 */
int64_t scheduler_slack_us(const struct scheduler *);

/* Whether a sent task may be queued on its worker, behind those sent before it; else it began. */
bool scheduler_queues(const struct scheduler *, const struct sched_task *);

struct scheduler_load {
	unsigned computing; /* tasks that compute now, not those queued behind them */
	unsigned waiting;   /* tasks in flight that wait */
	unsigned sent;      /* tasks on workers, queued ones included */
	unsigned ready;     /* tasks that could be sent */
};

struct scheduler_load scheduler_load(const struct scheduler *);
unsigned scheduler_cells(const struct scheduler *); /* how many cells there is work for */
bool scheduler_wants(const struct scheduler *, unsigned window); /* more tasks than it has */
struct sched_task *scheduler_any_ready(struct scheduler *);      /* NULL: none */

#endif
