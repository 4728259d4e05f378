/* SPDX-License-Identifier: ISC */
/* test_kind: what is learned of tasks that are alike, and whose word is taken where little is. */
#include <stdio.h>

#include "supervisor/kind.h"
#include "tests/unit.h"

START_TEST(a_name_and_a_program_are_two)
{
	struct kinds *kinds = kinds_new();
	struct kind *name = kinds_get(kinds, SPAN_LITERAL("gzip"), false);
	struct kind *program = kinds_get(kinds, SPAN_LITERAL("gzip"), true);

	ck_assert_ptr_ne(name, program);
	ck_assert_ptr_eq(kinds_get(kinds, SPAN_LITERAL("gzip"), false), name);
	ck_assert_ptr_eq(kinds_get(kinds, SPAN_LITERAL("gzip -9 a.txt"), false),
			 kinds_get(kinds, (struct span){"gzip -9 a.txt and more", 13}, false));
	kinds_free(kinds);
	kinds_free(NULL);
}
END_TEST

START_TEST(classes_follow_what_was_used)
{
	struct kinds *kinds = kinds_new();
	struct kind *kind = kinds_get(kinds, SPAN_LITERAL("k"), true);

	ck_assert_int_eq(kind_class(NULL), KIND_UNKNOWN);
	ck_assert_uint_eq(kind_use(NULL), 1000);
	ck_assert_int_eq(kind_class(kind), KIND_UNKNOWN);
	ck_assert_uint_eq(kind_use(kind), 1000);
	kind_learn_use(kind, 990);
	ck_assert_int_eq(kind_class(kind), KIND_COMPUTES);
	for (int i = 0; i < 4; i++) {
		kind_learn_use(kind, 0);
	}
	ck_assert_int_eq(kind_class(kind), KIND_MIXED);
	for (int i = 0; i < 20; i++) {
		kind_learn_use(kind, 0);
	}
	ck_assert_int_eq(kind_class(kind), KIND_WAITS);
	for (int i = 0; i < 40; i++) {
		kind_learn_use(kind, 16000); /* sixteen threads */
	}
	ck_assert_int_eq(kind_class(kind), KIND_COMPUTES);
	ck_assert_uint_le(kind_use(kind), 16000);
	ck_assert_uint_ge(kind_use(kind), 15900);
	ck_assert_uint_eq(kind->ended, 65);
	kinds_free(kinds);
}
END_TEST

START_TEST(a_new_name_is_taken_for_its_program)
{
	struct kinds *kinds = kinds_new();
	struct kind *program = kinds_get(kinds, SPAN_LITERAL("sleep"), true);
	struct kind *name = kinds_get(kinds, SPAN_LITERAL("nap"), false);
	struct kind *other = kinds_get(kinds, SPAN_LITERAL("doze"), false);

	kind_set_program(name, program);
	kind_set_program(other, program);
	kind_set_program(other, program); /* again changes nothing */
	ck_assert_int_eq(kind_class(other), KIND_UNKNOWN);
	kind_learn_use(name, 0); /* its program learns with it */
	ck_assert_int_eq(kind_class(name), KIND_WAITS);
	ck_assert_int_eq(kind_class(program), KIND_WAITS);
	ck_assert_int_eq(kind_class(other), KIND_WAITS);
	kind_learn_use(other, 1000); /* from here on it speaks for itself */
	ck_assert_int_eq(kind_class(other), KIND_COMPUTES);
	ck_assert_int_eq(kind_class(name), KIND_WAITS);
	kinds_free(kinds);
}
END_TEST

