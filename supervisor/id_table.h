/* SPDX-License-Identifier: ISC */
/*
 * id_table: a set of ids, by the 64 bits of ids_hash(), each with a few words of value behind it.
 * Between 64 % and 86 % of it are in use: 8 bytes and the value take 9.3 to 12.5 bytes without a
 * value, 14 to 19 with one word. What is taken out gives its place back. Pure; in the supervisor.
 *
 * Ids are compared by their hash alone: among ten million the chance that two are taken for one
 * is 3 in a million (n^2 / 2^65).
 */
#ifndef SUPERVISOR_ID_TABLE_H
#define SUPERVISOR_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SHARDS 128 /* only one of them is there twice for the moment in which it grows */

struct id_table { /* zero-initialise, but for value_words */
	unsigned value_words;
	struct id_shard {
		uint32_t *entries; /* each: two words of hash, 0: free; then the value */
		uint32_t size;
		uint32_t used;
	} shards[ID_SHARDS];
};

void id_table_free(struct id_table *);

/* The value's words, until the next put or remove; NULL: it is not there. */
uint32_t *id_table_find(const struct id_table *, uint64_t hash);

/* The same; what is not there is put in, its value all 0, and *is_new says so. */
uint32_t *id_table_put(struct id_table *, uint64_t hash, bool *is_new);

void id_table_remove(struct id_table *, uint64_t hash); /* harmless if it is not there */

/* For values of one word. */
uint32_t id_table_get(const struct id_table *, uint64_t hash); /* 0: it is not there */
void id_table_set(struct id_table *, uint64_t hash, uint32_t value);

size_t id_table_memory(const struct id_table *); /* bytes it holds */

#endif
