/* SPDX-License-Identifier: ISC */
/* test_lanes: rows of a lane never overlap, and are no more than needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/lanes.h"
#include "tests/records.h"
#include "tests/unit.h"

#define NEEDS_MANY 3000

static uint32_t
row_of(const struct lanes *lanes, const struct recorded_run *run, const char *id)
{
	return lanes->row[records_find(run, id) - run->tasks];
}

START_TEST(the_lowest_free_row_is_taken)
{
	static const struct record records[] = {
	    {"a", 0, 4, 0, 0, NULL}, {"b", 1, 1, 0, 0, NULL}, {"c", 1.5, 5, 0, 0, NULL},
	    {"d", 2, 1, 0, 0, NULL}, {"e", 5, 1, 0, 0, NULL}, {"other", 1, 9, 0, 2, NULL},
	};
	struct recorded_run *run = recorded_run_new(NULL);
	struct lanes lanes;

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	lanes_make(&lanes, run);
	ck_assert_uint_eq(lanes.count, 3);
	ck_assert_uint_eq(lanes.rows[0], 3);
	ck_assert_uint_eq(lanes.rows[1], 0);
	ck_assert_uint_eq(lanes.rows[2], 1);
	ck_assert_uint_eq(row_of(&lanes, run, "a"), 0);
	ck_assert_uint_eq(row_of(&lanes, run, "b"), 1);
	ck_assert_uint_eq(row_of(&lanes, run, "c"), 2);
	ck_assert_uint_eq(row_of(&lanes, run, "d"), 1); /* it begins when b ends */
	ck_assert_uint_eq(row_of(&lanes, run, "e"), 0);
	ck_assert_uint_eq(row_of(&lanes, run, "other"), 0);
	lanes_free(&lanes);
	recorded_run_free(run);
}
END_TEST

/* One task at a time has one row, though rounded times overlap by a microsecond. */
START_TEST(rounding_makes_no_second_row)
{
	static const struct record records[] = {
	    {"a", 0, 0.000004, 0, 0, NULL},
	    {"b", 0.000003, 0.000004, 0, 0, NULL},
	    {"c", 0.000006, 100, 0, 0, NULL},
	    {"d", 99.995, 1, 0, 0, NULL}, /* the clock was being set */
	};
	struct recorded_run *run = recorded_run_new(NULL);
	struct lanes lanes;

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->summary.peak, 1);
	lanes_make(&lanes, run);
	ck_assert_uint_eq(lanes.rows[0], 1);
	lanes_free(&lanes);
	recorded_run_free(run);
}
END_TEST

START_TEST(earlier_attempts_have_rows_too)
{
	static const struct record records[] = {
	    {"a", 6, 1, 0, 0,
	     ",\"earlier\":[{\"status\":\"failed\",\"worker\":3,\"start\":1700000000.5,"
	     "\"wall\":1},{\"status\":\"timeout\",\"worker\":0,\"start\":1700000003.0,"
	     "\"wall\":2}]"},
	    {"b", 0, 4, 0, 0, NULL},
	    {"c", 4, 4, 0, 0, NULL},
	};
	struct recorded_run *run = recorded_run_new(NULL);
	struct lanes lanes;
	size_t a;

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	lanes_make(&lanes, run);
	ck_assert_uint_eq(run->lanes, 4);
	ck_assert_uint_eq(lanes.rows[0], 2);
	ck_assert_uint_eq(lanes.rows[3], 1);
	a = (size_t)(records_find(run, "a") - run->tasks);
	ck_assert_uint_eq(lanes.earlier[lanes.first[a]], 0);
	ck_assert_uint_eq(lanes.earlier[lanes.first[a] + 1], 1); /* beside b, */
	ck_assert_uint_eq(row_of(&lanes, run, "c"), 0);
	ck_assert_uint_eq(row_of(&lanes, run, "a"), 1);
	lanes_free(&lanes);
	recorded_run_free(run);
}
END_TEST

/* Against the definition: no two of a row overlap, and as many rows as most tasks at once. */
START_TEST(random_runs_stack_as_low_as_can_be)
{
	struct recorded_run *run = recorded_run_new(NULL);
	struct lanes lanes;
	uint64_t state = 7;

	for (int i = 0; i < NEEDS_MANY; i++) {
		char id[16];
		struct record record = {.id = id,
					.start = (double)(unit_random(&state) % 1000) / 100,
					.wall = (double)(unit_random(&state) % 300 + 1) / 1000,
					.worker = (int)(unit_random(&state) % 3)};

		snprintf(id, sizeof(id), "t%d", i);
		records_add(run, &record, 1);
	}
	recorded_run_finish(run, 0);
	lanes_make(&lanes, run);
	for (int worker = 0; worker < 3; worker++) {
		int64_t ends[NEEDS_MANY] = {0};
		unsigned most = 0;

		for (size_t i = 0; i < run->count; i++) {
			const struct recorded_task *task = &run->tasks[i];
			unsigned now = 0;

			if (task->worker != worker) {
				continue;
			}
			ck_assert_uint_lt(lanes.row[i], lanes.rows[worker]);
			ck_assert_int_le(ends[lanes.row[i]], task->start_us);
			ends[lanes.row[i]] = recorded_over_us(task->start_us, task->wall_us);
			for (size_t k = 0; k <= i; k++) {
				now += run->tasks[k].worker == worker &&
				       recorded_over_us(run->tasks[k].start_us,
							run->tasks[k].wall_us) > task->start_us;
			}
			most = now > most ? now : most;
		}
		ck_assert_uint_eq(lanes.rows[worker], most);
	}
	lanes_free(&lanes);
	recorded_run_free(run);
}
END_TEST

START_TEST(an_empty_run_has_no_lanes)
{
	struct recorded_run *run = recorded_run_new(NULL);
	struct lanes lanes;

	records_line(run,
		     "{\"id\":\"a\",\"status\":\"skipped\",\"wall\":0,\"error\":\"b failed\"}");
	recorded_run_finish(run, 0);
	lanes_make(&lanes, run);
	ck_assert_uint_eq(lanes.count, 0);
	lanes_free(&lanes);
	recorded_run_free(run);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {the_lowest_free_row_is_taken, rounding_makes_no_second_row,
				      earlier_attempts_have_rows_too,
				      random_runs_stack_as_low_as_can_be,
				      an_empty_run_has_no_lanes};

	return unit_run("lanes", tests, LENGTH(tests));
}
