/* SPDX-License-Identifier: ISC */
/* record_index: see record_index.h. Pure; in the supervisor. */
#include "supervisor/record_index.h"

#include <err.h>
#include <stdlib.h>

#define SHARDS     64 /* so that only a small part is there twice while it grows */
#define FIRST_SIZE 16

struct slot {
	uint32_t id[2]; /* halves, so that no slot is padded to 24 bytes; both 0: free */
	uint32_t spec[2];
	uint32_t last; /* 0: it was dropped */
};

struct shard {
	struct slot *slots;
	uint32_t size;
	uint32_t used;
};

struct record_index {
	struct shard shards[SHARDS];
};

struct record_index *
record_index_new(void)
{
	struct record_index *index = calloc(1, sizeof(*index));

	if (index == NULL) {
		err(3, "resume");
	}
	return index;
}

void
record_index_free(struct record_index *index)
{
	if (index != NULL) {
		for (int i = 0; i < SHARDS; i++) {
			free(index->shards[i].slots);
		}
		free(index);
	}
}

static uint64_t
whole(const uint32_t halves[2])
{
	return (uint64_t)halves[1] << 32 | halves[0];
}

static void
halve(uint64_t value, uint32_t halves[2])
{
	halves[0] = (uint32_t)value;
	halves[1] = (uint32_t)(value >> 32);
}

/* Where the task is, or would be. The multiplication spreads over a size of any value. */
static struct slot *
find(const struct shard *shard, uint64_t id)
{
	uint32_t at = (uint32_t)(((id >> 32) * shard->size) >> 32);
	uint64_t here;

	while ((here = whole(shard->slots[at].id)) != 0 && here != id) {
		at = at + 1 == shard->size ? 0 : at + 1;
	}
	return &shard->slots[at];
}

static void
grow(struct shard *shard)
{
	struct shard larger = {.size = shard->size == 0 ? FIRST_SIZE : (shard->size * 4 + 2) / 3,
			       .used = shard->used};

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL) {
		err(3, "resume");
	}
	for (uint32_t i = 0; i < shard->size; i++) {
		uint64_t id = whole(shard->slots[i].id);

		if (id != 0) {
			*find(&larger, id) = shard->slots[i];
		}
	}
	free(shard->slots);
	*shard = larger;
}

static struct slot *
slot_of(const struct record_index *index, uint64_t id)
{
	const struct shard *shard = &index->shards[id % SHARDS];
	struct slot *slot = shard->size == 0 ? NULL : find(shard, id);

	return slot == NULL || whole(slot->id) == 0 ? NULL : slot;
}

bool
record_index_put(struct record_index *index, uint64_t id, uint64_t spec, uint32_t number)
{
	struct shard *shard = &index->shards[id % SHARDS];
	struct slot *slot = slot_of(index, id);
	bool is_new = slot == NULL;

	if (is_new) {
		if ((uint64_t)(shard->used + 1) * 7 > (uint64_t)shard->size * 6) {
			grow(shard);
		}
		slot = find(shard, id);
		halve(id, slot->id);
		shard->used++;
	}
	halve(spec, slot->spec);
	slot->last = number;
	return is_new;
}

bool
record_index_get(const struct record_index *index, uint64_t id, uint64_t *spec)
{
	const struct slot *slot = slot_of(index, id);

	*spec = slot == NULL ? 0 : whole(slot->spec);
	return slot != NULL;
}

uint32_t
record_index_last(const struct record_index *index, uint64_t id)
{
	const struct slot *slot = slot_of(index, id);

	return slot == NULL ? 0 : slot->last;
}

bool
record_index_drop(struct record_index *index, uint64_t id)
{
	struct slot *slot = slot_of(index, id);

	if (slot == NULL || slot->last == 0) {
		return false;
	}
	slot->last = 0;
	return true;
}

size_t
record_index_memory(const struct record_index *index)
{
	size_t bytes = sizeof(*index);

	for (int i = 0; i < SHARDS; i++) {
		bytes += index->shards[i].size * sizeof(struct slot);
	}
	return bytes;
}
