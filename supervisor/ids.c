/* SPDX-License-Identifier: ISC */
/*
 * ids: see ids.h. Pure; in the supervisor.
 *
 * The set is cut into SHARDS open-addressing tables of hashes, so that one that grows needs
 * twice its memory for a moment only for a small part of the set.
 */
#include "supervisor/ids.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS     1024
#define FIRST_SIZE 16

struct shard {
	uint64_t *slots; /* 0: free */
	uint32_t size;
	uint32_t used;
};

/* Ordinals of tasks without an id that follow each other. */
struct run_of_numbers {
	uint64_t first;
	uint64_t last;
};

/* An id that stands for id.1 … id.count */
struct repeated {
	uint64_t hash;
	uint32_t count;
};

struct ids {
	struct shard shards[SHARDS];
	struct run_of_numbers *numbers;
	size_t number_runs;
	struct repeated *repeats;
	size_t repeat_count;
	bool has_numeric; /* an id given by a user looks like a number */
	bool has_dotted;  /* or like a repeat: something.1 */
};

struct ids *
ids_new(void)
{
	return calloc(1, sizeof(struct ids));
}

void
ids_free(struct ids *ids)
{
	if (ids != NULL) {
		for (int i = 0; i < SHARDS; i++) {
			free(ids->shards[i].slots);
		}
		free(ids->numbers);
		free(ids->repeats);
		free(ids);
	}
}

/* FNV-1a, then the finalizer of MurmurHash3 (public domain), for bits that spread. Never 0. */
static uint64_t
hash(const char *id, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++) {
		h = (h ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
	}
	h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h == 0 ? 1 : h;
}

static struct shard *
shard_of(const struct ids *ids, uint64_t h)
{
	return (struct shard *)&ids->shards[h % SHARDS];
}

/* Where the hash is, or would be. The multiplication spreads over a size of any value. */
static uint64_t *
find(const struct shard *shard, uint64_t h)
{
	uint32_t at = (uint32_t)(((h >> 32) * shard->size) >> 32);

	while (shard->slots[at] != 0 && shard->slots[at] != h) {
		at = at + 1 == shard->size ? 0 : at + 1;
	}
	return &shard->slots[at];
}

/* By half: between 57 % and 86 % are in use, 9 to 14 bytes an id. */
static void
grow(struct shard *shard)
{
	struct shard larger = {.size = shard->size == 0 ? FIRST_SIZE : shard->size / 2 * 3,
			       .used = shard->used};

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL) {
		err(3, "ids");
	}
	for (uint32_t i = 0; i < shard->size; i++) {
		if (shard->slots[i] != 0) {
			*find(&larger, shard->slots[i]) = shard->slots[i];
		}
	}
	free(shard->slots);
	*shard = larger;
}

static bool
has(const struct ids *ids, uint64_t h)
{
	const struct shard *shard = shard_of(ids, h);

	return shard->size > 0 && *find(shard, h) != 0;
}

static void
put(struct ids *ids, uint64_t h)
{
	struct shard *shard = shard_of(ids, h);

	if ((uint64_t)(shard->used + 1) * 7 > (uint64_t)shard->size * 6) {
		grow(shard);
	}
	*find(shard, h) = h;
	shard->used++;
}

/* A whole number as it is printed, without leading zeros. */
static bool
is_number(const char *id, size_t len, uint64_t *number)
{
	*number = 0;
	if (len == 0 || len > 18 || id[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (id[i] < '0' || id[i] > '9') {
			return false;
		}
		*number = *number * 10 + (uint64_t)(id[i] - '0');
	}
	return true;
}

static bool
number_is_taken(const struct ids *ids, uint64_t number)
{
	size_t low = 0, high = ids->number_runs;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ids->numbers[middle].last < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < ids->number_runs && ids->numbers[low].first <= number;
}

/* Whether id is base.k of a repeated base. */
static bool
repeat_is_taken(const struct ids *ids, const char *id, size_t len, bool *dotted)
{
	const char *dot = memrchr(id, '.', len);
	uint64_t base, k;

	*dotted = dot != NULL && is_number(dot + 1, len - (size_t)(dot + 1 - id), &k);
	if (!*dotted || ids->repeat_count == 0) {
		return false;
	}
	base = hash(id, (size_t)(dot - id));
	for (size_t i = 0; i < ids->repeat_count; i++) {
		if (ids->repeats[i].hash == base && k <= ids->repeats[i].count) {
			return true;
		}
	}
	return false;
}

/* Whether one of id.1 … id.repeat was given by a user. */
static bool
clashes(const struct ids *ids, const char *id, size_t len, uint32_t repeat)
{
	char *copy;
	bool found = false;

	if (repeat < 2 || !ids->has_dotted || (copy = malloc(len + 16)) == NULL) {
		return false;
	}
	memcpy(copy, id, len);
	for (uint32_t k = 1; k <= repeat && !found; k++) {
		int more = snprintf(copy + len, 16, ".%u", k);

		found = has(ids, hash(copy, len + (size_t)more));
	}
	free(copy);
	return found;
}

static void
add_repeat(struct ids *ids, uint64_t h, uint32_t count)
{
	struct repeated *more;

	if (count < 2) {
		return;
	}
	more = reallocarray(ids->repeats, ids->repeat_count + 1, sizeof(*more));
	if (more == NULL) {
		err(3, "ids");
	}
	ids->repeats = more;
	more[ids->repeat_count++] = (struct repeated){h, count};
}

bool
ids_take(struct ids *ids, const char *id, size_t len, uint32_t repeat)
{
	uint64_t h = hash(id, len), number;
	bool numeric = is_number(id, len, &number), dotted;

	if (has(ids, h) || (numeric && number_is_taken(ids, number)) ||
	    repeat_is_taken(ids, id, len, &dotted) || clashes(ids, id, len, repeat)) {
		return false;
	}
	ids->has_numeric |= numeric;
	ids->has_dotted |= dotted;
	put(ids, h);
	add_repeat(ids, h, repeat);
	return true;
}

bool
ids_take_number(struct ids *ids, uint64_t ordinal, uint32_t repeat)
{
	char id[24];
	size_t len;

	if (ids->has_numeric || repeat > 1) {
		len = (size_t)snprintf(id, sizeof(id), "%ju", (uintmax_t)ordinal);
		if (has(ids, hash(id, len)) || clashes(ids, id, len, repeat)) {
			return false;
		}
		add_repeat(ids, hash(id, len), repeat);
	}
	if (ids->number_runs > 0 && ids->numbers[ids->number_runs - 1].last + 1 == ordinal) {
		ids->numbers[ids->number_runs - 1].last = ordinal;
		return true;
	}
	if ((ids->number_runs & (ids->number_runs - 1)) == 0) { /* doubles at powers of two */
		size_t room = ids->number_runs == 0 ? 1 : ids->number_runs * 2;

		ids->numbers = reallocarray(ids->numbers, room, sizeof(*ids->numbers));
		if (ids->numbers == NULL) {
			err(3, "ids");
		}
	}
	ids->numbers[ids->number_runs++] = (struct run_of_numbers){ordinal, ordinal};
	return true;
}

size_t
ids_memory(const struct ids *ids)
{
	size_t bytes = sizeof(*ids) + ids->number_runs * sizeof(*ids->numbers) +
		       ids->repeat_count * sizeof(*ids->repeats);

	for (int i = 0; i < SHARDS; i++) {
		bytes += ids->shards[i].size * sizeof(uint64_t);
	}
	return bytes;
}
