/* SPDX-License-Identifier: ISC */
/*
 * queue_parts: what the files of the queue share; for nobody else.
 *
 *	queue.c         the queue as a whole, its beginning and its end
 *	queue_table.c   the jobs, by number
 *	queue_turn.c    which may begin next, which have ended
 *	queue_submit.c  how they come in
 *	queue_change.c  what is done to a job: cancelled, paused, run again, removed
 *	queue_stop.c    what runs is stopped: the daemon ends, or cannot go on for now
 *	queue_open.c    a job's way into the engine: its file, what it has already done
 *	queue_read.c    how these are read
 *	queue_run.c     the engine, and the end of a job in it
 *	queue_keep.c    results and output of tasks, to the store and to those who watch
 *	queue_output.c  what is too long for the store
 *	queue_watch.c   those
 *	queue_status.c  what runs
 */
#ifndef SUPERVISOR_QUEUE_PARTS_H
#define SUPERVISOR_QUEUE_PARTS_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "supervisor/begun.h"
#include "supervisor/daemon_config.h"
#include "supervisor/engine.h"
#include "supervisor/queue.h"
#include "supervisor/resume.h"
#include "supervisor/share.h"

/* What a task that runs has written so far. */
struct queue_output {
	RB_ENTRY(queue_output) all;
	const struct task *task;
	struct text head[2]; /* its beginning, of stdout and stderr */
	bool in_file[2];     /* all of it is in a file */
};

RB_HEAD(queue_outputs, queue_output);

/* A job that is open: it is in the engine, or on its way there. */
struct queue_active {
	struct queue_entry *entry;
	struct job job;
	struct run_options options;
	struct summary summary;
	struct share share;
	struct resume *done;
	int source; /* what it is made of, until it is read; -1: it has not come */
	bool in_engine;
	bool over; /* its last task has ended, and what it came to is on its way to the store */
	bool cancelled;   /* by somebody */
	bool lost;        /* the store has not taken what came of it */
	uint64_t dropped; /* tasks that were ended because the daemon ends: they are to run again */
	struct queue_outputs outputs;
	struct text lines; /* results that are to be kept */
	unsigned line_count;
	unsigned unanswered; /* requests to the store */
	struct text unseen;  /* results that are on their way there, for those who watch */
	uint64_t counted;    /* the last count of the queue that found any of its tasks */
};

/* Files in the state directory: the whole queue is so. */
#define QUEUE_PAUSED   "paused"
#define QUEUE_DRAINING "draining"

/* A change that is on its way to the store, and who is told when it is there. */
struct queue_saving {
	struct queue *queue;
	uint64_t number;
	queue_done *done; /* NULL: nobody */
	void *context;
};

/* A job. */
struct queue_entry {
	struct queue_job job;
	struct queue *queue;
	RB_ENTRY(queue_entry) turn;   /* among those that may begin */
	TAILQ_ENTRY(queue_entry) old; /* among those that have ended, the oldest first */
	uint64_t *dependents;         /* jobs that come after it */
	size_t dependent_count;
	struct queue_active *active;     /* NULL: it is not open */
	struct queue_saving *submitting; /* until it is whole */
	bool whole;                      /* its file is in the store */
	bool in_turn;
	bool is_old; /* it has ended, and the store knows */
	bool gone;   /* it is being removed */
	bool unread; /* its file could not be read to its end, the last time */
};

RB_HEAD(queue_turns, queue_entry);
STAILQ_HEAD(queue_readings, queue_reading);
TAILQ_HEAD(queue_olds, queue_entry);

struct queue {
	struct event_base *base;
	const struct daemon_config *config;
	struct store *store;
	struct begun *begun;
	struct run_options options; /* of the engine */
	struct engine *engine;      /* NULL: nothing has run for a while */
	void (*ready)(void *context);
	void *ready_context;

	struct queue_entry **all; /* by number; NULL: it was removed */
	size_t count, room, holes;
	struct queue_turns turns;
	struct queue_readings readings; /* large files; the first is being read */
	struct queue_olds olds;
	uint64_t old_count;
	unsigned active_count, active_most;
	unsigned unread_most;   /* jobs at once whose files are not read to their end */
	unsigned opening_count; /* of those, on their way to the engine */
	LIST_HEAD(, queue_watch) watches;

	uint64_t counts;        /* of what runs, so far; see queue_measure() */
	int64_t count_again_us; /* not before then */

	struct event *child;    /* SIGCHLD */
	struct event *second;   /* while anything runs */
	struct event *later;    /* queue_soon() */
	struct event *idle;     /* the workers are to go, when nothing has run for a while */
	struct event *expiry;   /* of the oldest job that has ended */
	struct event *patience; /* queue_stop() */
	struct event *again;    /* queue_trouble() */
	unsigned again_s;       /* that it waits for, or has waited; 0: a task has ended since */
	bool engine_ended;      /* it is to be freed, from the loop */
	bool paused, draining, stopping;
	bool interrupts; /* tasks end for no fault of theirs, and are to run again, another time */
	bool loaded;
	bool refuses;  /* while that is told: see queue_refuses() */
	char *broken;  /* NULL: all is well */
	char *trouble; /* why it is paused, if not by anybody */
	void (*stopped)(void *context);
	void *stopped_context;

