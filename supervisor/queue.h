/* SPDX-License-Identifier: ISC */
/*
 * queue: the jobs of the daemon: what has been submitted, what runs, what has ended. It stands
 * between those who ask (the control socket, the dashboard), the store that keeps, and the engine
 * that runs. Nothing is done, nor answered, before it is in the store. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_QUEUE_H
#define SUPERVISOR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/store.h"

struct queue;
struct daemon_config;

/* NULL: it is done; else one sentence that says why not, for people. May come before the return. */
typedef void queue_done(void *context, const char *error);
/* From within, with an error: nothing is wrong but that the job is not so that it can be done. */
bool queue_refuses(const struct queue *);

/* ---- the daemon's own ------------------------------------------------------------------------- */

/* NULL: `error` says why. When `ready` is called the jobs of the store are there, or it is broken. */
struct queue *queue_new(struct event_base *, const struct daemon_config *,
			void (*ready)(void *context), void *context, struct text *error);
void queue_free(struct queue *);
void queue_configure(struct queue *,
		     const struct daemon_config *); /* what can change, from now on */
/* Starts nothing more; `ended` when nothing runs any more, at the latest after `patience_us`. Said again:
 * at once. */
void queue_stop(struct queue *, int64_t patience_us, void (*ended)(void *context), void *context);

/* ---- jobs ------------------------------------------------------------------------------------- */

struct queue_job {
	struct store_job kept; /* as the store has it, or will have */
	bool over;             /* it has ended, and the store knows; kept.phase says so earlier */
	bool estimated;        /* kept.total is, for its file is not read to its end */
	unsigned running;      /* tasks that are with workers */
	unsigned computing;    /* of those */
	double asked;          /* cores that it asks for now */
};

/* NULL: there is none of that number. It is valid until the event loop goes on. */
const struct queue_job *queue_job(const struct queue *, uint64_t number);
/* The first job of a number above `number`, or of `number` and below; NULL: none. */
const struct queue_job *queue_next(const struct queue *, uint64_t number);
const struct queue_job *queue_before(const struct queue *, uint64_t number);

/*
 * A new job. `what`: all but number, phase, outcome, times and sums; `hold`: it does not begin
 * before queue_resume(). What it is made of comes as for store_submit(). Returns its number; 0: it
 * is refused, and `done` was called with why.
 */
uint64_t queue_submit(struct queue *, const struct store_job *what, bool hold, struct span piece,
		      bool last, queue_done *, void *context);
void queue_submit_more(struct queue *, uint64_t number, struct span piece, bool last);
/* What was given to the store and is not synced yet, in bytes. Above QUEUE_BACKLOG wait with more. */
size_t queue_backlog(const struct queue *);
#define QUEUE_BACKLOG STORE_BACKLOG
void queue_abandon(struct queue *, uint64_t number); /* the client has gone before it was whole */

/* `task`: of that task alone; NULL: the job. */
void queue_cancel(struct queue *, uint64_t number, const char *task, bool kill, queue_done *,
		  void *);
/* What has not ended ok is run again; `failed`: only that, else all. The job is queued anew. */
void queue_retry(struct queue *, uint64_t number, bool failed, queue_done *, void *);
/* A job, or with number 0 the whole queue: what runs goes on, nothing more is started. */
void queue_pause(struct queue *, uint64_t number, queue_done *, void *);
void queue_resume(struct queue *, uint64_t number, queue_done *,
		  void *); /* also one that is held */
void queue_set_priority(struct queue *, uint64_t number, int priority, unsigned weight,
			queue_done *, void *);
void queue_remove(struct queue *, uint64_t number, queue_done *, void *); /* one that has ended */
/*
 * A job: nothing more of it is started; it ends, cancelled, when what runs of it has. With number 0
 * the whole queue: from now on no job is taken, until queue_resume(0); what is there is run.
 */
void queue_drain(struct queue *, uint64_t number, queue_done *, void *);

/* ---- what is running -------------------------------------------------------------------------- */

struct queue_status {
	bool paused, draining;
	const char *trouble;          /* why it is paused, if not by anybody; NULL: it is not */
	const char *broken;           /* why nothing is taken any more; NULL: all is well */
	int64_t store_us;             /* for how long the store has not answered; 0: it has */
	uint64_t jobs[JOB_ENDED + 1]; /* by phase */
	uint64_t ended[JOB_CANCELLED + 1];  /* by outcome */
	unsigned cores, workers;            /* that may compute; that there are */
	unsigned computing, waiting, ready; /* tasks */
	double asked;                       /* cores that all that runs asks for */
	uint64_t tasks[STATUSES];           /* that have ended since the daemon was started */
	int64_t wall_us, cpu_us;            /* sums over those */
	int64_t up_us;                      /* for how long the daemon runs */
};
void queue_status(const struct queue *, struct queue_status *);

const char *queue_broken(const struct queue *); /* the same of it alone */

/* Each task that is with a worker, those first that compute; false from `call`: that was enough. */
struct queue_running {
	uint64_t job;
	const char *task; /* its id, plain */
	const char *tag;
	int worker;
	unsigned attempt;
	int64_t for_us;
	bool computes;
	double use; /* cores; below 0: not measured */
};
void queue_each_running(const struct queue *, bool (*call)(void *, const struct queue_running *),
			void *context);

/* Records, and what jobs are made of: as store_get_results(), store_get_record(), store_source(). */
void queue_get_results(struct queue *, uint64_t number, store_got *, void *context);
void queue_get_record(struct queue *, uint64_t number, const char *task, store_got *,
		      void *context);
void queue_get_source(struct queue *, uint64_t number, store_got *, void *context);

/*
 * All that a task has written to stdout or stderr (1, 2), where that is more than its record has;
 * -1: the record has all of it.
 */
int queue_open_output(const struct queue *, uint64_t number, const char *task, int stream);

/*
 * What the tasks that run now have written so far, by stream; `all`: there is not more of it in what
 * queue_open_output() opens.
 */
void queue_each_output(const struct queue *, uint64_t number,
		       void (*visit)(void *context, const char *task, int stream, struct span bytes,
				     bool all),
		       void *context);

/* ---- who wants to know at once ---------------------------------------------------------------- */

/* Each may be NULL. Called from the event loop. Not to be ended from within. */
struct queue_watch_ops {
	/* Phase, outcome, paused, priority or a sum of the job has changed; or it is removed: NULL. */
	void (*job)(void *context, uint64_t number, const struct queue_job *);
	/* The whole queue is paused, resumed, draining or broken. */
	void (*status)(void *context);
	/* queue_backlog() was above QUEUE_BACKLOG, and is below half of it again. */
	void (*room)(void *context);
	/* A record was synced: whole lines of results. */
	void (*results)(void *context, uint64_t number, struct span lines);
	/* What a task writes, while it runs. */
	void (*output)(void *context, uint64_t number, const char *task, int stream,
		       struct span bytes);
};
struct queue_watch;

/* `number`: of one job; 0: of all. */
struct queue_watch *queue_watch(struct queue *, uint64_t number, const struct queue_watch_ops *,
				void *context);
void queue_unwatch(struct queue_watch *);

#endif
