/* SPDX-License-Identifier: ISC */
/*
 * worker_proc: one worker process and the pipe at each end of it. It is over when the pipe has
 * ended and the process was reaped, in either order. In the supervisor.
 */
#ifndef SUPERVISOR_WORKER_PROC_H
#define SUPERVISOR_WORKER_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ipc/message.h"

struct event_base;
struct worker_proc;

struct worker_caps {
	bool queues;   /* may be sent tasks ahead */
	bool recalls;  /* gives tasks back */
	bool suspends; /* itself, on SIGNAL_SUSPEND */
	bool measures; /* what commands ask of the cores, and runs them beside each other */
};

/* What the end of a worker says of the tasks that it had. */
struct worker_end {
	const char *why; /* a sentence for people; NULL: it was asked to */
	bool greeted;    /* it had said hello; else it has begun none of them */
	bool blamed;     /* they may be the cause */
	bool killed;     /* by SIGKILL, of others: that says nothing of the program */
	bool torn;       /* it had more to say: any command of theirs may have begun */
};

struct worker_events {
	void (*hello)(void *context, int number, const struct worker_caps *);
	/* Every other message. Not NULL: why it is fatal for the worker. */
	const char *(*message)(void *context, int number, const struct message *);
	void (*batch)(void *context); /* all messages that had come were handed over */
	/* It is over; the worker_proc may be freed. */
	void (*lost)(void *context, int number, const struct worker_end *);
};

/* What every worker of a run is told. */
struct worker_setup {
	const char *program;
	const char *job;
	const char *model;
	const char *output; /* "none", "group", "line", "raw" */
	unsigned threads;
	unsigned cores;
	bool record_output;
};

/* Starts a worker. NULL with errno. */
struct worker_proc *worker_proc_start(struct event_base *, const struct worker_setup *, int number,
				      const struct worker_events *, void *context);
void worker_proc_free(struct worker_proc *); /* kills it if it is not over */

/* Append messages, then flush. */
struct text *worker_proc_out(struct worker_proc *);
void worker_proc_flush(struct worker_proc *);
void worker_proc_pause(struct worker_proc *, bool paused); /* reads nothing from it */
size_t worker_proc_unsent(const struct worker_proc *);     /* bytes */

pid_t worker_proc_pid(const struct worker_proc *);
void worker_proc_reaped(struct worker_proc *, int status); /* wait4(2) has returned it */
void worker_proc_kill(struct worker_proc *, const char *why);
void worker_proc_suspend(struct worker_proc *); /* it stops, soon, until it gets a CONT */
/* waitpid(2) says that it is stopped, or goes on. */
void worker_proc_stopped(struct worker_proc *, bool stopped);
/* A second has passed: one that was stopped for long is killed, without blame for its tasks. */
void worker_proc_second(struct worker_proc *);
void worker_proc_shutdown(struct worker_proc *); /* asks it to end after its last task */

bool worker_proc_greeted(const struct worker_proc *);    /* its hello came */
bool worker_proc_was_useful(const struct worker_proc *); /* a task came to its end on it */

#endif
