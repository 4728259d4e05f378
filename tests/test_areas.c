/* SPDX-License-Identifier: ISC */
/* test_areas: the areas come to what the summary says, and stand where the tasks were. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/areas.h"
#include "tests/records.h"
#include "tests/unit.h"

#define SECOND 1e6

static double
sum(const double *cells, size_t count)
{
	double all = 0;

	for (size_t i = 0; i < count; i++) {
		all += cells[i];
	}
	return all;
}

static struct recorded_run *
finish(const struct record *records, size_t count, const char *summary, unsigned cores)
{
	struct recorded_run *run = recorded_run_new(NULL);

	records_add(run, records, count);
	if (summary != NULL) {
		ck_assert(recorded_run_summary(run, span_of(summary)));
	}
	recorded_run_finish(run, cores);
	return run;
}

START_TEST(cells_hold_what_was_in_them)
{
	static const struct record records[] = {
	    {"a", 0, 4, 2, 0, NULL}, {"b", 1.5, 1, 1, 0, NULL}, {"c", 3.25, 0.25, 0, 1, NULL}};
	static const double cpu[] = {0.5, 1, 1, 0.5}, task[] = {1, 1.5, 1.5, 1.25};
	struct recorded_run *run = finish(records, LENGTH(records), NULL, 0);
	struct areas areas;

	areas_make(&areas, run, 4);
	ck_assert_double_eq_tol(areas.cell_us, SECOND, 1e-6);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_double_eq_tol(areas.cpu_us[i], cpu[i] * SECOND, 1);
		ck_assert_double_eq_tol(areas.task_us[i], task[i] * SECOND, 1);
	}
	areas_free(&areas);
	recorded_run_free(run);
}
END_TEST

/* However many cells, and though some tasks are said to end after the run. */
START_TEST(integrals_are_the_sums_of_the_summary)
{
	struct recorded_run *run = recorded_run_new(NULL);
	uint64_t state = 3;

	for (int i = 0; i < 2000; i++) {
		char id[16];
		struct record record = {.id = id,
					.start = (double)(unit_random(&state) % 5000) / 1000,
					.wall = (double)(unit_random(&state) % 2000) / 10000};

		record.cpu = record.wall * (double)(unit_random(&state) % 5) / 4;
		snprintf(id, sizeof(id), "t%d", i);
		records_add(run, &record, 1);
	}
	ck_assert(recorded_run_summary(
	    run, SPAN_LITERAL("{\"cores\":2,\"began\":1699999999.9,\"wall\":5.2}")));
	recorded_run_finish(run, 0);
	ck_assert(run->measured);
	for (size_t count = 1; count < 5000; count = count * 3 + 1) {
		const struct summary *summary = &run->summary;
		struct areas areas;

		areas_make(&areas, run, count);
		ck_assert_double_eq_tol(sum(areas.cpu_us, count),
					(double)(summary->user_us + summary->sys_us), 10);
		ck_assert_double_eq_tol(sum(areas.task_us, count), (double)summary->task_wall_us,
					10);
		areas_free(&areas);
	}
	recorded_run_free(run);
}
END_TEST

START_TEST(idle_time_is_as_measured)
{
	static const struct record records[] = {{"a", 0, 1, 1, 0, NULL}};
	struct recorded_run *run =
	    finish(records, 1,
		   "{\"cores\":4,\"began\":1700000000,\"wall\":1,"
		   "\"idle\":{\"start-up\":0.25,\"memory\":1.5,\"needs\":1.25}}",
		   0);
	int64_t idle_us[IDLE_COUNT];

	areas_idle(run, idle_us);
	ck_assert_int_eq(idle_us[IDLE_START], 250000);
	ck_assert_int_eq(idle_us[IDLE_MEMORY], 1500000);
	ck_assert_int_eq(idle_us[IDLE_NEEDS], 1250000);
	ck_assert_int_eq(idle_us[IDLE_TASKS], 0);
	recorded_run_free(run);
}
END_TEST

/* On 2 cores: a computes, then b, which needed it, then c and d; d is longer. */
START_TEST(idle_time_is_estimated_by_cause)
{
	static const struct record records[] = {
	    {"a", 0, 1, 1, 0, NULL},
	    {"b", 1, 1, 1, 0, ",\"needs\":[\"a\"]"},
	    {"c", 2, 1, 1, 0, ",\"needs\":[\"b\"]"},
	    {"d", 2.5, 2.5, 2.5, 1, ",\"needs\":[\"b\"]"}, /* half a second late */
	};
	struct recorded_run *run = finish(records, LENGTH(records), NULL, 2);
	int64_t idle_us[IDLE_COUNT], all_us = 0;

	areas_idle(run, idle_us);
	ck_assert_double_eq_tol((double)idle_us[IDLE_NEEDS], 2 * SECOND, 0.01 * SECOND);
	ck_assert_double_eq_tol((double)idle_us[IDLE_OVERHEAD], 0.5 * SECOND, 0.01 * SECOND);
	ck_assert_double_eq_tol((double)idle_us[IDLE_TASKS], 2 * SECOND, 0.01 * SECOND);
	for (int i = 0; i < IDLE_COUNT; i++) {
		all_us += idle_us[i];
	}
	ck_assert_double_eq_tol((double)all_us, 4.5 * SECOND, 0.01 * SECOND);
	recorded_run_free(run);
}
END_TEST

START_TEST(nothing_ran)
{
	struct recorded_run *run = recorded_run_new(NULL);
	int64_t idle_us[IDLE_COUNT];
	struct areas areas;

	records_line(run,
		     "{\"id\":\"a\",\"status\":\"skipped\",\"wall\":0,\"error\":\"b failed\"}");
	recorded_run_finish(run, 0);
	areas_make(&areas, run, 10);
	ck_assert_double_eq(sum(areas.cpu_us, 10) + sum(areas.task_us, 10), 0);
	areas_idle(run, idle_us);
	areas_free(&areas);
	recorded_run_free(run);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    cells_hold_what_was_in_them, integrals_are_the_sums_of_the_summary,
	    idle_time_is_as_measured, idle_time_is_estimated_by_cause, nothing_ran};

	return unit_run("areas", tests, LENGTH(tests));
}
