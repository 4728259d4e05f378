/* SPDX-License-Identifier: ISC */
/*
 * engine: runs jobs: the workers, the scheduler that shares the cores among all tasks, and what is
 * learned of them. A job brings its tasks and takes what comes of them. `stint run` gives an engine
 * one job, stintd as many as there are. Shared by the files that make it up:
 *
 *	engine.c    the loop
 *	job.c       the beginning, the end and the tasks of a job
 *	intake.c    from the job file, with what is to be known of a task
 *	passage.c   through the gate, to the scheduler
 *	sending.c   from the scheduler to the workers
 *	outcome.c   what the workers say
 *	outgoing.c  what leaves through the sinks
 *	stopping.c  a job that is to end before its tasks are all done
 *	explain.c, running.c  what runs, and why
 *
 * Fronts, supervisor.c and the queue of stintd, use what is above the line below. In the supervisor.
 */
#ifndef SUPERVISOR_ENGINE_H
#define SUPERVISOR_ENGINE_H

#include <bsd/sys/queue.h>

#include "supervisor/gate.h"
#include "supervisor/jobfile.h"
#include "supervisor/kind.h"
#include "supervisor/pool.h"
#include "supervisor/run_options.h"
#include "supervisor/sink.h"
#include "supervisor/slots.h"
#include "supervisor/summary.h"

/* How a job is brought to its end before its tasks are all done. Only ever raised. */
enum stopping { STOP_NOT, STOP_STARTING, STOP_TERM, STOP_KILL };

struct engine;

TAILQ_HEAD(task_list, task);

/*
 * One that runs. What it is given stays the caller's, and must last: job file, sinks, summary,
 * which was set up by summary_init(), and of the options what is said of tasks and their results.
 */
struct job {
	struct engine *engine;
	TAILQ_ENTRY(job) link;
	TAILQ_ENTRY(job) stirring; /* while `stirs` */
	bool stirs;                /* the next pass looks at it: job_stir() */
	const struct run_options *options;
	struct jobfile *jobfile;
	struct sinks *sinks;
	struct summary *summary;
	const char *directory; /* in which its commands run; NULL: where the workers are */
	struct span variables; /* for their environment, JSON: "NAME":"value",...; or empty */
	struct share *share;   /* of the cores; NULL: it is the only job */
	void *owner;           /* for the front */

	struct gate *gate;
	struct task_list tasks; /* that came from the job file, and have not come to their end */
	uint64_t open;          /* how many those are */
	unsigned sent;          /* of those, with workers */
	unsigned later;         /* of those, to be tried again in a while */
	size_t ready_bytes;     /* of the texts of those that are ready */
	struct event *readable; /* the job file, when it kept us waiting */
	struct event *outgoing; /* who reads our output keeps us waiting; made when it is needed */
	struct event *patience; /* for workers that do not end their tasks when it stops */
	int64_t began_us;
	int64_t more_us;     /* when a part of a large output came last */
	uint64_t handed_out; /* tasks that came from the job file */
	bool read_all;       /* the job file is at its end, or nothing more is wanted from it */
	bool waiting_for_input;
	bool halted; /* by --halt */
	bool paused; /* none of its tasks is started */
	bool full;   /* who reads its output has more than enough to read */
	bool over;   /* the front was told that it is */
	enum stopping stopping;
	int signal;      /* that ended it; 0: none */
	int exit_status; /* if it is already decided; else EXIT_ALL_OK */
};

struct engine_ops {
	/* Nothing of the job is left, nor will come: job_end() may follow. */
	void (*over)(void *context, struct job *);
	void (*ended)(void *context); /* after engine_finish(): no worker is left */
	/* Each may be NULL. The system failed us: all jobs are to be stopped; else all of them fail. */
	void (*failed)(void *context, const char *why);
	/* How often a task of a job that goes on was begun before. */
	unsigned (*begun)(void *context, const struct task *);
	/* A task is sent; no worker is told before sending() was called after that. */
	void (*sent)(void *context, const struct task *);
	void (*sending)(void *context);
	void (*wants)(
	    void *context); /* other jobs may begin, as far as scheduler_wants_job() says so */
};

/*
 * Of the options what is said of workers and the machine. `name`: STINT_JOB of all tasks; NULL: each
 * is told that of its own job. Ends the process if it cannot be made.
 */
struct engine *engine_new(struct event_base *, const struct run_options *, const char *name,
			  const struct engine_ops *, void *context);
void engine_free(struct engine *);   /* its jobs were freed before */
void engine_again(struct engine *);  /* there is more to do, after a look at the pipes */
void engine_reap(struct engine *);   /* SIGCHLD came */
void engine_finish(struct engine *); /* the workers are to end, there will be no more jobs */
void engine_second(struct engine *); /* once a second, while there is anything to do */
/* Tasks that compute go to so many cores from now on; no more than job_slots has. */
void engine_set_cores(struct engine *, unsigned cores);
/* The memory that its options say there is for all jobs together is another. */
void engine_set_memory(struct engine *);