	uint64_t tasks[STATUSES]; /* that have ended since the beginning, for queue_status() */
	int64_t wall_us, cpu_us;
	int64_t began_us;
};

int queue_turn_compare(const struct queue_entry *, const struct queue_entry *);
RB_PROTOTYPE(queue_turns, queue_entry, turn, queue_turn_compare)

/* queue_table.c */
struct queue_entry *queue_table_add(struct queue *, const struct store_job *);
void queue_table_remove(struct queue_entry *); /* and frees it */
void queue_table_free(struct queue *);
struct queue_entry *queue_find(const struct queue *, uint64_t number); /* NULL: there is none */

/* queue_turn.c */
void queue_turn_begin(int fd, short what, void *arg);  /* an event of the queue: what can begin */
void queue_turn_expire(int fd, short what, void *arg); /* likewise what is too old */
void queue_note_old(struct queue_entry *);             /* it has ended, and the store knows */
/* Whether it may begin, or never will; it is put into its place. */
void queue_settle(struct queue_entry *);
void queue_soon(struct queue *); /* looks what can begin, from the loop */
/* queue_submit.c: what is kept of it has changed: to the store; then those who watch are told, and `done` is called. */
void queue_save(struct queue_entry *, queue_done *done, void *context);
/* It has ended, and the store has it: what comes after it may begin, what is old goes. */
void queue_ended(struct queue_entry *);
void queue_drop(struct queue_entry *); /* it is forgotten */
void queue_trim(struct queue *);       /* what is older, or more, than is to be kept is removed */

/* queue_change.c */
void queue_pause_all(struct queue *); /* the open jobs, or not, as the queue is */
void queue_go_on(struct queue *);     /* it is not paused any more */

/* queue_stop.c */
/* It is paused, says why, and tries again in a while. */
void queue_trouble(struct queue *, const char *why);
void queue_interrupt(struct queue *, const char *why); /* likewise, and what runs goes back */
void queue_stop_rest(
    struct queue *); /* when the daemon ends, and no task runs any more: so do the jobs */

/* queue_open.c */
void queue_open_next(void *context); /* the next job that may begin; for the engine's wants() */
void queue_open_free(struct queue_active *);
void queue_open_read(struct queue_active *, const char *error); /* from queue_read.c, below */

/*
 * queue_read.c: reads what the job is made of, and its results so far (-1: there are none); both are
 * closed. Then calls queue_open_read(), at once if they are small: `jobfile` and `done` are there, or
 * `error` says why not.
 */
void queue_read(struct queue_active *, int source, int results);
void queue_read_end(struct queue *); /* waits for all that is being read */

/* queue_run.c */
void queue_run_begin(struct queue_active *);      /* its file is open: it goes into the engine */
bool queue_run_put_off(struct queue_active *);    /* true: it waits, as no job is taken now */
void queue_run_idle(struct queue *);              /* nothing is open any more */
bool queue_run_engine(struct queue *);            /* there is one, now; false: not yet */
void queue_run_settle_end(struct queue_active *); /* what it came to, before that is kept */
void queue_run_conclude(struct queue_active *);   /* all that was to be kept of it is */
/* It ends for no fault of its own, and is to run again: so are the tasks that are ended with it. */
bool queue_run_is_interrupted(const struct queue_active *);
void queue_run_free(struct queue *);
/* It ends without having run: cancelled if it is nobody's fault, else failed. */
void queue_run_refuse(struct queue_entry *, enum job_fault, const char *why);

/* queue_sink.c: of a queue_active: what comes of its tasks goes to queue_keep.c */
extern const struct sink_ops queue_sink;

/* queue_keep.c: called by that */
void queue_keep_record(struct queue_active *, const struct finished *);
void queue_keep_output(struct queue_active *, const struct task *, const struct task_output *);
void queue_keep_gathered(struct queue_active *); /* results that were only gathered so far */
void queue_keep_flush(struct queue_active *, bool last); /* `last`: with what the job came to */

/* queue_output.c */
int queue_output_compare(const struct queue_output *, const struct queue_output *);
RB_PROTOTYPE(queue_outputs, queue_output, all, queue_output_compare)
void queue_output_take(struct queue_active *, const struct task *, const struct task_output *);
void queue_output_lost(struct queue_active *, const struct task *); /* it begins anew */
/* The line of results of a task that has ended; what it wrote is as short there as is wanted. */
void queue_output_encode(struct queue_active *, const struct finished *, struct text *);
void queue_output_free(struct queue_active *);
void queue_output_remove(const struct queue *, uint64_t number); /* all files of a job */

/* queue_watch.c */
void queue_measure(struct queue_entry *); /* how many tasks of it run, which changes all the time */
void queue_tell_job(struct queue_entry *);
void queue_tell_status(struct queue *);
void queue_tell_room(struct queue *);
void queue_tell_removed(struct queue *, uint64_t number);
void queue_tell_results(struct queue *, uint64_t number, struct span lines);
void queue_tell_output(struct queue *, uint64_t number, const char *task, int stream,
		       struct span bytes);
bool queue_is_watched(const struct queue *, uint64_t number); /* what its tasks write */

#endif
