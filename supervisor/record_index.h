/* SPDX-License-Identifier: ISC */
/*
 * record_index: of each task that a results file knows, its last record: which one that is, and
 * whether it ended ok. 23 to 31 bytes a task. Ids are compared by their hash, see id_table.h.
 * Pure; in the supervisor.
 */
#ifndef SUPERVISOR_RECORD_INDEX_H
#define SUPERVISOR_RECORD_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDS_MOST (UINT32_MAX - 1) /* in a file */

struct record_index;

/* `id` everywhere: ids_hash(). */
struct record_index *record_index_new(void);
void record_index_free(struct record_index *);

/*
 * The record number `number` of the file, from 1, is of this task: it counts, no former one does.
 * `spec`: the hash of what ran, if it ended ok; else 0. False: there was a former one.
 */
bool record_index_put(struct record_index *, uint64_t id, uint64_t spec, uint32_t number);

/* Whether there is a record of the task; *spec as it was put. */
bool record_index_get(const struct record_index *, uint64_t id, uint64_t *spec);

/* The number of the record that counts; 0: none of those put does. */
uint32_t record_index_last(const struct record_index *, uint64_t id);

/* None of those that were put counts any longer. False: none did. */
bool record_index_drop(struct record_index *, uint64_t id);

void record_index_remove(struct record_index *, uint64_t id); /* as if it was never put */

size_t record_index_memory(const struct record_index *); /* bytes it holds */

#endif
