/* SPDX-License-Identifier: ISC */
/* test_deadlines: random operations, held against a plain array. */
#include <stdlib.h>

#include "ipc/deadlines.h"
#include "tests/unit.h"

#define ENTRIES 300

struct model {
	struct deadline entries[ENTRIES];
	bool there[ENTRIES];
	int64_t at[ENTRIES];
};

/* The earliest time that the model has; INT64_MAX: none. */
static int64_t
earliest(const struct model *model)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < ENTRIES; i++) {
		if (model->there[i] && model->at[i] < least) {
			least = model->at[i];
		}
	}
	return least;
}

static size_t
count(const struct model *model)
{
	size_t all = 0;

	for (int i = 0; i < ENTRIES; i++) {
		all += model->there[i];
	}
	return all;
}

static void
take_due(struct deadlines *queue, struct model *model, int64_t now)
{
	struct deadline *due = deadlines_due(queue, now);
	int64_t least = earliest(model);

	if (least > now) {
		ck_assert_ptr_null(due);
		return;
	}
	ck_assert_ptr_nonnull(due);
	ck_assert_int_eq(due->at_us, least);
	ck_assert_uint_eq(due->place, 0);
	ck_assert(model->there[due - model->entries]);
	model->there[due - model->entries] = false;
}

START_TEST(random_operations_agree_with_an_array)
{
	static struct model model;
	struct deadlines queue = {0};
	uint64_t state = 11;

	for (int step = 0; step < 60000; step++) {
		size_t i = unit_random(&state) % ENTRIES;
		int64_t at = (int64_t)(unit_random(&state) % 1000) - 500;

		switch (unit_random(&state) % (step % 2000 < 1000 ? 8 : 4)) {
		case 0:
			deadlines_clear(&queue, &model.entries[i]);
			model.there[i] = false;
			break;
		case 1:
			take_due(&queue, &model, at);
			break;
		case 2:
			take_due(&queue, &model, INT64_MAX - 1);
			break;
		default:
			deadlines_set(&queue, &model.entries[i], at);
			model.there[i] = true;
			model.at[i] = at;
		}
		ck_assert_uint_eq(queue.count, count(&model));
		if (queue.count > 0) {
			ck_assert_int_eq(deadlines_first(&queue)->at_us, earliest(&model));
		} else {
			ck_assert_ptr_null(deadlines_first(&queue));
		}
	}
	deadlines_free(&queue);
}
END_TEST

START_TEST(a_hundred_thousand_come_out_sorted)
{
	struct deadline *entries = calloc(100000, sizeof(*entries)), *due;
	struct deadlines queue = {0};
	uint64_t state = 12;
	int64_t last = INT64_MIN;
	size_t taken = 0;

	for (int i = 0; i < 100000; i++) {
		deadlines_set(&queue, &entries[i], (int64_t)unit_random(&state));
	}
	for (int i = 0; i < 100000; i += 3) {
		deadlines_set(&queue, &entries[i], (int64_t)unit_random(&state));
		deadlines_clear(&queue, &entries[i + (i < 99999)]);
	}
	while ((due = deadlines_due(&queue, INT64_MAX)) != NULL) {
		ck_assert_int_ge(due->at_us, last);
		last = due->at_us;
		taken++;
	}
	ck_assert_uint_eq(taken, 100000 - 33334);
	deadlines_free(&queue);
	free(entries);
}
END_TEST

START_TEST(due_means_not_before_its_time)
{
	struct deadline entry = {0};
	struct deadlines queue = {0};

	ck_assert_ptr_null(deadlines_due(&queue, INT64_MAX));
	deadlines_clear(&queue, &entry);
	deadlines_set(&queue, &entry, 100);
	ck_assert_ptr_null(deadlines_due(&queue, 99));
	ck_assert_ptr_eq(deadlines_first(&queue), &entry);
	ck_assert_ptr_eq(deadlines_due(&queue, 100), &entry);
	ck_assert_ptr_null(deadlines_due(&queue, 100));
	deadlines_set(&queue, &entry, 5); /* ready for use again */
	deadlines_set(&queue, &entry, 3);
	ck_assert_uint_eq(queue.count, 1);
	ck_assert_ptr_eq(deadlines_due(&queue, 3), &entry);
	deadlines_free(&queue);
	ck_assert_ptr_null(deadlines_first(&queue));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {random_operations_agree_with_an_array,
				      a_hundred_thousand_come_out_sorted,
				      due_means_not_before_its_time};

	return unit_run("deadlines", tests, LENGTH(tests));
}
