/* SPDX-License-Identifier: ISC */
/*
 * control_last: which records of a job are the last of their tasks, where tasks have run again: the
 * results are read twice, first to see which. Of a task that is about to run again, none is. In the
 * supervisor, of stintd.
 */
#ifndef SUPERVISOR_CONTROL_LAST_H
#define SUPERVISOR_CONTROL_LAST_H

#include "supervisor/queue.h"
#include "supervisor/record_lines.h"

struct record_index;

/* All 0: every record is one. */
struct control_last {
	struct record_index *index;
	struct record_lines lines; /* that are still to be looked at */
	bool reading;
	uint64_t round; /* of the first bytes those count that are ok, or with `none` none does */
	bool none;
};

/* `fd`, all results of the job, is to stay open. Nothing is read where no task has run again. */
void control_last_begin(struct control_last *, const struct queue_job *, int fd);
/* Reads a part of them; true: that was all. To be called until then. */
bool control_last_read(struct control_last *);
/* Whether the line is one: `lines` of the same results, from their beginning. */
bool control_last_is(const struct control_last *, const struct record_lines *lines);
void control_last_free(struct control_last *);

#endif
