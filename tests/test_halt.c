/* SPDX-License-Identifier: ISC */
/* test_halt: the rules of --halt, how they are written and when they are met. */
#include "supervisor/halt.h"
#include "tests/unit.h"

static struct halt
parsed(const char *rule)
{
	struct halt halt;
	const char *wrong = halt_parse(rule, &halt);

	ck_assert_msg(wrong == NULL, "%s: %s", rule, wrong);
	return halt;
}

START_TEST(rules_are_read)
{
	struct halt halt = parsed("now,fail=1");

	ck_assert(halt.now && !halt.percent);
	ck_assert_int_eq(halt.what, HALT_FAIL);
	ck_assert_uint_eq(halt.number, 1);
	halt = parsed("soon,success=20%");
	ck_assert(!halt.now && halt.percent);
	ck_assert_int_eq(halt.what, HALT_SUCCESS);
	ck_assert_uint_eq(halt.number, 20);
	halt = parsed("soon,done=1000000000");
	ck_assert_int_eq(halt.what, HALT_DONE);
	ck_assert_uint_eq(halt.number, 1000000000);
	ck_assert_int_eq(parsed("never").what, HALT_NEVER);
}
END_TEST

START_TEST(anything_else_is_refused)
{
	static const char *const rules[] = {"",
					    "now",
					    "now,",
					    "1",
					    "later,fail=1",
					    "now,fail",
					    "now,fail=",
					    "now,fail=0",
					    "now,fail=-1",
					    "now,fail=+1",
					    "now,fail= 1",
					    "now,fail=1 ",
					    "now,fail=1x",
					    "now,fail=1.5",
					    "now,fail=%",
					    "now,fail=0%",
					    "now,fail=101%",
					    "now,fail=1%%",
					    "now,fail=1000000001",
					    "now,fail=99999999999999999999999",
					    "now,failed=1",
					    "now,xfail=1",
					    "Now,fail=1",
					    "never,fail=1"};
	struct halt halt;

	for (size_t i = 0; i < LENGTH(rules); i++) {
		ck_assert_msg(halt_parse(rules[i], &halt) != NULL, "accepted: %s", rules[i]);
	}
}
END_TEST

START_TEST(a_number_counts_tasks)
{
	struct halt fail = parsed("now,fail=2"), success = parsed("now,success=2"),
		    done = parsed("now,done=2");

	ck_assert(!halt_reached(&fail, 9, 1, 20));
	ck_assert(halt_reached(&fail, 0, 2, 0));
	ck_assert(!halt_reached(&success, 1, 9, 20));
	ck_assert(halt_reached(&success, 2, 0, 0));
	ck_assert(!halt_reached(&done, 1, 0, 20));
	ck_assert(halt_reached(&done, 1, 1, 0));
}
END_TEST

START_TEST(a_percentage_is_of_all_tasks_and_waits_for_three)
{
	struct halt fail = parsed("now,fail=50%"), done = parsed("now,done=1%");

	ck_assert(!halt_reached(&fail, 0, 2, 4));
	ck_assert(halt_reached(&fail, 1, 2, 4));
	ck_assert(!halt_reached(&fail, 2, 1, 4));
	ck_assert(!halt_reached(&fail, 0, 1000, 0)); /* of a stream: nobody knows of how many */
	ck_assert(!halt_reached(&done, 2, 0, 100));
	ck_assert(halt_reached(&done, 3, 0, 100));
	ck_assert(!halt_reached(&done, UINT64_C(9999999), 0, UINT64_C(1000000000)));
	ck_assert(halt_reached(&done, UINT64_C(10000000), 0, UINT64_C(1000000000)));
}
END_TEST

START_TEST(never_is_never_reached)
{
	struct halt never = parsed("never");

	ck_assert(!halt_reached(&never, 1000, 1000, 1000));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    rules_are_read, anything_else_is_refused, a_number_counts_tasks,
	    a_percentage_is_of_all_tasks_and_waits_for_three, never_is_never_reached};

	return unit_run("halt", tests, LENGTH(tests));
}
