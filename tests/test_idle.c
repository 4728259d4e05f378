/* SPDX-License-Identifier: ISC */
/* test_idle: the cores' idle time goes to the causes that were noted, and none of it is lost. */
#include "supervisor/idle.h"
#include "tests/unit.h"

#define SECOND INT64_C(1000000)

static int64_t
sum(const struct idle *idle)
{
	int64_t us = 0;

	for (int i = 0; i < IDLE_COUNT; i++) {
		us += idle->sums_us[i];
	}
	return us;
}

START_TEST(each_span_goes_to_the_cause_that_held)
{
	struct idle idle = {0};

	idle_note(&idle, 5 * SECOND, 2000, IDLE_START); /* the first begins the count */
	ck_assert_int_eq(sum(&idle), 0);
	idle_note(&idle, 6 * SECOND, 500, IDLE_NEEDS);
	idle_note(&idle, 8 * SECOND, 0, IDLE_TASKS);
	idle_note(&idle, 9 * SECOND, 1000, IDLE_MEMORY);
	idle_note(&idle, 9 * SECOND, 1000, IDLE_NEEDS); /* at the same moment */
	idle_end(&idle, 10 * SECOND, 4 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_START], 2 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_NEEDS], 2 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_TASKS], 0);
	ck_assert_int_eq(idle.sums_us[IDLE_MEMORY], 0);
	ck_assert_int_eq(idle.sums_us[IDLE_OVERHEAD], 0);
}
END_TEST

START_TEST(causes_share_what_was_idle_in_all)
{
	struct idle idle = {0};

	idle_note(&idle, SECOND, 2000, IDLE_NEEDS);
	idle_note(&idle, 2 * SECOND, 2000, IDLE_TASKS);
	idle_end(&idle, 4 * SECOND, 3 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_NEEDS], SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_TASKS], 2 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_OVERHEAD], 0);
}
END_TEST

START_TEST(what_nobody_noted_is_overhead)
{
	struct idle idle = {0}, none = {0};

	idle_note(&idle, SECOND, 1000, IDLE_RESOURCE);
	idle_end(&idle, 3 * SECOND, 5 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_RESOURCE], 2 * SECOND);
	ck_assert_int_eq(idle.sums_us[IDLE_OVERHEAD], 3 * SECOND);
	ck_assert_int_eq(sum(&idle), 5 * SECOND);
	idle_end(&none, 3 * SECOND, 5 * SECOND);
	ck_assert_int_eq(sum(&none), 5 * SECOND);
}
END_TEST

START_TEST(each_cause_has_words_of_its_own)
{
	for (int i = 0; i < IDLE_COUNT; i++) {
		ck_assert_ptr_nonnull(idle_words((enum idle_cause)i));
		for (int j = 0; j < i; j++) {
			ck_assert_str_ne(idle_words((enum idle_cause)i),
					 idle_words((enum idle_cause)j));
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    each_span_goes_to_the_cause_that_held, causes_share_what_was_idle_in_all,
	    what_nobody_noted_is_overhead, each_cause_has_words_of_its_own};

	return unit_run("idle", tests, LENGTH(tests));
}
