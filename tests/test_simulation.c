/* SPDX-License-Identifier: ISC */
/* test_simulation: runs of plans in virtual time against schedules that are known by arithmetic. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/plan_parts.h"
#include "supervisor/whatif.h"
#include "tests/unit.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)
#define SLACK  (20 * MS) /* for what it takes to begin, and to go from task to task */

/* A phase of a task: it computes on so many cores, or waits. */
#define CPU(us)  us, 1
#define WAIT(us) us, 0

/* Adds a task of up to three phases; built in. */
static size_t
add(struct plan *plan, uint32_t repeat, int64_t one_us, uint32_t one, int64_t two_us, uint32_t two,
    int64_t three_us, uint32_t three)
{
	char id[16];
	struct plan_task *task;

	snprintf(id, sizeof(id), "t%zu", plan->count);
	task = plan_add(plan, id, strlen(id), repeat);
	plan_phase(plan, task, one_us, one);
	plan_phase(plan, task, two_us, two);
	plan_phase(plan, task, three_us, three);
	task->computes = one_us > 0 && one > 0;
	return plan->count - 1;
}

static size_t
add_one(struct plan *plan, uint32_t repeat, int64_t us, uint32_t cores)
{
	return add(plan, repeat, us, cores, 0, 0, 0, 0);
}

/* All turns in the order in which the tasks were added; the longest chains first. */
static void
complete(struct plan *plan)
{
	int64_t *expected_us = calloc(plan->count + 1, sizeof(*expected_us));

	plan->turns = calloc(plan->count + 1, sizeof(*plan->turns));
	ck_assert(expected_us != NULL && plan->turns != NULL);
	for (size_t i = 0; i < plan->count; i++) {
		expected_us[i] = plan->tasks[i].wall_us;
		if (plan->tasks[i].repeat > 0) {
			plan->turns[plan->turn_count++] = (uint32_t)i;
		}
	}
	plan_finish(plan, expected_us);
	free(expected_us);
}

static struct simulation_result
run(const struct plan *plan, unsigned workers, unsigned waiting_most)
{
	struct simulation_setup setup = {workers, waiting_most, UINT_MAX};
	struct simulation_result result;

	simulation_run(plan, &setup, &result);
	return result;
}

static void
assert_wall(const struct plan *plan, unsigned workers, int64_t wall_us)
{
	struct simulation_result result = run(plan, workers, UINT_MAX);

	ck_assert_msg(result.wall_us >= wall_us && result.wall_us <= wall_us + SLACK,
		      "%u workers: %jd us instead of %jd", workers, (intmax_t)result.wall_us,
		      (intmax_t)wall_us);
}

START_TEST(what_computes_is_spread_over_the_workers)
{
	struct plan *plan = plan_new(1);

	add_one(plan, 12, CPU(SECOND));
	complete(plan);
	assert_wall(plan, 1, 12 * SECOND);
	assert_wall(plan, 2, 6 * SECOND);
	assert_wall(plan, 5, 3 * SECOND);
	assert_wall(plan, 12, SECOND);
	assert_wall(plan, 40, SECOND);
	ck_assert_int_eq(plan->cpu_us, 12 * SECOND);
	ck_assert_uint_eq(run(plan, 5, UINT_MAX).peak, 5);
	plan_free(plan);
}
END_TEST

START_TEST(waits_overlap_up_to_the_limit)
{
	struct plan *plan = plan_new(1);
	struct simulation_result result;

	add_one(plan, 100, WAIT(SECOND));
	complete(plan);
	assert_wall(plan, 1, SECOND);
	result = run(plan, 1, 100);
	ck_assert(!result.limited);
	result = run(plan, 3, 10);
	ck_assert_int_ge(result.wall_us, 10 * SECOND);
	ck_assert_int_le(result.wall_us, 10 * SECOND + SLACK);
	ck_assert_uint_eq(result.waiting_peak, 10);
	ck_assert(result.limited);
	plan_free(plan);
}
END_TEST

START_TEST(needs_are_waited_for)
{
	struct plan *plan = plan_new(1);
	size_t a = add_one(plan, 1, CPU(SECOND)), b = add_one(plan, 4, CPU(SECOND)), c, d;

	c = add_one(plan, 1, WAIT(2 * SECOND));
	plan_need(plan, c, a);
	plan_need(plan, c, b); /* all four of them */
	d = add_one(plan, 1, CPU(SECOND));
	plan_need(plan, d, c);
	complete(plan);
	assert_wall(plan, 1, 8 * SECOND);
	assert_wall(plan, 2, 6 * SECOND);
	assert_wall(plan, 5, 4 * SECOND);
	ck_assert_int_eq(plan->path_us, 4 * SECOND);
	ck_assert_str_eq(plan->path.data, "t0 -> t2 -> t3");
	plan_free(plan);
}
END_TEST

