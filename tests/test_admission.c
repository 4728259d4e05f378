/* SPDX-License-Identifier: ISC */
/* test_admission: the rules of admission.h, one by one. What they come to is in test_mixes. */
#include "supervisor/admission.h"
#include "tests/unit.h"

#define CORES 4

static struct admission
asked(unsigned thousandths)
{
	return (struct admission){
	    .cores = CORES, .asked = thousandths, .commands = 3, .commands_most = 100};
}

static enum admission_verdict
beside(unsigned thousandths, enum kind_class class, unsigned use)
{
	struct admission admission = asked(thousandths);

	return admission_beside(&admission, class, use, 0);
}

/* Of one that waits, where others of its kind turned out not to. */
static enum admission_verdict
beside_surprised(unsigned thousandths, unsigned surprise)
{
	struct admission admission = asked(thousandths);

	return admission_beside(&admission, KIND_WAITS, 0, surprise);
}

START_TEST(one_that_computes_has_room_for_half_a_core_too_many)
{
	struct admission admission = asked(3500);

	ck_assert_int_eq(admission_place(&admission, 1, true), ADMITTED);
	admission.asked = 3501;
	ck_assert_int_eq(admission_place(&admission, 1, true), DENIED_CORES);
	ck_assert_int_eq(admission_place(&admission, 1, false), DENIED_CORES);
	admission.asked = 500;
	ck_assert_int_eq(admission_place(&admission, CORES, true), ADMITTED);
	admission.asked = 501;
	ck_assert_int_eq(admission_place(&admission, CORES, true), DENIED_CORES);
}
END_TEST

START_TEST(something_may_always_run)
{
	struct admission admission = asked(0);

	admission.commands = 0;
	admission.short_of_memory = true;
	ck_assert_int_eq(admission_place(&admission, 9 * CORES, true), ADMITTED);
	ck_assert_int_eq(admission_beside(&admission, KIND_MIXED, 1000000, 0), ADMITTED);
	ck_assert_int_eq(admission_beside(&admission, KIND_WAITS, 0, 0), ADMITTED);
}
END_TEST

START_TEST(one_that_waits_begins_if_no_other_is_just_beginning)
{
	struct admission admission = asked(9000);

	ck_assert_int_eq(admission_beside(&admission, KIND_WAITS, 0, 0), ADMITTED);
	admission.young = 1;
	ck_assert_int_eq(admission_beside(&admission, KIND_WAITS, 0, 0), DENIED_CORES);
	ck_assert_int_eq(beside_surprised(9000, CORES * ADMISSION_CORE / 2), ADMITTED);
	ck_assert_int_eq(beside_surprised(9000, CORES * ADMISSION_CORE / 2 + 1), DENIED_CORES);
	ck_assert_int_eq(beside_surprised(4000, 4000), ADMITTED);
	admission.asked = CORES * ADMISSION_CORE;
	ck_assert_int_eq(admission_beside(&admission, KIND_WAITS, 0, 0), ADMITTED);
}
END_TEST

START_TEST(one_that_does_both_begins_if_its_mean_has_room)
{
	ck_assert_int_eq(beside(3900, KIND_MIXED, 300), ADMITTED);
	ck_assert_int_eq(beside(4001, KIND_MIXED, 300), DENIED_CORES);
	ck_assert_int_eq(beside(3990, KIND_MIXED, 690), DENIED_CORES);
	ck_assert_int_eq(beside(4000, KIND_UNKNOWN, 1000), ADMITTED); /* a trial */
	ck_assert_int_eq(beside(4001, KIND_UNKNOWN, 1000), DENIED_CORES);
}
END_TEST

START_TEST(caps_hold_for_all_commands)
{
	struct admission admission = asked(0);

	admission.commands = admission.commands_most;
	ck_assert_int_eq(admission_place(&admission, 1, true), DENIED_CAP);
	ck_assert_int_eq(admission_place(&admission, 1, false), ADMITTED);
	ck_assert_int_eq(admission_beside(&admission, KIND_WAITS, 0, 0), DENIED_CAP);
	admission.commands = 1;
	admission.short_of_memory = true;
	ck_assert_int_eq(admission_place(&admission, 1, true), DENIED_MEMORY);
	ck_assert_int_eq(admission_beside(&admission, KIND_MIXED, 0, 0), DENIED_MEMORY);
	ck_assert_int_eq(admission_place(&admission, 1, false), ADMITTED);
}
END_TEST

START_TEST(the_sum_follows_changes)
{
	struct admission admission = asked(0);

	admission_change(&admission, 0, admission_young(KIND_UNKNOWN, 0, 1));
	ck_assert_uint_eq(admission.asked, ADMISSION_CORE);
	admission_change(&admission, ADMISSION_CORE, 250);
	admission_change(&admission, 0, admission_young(KIND_MIXED, 100, 2));
	ck_assert_uint_eq(admission.asked, 2250);
	admission_change(&admission, 2000, 0);
	admission_change(&admission, 250, 0);
	ck_assert_uint_eq(admission.asked, 0);
	ck_assert_uint_lt(admission_young(KIND_WAITS, 100, 1), ADMISSION_CORE);
	ck_assert_uint_eq(admission_young(KIND_WAITS, 1, 1), ADMISSION_CORE);
}
END_TEST

START_TEST(each_verdict_has_words_of_its_own)
{
	for (int i = 0; i < VERDICTS; i++) {
		for (int j = 0; j < i; j++) {
			ck_assert_str_ne(admission_words((enum admission_verdict)i),
					 admission_words((enum admission_verdict)j));
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {one_that_computes_has_room_for_half_a_core_too_many,
				      something_may_always_run,
				      one_that_waits_begins_if_no_other_is_just_beginning,
				      one_that_does_both_begins_if_its_mean_has_room,
				      caps_hold_for_all_commands,
				      the_sum_follows_changes,
				      each_verdict_has_words_of_its_own};

	return unit_run("admission", tests, LENGTH(tests));
}
