/* SPDX-License-Identifier: ISC */
/* id_table: see id_table.h. Open addressing. Pure; in the supervisor. */
#include "supervisor/id_table.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 6
#define HASH_WORDS 2U

/* A shard, and how many words one of its entries takes. */
struct view {
	struct id_shard *shard;
	unsigned words;
};

static struct view
view_of(const struct id_table *table, uint64_t hash)
{
	return (struct view){(struct id_shard *)&table->shards[hash % ID_SHARDS],
			     HASH_WORDS + table->value_words};
}

static uint32_t *
entry_at(struct view view, uint32_t at)
{
	return view.shard->entries + (size_t)at * view.words;
}

static uint64_t
hash_at(struct view view, uint32_t at)
{
	const uint32_t *entry = entry_at(view, at);

	return (uint64_t)entry[1] << 32 | entry[0];
}

static uint32_t
after(struct view view, uint32_t at)
{
	return at + 1 == view.shard->size ? 0 : at + 1;
}

/* The multiplication spreads over a size of any value. */
static uint32_t
home(struct view view, uint64_t hash)
{
	return (uint32_t)(((hash >> 32) * view.shard->size) >> 32);
}

/* Where the hash is, or would be. */
static uint32_t
place(struct view view, uint64_t hash)
{
	uint32_t at = home(view, hash);
	uint64_t here;

	while ((here = hash_at(view, at)) != 0 && here != hash) {
		at = after(view, at);
	}
	return at;
}

/* By a third. */
static void
grow(struct view view)
{
	struct id_shard *old = view.shard;
	struct id_shard larger = {.size = old->size == 0 ? FIRST_SIZE : (old->size * 4 + 2) / 3,
				  .used = old->used};
	struct view to = {&larger, view.words};

	larger.entries = calloc(larger.size, view.words * sizeof(*larger.entries));
	if (larger.entries == NULL) {
		err(3, "ids");
	}
	for (uint32_t i = 0; i < old->size; i++) {
		uint64_t hash = hash_at(view, i);

		if (hash != 0) {
			memcpy(entry_at(to, place(to, hash)), entry_at(view, i),
			       view.words * sizeof(*larger.entries));
		}
	}
	free(old->entries);
	*old = larger;
}

void
id_table_free(struct id_table *table)
{
	for (int i = 0; i < ID_SHARDS; i++) {
		free(table->shards[i].entries);
		table->shards[i] = (struct id_shard){NULL, 0, 0};
	}
}

uint32_t *
id_table_find(const struct id_table *table, uint64_t hash)
{
	struct view view = view_of(table, hash);
	uint32_t at;

	if (view.shard->used == 0) {
		return NULL;
	}
	at = place(view, hash);
	return hash_at(view, at) == 0 ? NULL : entry_at(view, at) + HASH_WORDS;
}

uint32_t *
id_table_put(struct id_table *table, uint64_t hash, bool *is_new)
{
	struct view view = view_of(table, hash);
	uint32_t *value = id_table_find(table, hash), *entry;

	*is_new = value == NULL;
	if (!*is_new) {
		return value;
	}
	if ((uint64_t)(view.shard->used + 1) * 7 > (uint64_t)view.shard->size * 6) {
		grow(view);
	}
	view.shard->used++;
	entry = entry_at(view, place(view, hash));
	memset(entry, 0, view.words * sizeof(*entry));
	entry[0] = (uint32_t)hash;
	entry[1] = (uint32_t)(hash >> 32);
	return entry + HASH_WORDS;
}

/* How far it is from one place to another, going round. */
static uint32_t
distance(struct view view, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + view.shard->size - from;
}

/* Those behind it move up, unless they would come to stand before their home. */
void
id_table_remove(struct id_table *table, uint64_t hash)
{
	struct view view = view_of(table, hash);
	uint32_t hole, at;
	uint64_t here;

	if (id_table_find(table, hash) == NULL) {
		return;
	}
	hole = place(view, hash);
	for (at = after(view, hole); (here = hash_at(view, at)) != 0; at = after(view, at)) {
		if (distance(view, home(view, here), at) >= distance(view, hole, at)) {
			memcpy(entry_at(view, hole), entry_at(view, at),
			       view.words * sizeof(uint32_t));
			hole = at;
		}
	}
	memset(entry_at(view, hole), 0, HASH_WORDS * sizeof(uint32_t));
	view.shard->used--;
}

uint32_t
id_table_get(const struct id_table *table, uint64_t hash)
{
	const uint32_t *value = id_table_find(table, hash);

	return value == NULL ? 0 : *value;
}

void
id_table_set(struct id_table *table, uint64_t hash, uint32_t value)
{
	bool is_new;

	*id_table_put(table, hash, &is_new) = value;
}

size_t
id_table_memory(const struct id_table *table)
{
	size_t entries = 0;

	for (int i = 0; i < ID_SHARDS; i++) {
		entries += table->shards[i].size;
	}
	return sizeof(*table) + entries * (HASH_WORDS + table->value_words) * sizeof(uint32_t);
}