START_TEST(what_stands_for_others_ends_with_the_last_of_them)
{
	struct plan *plan = plan_new(1);
	size_t a = add_one(plan, 1, CPU(SECOND)), b = add_one(plan, 1, WAIT(3 * SECOND)), all, c;

	all = add_one(plan, 0, 0, 0);
	plan_need(plan, all, a);
	plan_need(plan, all, b);
	c = add_one(plan, 1, CPU(SECOND));
	plan_need(plan, c, all);
	complete(plan);
	assert_wall(plan, 2, 4 * SECOND);
	ck_assert_str_eq(plan->path.data, "t1 -> t3");
	ck_assert_uint_eq(plan->task_count, 3);
	plan_free(plan);
}
END_TEST

START_TEST(what_has_waited_takes_its_turn_to_compute)
{
	struct plan *plan = plan_new(1);

	add(plan, 4, WAIT(SECOND), CPU(SECOND), WAIT(SECOND / 2));
	complete(plan);
	assert_wall(plan, 1, 5 * SECOND + SECOND / 2);
	assert_wall(plan, 2, 3 * SECOND + SECOND / 2);
	assert_wall(plan, 4, 2 * SECOND + SECOND / 2);
	/* Time in a queue is not the task's. */
	ck_assert_int_le(run(plan, 1, UINT_MAX).task_wall_us, 4 * 5 * SECOND / 2 + SLACK);
	plan_free(plan);
	plan = plan_new(1);
	add(plan, 4, CPU(SECOND), WAIT(2 * SECOND), 0, 0); /* a wait gives the core away */
	complete(plan);
	assert_wall(plan, 1, 6 * SECOND);
	assert_wall(plan, 2, 4 * SECOND);
	plan_free(plan);
}
END_TEST

START_TEST(the_longest_chain_begins_first)
{
	struct plan *plan = plan_new(1);
	size_t last;

	add_one(plan, 4, CPU(SECOND));
	add_one(plan, 1, CPU(SECOND));
	last = add_one(plan, 1, CPU(3 * SECOND));
	plan_need(plan, last, 1);
	complete(plan);
	assert_wall(plan, 2, 4 * SECOND); /* first come, first served would take 6 */
	plan_free(plan);
}
END_TEST

START_TEST(all_seconds_are_scaled)
{
	struct plan *plan = plan_new(0.25);

	add(plan, 2, CPU(4 * SECOND), WAIT(2 * SECOND), 0, 0);
	complete(plan);
	assert_wall(plan, 1, 2 * SECOND + SECOND / 2);
	plan_free(plan);
}
END_TEST

/* A command of which only the sums are known, of a kind that is known. */
static struct plan_task *
add_command(struct plan *plan, const char *kind, uint32_t repeat, int64_t cpu_us, int64_t wall_us)
{
	struct plan_task *task = plan_add(plan, kind, strlen(kind), repeat);

	task->command = task->computes = true;
	task->kind = kinds_get(plan->kinds, span_of(kind), true);
	kind_learn_use(task->kind, (uint32_t)(cpu_us * 1000 / wall_us));
	plan_phases(plan, task, cpu_us, wall_us);
	return task;
}

START_TEST(commands_that_wait_run_beside_those_that_compute)
{
	struct plan *plan = plan_new(1);

	add_command(plan, "burn", 8, SECOND, SECOND);
	add_command(plan, "sleep", 50, MS, 2 * SECOND);
	complete(plan);
	assert_wall(plan, 1, 8 * SECOND + 50 * MS);
	assert_wall(plan, 2, 4 * SECOND + 25 * MS);
	assert_wall(plan, 2, 4 * SECOND + 25 * MS); /* nothing was learned from the last time */
	ck_assert_uint_eq(plan->tasks[0].kind->ended, 1);
	plan_free(plan);
}
END_TEST

START_TEST(commands_that_do_both_fill_each_other_s_waits)
{
	struct plan *plan = plan_new(1);
	struct simulation_result result;

	ck_assert(add_command(plan, "both", 100, SECOND / 2, SECOND)->mixes);
	complete(plan);
	result = run(plan, 2, UINT_MAX);
	ck_assert_int_ge(result.wall_us, 25 * SECOND);
	ck_assert_int_le(result.wall_us, 32 * SECOND);
	plan_free(plan);
}
END_TEST

START_TEST(one_that_computes_on_several_cores_shares_them)
{
	struct plan *plan = plan_new(1);
	struct plan_task *task = add_command(plan, "wide", 2, 4 * SECOND, SECOND);

	task->cpus = 4;
	complete(plan);
	ck_assert_int_eq(plan->cpu_us, 8 * SECOND);
	assert_wall(plan, 8, SECOND);
	assert_wall(plan, 4, 2 * SECOND);
	assert_wall(plan, 1, 8 * SECOND);
	plan_free(plan);
}
END_TEST

