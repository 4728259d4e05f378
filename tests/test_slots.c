/* SPDX-License-Identifier: ISC */
/* test_slots: a number on the wire finds its task, and never another one. */
#include <stdlib.h>

#include "supervisor/slots.h"
#include "tests/unit.h"

static struct task *
new_task(struct task_text *text)
{
	return task_new(text, 1, 0);
}

START_TEST(a_number_finds_its_task_until_it_is_taken)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *one = new_task(text), *two = new_task(text);
	struct slots slots = {0};
	uint64_t first, second;

	ck_assert_ptr_null(slots_find(&slots, 0));
	slots_put(&slots, one);
	slots_put(&slots, two);
	first = slots_wire_number(one);
	second = slots_wire_number(two);
	ck_assert_uint_ne(first, second);
	ck_assert_ptr_eq(slots_find(&slots, first), one);
	ck_assert_ptr_eq(slots_find(&slots, second), two);
	slots_take(&slots, one);
	ck_assert_ptr_null(slots_find(&slots, first));
	slots_put(&slots, one); /* sent again: the old number is a late word */
	ck_assert_ptr_null(slots_find(&slots, first));
	ck_assert_ptr_eq(slots_find(&slots, slots_wire_number(one)), one);
	ck_assert_ptr_null(slots_find(&slots, UINT64_MAX));
	ck_assert_ptr_null(slots_find(&slots, UINT64_C(1) << 53));
	task_text_release(text);
	slots_free(&slots);
}
END_TEST

START_TEST(random_use_never_mixes_tasks_up)
{
	static struct task *tasks[1000];
	static uint64_t numbers[1000], former[1000];
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct slots slots = {0};
	uint64_t state = 51;

	for (int step = 0; step < 200000; step++) {
		size_t i = unit_random(&state) % LENGTH(tasks);

		if (tasks[i] == NULL) {
			tasks[i] = new_task(text);
			slots_put(&slots, tasks[i]);
			numbers[i] = slots_wire_number(tasks[i]);
			ck_assert_uint_lt(numbers[i], UINT64_C(1) << 53);
		} else {
			ck_assert_ptr_eq(slots_find(&slots, numbers[i]), tasks[i]);
			slots_take(&slots, tasks[i]);
			task_free(tasks[i]);
			tasks[i] = NULL;
			former[i] = numbers[i];
		}
		i = unit_random(&state) % LENGTH(tasks);
		ck_assert_ptr_null(former[i] == 0 ? NULL : slots_find(&slots, former[i]));
	}
	ck_assert_uint_le(slots.count, LENGTH(tasks)); /* places are used again */
	task_text_release(text);
	slots_free(&slots); /* frees the tasks that are still there */
}
END_TEST

START_TEST(a_place_used_a_million_times_keeps_its_numbers_apart)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *task = new_task(text);
	struct slots slots = {0};
	uint64_t before = 0;

	for (int i = 0; i < 1100000; i++) {
		slots_put(&slots, task);
		ck_assert_uint_ne(slots_wire_number(task), before);
		ck_assert_uint_lt(slots_wire_number(task), UINT64_C(1) << 53);
		before = slots_wire_number(task);
		ck_assert_ptr_eq(slots_find(&slots, before), task);
		slots_take(&slots, task);
	}
	task_free(task);
	task_text_release(text);
	slots_free(&slots);
}
END_TEST

START_TEST(the_longest_grace_is_of_those_that_are_there)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task_text *patient = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *one = new_task(text), *two = new_task(patient);
	struct slots slots = {0};

	text->grace_s = 1;
	patient->grace_s = 20;
	ck_assert_uint_eq(slots_grace_s(&slots), 0);
	slots_put(&slots, one);
	slots_put(&slots, two);
	ck_assert_uint_eq(slots_grace_s(&slots), 20);
	slots_take(&slots, two);
	ck_assert_uint_eq(slots_grace_s(&slots), 1);
	task_free(two);
	task_text_release(text);
	task_text_release(patient);
	slots_free(&slots);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {a_number_finds_its_task_until_it_is_taken,
				      random_use_never_mixes_tasks_up,
				      a_place_used_a_million_times_keeps_its_numbers_apart,
				      the_longest_grace_is_of_those_that_are_there};

	return unit_run("slots", tests, LENGTH(tests));
}
