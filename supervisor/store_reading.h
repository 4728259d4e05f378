/* SPDX-License-Identifier: ISC */
/*
 * store_reading: one answer to a request that reads: what a job is made of, its records, or the last
 * record of one task. It is made bit by bit, so that other requests are not held up. In the store's
 * process.
 */
#ifndef SUPERVISOR_STORE_READING_H
#define SUPERVISOR_STORE_READING_H

#include <bsd/sys/queue.h>
#include <stddef.h>

#include "supervisor/store_database.h"
#include "supervisor/store_wire.h"

struct store_reading {
	TAILQ_ENTRY(store_reading) link;
	struct store_head request;
	struct text task; /* what the record of the task begins with */
	int64_t key;
	struct store_answer answer;
};

enum store_progress {
	STORE_MORE_TO_READ,
	STORE_READ,       /* answer.fd is at its beginning */
	STORE_UNREADABLE, /* that alone: there is no such job, no room for the answer; says why */
	STORE_READ_FAULT  /* the database cannot be trusted any more; says why */
};

struct store_reading *store_reading_new(const struct store_head *request, struct span task);
/* Goes on until *budget bytes are used up. */
enum store_progress store_reading_step(struct store_reading *, struct store_database *,
				       size_t *budget, struct text *error);
void store_reading_free(struct store_reading *);

#endif
