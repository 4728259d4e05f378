/* SPDX-License-Identifier: ISC */
/* id_table: see id_table.h. Pure; in the supervisor. */
#include "supervisor/id_table.h"

#include <err.h>
#include <stdlib.h>

#define FIRST_SIZE 16

void
id_table_free(struct id_table *table)
{
	free(table->entries);
	*table = (struct id_table){NULL, 0, 0};
}

static size_t
home(const struct id_table *table, uint64_t hash)
{
	return (size_t)(hash & (table->size - 1));
}

/* Where the hash is, or would be. */
static size_t
find(const struct id_table *table, uint64_t hash)
{
	size_t at = home(table, hash);

	while (table->entries[at].hash != 0 && table->entries[at].hash != hash) {
		at = (at + 1) & (table->size - 1);
	}
	return at;
}

static void
grow(struct id_table *table)
{
	struct id_table larger = {.size = table->size == 0 ? FIRST_SIZE : table->size * 2,
				  .used = table->used};

	larger.entries = calloc(larger.size, sizeof(*larger.entries));
	if (larger.entries == NULL) {
		err(3, "ids");
	}
	for (size_t i = 0; i < table->size; i++) {
		if (table->entries[i].hash != 0) {
			larger.entries[find(&larger, table->entries[i].hash)] = table->entries[i];
		}
	}
	free(table->entries);
	*table = larger;
}

uint32_t
id_table_get(const struct id_table *table, uint64_t hash)
{
	const struct id_entry *entry;

	if (table->used == 0) {
		return 0;
	}
	entry = &table->entries[find(table, hash)];
	return entry->hash == 0 ? 0 : entry->value;
}

void
id_table_set(struct id_table *table, uint64_t hash, uint32_t value)
{
	size_t at;

	if ((table->used + 1) * 3 > table->size * 2) {
		grow(table);
	}
	at = find(table, hash);
	table->used += table->entries[at].hash == 0;
	table->entries[at] = (struct id_entry){hash, value};
}

/* Those behind it move up, unless they would come to stand before their home. */
void
id_table_remove(struct id_table *table, uint64_t hash)
{
	size_t mask = table->size - 1, hole, at;

	if (table->used == 0) {
		return;
	}
	hole = find(table, hash);
	if (table->entries[hole].hash == 0) {
		return;
	}
	for (at = (hole + 1) & mask; table->entries[at].hash != 0; at = (at + 1) & mask) {
		size_t from = home(table, table->entries[at].hash);

		if (((at - from) & mask) >= ((at - hole) & mask)) {
			table->entries[hole] = table->entries[at];
			hole = at;
		}
	}
	table->entries[hole].hash = 0;
	table->used--;
}
