/* SPDX-License-Identifier: ISC */
/* test_ticks: marks are round, and no more than there is room for. */
#include "supervisor/ticks.h"

#include "tests/unit.h"

#define SECOND INT64_C(1000000)

START_TEST(steps_are_round)
{
	static const struct {
		int64_t span_us;
		int64_t step_us;
		const char *third;
	} cases[] = {
	    {1, 1, "3 us"},
	    {9, 1, "3 us"},
	    {1200, 200, "0.6 ms"},
	    {80000, 10000, "30 ms"},
	    {SECOND, SECOND / 10, "0.3 s"},
	    {1005000, SECOND / 10, "0.3 s"},
	    {8 * SECOND, SECOND, "3 s"},
	    {65 * SECOND, 10 * SECOND, "30 s"},
	    {300 * SECOND, 30 * SECOND, "90 s"},
	    {3000 * SECOND, 300 * SECOND, "15 min"},
	    {7200 * SECOND, 900 * SECOND, "45 min"},
	    {86400 * SECOND, 3 * 3600 * SECOND, "9 h"},
	    {30 * 86400 * SECOND, 5 * 86400 * SECOND, "15 d"},
	};
	struct text label = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		ck_assert_int_eq(ticks_step_us(cases[i].span_us, 10), cases[i].step_us);
		ticks_label(3 * cases[i].step_us, cases[i].step_us, &label);
		unit_assert_text(&label, cases[i].third);
	}
	ticks_label(0, SECOND, &label);
	unit_assert_text(&label, "0");
	ticks_label(2 * SECOND, SECOND / 2, &label);
	unit_assert_text(&label, "2.0 s");
	text_free(&label);
}
END_TEST

START_TEST(there_are_never_too_many)
{
	for (int64_t span_us = 1; span_us < INT64_MAX / 8; span_us = span_us * 7 / 5 + 1) {
		for (unsigned most = 1; most < 20; most += 3) {
			int64_t step_us = ticks_step_us(span_us, most);

			ck_assert_int_gt(step_us, 0);
			ck_assert_int_le(span_us / step_us, most);
		}
	}
	ck_assert_int_gt(ticks_step_us(0, 10), 0);
}
END_TEST

START_TEST(durations_are_as_people_say_them)
{
	static const struct {
		int64_t us;
		const char *says;
	} cases[] = {
	    {0, "0 us"},
	    {12, "12 us"},
	    {1500, "1.50 ms"},
	    {12345, "12.3 ms"},
	    {1004800, "1.00 s"},
	    {59994000, "60.0 s"},
	    {90 * SECOND, "90.0 s"},
	    {210 * SECOND, "3.50 min"},
	    {2 * 3600 * SECOND, "2.00 h"},
	    {30 * 3600 * SECOND, "30.0 h"},
	    {72 * 3600 * SECOND, "3.00 d"},
	};
	struct text says = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		ticks_duration(cases[i].us, &says);
		unit_assert_text(&says, cases[i].says);
	}
	text_free(&says);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {steps_are_round, there_are_never_too_many,
				      durations_are_as_people_say_them};

	return unit_run("ticks", tests, LENGTH(tests));
}
