/* SPDX-License-Identifier: ISC */
/*
 * top_past: what the live view shows of a run of which only the records are known: of tasks that
 * have ended. Times are in microseconds since the epoch. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_TOP_PAST_H
#define SUPERVISOR_TOP_PAST_H

#include "supervisor/recorded_run.h"
#include "supervisor/top_view.h"

struct top_past;

struct top_past *top_past_new(void);
void top_past_free(struct top_past *);

/* The tasks of the run have ended since; of one that was there before, this is the last word. */
void top_past_add(struct top_past *, struct top_view *, const struct recorded_run *);

/*
 * Tells the view how it all stands. `now_us`: 0 if the run has ended: then the time is when the
 * last task did. `cores`: 0 if nobody says, then as many as there were workers.
 */
void top_past_show(const struct top_past *, struct top_view *, int64_t now_us, unsigned cores);

#endif
