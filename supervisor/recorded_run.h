/* SPDX-License-Identifier: ISC */
/*
 * recorded_run: a run as its results tell it, for all that looks back at one: reports, what-if.
 * Times are in microseconds since the run began; where only the records are known, that is when
 * their first task began. In the supervisor.
 *
 * recorded_run_new(); recorded_run_read() for each results file; recorded_run_summary() if there is
 * one; then recorded_run_finish(), after which it is only looked at.
 */
#ifndef SUPERVISOR_RECORDED_RUN_H
#define SUPERVISOR_RECORDED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/result_record.h"
#include "ipc/text.h"
#include "supervisor/summary.h"

/* An attempt that came before the one that counts. */
struct recorded_attempt {
	int64_t start_us;
	int64_t wall_us;
	enum task_status status;
	int worker;
};

/* Strings are plain UTF-8, terminated; NULL where there is none. They live as long as the run. */
struct recorded_task {
	const char *id;
	const char *name;
	const char *tag;
	const char *error;
	const char *output[2];  /* the beginning of stdout and stderr, as far as it was wanted */
	size_t output_bytes[2]; /* all of it that the record has */
	bool truncated;         /* there was more than the record has */
	enum task_status status;
	bool has_exit;
	int exit;
	int signal;       /* 0: none */
	int64_t start_us; /* -1: it never began */
	int64_t wall_us;
	int64_t user_us;
	int64_t sys_us;
	uint64_t maxrss; /* bytes; 0: not known */
	int worker;      /* -1: none */
	unsigned attempt;
	const struct recorded_attempt *earlier;
	unsigned earlier_count;
	const uint32_t *needs; /* places in `tasks` of those that have a record; finish() sets it */
	unsigned need_count;
};

/*
 * Nothing was in progress for so long that it is taken for the time between a run that was ended
 * and one that went on with it: it is cut out of all times, and of the run's wall. Where the run
 * has said itself how long it took, only what is more than that: it was stopped by Ctrl-Z.
 */
#define RECORDED_GAP_US (60 * INT64_C(1000000))

struct recorded_gap {
	int64_t at_us;  /* what is cut out was between this moment and the same moment */
	int64_t cut_us; /* how much it was */
};

struct recorded_run {
	struct recorded_task *tasks; /* by start; those that never began come last */
	size_t count;
	unsigned lanes;         /* workers, by the highest number that has a task, or an attempt */
	struct summary summary; /* cores, wall, idle time and all measures */
	const uint32_t *path;   /* places of the tasks of the critical path, from its beginning; */
	size_t path_count;      /* 0: no needs are known */
	char *verdict;
	int64_t began_us; /* since the epoch */
	bool measured;    /* by a summary; else cores and idle time are estimates */
	bool misfit; /* there was a summary, but of another run than these records, or of less */
	const struct recorded_gap *gaps; /* in their order */
	unsigned gap_count;
	struct recorded_parts *parts;
};

/* How much output is kept: of each stream of a task, and in all; a failed task may have 4 times. */
struct recorded_limits {
	size_t each;
	size_t all;
};

struct recorded_run *recorded_run_new(const struct recorded_limits *); /* NULL: no output */
void recorded_run_free(struct recorded_run *);

/*
 * Adds the records of a file; the last one of a task counts. A torn last line is passed over.
 * False: it cannot be read, or holds something else than records; `error` says where.
 */
bool recorded_run_read(struct recorded_run *, const char *path, struct text *error);
bool recorded_run_read_fd(struct recorded_run *, int fd, const char *path, struct text *error);

/* Adds one record, a line of results. False: it is none. */
bool recorded_run_add(struct recorded_run *, struct span line);

/*
 * What a run has said of itself: the object of summary_json(). False: it is none. Of records that
 * are older than the run, as those before a --resume are, it knows nothing, so with such ones only
 * its cores and its model count.
 */
bool recorded_run_summary(struct recorded_run *, struct span object);

/*
 * All was added. `cores`: how many there were, if the caller knows; 0: as the summary says, or
 * else as many as there are workers. Only then are order, needs and measures there.
 */
void recorded_run_finish(struct recorded_run *, unsigned cores);

int64_t recorded_end_us(const struct recorded_task *); /* of the task; -1: it never began */

/*
 * From then on what began at start_us is over for what began after it: its end, but for what clocks
 * may err by.
 */
int64_t recorded_over_us(int64_t start_us, int64_t wall_us);

/* When that was, since the epoch: of a time since the run began. */
int64_t recorded_epoch_us(const struct recorded_run *, int64_t at_us);

#endif