/* A plan of `count` tasks; each needs up to two before it. */
static struct plan *
random_plan(uint64_t *state, size_t count)
{
	struct plan *plan = plan_new(1);

	for (size_t i = 0; i < count; i++) {
		int64_t us[3];

		for (int k = 0; k < 3; k++) {
			us[k] = (int64_t)(unit_random(state) % 4) *
				(int64_t)(unit_random(state) % (50 * MS));
		}
		add(plan, 1 + (uint32_t)(unit_random(state) % 3), us[0],
		    (uint32_t)(unit_random(state) % 2), us[1], (uint32_t)(unit_random(state) % 2),
		    us[2], (uint32_t)(unit_random(state) % 2));
		for (int k = 0; k < 2 && i > 10; k++) {
			if (unit_random(state) % 3 == 0) {
				plan_need(plan, i, unit_random(state) % i);
			}
		}
	}
	complete(plan);
	return plan;
}

/* No schedule is faster than the bound; and one that never idles is no slower than Graham's. */
START_TEST(walls_are_within_their_bounds)
{
	uint64_t state = 5;

	for (int i = 0; i < 60; i++) {
		struct plan *plan = random_plan(&state, 200);

		for (unsigned workers = 1; workers <= 64; workers *= 4) {
			struct simulation_result result = run(plan, workers, UINT_MAX);
			int64_t cpu_us = plan->cpu_us / workers;

			ck_assert_int_ge(result.wall_us, cpu_us);
			ck_assert_int_ge(result.wall_us, plan->path_us);
			ck_assert_int_le(result.wall_us,
					 cpu_us + plan->path_us + plan->path_us / 10 + SLACK);
		}
		plan_free(plan);
	}
}
END_TEST

START_TEST(a_hundred_thousand_workers)
{
	struct plan *plan = plan_new(1);

	add_one(plan, 200000, CPU(SECOND));
	complete(plan);
	assert_wall(plan, 100000, 2 * SECOND);
	plan_free(plan);
}
END_TEST

static void
find_knee(const struct plan *plan, struct whatif_knee *knee, struct text *words)
{
	struct whatif whatif = {
	    .plan = plan, .waiting_most = UINT_MAX, .commands_most = UINT_MAX / 2};

	whatif_find_knee(&whatif, 0, knee);
	whatif_knee_words(plan, knee, words);
	whatif_free(&whatif);
}

START_TEST(the_knee_is_where_nothing_is_gained)
{
	struct plan *plan = plan_new(1);
	struct whatif_knee knee;
	struct text words = TEXT_INIT;
	size_t last;

	add_one(plan, 11, CPU(SECOND));
	last = add_one(plan, 1, CPU(SECOND));
	for (int i = 0; i < 3; i++) {
		size_t next = add_one(plan, 1, CPU(SECOND));

		plan_need(plan, next, last);
		last = next;
	}
	complete(plan);
	find_knee(plan, &knee, &words);
	ck_assert_uint_eq(knee.workers, 4); /* 15 s in 4 */
	ck_assert_int_eq(knee.why, WHATIF_PATH);
	unit_assert_text(&words, "past 4 workers nothing is gained: the critical path is t1 -> t2 "
				 "-> t3 -> t4 (4.000 s)");
	plan_free(plan);
	plan = plan_new(1);
	add_one(plan, 1000, WAIT(SECOND));
	complete(plan);
	find_knee(plan, &knee, &words);
	ck_assert_uint_eq(knee.workers, 1);
	unit_assert_text(&words,
			 "past 1 worker nothing is gained: the longest task is t0 (1.000 s)");
	plan_free(plan);
	text_free(&words);
}
END_TEST

START_TEST(a_long_path_is_shortened)
{
	struct plan *plan = plan_new(1);

	for (size_t i = 0; i < 20; i++) {
		size_t task = add_one(plan, 1, WAIT(SECOND));

		if (i > 0) {
			plan_need(plan, task, task - 1);
		}
	}
	complete(plan);
	ck_assert_str_eq(plan->path.data, "t0 -> t1 -> t2 -> t3 -> 12 more -> t16 -> t17 -> t18 "
					  "-> t19");
	plan_free(plan);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_computes_is_spread_over_the_workers,
	    waits_overlap_up_to_the_limit,
	    needs_are_waited_for,
	    what_stands_for_others_ends_with_the_last_of_them,
	    what_has_waited_takes_its_turn_to_compute,
	    the_longest_chain_begins_first,
	    all_seconds_are_scaled,
	    commands_that_wait_run_beside_those_that_compute,
	    commands_that_do_both_fill_each_other_s_waits,
	    one_that_computes_on_several_cores_shares_them,
	    walls_are_within_their_bounds,
	    a_hundred_thousand_workers,
	    the_knee_is_where_nothing_is_gained,
	    a_long_path_is_shortened,
	};

	return unit_run("simulation", tests, LENGTH(tests));
}
