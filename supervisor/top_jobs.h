/* SPDX-License-Identifier: ISC */
/*
 * top_jobs: what a view knows of the daemon's jobs: all that run, the first of those that wait, the
 * last of those that have ended. Pure; of stint top.
 */
#ifndef SUPERVISOR_TOP_JOBS_H
#define SUPERVISOR_TOP_JOBS_H

#include "supervisor/client_job.h"
#include "supervisor/top_tasks.h"

#define TOP_JOBS_WAITING 1000 /* that are known at most */
#define TOP_JOBS_ENDED   50   /* likewise */

struct top_jobs;

/* `only`: the numbers of those that are of interest, which outlive it; without any, all are. */
struct top_jobs *top_jobs_new(const uint64_t *only, size_t count);
void top_jobs_free(struct top_jobs *);
void top_jobs_clear(struct top_jobs *);

/*
 * A job as the daemon tells of it, new or changed. Its number; 0: it is none, or of no interest.
 * `anew`: fewer of its tasks have failed than before, it was retried.
 */
uint64_t top_jobs_take(struct top_jobs *, struct span object, bool *anew);
void top_jobs_remove(struct top_jobs *, uint64_t number);

bool top_jobs_are_shown(const struct top_jobs *, uint64_t number); /* of interest */
/* The next above `number` in which tasks have failed; NULL: none. */
const struct client_job *top_jobs_next_failed(const struct top_jobs *, uint64_t number);
uint64_t top_jobs_failed(const struct client_job *); /* tasks that did not end ok */

/*
 * Tells the view of them, and in its status sums: tasks of those that have not ended (total 0: not
 * known), failed ones of all. `unended`: jobs that there are in all, of which some are not known.
 * `running`: tasks, which change without a word of their jobs.
 */
void top_jobs_show(struct top_jobs *, struct top_view *, int64_t now_us, uint64_t unended,
		   const struct top_tasks *running);

#endif
