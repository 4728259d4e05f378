/* SPDX-License-Identifier: ISC */
/* test_timeline: nothing gets lost while it widens, and the bar shows where it was busy. */
#include <math.h>
#include <string.h>

#include "supervisor/timeline.h"
#include "tests/unit.h"

static double
area(const double cells[TIMELINE_CELLS])
{
	double sum = 0;

	for (int i = 0; i < TIMELINE_CELLS; i++) {
		sum += cells[i];
	}
	return sum;
}

START_TEST(areas_equal_the_sums)
{
	struct timeline timeline;
	double cpu = 0, task = 0;
	uint64_t state = 61;

	timeline_init(&timeline);
	for (int i = 0; i < 20000; i++) {
		int64_t begin = (int64_t)(unit_random(&state) % (1000 + (uint64_t)i * 200));
		int64_t length = 1 + (int64_t)(unit_random(&state) % 300000);
		int64_t used = (int64_t)(unit_random(&state) % (uint64_t)length);

		timeline_add(&timeline, begin, begin + length, used);
		task += (double)length;
		cpu += (double)used;
	}
	ck_assert_double_eq_tol(area(timeline.task_us), task, task * 1e-9);
	ck_assert_double_eq_tol(area(timeline.cpu_us), cpu, cpu * 1e-9);
}
END_TEST

START_TEST(every_cell_has_what_was_in_it)
{
	struct timeline timeline;

	timeline_init(&timeline);
	timeline_add(&timeline, 0, 1000000, 500000);
	timeline_add(&timeline, 500000, 1000000, 500000);
	for (int i = 0; i < TIMELINE_CELLS; i++) {
		double begin = (double)(i * timeline.cell_us),
		       end = begin + (double)timeline.cell_us;
		double first = fmin(end, 1e6) - fmin(begin, 1e6);
		double second = fmax(fmin(end, 1e6), 5e5) - fmax(fmin(begin, 1e6), 5e5);

		ck_assert_double_eq_tol(timeline.task_us[i], first + second, 1e-3);
		ck_assert_double_eq_tol(timeline.cpu_us[i], first / 2 + second, 1e-3);
	}
}
END_TEST

START_TEST(the_part_in_which_cores_computed_at_once)
{
	struct timeline timeline;

	timeline_init(&timeline);
	ck_assert_double_eq(timeline_part(&timeline, 0, 1.5), 0);
	timeline_add(&timeline, 0, 1000000, 0);
	timeline_add(&timeline, 0, 500000, 500000);
	ck_assert_double_eq(timeline_part(&timeline, 1000000, 1.5), 0);
	timeline_add(&timeline, 0, 500000, 500000);
	ck_assert_double_eq_tol(timeline_part(&timeline, 1000000, 1.5), 0.5, 0.01);
}
END_TEST

START_TEST(a_run_of_years_fits)
{
	struct timeline timeline;

	timeline_init(&timeline);
	timeline_add(&timeline, 0, 50, 50);
	timeline_add(&timeline, INT64_C(315360000000000) - 100, INT64_C(315360000000000), 100);
	ck_assert_double_eq_tol(area(timeline.cpu_us), 150, 1e-6);
	ck_assert_int_ge(timeline.cell_us * TIMELINE_CELLS, INT64_C(315360000000000));
}
END_TEST

START_TEST(odd_times_are_harmless)
{
	struct timeline timeline;

	timeline_init(&timeline);
	timeline_add(&timeline, -500, 500, 100); /* it began before the run */
	timeline_add(&timeline, 700, 700, 30);
	timeline_add(&timeline, 900, 800, 30);
	timeline_add(&timeline, -10, -5, 30);
	ck_assert_double_eq_tol(area(timeline.cpu_us), 190, 1e-6);
}
END_TEST

START_TEST(the_bar_shows_where_it_was_busy)
{
	struct timeline timeline;
	struct text out = TEXT_INIT;

	timeline_init(&timeline);
	timeline_add(&timeline, 0, 200000, 200000); /* two cores */
	timeline_add(&timeline, 0, 200000, 200000);
	timeline_add(&timeline, 200000, 400000, 200000); /* one of two */
	timeline_add(&timeline, 400000, 600000, 40000);  /* a fifth of one */
	timeline_add(&timeline, 600000, 800000, 0);      /* it waits */
	timeline_bar(&timeline, 800000, 1000000, 5, 2, true, &out);
	unit_assert_text(&out, "#+-. ");
	timeline_bar(&timeline, 800000, 1000000, 10, 2, true, &out);
	unit_assert_text(&out, "##++--..  ");
	timeline_bar(&timeline, 800000, 1000000, 5, 2, false, &out);
	unit_assert_text(&out, "\u2588\u2593\u2592\u2591 ");
	timeline_bar(&timeline, 800000, 800000, 0, 2, false, &out);
	ck_assert_uint_eq(out.len, 0);
	text_free(&out);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {areas_equal_the_sums,
				      every_cell_has_what_was_in_it,
				      the_part_in_which_cores_computed_at_once,
				      a_run_of_years_fits,
				      odd_times_are_harmless,
				      the_bar_shows_where_it_was_busy};

	return unit_run("timeline", tests, LENGTH(tests));
}
