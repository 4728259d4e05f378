/* SPDX-License-Identifier: ISC */
/*
 * engine: the state of a run, shared by the files that make up the supervisor: supervisor.c (the
 * loop), intake.c (from the job file to the scheduler and to the workers), outcome.c (what the
 * workers say). For nobody else.
 */
#ifndef SUPERVISOR_ENGINE_H
#define SUPERVISOR_ENGINE_H

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
	struct slots slots;     /* the tasks that are sent, by the number they have on the wire */
	struct event *again;    /* there is more to do, after a look at the pipes */
	struct event *readable; /* the job file, when it kept us waiting */
	struct event *tick;     /* progress */
	struct event *patience; /* for workers that do not end their tasks when the run stops */
	struct event *watch;    /* scheduler_recall() */

	int64_t began_us;
	size_t ready_bytes;  /* of the texts of the tasks that are ready */
	uint64_t handed_out; /* tasks that came from the job file */
	bool read_all;       /* the job file is at its end, or nothing more is wanted from it */
	bool waiting_for_input;
	bool finishing; /* the workers were told to end */
	enum stopping stopping;
	int signal;      /* that ended the run; 0: none */
	int exit_status; /* if it is already decided; else EXIT_ALL_OK */
};

/* intake.c */
void intake_fill(struct engine *);                 /* from the job file to the scheduler */
void intake_dispatch(struct engine *);             /* from the scheduler to the workers */
void intake_again(struct engine *, struct task *); /* ready, before the others */
void intake_recall(struct engine *, int number, unsigned count);
void intake_drop_ready(struct engine *); /* the ready tasks will not be run */

/* outcome.c */
const char *outcome_message(struct engine *, int worker, const struct message *);
void outcome_worker_lost(struct engine *, int worker, const char *why);
/* A task ends without a worker's word. `error` is plain. Frees the task. */
void outcome_decide(struct engine *, struct task *, enum task_status, const char *error);

/* supervisor.c */
void engine_fail(struct engine *, const char *why); /* exit status 3, after what runs was killed */
void engine_stop(struct engine *, enum stopping);

#endif
