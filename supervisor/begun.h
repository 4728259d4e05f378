/* SPDX-License-Identifier: ISC */
/*
 * begun: what the daemon has sent to its workers: an attempt of a task is noted here before any worker
 * hears of it. If the daemon dies, what was under way has no result, but it has its note: the next
 * attempt is counted on from it, and what must not run twice does not. The notes survive the death
 * of the process at once, not that of the machine, which ends the tasks, too. In the supervisor, of
 * stintd.
 */
#ifndef SUPERVISOR_BEGUN_H
#define SUPERVISOR_BEGUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

struct begun;

/* Reads what a former daemon has noted, from the file "begun" in the directory, which is made if
 * need be. NULL: `error` says why not. */
struct begun *begun_open(const char *directory, struct text *error);
void begun_close(struct begun *);

/* How often the task was begun by then: its number in the job, from 1. */
unsigned begun_attempts(const struct begun *, uint64_t job, uint64_t task);

void begun_note(struct begun *, uint64_t job, uint64_t task, unsigned attempt);
bool begun_write(struct begun *); /* what was noted; false with errno */

/*
 * Only the notes for which `counts` says so stay; `late`: it was noted since `begun_size()` was that.
 * From then on begun_attempts() knows all that stayed. At any instant of it the file has all of them.
 */
typedef bool begun_counts(void *context, uint64_t job, uint64_t task, bool late);
bool begun_keep(struct begun *, int64_t size, begun_counts *counts, void *context);
int64_t begun_size(const struct begun *); /* of what is written, in bytes */
/* So many have come since then that it is worth the while; that it had better be done. */
bool begun_has_grown(const struct begun *);
bool begun_is_large(const struct begun *);

#endif
