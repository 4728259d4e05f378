/* SPDX-License-Identifier: ISC */
/* test_ids: no id is taken twice, and what that costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/ids.h"
#include "tests/unit.h"

static bool
take(struct ids *ids, const char *id, uint32_t repeat)
{
	return ids_take(ids, id, strlen(id), repeat);
}

START_TEST(an_id_is_taken_once)
{
	struct ids *ids = ids_new();

	ck_assert(take(ids, "a", 1));
	ck_assert(!take(ids, "a", 1));
	ck_assert(take(ids, "A", 1));
	ck_assert(take(ids, "a ", 1));
	ck_assert(take(ids, "\xc3\xa9", 1));
	ck_assert(!take(ids, "\xc3\xa9", 1));
	ck_assert(take(ids, "01", 1));
	ck_assert(take(ids, "99999999999999999999999", 1));
	ck_assert(!take(ids, "99999999999999999999999", 1));
	ids_free(ids);
	ids_free(NULL);
}
END_TEST

START_TEST(numbers_and_ids_share_one_space)
{
	struct ids *ids = ids_new();

	ck_assert(ids_take_number(ids, 1, 1));
	ck_assert(ids_take_number(ids, 2, 1));
	ck_assert(!take(ids, "1", 1));
	ck_assert(!take(ids, "2", 1));
	ck_assert(take(ids, "01", 1)); /* another string */
	ck_assert(take(ids, "4", 1));  /* task 3 calls itself 4 */
	ck_assert(!ids_take_number(ids, 4, 1));
	ck_assert(ids_take_number(ids, 5, 1));
	ck_assert(take(ids, "3", 1)); /* task 3 did not use it */
	ck_assert(!take(ids, "5", 1));
	ck_assert(take(ids, "7", 1));
	ck_assert(ids_take_number(ids, 8, 1));
	ck_assert(!take(ids, "8", 1));
	ck_assert(take(ids, "6", 1));
	ids_free(ids);
}
END_TEST

START_TEST(repeats_take_each_of_their_ids)
{
	struct ids *ids = ids_new();

	ck_assert(take(ids, "a", 3));
	ck_assert(!take(ids, "a.1", 1));
	ck_assert(!take(ids, "a.3", 1));
	ck_assert(take(ids, "a.4", 1));
	ck_assert(take(ids, "a.0", 1));
	ck_assert(take(ids, "a.01", 1));
	ck_assert(!take(ids, "a", 1));
	ck_assert(!take(ids, "a", 3));
	ck_assert(take(ids, "b.2", 1));
	ck_assert(!take(ids, "b", 2));
	ck_assert(take(ids, "b", 1)); /* the refusal changed nothing */
	ck_assert(!take(ids, "b", 2));
	ck_assert(ids_take_number(ids, 9, 4));
	ck_assert(!take(ids, "9.4", 1));
	ck_assert(!take(ids, "9", 1));
	ck_assert(take(ids, "10.2", 1));
	ck_assert(!ids_take_number(ids, 10, 2));
	ck_assert(ids_take_number(ids, 11, 2));
	ck_assert(take(ids, "c.1", 2)); /* c.1.1, c.1.2 */
	ck_assert(!take(ids, "c.1.2", 1));
	ck_assert(!take(ids, "c", 1000));
	ids_free(ids);
}
END_TEST

START_TEST(a_refused_number_stays_free)
{
	struct ids *ids = ids_new();

	ck_assert(take(ids, "2.1", 1));
	ck_assert(!ids_take_number(ids, 2, 5));
	ck_assert(take(ids, "2", 1));
	ck_assert(take(ids, "2.5", 1));
	ids_free(ids);
}
END_TEST

START_TEST(a_hundred_thousand_random_ids_agree_with_a_table)
{
	char *used = calloc(1, 1 << 16), id[32];
	struct ids *ids = ids_new();
	uint64_t state = 41;

	for (int i = 0; i < 100000; i++) {
		uint64_t n = unit_random(&state) & 0xffff;

		snprintf(id, sizeof(id), "task-%ju", (uintmax_t)n);
		ck_assert_int_eq(take(ids, id, 1), !used[n]);
		used[n] = 1;
	}
	ids_free(ids);
	free(used);
}
END_TEST

