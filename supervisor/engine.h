/* SPDX-License-Identifier: ISC */
/*
 * engine: the state of a run, shared by the files that make up the supervisor: supervisor.c (the
 * loop), intake.c (from the job file to the scheduler and to the workers), outcome.c (what the
 * workers say), outgoing.c (what leaves through the sinks). For nobody else.
 */
#ifndef SUPERVISOR_ENGINE_H
#define SUPERVISOR_ENGINE_H

#include "supervisor/gate.h"
#include "supervisor/job_slots.h"
#include "supervisor/kind.h"
#include "supervisor/pool.h"
#include "supervisor/slots.h"
#include "supervisor/supervisor.h"

/* How a run is brought to its end before its tasks are all done. Only ever raised. */
enum stopping { STOP_NOT, STOP_STARTING, STOP_TERM, STOP_KILL };

struct engine {
	const struct run_options *options;
	struct jobfile *jobfile;
	struct sinks *sinks;
	struct summary *summary;

	struct event_base *base;
	struct scheduler *scheduler;
	struct pool *pool;
	struct kinds *kinds; /* intake_kind() */
	bool learns;         /* from earlier runs, for later ones */
	struct gate *gate;
	struct deadlines retries; /* tasks that are to be tried again, by struct task_extra */
	struct event *retry;      /* for the first of them */
	struct slots slots;       /* the tasks that are sent, by the number they have on the wire */
	struct event *again;      /* there is more to do, after a look at the pipes */
	struct event *readable;   /* the job file, when it kept us waiting */
	struct event *tick;       /* progress */
	struct event *patience;   /* for workers that do not end their tasks when the run stops */
	struct event *second;     /* what is looked at once a second */
	struct event *suspend;    /* Ctrl-Z */
	int suspend_fd;
	struct event *watch;    /* scheduler_recall() */
	struct event *outgoing; /* who reads our output keeps us waiting; made when it is needed */

	struct job_slots job_slots; /* -j @FILE */
	int64_t began_us;
	int64_t more_us;     /* when a part of a large output came last */
	size_t ready_bytes;  /* of the texts of the tasks that are ready */
	uint64_t handed_out; /* tasks that came from the job file */
	bool read_all;       /* the job file is at its end, or nothing more is wanted from it */
	bool waiting_for_input;
	bool short_of_memory;             /* the machine is */
	unsigned workers;                 /* places in the pool that are no cells */
	unsigned commands_most;           /* at once */
	bool greeted;                     /* a worker has said hello */
	enum admission_verdict explained; /* why nothing starts, as was said last */
	bool halted;                      /* by --halt */
	bool finishing;                   /* the workers were told to end */
	bool paused;                      /* the workers wait, too, for who reads our output */
	enum stopping stopping;
	int signal;      /* that ended the run; 0: none */
	int exit_status; /* if it is already decided; else EXIT_ALL_OK */
};

/* supervisor.c */
unsigned engine_in_progress(const struct engine *); /* tasks that are with workers */

/* stopping.c */
void engine_stop(struct engine *, enum stopping);
void engine_fail(struct engine *, const char *why); /* the system failed us: the run ends, exit 3 */
void stopping_patience(int fd, short what, void *arg); /* the time to end is over */
void stopping_say(const struct engine *);
const char *stopping_words(const struct engine *); /* for progress; NULL: it is not stopping */

/* intake.c */
void intake_begin(struct engine *);                /* before the first task */
void intake_fill(struct engine *);                 /* from the job file to the scheduler */
void intake_dispatch(struct engine *);             /* from the scheduler to the workers */
void intake_again(struct engine *, struct task *); /* ready, before the others */
struct kind *intake_kind(struct engine *, struct span name, bool is_program); /* NULL: too many */
void intake_release(struct engine *, struct task *); /* what it holds of resources */
void intake_later(struct engine *, struct task *, int64_t delay_us); /* ready, in a while */
void intake_set_retry(struct engine *);
unsigned intake_waiting(const struct engine *); /* tasks held back by resources or for later */
void intake_recall(struct engine *, int number, unsigned count);
void intake_drop_ready(struct engine *); /* the ready tasks will not be run */

/* explain.c */
#define EXPLAIN_RUNNING 100 /* tasks that SIGUSR1 lists */
void explain_start(const struct engine *, const struct task *);
void explain_stop(struct engine *); /* nothing more can start for now */
void explain_measure(const struct engine *, const struct task *, bool computes, int use);
void explain_running(struct engine *);
void explain_idle(struct engine *); /* notes what idle cores wait for, from now on */

/* outcome.c */
const char *outcome_message(struct engine *, int worker, const struct message *);
void outcome_worker_lost(struct engine *, int worker, const struct worker_end *);
/* A task ends without a worker's word. `error` is plain. Frees the task. */
void outcome_decide(struct engine *, struct task *, enum task_status, const char *error);
void outcome_drop(struct engine *, struct task *); /* it will not run, or not again. Frees it. */

/* outgoing.c */
void outgoing_flush(struct engine *); /* never waits; in every pass */
void outgoing_free(struct engine *);

#endif
