/* SPDX-License-Identifier: ISC */
/*
 * scheduler: which ready task goes to which worker, and when. Pure: it holds no descriptor, forks
 * nothing and reads no clock; what happened and `now_us` are arguments. So tests, and what-if,
 * run it on a virtual clock.
 *
 * Tasks that compute take one of the workers' places, one a worker; built-in waits are sent at
 * once, to any worker, up to a limit. A command begins as a computing task; one that is seen to
 * wait leaves its place, and its kind (kind.h) is remembered: commands of a kind that waits are
 * sent beside the places, as admission.h allows; one command of a kind that nobody knows may be
 * tried beside them too, so that the waits in a mix are found while the cores compute.
 *
 * Within a kind of load, the order is that of ready.h. While tasks are short, several are sent
 * ahead to a worker, about DEPTH_US worth, so that it never idles for the time of a round trip; if
 * one of them turns out long, those behind it are recalled for a worker that idles.
 *
 * A task that is suspected to end its worker runs alone: behind the workers are SCHED_CELLS more,
 * which get one such task at a time and nothing else.
 *
 *	scheduler.c          workers and their places
 *	scheduler_queues.c   ready tasks, by what they are expected to ask of a core
 *	scheduler_choose.c   the next one to be sent
 *	scheduler_learn.c    what is counted for commands, and learned of them
 */
#ifndef SUPERVISOR_SCHEDULER_H
#define SUPERVISOR_SCHEDULER_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/model.h"
#include "ipc/task_spec.h"
#include "supervisor/admission.h"
#include "supervisor/ready.h"
#include "supervisor/share.h"

#define SCHED_NOWHERE      (-1)
#define SCHED_CELLS        8 /* numbered behind the workers */
#define SCHED_WORKERS_MOST 1000000

enum sched_state { SCHED_OUTSIDE, SCHED_READY, SCHED_SENT };

/* The scheduler's part of a task; the rest of the task is behind it. */
struct sched_task {
	TAILQ_ENTRY(sched_task) link; /* in a queue, or among those of its worker */
	struct sched_more *more;      /* NULL: it is no command, and wants no more than a core */
	struct share *share;          /* its job's part of the cores; NULL: there is one job */
	uint32_t order;               /* ready_order(); set before it is added */
	int32_t worker : 24;          /* that it was sent to; SCHED_NOWHERE */
	uint32_t state : 2;           /* enum sched_state */
	bool computes : 1;            /* set before it is added; then by scheduler_phase() */
	bool command : 1;             /* likewise: what it does next is one; it has `more` then */
	bool alone : 1;               /* set before it is added: to run in a cell */
	bool beside : 1;              /* it was sent beside the places */
};

/* Of a command, or a task that takes several cores. */
struct sched_more {
	TAILQ_ENTRY(sched_more) of_kind; /* while it is ready */
	struct sched_task *task;
	struct kind *kind; /* set before it is added; NULL: there is none */
	uint16_t cpus;     /* likewise; from 1 */
	uint8_t hint;      /* likewise; enum task_class */
	uint8_t queue;     /* that it is in, while it is ready */
	int64_t sent_us;
	uint32_t counted; /* thousandths of a core that admission counts for it */
	bool measured;    /* since it was sent */
	bool waits;       /* it was expected to, when it was sent */
	bool trial;       /* it was sent to learn of its kind */
	bool exploring;   /* it was sent to learn whether its kind is what it was taken for */
};

struct scheduler;

/*
 * `waiting_most`: waiting tasks in flight at once; in the pool models, threads.
 * NULL when memory is out.
 */
struct scheduler *scheduler_new(const struct model *, unsigned workers, unsigned waiting_most);
void scheduler_free(struct scheduler *); /* the tasks are not touched */

/* Computing tasks go to the first `cores` workers from now on. No more than there are. */
void scheduler_set_cores(struct scheduler *, unsigned cores);
unsigned scheduler_cores(const struct scheduler *);
void scheduler_cap(struct scheduler *, unsigned commands_most, bool short_of_memory);

/* What a worker can do beyond running what it is sent. */
enum {
	WORKER_GREETED = 1,  /* it has said what it can */
	WORKER_QUEUES = 2,   /* takes several ahead, and gives them back */
	WORKER_MEASURES = 4, /* what commands ask of the cores, and runs them beside each other */
};

/* A worker can take tasks (again). Or it is gone. */
void scheduler_worker_up(struct scheduler *, int number, unsigned abilities);
void scheduler_worker_down(struct scheduler *, int number);
/* The tasks that are sent to it, oldest first. */
struct sched_list *scheduler_tasks(struct scheduler *, int number);

void scheduler_add(struct scheduler *, struct sched_task *);   /* ready, behind the others */
void scheduler_again(struct scheduler *, struct sched_task *); /* ready, before the others */

/* Whether all tasks that there are have been added, and what was sent does not come again soon. */
void scheduler_no_more(struct scheduler *, bool);

/* The next task to be sent, its `worker` and `beside` set; NULL: none may be for now. */
struct sched_task *scheduler_next(struct scheduler *, int64_t now_us);

/* Why scheduler_next() last said what it said, in words: for --explain. */
struct sched_reason {
	enum sched_why {
		WHY_PLACE,   /* it computes, as far as is known, and there is a place */
		WHY_AHEAD,   /* likewise, behind others that are short */
		WHY_WAITS,   /* it waits by its nature */
		WHY_HINT,    /* its author says that it waits */
		WHY_KIND,    /* its kind is known to wait, or to do both */
		WHY_TRIAL,   /* nothing is known of its kind */
		WHY_EXPLORE, /* to see whether its kind is still what it was taken for */
		WHY_LAST,    /* alone in a last round it would end later */
		WHY_ALONE,
		WHY_NOTHING /* there is none, or `denied` */
	} why;
	enum admission_verdict denied; /* the command that is first in line */
};
struct sched_reason scheduler_reason(const struct scheduler *);

/*
 * A sent task stopped computing, or began to. `use`: of a command, thousandths of a core that it
 * asks for, as measured; -1: not measured.
 */
void scheduler_phase(struct scheduler *, struct sched_task *, bool computes, int use,
		     int64_t now_us);

/*
 * A sent task is no longer with its worker: it ended, came back, or its worker died.
 * `took_us`: how long it ran, when it ended; else -1. `cpu_us`: how long it computed.
 */
void scheduler_remove(struct scheduler *, struct sched_task *, int64_t took_us, int64_t cpu_us,
		      int64_t now_us);
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

/* A job's part of the cores begins to count, level with those that run. Then, when it changes. */
void scheduler_share(const struct scheduler *, struct share *, int priority, unsigned weight);

struct scheduler_load {
	unsigned computing; /* tasks that compute now, not those queued behind them */
	unsigned waiting;   /* tasks in flight that wait */
	unsigned sent;      /* tasks on workers, queued ones included */
	unsigned ready;     /* tasks that could be sent */
	unsigned asked;     /* thousandths of a core that all that is sent asks for */
	unsigned commands;  /* among those sent */
};

struct scheduler_load scheduler_load(const struct scheduler *);
unsigned scheduler_cells(const struct scheduler *); /* how many cells there is work for */
bool scheduler_wants(const struct scheduler *, unsigned window); /* more tasks than it has */
/* Whether tasks of one more job of that priority would be sent soon, beside what is ready. */
bool scheduler_wants_job(struct scheduler *, int priority);
struct sched_task *scheduler_any_ready(struct scheduler *); /* NULL: none */

#endif
