/* SPDX-License-Identifier: ISC */
/*
 * recent: how many cores computed and how many tasks were in progress, second by second, in the last
 * minutes; and how many tasks ended. Times are microseconds of whatever clock the caller goes by.
 * Pure; in the supervisor.
 */
#ifndef SUPERVISOR_RECENT_H
#define SUPERVISOR_RECENT_H

#include <stdint.h>

#define RECENT_SECONDS 240 /* that are remembered */

struct recent_second {
	double cores; /* core-seconds that were computed in it */
	double tasks; /* task-seconds */
	double ended;
};

/* Zero-initialise. */
struct recent {
	int64_t newest; /* second that has its place in the ring */
	struct recent_second ring[RECENT_SECONDS];
};

/* From one time to another so many cores computed, and so many tasks were in progress. */
void recent_add(struct recent *, int64_t from_us, int64_t to_us, double cores, double tasks);
void recent_ended(struct recent *, int64_t at_us, double tasks);

/* The second that began `ago` seconds before that of now; of the present one, what there is so far
 * counts as if it went on so. */
struct recent_second recent_at(const struct recent *, int64_t now_us, unsigned ago);

/* Tasks a second that have ended in the `seconds` before now, or since `began_us`. */
double recent_rate(const struct recent *, int64_t began_us, int64_t now_us, unsigned seconds);

#endif
