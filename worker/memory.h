/* SPDX-License-Identifier: ISC */
/*
 * memory: what a command and its descendants take, looked at now and then, against the `memory` of
 * its task. Counted is what is theirs: anonymous and shared memory, not files that are mapped. In
 * stint-worker, the loop thread.
 */
#ifndef WORKER_MEMORY_H
#define WORKER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/tree.h"

struct memory {
	uint64_t most; /* bytes; 0: no limit */
	uint64_t file; /* the most that one process had mapped of files */
	uint64_t over; /* what it took when that was too much; 0: it never was */
	int64_t at_us; /* of the next look, monotonic */
};

void memory_begin(struct memory *, uint64_t most, int64_t now_us);

/* Looks, and sets the time of the next. True: it is too much. */
bool memory_look(struct memory *, const struct tree *);

/* At the end, with the largest resident set that one of its processes has had. */
void memory_end(struct memory *, uint64_t maxrss);

void memory_size(uint64_t bytes, char *text, size_t size); /* "312 MiB", for people */

#endif