/* At every size, also in the middle of growth. Below 10,000 ids a fixed 160 kB is the limit. */
START_TEST(an_id_costs_at_most_sixteen_bytes)
{
	struct ids *ids = ids_new();
	char id[64];

	for (size_t n = 1; n <= 1000000; n++) {
		snprintf(id, sizeof(id), "a-rather-long-name-for-a-task-%zu", n);
		ck_assert(take(ids, id, 1));
		if (n % 1000 == 0) {
			size_t most = n < 10000 ? 160000 : 16 * n;

			ck_assert_msg(ids_memory(ids) <= most, "%zu ids: %zu bytes", n,
				      ids_memory(ids));
		}
	}
	ids_free(ids);
}
END_TEST

START_TEST(numbers_cost_nothing)
{
	struct ids *ids = ids_new();
	size_t before;

	ck_assert(ids_take_number(ids, 1, 1));
	before = ids_memory(ids);
	for (uint64_t n = 2; n <= 1000000; n++) {
		ck_assert(ids_take_number(ids, n, 1));
	}
	ck_assert_uint_eq(ids_memory(ids), before);
	ck_assert(!take(ids, "1", 1));
	ck_assert(!take(ids, "999999", 1));
	ck_assert(take(ids, "1000001", 1));
	ids_free(ids);
}
END_TEST

/* Every second task has an id of its own: still at most 16 bytes for each of those. */
START_TEST(alternating_numbers_and_ids_are_cheap)
{
	struct ids *ids = ids_new();
	char id[32];

	for (uint64_t n = 1; n <= 200000; n += 2) {
		snprintf(id, sizeof(id), "t%ju", (uintmax_t)n);
		ck_assert(take(ids, id, 1));
		ck_assert(ids_take_number(ids, n + 1, 1));
	}
	ck_assert(!take(ids, "100000", 1));
	ck_assert(take(ids, "100001", 1));
	ck_assert_msg(ids_memory(ids) <= 16 * 100000, "%zu bytes", ids_memory(ids));
	ids_free(ids);
}
END_TEST

static enum ids_known
find(struct ids *ids, const char *id)
{
	return ids_find(ids, id, strlen(id));
}

START_TEST(what_was_taken_is_known)
{
	struct ids *ids = ids_new();

	ck_assert_int_eq(find(ids, "a"), IDS_UNKNOWN);
	ck_assert_int_eq(find(ids, "1"), IDS_UNKNOWN);
	ck_assert(ids_take_number(ids, 1, 1) && ids_take_number(ids, 2, 3));
	ck_assert(take(ids, "a", 1) && take(ids, "b", 2) && take(ids, "c.lr=0.1", 1));
	ck_assert_int_eq(find(ids, "a"), IDS_TASK);
	ck_assert_int_eq(find(ids, "1"), IDS_TASK);
	ck_assert_int_eq(find(ids, "2"), IDS_TASK);
	ck_assert_int_eq(find(ids, "b"), IDS_TASK);
	ck_assert_int_eq(find(ids, "c.lr=0.1"), IDS_TASK);
	ck_assert_int_eq(find(ids, "2.3"), IDS_REPEAT);
	ck_assert_int_eq(find(ids, "b.2"), IDS_REPEAT);
	ck_assert_int_eq(find(ids, "b.3"), IDS_UNKNOWN);
	ck_assert_int_eq(find(ids, "b.0"), IDS_UNKNOWN);
	ck_assert_int_eq(find(ids, "a.1"), IDS_UNKNOWN);
	ck_assert_int_eq(find(ids, "c.lr=0"), IDS_UNKNOWN);
	ck_assert_int_eq(find(ids, "3"), IDS_UNKNOWN);
	ids_free(ids);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_was_taken_is_known,
	    an_id_is_taken_once,
	    numbers_and_ids_share_one_space,
	    repeats_take_each_of_their_ids,
	    a_refused_number_stays_free,
	    a_hundred_thousand_random_ids_agree_with_a_table,
	    an_id_costs_at_most_sixteen_bytes,
	    numbers_cost_nothing,
	    alternating_numbers_and_ids_are_cheap,
	};

	return unit_run("ids", tests, LENGTH(tests));
}
