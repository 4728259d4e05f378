/* SPDX-License-Identifier: ISC */
/* ids: see ids.h. Pure; in the supervisor. */
#include "supervisor/ids.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "ipc/text.h"
#include "supervisor/id_table.h"

#define MARK_EVERY 256

/*
 * The ordinals of tasks without an id: runs of them that follow each other, and the gaps between.
 * Runs that are over are kept as two numbers each, the lengths of the run and of the gap behind
 * it, seven bits a byte, with a mark every MARK_EVERY runs to look things up by.
 */
struct numbers {
	uint64_t first; /* of the present run; 0: there is none */
	uint64_t last;
	struct text runs;
	size_t run_count;
	struct mark {
		uint64_t first; /* ordinal of the run that begins at `offset` */
		size_t offset;
	} * marks;
	size_t mark_count;
};

struct ids {
	struct id_table given;
	struct numbers numbers;
	struct id_table repeats; /* ids that stand for id.1 … id.value */
	bool has_numeric;        /* an id given by a user looks like a number */
	bool has_dotted;         /* or like a repeat: something.1 */
};

struct ids *
ids_new(void)
{
	struct ids *ids = calloc(1, sizeof(struct ids));

	if (ids != NULL) {
		ids->repeats.value_words = 1;
	}
	return ids;
}

void
ids_free(struct ids *ids)
{
	if (ids != NULL) {
		id_table_free(&ids->given);
		text_free(&ids->numbers.runs);
		free(ids->numbers.marks);
		id_table_free(&ids->repeats);
		free(ids);
	}
}

/* FNV-1a, then the finalizer of MurmurHash3 (public domain), for bits that spread. */
uint64_t
ids_hash(const char *id, size_t len)
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

static bool
has(const struct ids *ids, uint64_t h)
{
	return id_table_find(&ids->given, h) != NULL;
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

static void
put_length(struct text *out, uint64_t length)
{
	for (; length >= 0x80; length >>= 7) {
		text_char(out, (char)(length & 0x7f));
	}
	text_char(out, (char)(length | 0x80)); /* the last byte has the high bit */
}

static uint64_t
get_length(const struct text *in, size_t *offset)
{
	uint64_t length = 0;
	unsigned char byte;
	unsigned shift = 0;

	do {
		byte = (unsigned char)in->data[(*offset)++];
		length |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte < 0x80);
	return length;
}

/* The present run is over; the next begins at `first`. */
static void
begin_run(struct numbers *numbers, uint64_t first)
{
	if (numbers->first != 0) {
		if (numbers->run_count++ % MARK_EVERY == 0) {
			numbers->marks = reallocarray(numbers->marks, numbers->mark_count + 1,
						      sizeof(*numbers->marks));
			if (numbers->marks == NULL) {
				err(3, "ids");
			}
			numbers->marks[numbers->mark_count++] =
			    (struct mark){numbers->first, numbers->runs.len};
		}
		put_length(&numbers->runs, numbers->last - numbers->first + 1);
		put_length(&numbers->runs, first - numbers->last - 1);
	}
	numbers->first = numbers->last = first;
}

static bool
number_is_taken(const struct numbers *numbers, uint64_t number)
{
	size_t low = 0, high = numbers->mark_count, offset;
	uint64_t at;

	if (numbers->first != 0 && number >= numbers->first) {
		return number <= numbers->last;
	}
	while (low < high) { /* the last mark that is not behind the number */
		size_t middle = (low + high) / 2;

		if (numbers->marks[middle].first <= number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0) {
		return false;
	}
	at = numbers->marks[low - 1].first;
	offset = numbers->marks[low - 1].offset;
	while (offset < numbers->runs.len && at <= number) {
		at += get_length(&numbers->runs, &offset);
		if (number < at) {
			return true;
		}
		at += get_length(&numbers->runs, &offset);
	}
	return false;
}

/* Whether id is base.k of a repeated base. */
static bool
repeat_is_taken(const struct ids *ids, const char *id, size_t len, bool *dotted)
{
	const char *dot = memrchr(id, '.', len);
	uint64_t k;

	*dotted = dot != NULL && is_number(dot + 1, len - (size_t)(dot + 1 - id), &k);
	return *dotted && k <= id_table_get(&ids->repeats, ids_hash(id, (size_t)(dot - id)));
}

/* Whether one of id.1 … id.repeat was given by a user. */
static bool
clashes(const struct ids *ids, const char *id, size_t len, uint32_t repeat)
{
	char *copy;
	bool found = false;

	if (repeat < 2 || !ids->has_dotted) {
		return false;
	}
	copy = memory_check(malloc(len + 16));
	memcpy(copy, id, len);
	for (uint32_t k = 1; k <= repeat && !found; k++) {
		int more = snprintf(copy + len, 16, ".%u", k);

		found = has(ids, ids_hash(copy, len + (size_t)more));
	}
	free(copy);
	return found;
}

static void
add_repeat(struct ids *ids, uint64_t h, uint32_t count)
{
	if (count > 1) {
		id_table_set(&ids->repeats, h, count);
	}
}

bool
ids_take(struct ids *ids, const char *id, size_t len, uint32_t repeat)
{
	uint64_t h = ids_hash(id, len), number;
	bool numeric = is_number(id, len, &number), dotted, is_new;

	if (has(ids, h) || (numeric && number_is_taken(&ids->numbers, number)) ||
	    repeat_is_taken(ids, id, len, &dotted) || clashes(ids, id, len, repeat)) {
		return false;
	}
	ids->has_numeric |= numeric;
	ids->has_dotted |= dotted;
	id_table_put(&ids->given, h, &is_new);
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
		if (has(ids, ids_hash(id, len)) || clashes(ids, id, len, repeat)) {
			return false;
		}
		add_repeat(ids, ids_hash(id, len), repeat);
	}
	if (ids->numbers.first != 0 && ids->numbers.last + 1 == ordinal) {
		ids->numbers.last = ordinal;
	} else {
		begin_run(&ids->numbers, ordinal);
	}
	return true;
}

enum ids_known
ids_find(const struct ids *ids, const char *id, size_t len)
{
	uint64_t number;
	bool dotted;

	if (has(ids, ids_hash(id, len)) ||
	    (is_number(id, len, &number) && number_is_taken(&ids->numbers, number))) {
		return IDS_TASK;
	}
	return repeat_is_taken(ids, id, len, &dotted) ? IDS_REPEAT : IDS_UNKNOWN;
}

size_t
ids_memory(const struct ids *ids)
{
	return sizeof(struct numbers) + ids->numbers.runs.cap +
	       ids->numbers.mark_count * sizeof(struct mark) + id_table_memory(&ids->given) +
	       id_table_memory(&ids->repeats);
}
