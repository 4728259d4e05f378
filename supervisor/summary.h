/* SPDX-License-Identifier: ISC */
/*
 * summary: what a run came to: its measures, as design and manual define them, and its verdict.
 * Pure; in the supervisor.
 *
 *	concurrency = sum of the tasks' wall / the run's wall
 *	parallelism = sum of the tasks' user+sys / the run's wall
 *	bound       = max(sum of user+sys / cores, the longest chain of needs by the tasks' walls)
 *	efficiency  = bound / the run's wall
 */
#ifndef SUPERVISOR_SUMMARY_H
#define SUPERVISOR_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/model.h"
#include "ipc/result_record.h"
#include "supervisor/idle.h"
#include "supervisor/timeline.h"

#define SUMMARY_FAILURES 10 /* that are named */

struct summary {
	const struct model *model;
	unsigned cores;
	unsigned workers;
	char *job;
	uint64_t tasks; /* that have a record */
	uint64_t by_status[STATUSES];
	uint64_t done_before; /* ok in a former run, and not run again; not among `tasks` */
	uint64_t not_started; /* known of, but the run was stopped before their turn */
	bool more;            /* and the input was not read to its end */
	int64_t began_us;     /* since the epoch; 0: nobody says */
	int64_t wall_us;      /* the run's */
	int64_t task_wall_us; /* sums over the tasks */
	int64_t user_us;
	int64_t sys_us;
	int64_t longest_us;
	char *longest;    /* its label */
	int64_t path_us;  /* the longest chain of tasks that needed each other */
	struct text path; /* its ids, "a -> c -> f"; empty: not known */
	uint64_t maxrss;
	uint64_t attempts; /* beyond the first */
	unsigned peak;     /* most tasks in progress at once */
	struct {
		char *id;
		char *tag; /* NULL: none */
		char *why;
		enum task_status status;
	} failures[SUMMARY_FAILURES];
	unsigned failure_count;
	struct timeline timeline;
	struct idle idle;
};

void summary_init(struct summary *, const struct model *, unsigned cores, const char *job);
void summary_free(struct summary *);

/*
 * Adds a task's record. `now_us`: since the run began. Whose it is is only looked at, and may be
 * NULL otherwise, when summary_names() says that this task is to be named.
 */
struct summary_who {
	const char *id;  /* plain */
	const char *tag; /* NULL: none */
};
bool summary_names(const struct summary *, const struct result_record *);
void summary_add(struct summary *, const struct summary_who *, unsigned attempt,
		 const struct result_record *, int64_t now_us);

/* The run has ended, after wall_us. */
void summary_end(struct summary *, int64_t now_us);

double summary_parallelism(const struct summary *);
double summary_concurrency(const struct summary *);
double summary_bound(const struct summary *); /* seconds */
double summary_efficiency(const struct summary *);
uint64_t summary_not_ok(const struct summary *);

/* One plain sentence: parallel, concurrent, both or neither, and what would make it faster. */
void summary_verdict(const struct summary *, struct text *out);

void summary_print(const struct summary *, bool color, struct text *out); /* for people */
void summary_print_details(const struct summary *, struct text *out);     /* measures and verdict */
void summary_json(const struct summary *, struct text *out);              /* one object, one line */

#endif
