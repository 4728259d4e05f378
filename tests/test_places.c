/* SPDX-License-Identifier: ISC */
/* test_places: no two commands of a job have the same place, and each core's first has its number. */
#include <stdbool.h>
#include <stdlib.h>

#include "tests/unit.h"
#include "worker/places.h"

#define CORES   3
#define WORKERS (CORES + 2)
#define PLACES  200

START_TEST(the_first_on_each_core_have_the_lowest_places)
{
	for (unsigned i = 0; i < CORES; i++) {
		struct places places = {.worker = i, .cores = CORES};
		uint64_t first = places_take(&places), second = places_take(&places);

		ck_assert_uint_eq(first, i + 1);
		ck_assert_uint_eq(second, CORES + i + 1);
		places_leave(&places, first);
		ck_assert_uint_eq(places_take(&places), first);
		places_leave(&places, 0);
		places_free(&places);
	}
}
END_TEST

static bool
is_taken(uint64_t taken[WORKERS][PLACES], uint64_t place)
{
	for (size_t i = 0; i < (size_t)WORKERS * PLACES; i++) {
		if (taken[i / PLACES][i % PLACES] == place) {
			return true;
		}
	}
	return false;
}

START_TEST(no_two_have_the_same)
{
	static uint64_t taken[WORKERS][PLACES];
	struct places places[WORKERS];
	uint64_t state = 11;

	for (unsigned i = 0; i < WORKERS; i++) {
		places[i] = (struct places){.worker = i, .cores = CORES};
	}
	for (int i = 0; i < 20000; i++) {
		size_t worker = unit_random(&state) % WORKERS;
		size_t which = unit_random(&state) % PLACES;
		uint64_t place = taken[worker][which];

		taken[worker][which] = 0;
		places_leave(&places[worker], place);
		if (place == 0) {
			place = places_take(&places[worker]);
			ck_assert_uint_ne(place, 0);
			ck_assert(!is_taken(taken, place));
			taken[worker][which] = place;
		}
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		places_free(&places[i]);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {the_first_on_each_core_have_the_lowest_places,
				      no_two_have_the_same};

	return unit_run("places", tests, LENGTH(tests));
}
