/* SPDX-License-Identifier: ISC */
/*
 * store: what the daemon must not lose: its jobs, what they are made of, and their results, in
 * SQLite, in a process of its own. That process owns the only connection, and was forked before any
 * other, so that none of the daemon's many forks carries it; it takes what has come meanwhile into
 * one transaction, and answers when that is synced (synchronous=FULL). The daemon never waits for
 * the disk. In the supervisor, of stintd.
 *
 * Functions only queue; what they queue is written in that order, and what is read is at least what
 * was queued before; it may come later than writes that were queued after it. Answers come from the
 * event loop, and from store_close(). A string or span that is passed is copied.
 *
 * If the store can no longer be trusted (a failed sync, a full disk, its process gone) all that was
 * not answered by then is answered with an error, then `broken` is called, once; later calls are
 * answered with an error. What was answered with an error by this may yet be there after a restart.
 */
#ifndef SUPERVISOR_STORE_H
#define SUPERVISOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/result_record.h"
#include "ipc/text.h"

struct event_base;
struct store;

/* How far a job has come. The numbers are in the database. */
enum job_phase { JOB_HELD = 0, JOB_QUEUED = 1, JOB_RUNNING = 2, JOB_ENDED = 3 };
enum job_outcome { JOB_OPEN = 0, JOB_OK = 1, JOB_FAILED = 2, JOB_CANCELLED = 3 };
/* Whose fault it is that a job failed, if not its tasks': its file's, of which nothing was run, or ours. */
enum job_fault { FAULT_NONE = 0, FAULT_INVALID = 1, FAULT_SYSTEM = 2 };

/* A job, without what it is made of. Strings: UTF-8; NULL: none. Times: us since the epoch, or 0. */
struct store_job {
	uint64_t number; /* from 1, in the order of submission; never given twice */
	const char *name;
	const char *file;      /* as the client names it, for messages */
	const char *directory; /* in which its commands run */
	const uint64_t *after; /* jobs that must have ended before it begins */
	size_t after_count;
	bool after_any;  /* however they ended; else a job that did not end ok cancels it */
	int priority;    /* -1000 .. 1000; the higher first */
	unsigned weight; /* 1 .. 1000: its share among those of its priority */
	enum job_phase phase;
	enum job_outcome outcome;
	enum job_fault fault; /* of one that failed */
	bool paused;          /* none of its tasks is started */
	const char *
	    reason; /* why it ended so, if not by its tasks: "cancelled by ...", its file's error */
	int64_t submitted_us, began_us, ended_us;
	uint64_t bytes;               /* of what it is made of */
	uint64_t total;               /* tasks; 0: not known yet */
	uint64_t by_status[STATUSES]; /* of the tasks that have a result */
	int64_t wall_us;              /* sums over those */
	int64_t cpu_us;
	uint64_t result_bytes;
	/*
	 * A job that was run again: of the results so far, its first round_bytes, those that are ok
	 * count, or with round_all none do.
	 */
	uint64_t round_bytes;
	bool round_all;
};

struct store_events {
	/* After store_open(): each job that there is, in the order of their numbers; then NULL. */
	void (*loaded)(void *context, const struct store_job *);
	void (*broken)(void *context, const char *why);
	/*
	 * The backlog was above STORE_BACKLOG, and is below half of it again, or there is none since it
	 * broke. May be NULL.
	 */
	void (*room)(void *context);
};

/* Bytes: with more than these unanswered, callers had better wait for `room`. */
#define STORE_BACKLOG ((size_t)16 << 20)

/* NULL: it is done, and synced; else why it is not, for people. */
typedef void store_done(void *context, const char *error);
/* `fd`, the caller's to close, is at the beginning of what was asked for; -1: `error` says why. */
typedef void store_got(void *context, int fd, const char *error);

/*
 * Forks the process of the store, before anything else is forked but after setsid(2), if there is
 * one: orphans_kill() takes what is in another session for a task's. It opens the database, which is
 * made, or brought to the present schema, if need be. `directory` is private to the user.
 * NULL: `error` says why not, with the remedy; a damaged database is left as it is.
 */
struct store *store_open(struct event_base *, const char *directory, const struct store_events *,
			 void *context, struct text *error);
/*
 * Waits until what was queued is done, and calls its answers; then the store's process has ended.
 * What is not whole is dropped without an answer. Not from within an answer. NULL: nothing.
 */
void store_close(struct store *);
pid_t store_process(const struct store *); /* signals of terminals and services are not for it */

/*
 * A new job, whose number store_next_number() has given; what it is made of comes in pieces, the
 * first here. `last`: it is whole with this one. The answer comes when all of it is synced; a job
 * that is not whole when the connection to its client ends is dropped by store_abandon(), and its
 * answer never comes. `bytes` of the job need not be known, nor set: they are counted.
 */
uint64_t store_next_number(struct store *);
void store_submit(struct store *, const struct store_job *, struct span piece, bool last,
		  store_done *, void *context);
void store_submit_more(struct store *, uint64_t number, struct span piece, bool last);
void store_abandon(struct store *, uint64_t number);

/* What it is made of. A job that is not whole, or is removed meanwhile, is none. */
void store_source(struct store *, uint64_t number, store_got *, void *context);

/*
 * Phase, outcome, fault, reason, paused, priority, weight, name, times, total, the sums and the round are as
 * in `job` from now on. `done` may be NULL.
 */
void store_update(struct store *, const struct store_job *, store_done *done, void *context);

/*
 * Appends records, whole lines of results, to the job's. With `job`, that is updated in the same
 * transaction. `count`: how many they are.
 */
void store_results(struct store *, uint64_t number, struct span lines, unsigned count,
		   const struct store_job *job, store_done *done, void *context);

/* All records of a job, in the order in which they came; a task may have several, the last counts. */
void store_get_results(struct store *, uint64_t number, store_got *, void *context);
/* The last record of a task, by its id as it stands in JSON, without quotes; an empty one: none. */
void store_get_record(struct store *, uint64_t number, const char *task, store_got *,
		      void *context);

/* All of them that there are. It is answered soon: what is large goes bit by bit. */
void store_remove(struct store *, const uint64_t *numbers, size_t count, store_done *,
		  void *context);

const char *
store_broken(const struct store *); /* why, from before anybody hears of it; NULL: it is not */

/* What has not been answered yet, in bytes: see STORE_BACKLOG. */
size_t store_backlog(const struct store *);
/* For how long the oldest of it has waited; 0: there is none. */
int64_t store_waits_us(const struct store *);

/*
 * For `stintd --check`, without a daemon: PRAGMA integrity_check, and ours. Changes nothing. Says what
 * it finds, whole lines; false: something is wrong.
 */
bool store_check(const char *directory, struct text *report);

#endif
