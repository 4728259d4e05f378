/* SPDX-License-Identifier: ISC */
/* test_share: what a job is charged for its tasks, and whose turn it is. */
#include "supervisor/share.h"

#include "tests/unit.h"

/* Who goes next of two, so many times; each task computes so long. How often it was the first. */
static int
run(struct share *first, int64_t first_us, struct share *second, int64_t second_us, int times)
{
	int count = 0;

	for (int i = 0; i < times; i++) {
		struct share *next = share_compare(first, second) <= 0 ? first : second;

		share_sent(next);
		share_ended(next, next == first ? first_us : second_us);
		count += next == first;
	}
	return count;
}

START_TEST(cores_are_shared_by_weight_not_by_tasks)
{
	struct share a = {0}, b = {0};

	share_begin(&a, 0, 1, 0);
	share_begin(&b, 0, 1, 0);
	/* b's tasks take four times as long: a has four for each. */
	ck_assert_int_ge(run(&a, 10000, &b, 40000, 1000), 790);
	ck_assert_int_le(run(&a, 10000, &b, 40000, 1000), 810);
	share_begin(&b, 0, 4, 0);
	ck_assert_int_ge(run(&a, 10000, &b, 40000, 1000), 490);
}
END_TEST

START_TEST(one_that_comes_later_is_level_and_no_more)
{
	struct share old = {0}, young = {0};

	share_begin(&old, 0, 1, 0);
	for (int i = 0; i < 1000; i++) {
		share_sent(&old);
		share_ended(&old, 10000);
	}
	share_begin(&young, 0, 1, old.pass_us);
	ck_assert_int_eq(run(&young, 10000, &old, 10000, 1000), 500);
}
END_TEST

START_TEST(waits_cost_nothing_and_what_came_back_is_not_charged)
{
	struct share waits = {0}, computes = {0};
	double before;

	share_begin(&waits, 0, 1, 0);
	share_begin(&computes, 0, 1, 0);
	ck_assert_int_ge(run(&waits, 0, &computes, 10000, 10000), 9000);
	before = computes.pass_us;
	share_sent(&computes);
	ck_assert(computes.pass_us > before);
	share_ended(&computes, -1);
	ck_assert(computes.pass_us - before < 1 && before - computes.pass_us < 1);
}
END_TEST

START_TEST(priority_goes_first)
{
	struct share high = {0}, low = {0};

	share_begin(&low, 0, 1000, 0);
	share_begin(&high, 1, 1, 0);
	ck_assert_int_eq(run(&high, 10000, &low, 10000, 100), 100);
	share_begin(&high, -1, 1, 0);
	ck_assert_int_eq(run(&high, 10000, &low, 10000, 100), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    cores_are_shared_by_weight_not_by_tasks, one_that_comes_later_is_level_and_no_more,
	    waits_cost_nothing_and_what_came_back_is_not_charged, priority_goes_first};

	return unit_run("share", tests, LENGTH(tests));
}
