/* SPDX-License-Identifier: ISC */
/* test_id_table: what is set is found, what is taken out is not, whatever order that comes in. */
#include "supervisor/id_table.h"
#include "tests/unit.h"

#define KEYS 300

START_TEST(an_empty_table_has_nothing)
{
	struct id_table table = {.entries = NULL};

	ck_assert_uint_eq(id_table_get(&table, 7), 0);
	id_table_remove(&table, 7);
	id_table_set(&table, 7, 1);
	id_table_remove(&table, 7);
	id_table_remove(&table, 7);
	ck_assert_uint_eq(id_table_get(&table, 7), 0);
	ck_assert_uint_eq(table.used, 0);
	id_table_free(&table);
}
END_TEST

/* Hashes that differ in few low bits, so that their places run into each other. */
START_TEST(it_keeps_what_an_array_would)
{
	struct id_table table = {.entries = NULL};
	uint32_t values[KEYS] = {0};
	uint64_t seed = 11;
	bool good = true;

	for (int i = 0; i < 200000; i++) {
		unsigned key = (unsigned)unit_random(&seed) % KEYS;
		uint64_t hash = ((uint64_t)(key / 10) << 32) + key % 10 + 1;

		good = good && id_table_get(&table, hash) == values[key];
		values[key] = unit_random(&seed) % 3 == 0 ? (uint32_t)i + 1 : 0;
		if (values[key] == 0) {
			id_table_remove(&table, hash);
		} else {
			id_table_set(&table, hash, values[key]);
		}
	}
	for (unsigned key = 0; key < KEYS; key++) {
		uint64_t hash = ((uint64_t)(key / 10) << 32) + key % 10 + 1;

		good = good && id_table_get(&table, hash) == values[key];
		table.used -= values[key] != 0;
	}
	ck_assert(good);
	ck_assert_uint_eq(table.used, 0);
	id_table_free(&table);
}
END_TEST

START_TEST(a_place_is_used_again)
{
	struct id_table table = {.entries = NULL};

	for (uint64_t i = 1; i < 1000000; i++) {
		id_table_set(&table, i * UINT64_C(0x9e3779b97f4a7c15), 1);
		if (i > 100) {
			id_table_remove(&table, (i - 100) * UINT64_C(0x9e3779b97f4a7c15));
		}
	}
	ck_assert_uint_eq(table.used, 100);
	ck_assert_uint_le(table.size, 256);
	id_table_free(&table);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    an_empty_table_has_nothing,
	    it_keeps_what_an_array_would,
	    a_place_is_used_again,
	};

	return unit_run("id_table", tests, LENGTH(tests));
}
