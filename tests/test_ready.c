/* SPDX-License-Identifier: ISC */
/* test_ready: the order of tasks that are ready, against a plain list. */
#include <stdlib.h>

#include "supervisor/ready.h"
#include "supervisor/scheduler.h"
#include "supervisor/share.h"
#include "tests/unit.h"

#define TASKS 64

START_TEST(priority_comes_before_rank)
{
	ck_assert_uint_gt(ready_order(1, 0), ready_order(0, INT64_MAX));
	ck_assert_uint_gt(ready_order(0, 0), ready_order(-1, INT64_MAX));
	ck_assert_uint_gt(ready_order(1000, 1), ready_order(999, 1));
	ck_assert_uint_eq(ready_order(-1000, 0), 0);
	ck_assert_uint_eq(ready_order(0, 0), ready_order(0, -1));
}
END_TEST

START_TEST(ranks_grow_with_time_in_steps_of_a_hundredth)
{
	for (int64_t us = 1; us < INT64_MAX / 17; us += us / 16 + 1) {
		ck_assert_uint_le(ready_order(0, us), ready_order(0, us + 1));
		ck_assert_uint_lt(ready_order(0, us), ready_order(0, us + us / 64 + 1));
	}
	ck_assert_uint_eq(ready_order(0, 1000000), ready_order(0, 1005000));
	ck_assert_uint_lt(ready_order(0, INT64_MAX), ready_order(1, 0));
}
END_TEST

/* A list in the order of arrival; `at` is where each stands, higher is later. */
struct arrivals {
	struct sched_task tasks[TASKS];
	int64_t at[TASKS];
	bool in[TASKS];
	int64_t first, last;
};

/* The task that should be first, or last of the lowest order. */
static struct sched_task *
expected(struct arrivals *list, bool first)
{
	int best = -1;

	for (int i = 0; i < TASKS; i++) {
		bool better = best < 0 || (list->tasks[i].order != list->tasks[best].order
					       ? list->tasks[i].order > list->tasks[best].order
					       : list->at[i] < list->at[best]);

		if (list->in[i] && (best < 0 || better == first)) {
			best = i;
		}
	}
	return best < 0 ? NULL : &list->tasks[best];
}

static void
add_or_remove(struct ready *ready, struct arrivals *list, uint64_t *seed)
{
	unsigned i = (unsigned)unit_random(seed) % TASKS;
	struct sched_task *task = &list->tasks[i];

	if (list->in[i]) {
		ready_remove(ready, task);
	} else {
		task->order = ready_order((int)(unit_random(seed) % 5) - 2, 0);
		if (unit_random(seed) % 4 == 0) {
			ready_add_first(ready, task);
			list->at[i] = --list->first;
		} else {
			ready_add(ready, task);
			list->at[i] = ++list->last;
		}
	}
	list->in[i] = !list->in[i];
}

START_TEST(random_use_keeps_the_order)
{
	static struct arrivals list;
	struct ready ready = {0};
	struct sched_task *first;
	uint64_t seed = 11;
	unsigned count = 0;

	for (int step = 0; step < 20000; step++) {
		add_or_remove(&ready, &list, &seed);
		count = 0;
		for (int i = 0; i < TASKS; i++) {
			count += list.in[i];
		}
		ck_assert_uint_eq(ready.count, count);
		ck_assert_ptr_eq(ready_first(&ready), expected(&list, true));
		ck_assert_ptr_eq(ready_last(&ready), expected(&list, false));
	}
	while ((first = ready_first(&ready)) != NULL) {
		ready_remove(&ready, first);
		count--;
	}
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_null(ready_last(&ready));
	ready_free(&ready);
	ready_free(&ready);
}
END_TEST

START_TEST(many_orders_come_out_sorted)
{
	enum { MANY = 5000 };
	struct sched_task *tasks = calloc(MANY, sizeof(*tasks)), *first;
	uint32_t before = UINT32_MAX;
	struct ready ready = {0};
	uint64_t seed = 12;

	for (int i = 0; i < MANY; i++) {
		tasks[i].order = (uint32_t)unit_random(&seed) % 3000;
		ready_add(&ready, &tasks[i]);
	}
	while ((first = ready_first(&ready)) != NULL) {
		ck_assert_uint_le(first->order, before);
		before = first->order;
		ready_remove(&ready, first);
	}
	ready_free(&ready);
	free(tasks);
}
END_TEST

/* Each job has three tasks; who has had least for its weight goes next, the highest priority first. */
START_TEST(jobs_take_turns)
{
	struct share shares[3] = {{0}};
	struct sched_task tasks[3][3] = {{{.order = 0}}};
	static const char expected[] = "ccc"
				       "abaab"
				       "b";
	struct ready ready = {0};
	struct sched_task *first;
	char order[16] = "";

	share_begin(&shares[0], 0, 2, 0);
	share_begin(&shares[1], 0, 1, 0);
	share_begin(&shares[2], 5, 1, 0);
	for (int job = 0; job < 3; job++) {
		for (int i = 0; i < 3; i++) {
			tasks[job][i].share = &shares[job];
			tasks[job][i].order = ready_order(0, job == 1 ? 1000000 : 0);
			ready_add(&ready, &tasks[job][i]);
		}
	}
	ck_assert_uint_eq(ready.count, 9);
	for (size_t i = 0; (first = ready_first(&ready)) != NULL; i++) {
		order[i] = (char)('a' + (first->share - shares));
		ck_assert(ready_has(&ready, first));
		ready_remove(&ready, first);
		ck_assert(!ready_has(&ready, first));
		share_sent(first->share);
		share_ended(first->share, 10000);
	}
	ck_assert_str_eq(order, expected);
	ready_free(&ready);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    priority_comes_before_rank, ranks_grow_with_time_in_steps_of_a_hundredth,
	    random_use_keeps_the_order, many_orders_come_out_sorted, jobs_take_turns};

	return unit_run("ready", tests, LENGTH(tests));
}
