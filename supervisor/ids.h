/* SPDX-License-Identifier: ISC */
/*
 * ids: whether a task's id was used before, in a stream of any length. An id that a user gave
 * costs 10 to 15 bytes, whatever its length; the numbers that tasks have without one cost nothing
 * while they follow each other. Ids are compared by their hash, see id_table.h. Pure; in the
 * supervisor.
 */
#ifndef SUPERVISOR_IDS_H
#define SUPERVISOR_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ids;

struct ids *ids_new(void); /* NULL when memory is out */
void ids_free(struct ids *);

/*
 * A task takes an id that its author gave; `repeat` > 1: also id.1 … id.repeat.
 * False: one of them was used before, and nothing is changed.
 */
bool ids_take(struct ids *, const char *id, size_t len, uint32_t repeat);

/* Likewise the number `ordinal`, for a task without an id of its own; ordinals ascend. */
bool ids_take_number(struct ids *, uint64_t ordinal, uint32_t repeat);

/* What is known of an id: nothing; that it is a task's; or that of one of a task's repeats. */
enum ids_known { IDS_UNKNOWN, IDS_TASK, IDS_REPEAT };
enum ids_known ids_find(const struct ids *, const char *id, size_t len);

uint64_t ids_hash(const char *id, size_t len); /* never 0 */

size_t ids_memory(const struct ids *); /* bytes it holds */

#endif
