/* SPDX-License-Identifier: ISC */
/* recorded_parts: what the files of recorded_run share; for nobody else. In the supervisor. */
#ifndef SUPERVISOR_RECORDED_PARTS_H
#define SUPERVISOR_RECORDED_PARTS_H

#include "supervisor/id_table.h"
#include "supervisor/recorded_run.h"

struct recorded_parts {
	struct recorded_limits limits;
	struct chunk *chunks; /* strings and arrays: all that lives as long as the run */
	size_t chunk_left;
	struct id_table places; /* of each id: its place in `tasks`, + 1 */
	size_t room;            /* in `tasks` */
	size_t output;          /* bytes of it that are kept */
	struct text plain;      /* scratch */
	struct text list;       /* likewise */

	/* What the summary says. */
	struct text job, path;
	bool summed;
	unsigned cores;
	unsigned peak;
	int64_t began_us, wall_us, path_us;
	int64_t idle_us[IDLE_COUNT];
};

/* A copy that lives as long as the run, with a NUL behind it; aligned for any type. */
void *recorded_keep(struct recorded_parts *, const void *, size_t len);

/* recorded_needs.c: `needs` are ids at first, kept one after the other behind a count; then places. */
const uint32_t *recorded_keep_needs(struct recorded_parts *, struct span array);
void recorded_resolve_needs(struct recorded_run *); /* once the tasks are in their order */

/* recorded_gaps.c: once tasks have times since the run began. Gaps of at least so much are cut. */
void recorded_cut_gaps(struct recorded_run *, int64_t least_us);

/* A quoted word of a record; unchanged if it is no status. */
void recorded_status(struct span quoted, enum task_status *);

#endif
