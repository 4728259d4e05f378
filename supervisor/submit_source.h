/* SPDX-License-Identifier: ISC */
/*
 * submit_source: what a job is made of, read for the daemon a piece at a time. A document is read
 * whole, and checked as `stint check` does; JSON Lines are read as they are sent, so that memory
 * does not depend on their length. In the client.
 */
#ifndef SUPERVISOR_SUBMIT_SOURCE_H
#define SUPERVISOR_SUBMIT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

struct submit_source {
	const char *path;
	int fd;
	struct text bytes; /* that were read */
	size_t at;         /* of those that come next */
	uint64_t before;   /* bytes of the input that are not among them any more */
	bool ended;        /* no more will come */
	char *name;        /* of the job */
	uint64_t tasks;    /* 0: not known */
};

/*
 * Opens `path` ("-": stdin), which must last. What is wrong is said on stderr and ends the process
 * with status 2. To be closed.
 */
void submit_source_open(struct submit_source *, const char *path);
void submit_source_close(struct submit_source *);

/* The next piece, of UTF-8, until the next call; true: it is the last. */
bool submit_source_next(struct submit_source *, struct span *piece);

#endif