/* The job begins; its members up to `owner` are set, all others zero. */
void job_begin(struct engine *, struct job *);
void job_again(struct job *);   /* something has happened to it: it may go on */
void job_measure(struct job *); /* when it is over: sets the measures of its summary */
void job_end(struct job *); /* frees what job_begin() and its tasks have made, but not the job */
void job_stop(struct job *, enum stopping);
void job_fail(struct job *, const char *why); /* the system failed us: it ends, exit 3 */
void job_pause(struct job *, bool);
/* Of this task alone; false: it is not among those that were handed out and have not ended. */
bool job_cancel(struct job *, const char *id, bool kill);
void job_say_stopping(const struct job *);
int job_exit_status(const struct job *); /* of one that is over */

/* ---- for the engine's own files ---------------------------------------------------------------- */

struct engine {
	const struct run_options *options;
	const struct engine_ops *ops;
	void *context;
	struct event_base *base;
	TAILQ_HEAD(, job) jobs;
	TAILQ_HEAD(, job) stirring; /* the others only wait for their tasks to end */
	unsigned job_count;
	unsigned stirring_count;

	struct scheduler *scheduler;
	struct pool *pool;
	struct kinds *kinds;      /* intake_kind() */
	bool learns;              /* from earlier runs, for later ones */
	struct deadlines retries; /* tasks that are to be tried again, by struct task_extra */
	struct event *retry;      /* for the first of them */
	struct slots slots;       /* the tasks that are sent, by the number they have on the wire */
	struct event *again;      /* engine_again() */
	struct event *watch;      /* scheduler_recall() */

	uint64_t memory;                  /* bytes that the machine has; 0: not looked at yet */
	struct supply *shared_memory;     /* of all jobs; NULL: none of them shares */
	bool memory_wanted;               /* by a task that came since passage_yield_memory() */
	bool short_of_memory;             /* the machine is */
	unsigned workers;                 /* places in the pool that are no cells */
	unsigned commands_most;           /* at once */
	bool greeted;                     /* a worker has said hello */
	enum admission_verdict explained; /* why nothing starts, as was said last */
	bool finishing;                   /* the workers were told to end */
	bool paused;                      /* the workers wait, too, for who reads our output */
};

/* engine.c */
unsigned engine_in_progress(const struct engine *); /* tasks that are with workers */
void engine_fail(struct engine *, const char *why); /* the system failed us: all jobs end */

/* job.c */
void job_stir(struct job *);                /* the next pass, which comes anyway, looks at it */
void job_rest(struct job *);                /* until then */
bool job_is_only(const struct job *);       /* no other is in its engine */
void job_take(struct job *, struct task *); /* one more of its tasks has come from the job file */
void job_forget(struct task *);             /* it has come to its end. Frees it */
void job_drop_ready(struct job *);          /* the ready tasks will not be run */

/* stopping.c */
const char *stopping_words(const struct job *); /* for progress; NULL: it is not stopping */

/* intake.c */
void intake_begin(struct job *);                    /* before its first task */
void intake_fill(struct job *);                     /* from the job file to the scheduler */
void intake_later(struct task *, int64_t delay_us); /* ready, in a while */
unsigned intake_waiting(const struct job *);        /* tasks held back by resources or for later */
struct kind *intake_kind(struct engine *, struct span name, bool is_program); /* NULL: too many */
size_t intake_size(const struct task *); /* what of ready_bytes it is */

/* passage.c */
void passage_begin(struct job *);         /* its gate is there */
void passage_enter(struct task *);        /* it could run, as far as it is concerned */
void passage_again(struct task *);        /* ready, before the others */
void passage_release(struct task *);      /* what it holds of resources */
void passage_pause(struct job *);         /* what could run is put aside, and holds nothing */
void passage_resume(struct job *);        /* and ready again */
void passage_set_memory(struct engine *); /* its options say anew how much there is */
/* Ready tasks leave memory to those of jobs of higher priority that want it. */
void passage_yield_memory(struct engine *);

/* sending.c */
void sending_dispatch(struct engine *); /* from the scheduler to the workers */
void sending_recall(struct engine *, int number, unsigned count);
void sending_cancel(struct engine *,
		    const struct task *); /* asks its worker to end it, if it has it */

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
void outcome_decide(struct task *, enum task_status, const char *error);
void outcome_drop(struct task *); /* it will not run, or not again. Frees it. */

/* outgoing.c */
void outgoing_flush(struct engine *); /* never waits; in every pass */
void outgoing_flush_job(struct job *);

#endif
