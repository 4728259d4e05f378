/* SPDX-License-Identifier: ISC */
/*
 * top_view: what the live view of a run, or of the daemon's queue, shows, and what the keys do to it:
 * which list they are for, how it is sorted, filtered and scrolled. It is told how things stand, and
 * draws itself into a canvas; it knows no terminal, and the time is an argument. Pure; in the
 * supervisor.
 *
 *	top_view.c   what it holds
 *	top_keys.c   what keys do
 *	top_draw.c   how it looks: the lists, and where they are
 *	top_rows.c   what is in a row of each
 *	top_head.c   above them, how the run stands
 *	top_foot.c   below them, the keys
 */
#ifndef SUPERVISOR_TOP_VIEW_H
#define SUPERVISOR_TOP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/canvas.h"
#include "supervisor/recent.h"

#define TOP_KEPT 200 /* failures, and lines of output, that are kept: the last ones */

/* The lists, one below the other. */
enum top_list { TOP_JOBS, TOP_WORKERS, TOP_TASKS, TOP_FAILED, TOP_OUTPUT, TOP_LISTS };

enum top_sort { TOP_BY_TIME, TOP_BY_TASK, TOP_BY_STATE, TOP_BY_WORKER, TOP_SORTS };

/* Keys that are no character; those that are come as it. */
enum top_key {
	TOP_KEY_UP = 0x110000,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_BACK_TAB,
	TOP_KEY_BACKSPACE
};

/* How the run stands. */
struct top_status {
	const char *title;  /* what is run; the strings live until the next status */
	const char *about;  /* how, or what is known of it */
	const char *notice; /* what is to be known now; NULL: nothing */
	int64_t now_us;     /* by the clock that `recent` goes by */
	int64_t began_us;
	int64_t known_us; /* since when `recent` is told; that, if it is later */
	uint64_t total;   /* 0: not known */
	bool estimated;   /* the total is */
	uint64_t done;
	uint64_t failed;
	uint64_t running; /* live only, as the next two */
	uint64_t ready;
	uint64_t held;
	unsigned cores;
	double computing; /* cores, now */
	double tasks;     /* in progress, now */

	/* Of a queue: how many jobs there are. */
	uint64_t jobs_running, jobs_queued, jobs_held, jobs_ended;
	uint64_t jobs_failed; /* that have ended, but not ok */
	uint64_t jobs_more;   /* that the view was not told of */
};

/* A job of the queue. */
struct top_job {
	uint64_t number;
	struct span label;       /* its name */
	const char *state;       /* lives until the next top_view_begin() */
	enum canvas_style style; /* of the state */
	uint64_t total;          /* 0: not known */
	bool estimated;          /* the total is */
	uint64_t done;
	uint64_t failed;
	uint64_t running;
	int priority;
	int64_t for_us; /* how long it runs, waits or took */
};

/* A worker: what it computes (live), or what ended on it last. */
struct top_worker {
	unsigned number;
	struct span label; /* empty: nothing */
	int64_t for_us;    /* that it computes; or since it ended */
	uint64_t waiting;  /* tasks that wait on it; or that have ended on it */
	uint64_t
	    queued; /* likewise, that are sent ahead; or the part of the time that it was busy, in % */
};

/* A task that runs (live), or one that has ended lately. */
struct top_task {
	struct span label;
	const char *state;       /* a constant */
	enum canvas_style style; /* of the state */
	unsigned attempt;
	int worker;     /* -1: none */
	int use;        /* thousandths of a core; -1: not known */
	int64_t for_us; /* how long it has run, or took; -1: it never began */
	int64_t ago_us; /* since it ended; -1: it runs */
};

struct top_failure {
	struct span label;
	struct span error;  /* may be empty */
	const char *status; /* a constant */
	unsigned attempt;
	int worker;    /* -1: none */
	int64_t at_us; /* when it ended, by the clock of `now_us` */
	uint64_t id;   /* by which it may be forgotten again; 0: it is not */
};