START_TEST(a_name_of_several_programs_says_nothing_of_them)
{
	struct kinds *kinds = kinds_new();
	struct kind *sleep = kinds_get(kinds, SPAN_LITERAL("sleep"), true);
	struct kind *gzip = kinds_get(kinds, SPAN_LITERAL("gzip"), true);
	struct kind *name = kinds_get(kinds, SPAN_LITERAL("both"), false);

	kind_set_program(name, sleep);
	kind_set_program(name, gzip);
	ck_assert(name->several);
	kind_learn_use(name, 1000);
	ck_assert_int_eq(kind_class(sleep), KIND_UNKNOWN);
	ck_assert_int_eq(kind_class(gzip), KIND_UNKNOWN);
	ck_assert_int_eq(kind_class(name), KIND_COMPUTES);
	kind_set_program(name, sleep);
	ck_assert_ptr_null(name->program);
	kinds_free(kinds);
}
END_TEST

START_TEST(the_median_is_of_the_last_walls)
{
	struct kinds *kinds = kinds_new();
	struct kind *kind = kinds_get(kinds, SPAN_LITERAL("k"), false);

	ck_assert_int_eq(kind_median_us(NULL), -1);
	ck_assert_int_eq(kind_median_us(kind), -1);
	kind_learn_took(kind, 50, -1);
	ck_assert_int_eq(kind_median_us(kind), 50);
	kind_learn_took(kind, 1, -1);
	kind_learn_took(kind, 9, -1);
	ck_assert_int_eq(kind_median_us(kind), 9);
	for (int i = 0; i < KIND_WALLS; i++) {
		kind_learn_took(kind, 1000 + i, -1);
	}
	ck_assert_int_eq(kind_median_us(kind), 1000 + KIND_WALLS / 2);
	ck_assert_uint_eq(kind->wall_count, KIND_WALLS);
	kinds_free(kinds);
}
END_TEST

START_TEST(what_waited_for_a_core_does_not_count)
{
	struct kinds *kinds = kinds_new();
	struct kind *burns = kinds_get(kinds, SPAN_LITERAL("burns"), false);
	struct kind *both = kinds_get(kinds, SPAN_LITERAL("both"), false);
	int64_t wall_us, cpu_us;

	kind_learn_took(burns, 500, -1);
	ck_assert(!kind_alone(NULL, &wall_us, &cpu_us));
	ck_assert(!kind_alone(burns, &wall_us, &cpu_us));
	for (int i = 0; i < 4; i++) {
		kind_learn_took(burns, 200 + i, 100);
		kind_learn_took(both, 200 + i, 100);
	}
	ck_assert(kind_alone(burns, &wall_us, &cpu_us)); /* none had a core to itself */
	ck_assert_int_eq(wall_us, 202);
	kind_learn_took(burns, 102, 101);
	ck_assert(kind_alone(burns, &wall_us, &cpu_us));
	ck_assert_int_eq(cpu_us, 100);
	ck_assert_int_eq(wall_us, 100);
	ck_assert(kind_alone(both, &wall_us, &cpu_us));
	ck_assert_int_eq(wall_us, 202);
	kinds_free(kinds);
}
END_TEST

static void
count(void *context, struct kind *kind)
{
	(void)kind;
	++*(unsigned *)context;
}

START_TEST(there_is_an_end_to_them)
{
	struct kinds *kinds = kinds_new();
	unsigned counted = 0;
	char name[16];

	for (int i = 0; i < KINDS_MOST; i++) {
		snprintf(name, sizeof(name), "%d", i);
		ck_assert_ptr_nonnull(kinds_get(kinds, span_of(name), i % 2 == 0));
	}
	ck_assert_ptr_null(kinds_get(kinds, SPAN_LITERAL("one more"), false));
	ck_assert_ptr_nonnull(kinds_get(kinds, SPAN_LITERAL("7"), false));
	kinds_each(kinds, count, &counted);
	ck_assert_uint_eq(counted, KINDS_MOST);
	kinds_free(kinds);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {a_name_and_a_program_are_two,
				      classes_follow_what_was_used,
				      a_new_name_is_taken_for_its_program,
				      a_name_of_several_programs_says_nothing_of_them,
				      the_median_is_of_the_last_walls,
				      what_waited_for_a_core_does_not_count,
				      there_is_an_end_to_them};

	return unit_run("kind", tests, LENGTH(tests));
}
