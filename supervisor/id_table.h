/* SPDX-License-Identifier: ISC */
/*
 * id_table: a number for each of many ids, found by the 64 bits of ids_hash(). What is taken out
 * gives its place back. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_ID_TABLE_H
#define SUPERVISOR_ID_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct id_table { /* zero-initialise */
	struct id_entry {
		uint64_t hash; /* 0: free */
		uint32_t value;
	} * entries;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

void id_table_free(struct id_table *);

uint32_t id_table_get(const struct id_table *, uint64_t hash); /* 0: it is not there */
void id_table_set(struct id_table *, uint64_t hash, uint32_t value);
void id_table_remove(struct id_table *, uint64_t hash); /* harmless if it is not there */

#endif