/* What the view holds of one: text in `arena`, from `label`. */
struct top_row {
	size_t label;
	struct top_task task;
};

struct top_job_row {
	size_t label;
	size_t order; /* in which it was told */
	struct top_job job;
};

struct top_worker_row {
	size_t label;
	struct top_worker worker;
};

struct top_kept {
	char *label;
	char *error;
	struct top_failure failure;
};

struct top_view {
	bool live;  /* it is told of the tasks that run; else of those that have ended */
	bool stays; /* q ends the program, not only the view */
	bool queue; /* it is one, with jobs; then it is live, too */
	struct top_status status;
	struct recent recent;

	struct text arena; /* the labels of jobs, workers and tasks */
	struct top_job_row *jobs;
	size_t job_count, job_room;
	size_t jobs_shown; /* that the filter lets through: the first ones */
	struct top_worker_row *workers;
	size_t worker_count, worker_room;
	struct top_row *tasks;
	size_t task_count, task_room;
	uint64_t tasks_more; /* that it was not told of */
	size_t tasks_shown;  /* that the filter lets through: the first ones */

	struct top_kept failed[TOP_KEPT]; /* a ring; the newest is the one before `failed_count` */
	uint64_t failed_count;            /* that there ever were */
	char *output[TOP_KEPT];           /* likewise, lines */
	uint64_t output_count;
	struct text line; /* of the output, that has not ended yet */

	enum top_list list; /* that keys are for */
	enum top_sort sort;
	bool reverse;
	bool help;
	bool typing;             /* the filter */
	struct text filter;      /* terminated */
	size_t first[TOP_LISTS]; /* row that is shown first */
	size_t page[TOP_LISTS];  /* rows that there was room for */
};

/* Zero-initialise, then set `live`, `stays` and `queue`. */
void top_view_free(struct top_view *);

/*
 * The lists are told anew each time: begin, any number of jobs and workers (in the order in which
 * they are shown) and tasks, end, which sorts and filters. Labels are copied.
 */
void top_view_begin(struct top_view *);
void top_view_job(struct top_view *, const struct top_job *);
void top_view_worker(struct top_view *, const struct top_worker *);
void top_view_task(struct top_view *, const struct top_task *);
void top_view_end(struct top_view *, uint64_t tasks_more);

void top_view_failure(struct top_view *, const struct top_failure *);
void top_view_forgive(struct top_view *, uint64_t id); /* it has ended ok since */
void top_view_forgive_all(struct top_view *, uint64_t first,
			  uint64_t last); /* ids, both included */
void top_view_forget(struct top_view *);  /* what was is not the run that is watched */
/* Why a task failed, if nobody has said it: by its exit status (-1: none) and signal (0: none). */
void top_view_put_error(struct text *, const char *error, int exit, int signal);
void top_view_output(struct top_view *, const char *bytes, size_t len); /* what was written */

/* The failure, or line, number `i` of those that the filter lets through, newest first; NULL. */
const struct top_kept *top_view_failed_at(const struct top_view *, size_t i);
const char *top_view_output_at(const struct top_view *, size_t i);
size_t top_view_count(const struct top_view *, enum top_list); /* rows that it has */
bool top_view_has(const struct top_view *, enum top_list);     /* such a list at all */

void top_view_resort(struct top_view *); /* after another sort or filter */

/* What a key has done: nothing; something is to be drawn; the view is to be left. */
enum top_answer { TOP_IGNORED, TOP_CHANGED, TOP_LEAVE };
enum top_answer top_view_key(struct top_view *, int key);

void top_view_draw(struct top_view *, struct canvas *); /* which has its size */

/* "7.5s" or "7s", "4:05", "1:02:03", "2d 01:02". */
void top_view_put_duration(struct text *, int64_t us, bool tenths);

#endif
