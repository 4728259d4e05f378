/* SPDX-License-Identifier: ISC */
/* test_id_table: what is set is found, what is taken out is not, whatever order that comes in. */
#include "supervisor/id_table.h"
#include "tests/unit.h"

#define KEYS 300

static unsigned
used(const struct id_table *table)
{
	unsigned count = 0;

	for (int i = 0; i < ID_SHARDS; i++) {
		count += table->shards[i].used;
	}
	return count;
}

START_TEST(an_empty_table_has_nothing)
{
	struct id_table table = {.value_words = 1};

	ck_assert_uint_eq(id_table_get(&table, 7), 0);
	id_table_remove(&table, 7);
	id_table_set(&table, 7, 1);
	id_table_remove(&table, 7);
	id_table_remove(&table, 7);
	ck_assert_uint_eq(id_table_get(&table, 7), 0);
	ck_assert_uint_eq(used(&table), 0);
	id_table_free(&table);
}
END_TEST

/* Hashes that differ in few bits, so that their places run into each other. */
START_TEST(it_keeps_what_an_array_would)
{
	struct id_table table = {.value_words = 1};
	uint32_t values[KEYS] = {0};
	uint64_t seed = 11;
	unsigned kept = 0;
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
		kept += values[key] != 0;
	}
	ck_assert(good);
	ck_assert_uint_eq(used(&table), kept);
	id_table_free(&table);
}
END_TEST

START_TEST(values_of_several_words_stay_whole)
{
	struct id_table table = {.value_words = 3};
	bool is_new, good = true;

	for (uint32_t i = 1; i <= 10000; i++) {
		uint32_t *value = id_table_put(&table, i * UINT64_C(0x9e3779b97f4a7c15), &is_new);

		good = good && is_new && value[0] == 0 && value[1] == 0 && value[2] == 0;
		value[0] = value[1] = value[2] = i;
	}
	for (uint32_t i = 1; i <= 10000; i++) {
		uint32_t *value = id_table_put(&table, i * UINT64_C(0x9e3779b97f4a7c15), &is_new);

		good = good && !is_new && value[0] == i && value[1] == i && value[2] == i;
	}
	ck_assert(good);
	id_table_free(&table);
}
END_TEST

START_TEST(a_place_is_used_again)
{
	struct id_table table = {.value_words = 1};

	for (uint64_t i = 1; i < 1000000; i++) {
		id_table_set(&table, i * UINT64_C(0x9e3779b97f4a7c15), 1);
		if (i > 100) {
			id_table_remove(&table, (i - 100) * UINT64_C(0x9e3779b97f4a7c15));
		}
	}
	ck_assert_uint_eq(used(&table), 100);
	ck_assert_uint_le(id_table_memory(&table), 16384);
	id_table_free(&table);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    an_empty_table_has_nothing,
	    it_keeps_what_an_array_would,
	    values_of_several_words_stay_whole,
	    a_place_is_used_again,
	};

	return unit_run("id_table", tests, LENGTH(tests));
}
