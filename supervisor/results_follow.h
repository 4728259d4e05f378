/* SPDX-License-Identifier: ISC */
/*
 * results_follow: a results file that grows, read as it does, by its name: when another file takes
 * its place, or when it is emptied, it is read anew. Nothing of it is locked or changed. In the
 * supervisor.
 */
#ifndef SUPERVISOR_RESULTS_FOLLOW_H
#define SUPERVISOR_RESULTS_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/recorded_run.h"

struct results_follow {
	const char *path; /* the caller's */
	int fd;           /* -1: it is not there */
	dev_t device;
	ino_t inode;
	uint64_t at;   /* behind the last whole line that was read */
	uint64_t line; /* its number */
};

/* False: `error` says why it cannot be read. */
bool results_follow_open(struct results_follow *, const char *path, struct text *error);
void results_follow_close(struct results_follow *);

enum follow_news {
	FOLLOW_NOTHING,
	FOLLOW_RECORDS, /* *run has them, and is the caller's; there may be more */
	FOLLOW_ANEW,    /* what was read before does not count any more; there may be more */
	FOLLOW_GONE,    /* there is no file of that name now */
	FOLLOW_FAIL     /* `error` says why */
};

/* What has come since; no more than some hundred records. */
enum follow_news results_follow_next(struct results_follow *, struct recorded_run **run,
				     struct text *error);

/* Whether a run has it open to write to: that keeps it locked. */
enum follow_writer { WRITER_UNKNOWN, WRITER_NONE, WRITER_THERE };
enum follow_writer results_follow_writer(const struct results_follow *);

#endif
