/* SPDX-License-Identifier: ISC */
/* test_scheduler: the six models in virtual time, recalls, losses, and what is promised of them. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/scheduler.h"
#include "tests/simulator.h"
#include "tests/unit.h"

#define MS      1000
#define SECOND  1000000
#define FOREVER INT64_MAX

/* Until work that is stuck is where it can run. */
#define PATIENCE (50 * MS)

static void
fill(struct sim *sim, uint32_t from, uint32_t count, bool computes, int64_t us)
{
	for (uint32_t i = from; i < from + count; i++) {
		sim->tasks[i].us = us;
		sim->tasks[i].computes = computes;
	}
}

/* Runs all; each task has ended once and nothing is left. */
static void
finish(struct sim *sim)
{
	struct scheduler_load load;

	sim_run(sim, FOREVER);
	ck_assert_uint_eq(sim->ended, sim->task_count);
	for (uint32_t i = 0; i < sim->task_count; i++) {
		ck_assert_uint_eq(sim->tasks[i].ends, 1);
	}
	load = scheduler_load(sim->scheduler);
	ck_assert_uint_eq(load.computing + load.waiting + load.sent + load.ready, 0);
	ck_assert_ptr_null(scheduler_any_ready(sim->scheduler));
	ck_assert(!scheduler_watch(sim->scheduler));
}

START_TEST(each_model_takes_the_time_it_should)
{
	static const struct {
		const char *model;
		unsigned workers;
		int64_t
		    us; /* 8 tasks of 1 s that compute and 8 that wait 1 s, a thread pool of 6 */
	} rows[] = {{"sync", 1, 16 * SECOND},     {"async", 1, 8 * SECOND},
		    {"threads", 1, 3 * SECOND},   {"gil", 1, 3 * SECOND},
		    {"processes", 4, 4 * SECOND}, {"hybrid", 4, 2 * SECOND + SECOND / 2}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct sim sim;

		sim_init(&sim, rows[i].model, rows[i].workers, 6, 16);
		for (uint32_t t = 0; t < 16; t++) {
			fill(&sim, t, 1, t % 2 == 0, SECOND);
		}
		finish(&sim);
		ck_assert_msg(sim.now_us <= rows[i].us && sim.now_us > rows[i].us - SECOND,
			      "%s: %jd us", rows[i].model, (intmax_t)sim.now_us);
		ck_assert_msg(sim.in_order, "%s", rows[i].model);
		sim_free(&sim);
	}
}
END_TEST

START_TEST(waits_are_all_sent_at_once_up_to_the_limit)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 3, 1000, 5000);
	fill(&sim, 0, 5000, false, SECOND);
	finish(&sim);
	ck_assert_uint_eq(sim.waits_most, 1000);
	ck_assert_int_eq(sim.now_us, 5 * SECOND);
	sim_free(&sim);
	sim_init(&sim, "async", 1, 1000000, 5000);
	fill(&sim, 0, 5000, false, SECOND);
	finish(&sim);
	ck_assert_uint_eq(sim.waits_most, 5000);
	ck_assert_int_eq(sim.now_us, SECOND);
	sim_free(&sim);
}
END_TEST

START_TEST(waits_are_spread_over_the_workers)
{
	struct sim sim;
	unsigned count[4] = {0};

	sim_init(&sim, "hybrid", 4, 1000, 400);
	fill(&sim, 0, 400, false, SECOND);
	sim_run(&sim, 1);
	for (uint32_t i = 0; i < 400; i++) {
		count[sim.tasks[i].sched.worker]++;
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(count[i], 100);
	}
	sim_free(&sim);
}
END_TEST

START_TEST(computing_tasks_do_not_wait_behind_waiting_ones)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 2, 10, 1040);
	fill(&sim, 0, 1000, false, SECOND); /* far over the limit of 10 */
	fill(&sim, 1000, 40, true, 250 * MS);
	sim_run(&sim, 5 * SECOND + 1);
	for (uint32_t i = 1000; i < 1040; i++) {
		ck_assert_uint_eq(sim.tasks[i].ends, 1);
	}
	ck_assert_uint_eq(sim.ended, 40 + 50);
	sim_free(&sim);
}
END_TEST

/* How many computing tasks a worker has when it was given some that take `us` each. */
static unsigned
depth_after(int64_t us)
{
	struct sim sim;
	struct scheduler_load load;

	sim_init(&sim, "hybrid", 1, 10, 20000);
	fill(&sim, 0, 20000, true, us);
	sim_run(&sim, 2000 * us + 1);
	load = scheduler_load(sim.scheduler);
	ck_assert_uint_eq(load.computing, 1);
	sim_free(&sim);
	return load.sent;
}

START_TEST(short_tasks_are_sent_ahead_and_long_ones_are_not)
{
	ck_assert_uint_eq(depth_after(SECOND), 1);
	ck_assert_uint_eq(depth_after(10 * MS), 1);
	for (int64_t us = 10; us <= 100; us += 30) { /* some milliseconds of work */
		ck_assert_int_ge(depth_after(us) * us, 1 * MS);
		ck_assert_int_le(depth_after(us) * us, 20 * MS);
	}
	ck_assert_uint_ge(depth_after(1), 500);
	ck_assert_uint_le(depth_after(1), 2000);
}
END_TEST

START_TEST(the_first_task_is_not_queued_behind_an_unknown_one)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 4, 10, 8);
	fill(&sim, 0, 8, true, SECOND);
	finish(&sim);
	ck_assert_int_eq(sim.now_us, 2 * SECOND);
	ck_assert_uint_eq(sim.recalls, 0);
	sim_free(&sim);
}
END_TEST

START_TEST(what_is_stuck_behind_a_long_task_goes_elsewhere)
{
	static const char *const names[] = {"hybrid", "processes"};

	for (size_t i = 0; i < LENGTH(names); i++) {
		struct sim sim;

		sim_init(&sim, names[i], 4, 100, 10001);
		fill(&sim, 0, 10001, true, 20);
		sim.tasks[5000].us = 10 * SECOND;
		finish(&sim);
		ck_assert_int_lt(sim.now_us,
				 10 * SECOND + PATIENCE); /* the long one alone, no tail */
		sim_free(&sim);
	}
}
END_TEST

/* Tasks of random lengths over five orders of magnitude, bursts of alike ones. */
static void
fill_random(struct sim *sim, uint64_t *state, unsigned share_of_waits)
{
	int64_t us = 1;

	for (uint32_t i = 0; i < sim->task_count; i++) {
		if (unit_random(state) % 100 == 0) {
			us = INT64_C(1) << unit_random(state) % 18;
		}
		fill(sim, i, 1, unit_random(state) % 100 >= share_of_waits,
		     us + (int64_t)(unit_random(state) % (uint64_t)us));
	}
}

START_TEST(no_worker_idles_for_long_while_work_is_queued)
{
	uint64_t state = 71;

	for (int run = 0; run < 40; run++) {
		struct sim sim;

		sim_init(&sim, "hybrid", 2 + (unsigned)(run % 7), 1000, 5000);
		fill_random(&sim, &state, run % 2 ? 30 : 0);
		finish(&sim);
		ck_assert_msg(sim.longest_idle <= PATIENCE, "run %d: %jd us", run,
			      (intmax_t)sim.longest_idle);
		ck_assert(sim.in_order);
		sim_free(&sim);
	}
}
END_TEST

START_TEST(stuck_tasks_are_recalled_though_waits_are_over_their_limit)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 2, 4, 2000);
	fill(&sim, 0, 500, true, 10); /* many are sent ahead */
	fill(&sim, 500, 1, true, 10 * SECOND);
	fill(&sim, 501, 99, true, 10);
	fill(&sim, 600, 1400, false, SECOND); /* 4 at once */
	sim_run(&sim, SECOND);
	for (uint32_t i = 501; i < 600; i++) {
		ck_assert_msg(sim.tasks[i].ends == 1, "task %u is stuck", i + 1);
	}
	sim_free(&sim);
}
END_TEST

/* Every second task is longer than was expected, and they all go to the same worker. */
START_TEST(a_worker_that_is_slow_but_not_stuck_is_relieved)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 2, 100, 2000);
	fill(&sim, 0, 1000, true, 1);
	for (uint32_t i = 1000; i < 2000; i++) {
		fill(&sim, i, 1, true, i % 2 ? 3 * MS : 1);
	}
	finish(&sim);
	ck_assert_msg(sim.longest_idle <= PATIENCE, "%jd us", (intmax_t)sim.longest_idle);
	ck_assert_int_lt(sim.now_us, 500 * 3 * MS * 6 / 10);
	sim_free(&sim);
}
END_TEST

START_TEST(nothing_is_recalled_while_the_other_worker_is_gone)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 2, 100, 1000);
	fill(&sim, 0, 1000, true, 10);
	fill(&sim, 900, 1, true, 10 * SECOND);
	sim_kill(&sim, 1);
	sim_run(&sim, 5 * SECOND);
	ck_assert_uint_eq(sim.ended, 900);
	ck_assert_uint_eq(sim.recalls, 0); /* they would come back to where they were */
	sim_revive(&sim, 1);
	sim_run(&sim, 5 * SECOND + 2 * PATIENCE);
	ck_assert_uint_eq(sim.ended, 999);
	finish(&sim);
	sim_free(&sim);
}
END_TEST

START_TEST(a_lost_worker_s_tasks_run_elsewhere_once)
{
	for (int m = 0; m < model_count; m++) {
		uint64_t state = 72;
		unsigned workers = models[m].per_cpu ? 3 : 1;
		struct sim sim;

		sim_init(&sim, models[m].name, workers, 50, 3000);
		fill_random(&sim, &state, 40);
		for (int i = 1; i <= 200 && sim.ended < sim.task_count; i++) {
			unsigned victim = (unsigned)(unit_random(&state) % workers);

			sim_run(&sim, sim.now_us + (int64_t)(unit_random(&state) % (200 * MS)));
			sim_kill(&sim, victim);
			ck_assert_ptr_null(
			    TAILQ_FIRST(scheduler_tasks(sim.scheduler, (int)victim)));
			sim_run(&sim, sim.now_us + (int64_t)(unit_random(&state) % (20 * MS)));
			sim_revive(&sim, victim);
		}
		finish(&sim);
		sim_free(&sim);
	}
}
END_TEST

START_TEST(nothing_is_sent_when_all_workers_are_down)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 2, 50, 20);
	fill(&sim, 0, 10, true, MS);
	fill(&sim, 10, 10, false, MS);
	sim_kill(&sim, 0);
	sim_kill(&sim, 1);
	sim_run(&sim, SECOND);
	ck_assert_uint_eq(sim.ended, 0);
	ck_assert_uint_eq(scheduler_load(sim.scheduler).ready, 20);
	sim_revive(&sim, 1);
	finish(&sim);
	sim_free(&sim);
}
END_TEST

START_TEST(a_million_tasks_keep_every_worker_busy)
{
	static const char *const names[] = {"hybrid", "processes"};

	for (size_t i = 0; i < LENGTH(names); i++) {
		struct sim sim;

		sim_init(&sim, names[i], 8, 1000, 1000000);
		fill(&sim, 0, 1000000, true, 50);
		finish(&sim);
		ck_assert_int_ge(sim.now_us, 1000000 / 8 * 50);
		ck_assert_int_le(sim.now_us, 1000000 / 8 * 50 * 101 / 100);
		ck_assert(sim.in_order);
		sim_free(&sim);
	}
}
END_TEST

START_TEST(a_million_waits_end_together)
{
	struct sim sim;

	sim_init(&sim, "hybrid", 8, 2000000, 1000000);
	fill(&sim, 0, 1000000, false, SECOND);
	finish(&sim);
	ck_assert_int_eq(sim.now_us, SECOND);
	ck_assert_uint_eq(sim.waits_most, 1000000);
	sim_free(&sim);
}
END_TEST

/* A task that computes frees its place while it waits, and takes it again. */
START_TEST(a_phase_frees_the_place_and_takes_it)
{
	struct scheduler *sched = scheduler_new(model_find("hybrid"), 1, 10);
	struct sched_task tasks[3] = {{.computes = true}, {.computes = true}, {.computes = true}};

	scheduler_worker_up(sched, 0, WORKER_QUEUES);
	for (int i = 0; i < 3; i++) {
		scheduler_add(sched, &tasks[i]);
	}
	ck_assert_ptr_eq(scheduler_next(sched, 0), &tasks[0]);
	ck_assert_ptr_null(scheduler_next(sched, 0));
	scheduler_phase(sched, &tasks[0], false, -1, 0);
	ck_assert_uint_eq(scheduler_load(sched).computing, 0);
	ck_assert_uint_eq(scheduler_load(sched).waiting, 1);
	ck_assert_ptr_eq(scheduler_next(sched, 0), &tasks[1]);
	ck_assert_ptr_null(scheduler_next(sched, 0));
	scheduler_phase(sched, &tasks[0], true, -1, 0); /* two now */
	scheduler_phase(sched, &tasks[0], true, -1, 0);
	ck_assert_uint_eq(scheduler_load(sched).waiting, 0);
	scheduler_remove(sched, &tasks[1], SECOND, SECOND, SECOND);
	ck_assert_ptr_null(scheduler_next(sched, 0));
	scheduler_remove(sched, &tasks[0], SECOND, SECOND, SECOND);
	ck_assert_ptr_eq(scheduler_next(sched, 0), &tasks[2]);
	scheduler_remove(sched, &tasks[2], SECOND, SECOND, SECOND);
	ck_assert_uint_eq(scheduler_load(sched).sent, 0);
	scheduler_free(sched);
	scheduler_free(NULL);
}
END_TEST

/* What was left to it went on to wait: it is stuck no longer. */
START_TEST(a_worker_that_gave_tasks_back_gets_others)
{
	struct scheduler *sched = scheduler_new(model_find("hybrid"), 2, 10);
	struct sched_task tasks[5] = {0};
	unsigned count;
	int number;

	scheduler_worker_up(sched, 0, WORKER_QUEUES);
	scheduler_worker_up(sched, 1, WORKER_QUEUES);
	for (int i = 0; i < 5; i++) {
		tasks[i].computes = true;
	}
	scheduler_add(sched, &tasks[0]);
	ck_assert_ptr_eq(scheduler_next(sched, 0), &tasks[0]);
	scheduler_remove(sched, &tasks[0], MS, MS, MS); /* short ones are sent ahead */
	for (int i = 0; i < 3; i++) {
		scheduler_add(sched, &tasks[i]);
		ck_assert_ptr_eq(scheduler_next(sched, MS), &tasks[i]);
	}
	ck_assert_int_eq(tasks[0].worker, tasks[2].worker);
	scheduler_remove(sched, &tasks[1], MS, MS, 2 * MS);
	ck_assert(scheduler_recall(sched, 2 * MS, &number, &count));
	ck_assert_int_eq(number, tasks[0].worker);
	scheduler_remove(sched, &tasks[2], -1, 0, 2 * MS);
	scheduler_phase(sched, &tasks[0], false, -1, 2 * MS);
	for (int i = 2; i < 4; i++) {
		scheduler_add(sched, &tasks[i]);
		ck_assert_ptr_eq(scheduler_next(sched, 3 * MS), &tasks[i]);
	}
	ck_assert_int_ne(tasks[2].worker, tasks[3].worker);
	scheduler_free(sched);
}
END_TEST

START_TEST(again_comes_first_and_forget_takes_out)
{
	struct scheduler *sched = scheduler_new(model_find("sync"), 1, 10);
	struct sched_task tasks[3] = {{.computes = true}, {.computes = false}, {.computes = true}};

	for (int i = 0; i < 2; i++) {
		scheduler_add(sched, &tasks[i]);
	}
	scheduler_again(sched, &tasks[2]);
	ck_assert_ptr_eq(scheduler_any_ready(sched), &tasks[2]);
	ck_assert(!scheduler_wants(sched, 3));
	ck_assert(scheduler_wants(sched, 4));
	scheduler_forget(sched, &tasks[0]);
	scheduler_worker_up(sched, 0, 0);
	ck_assert_ptr_eq(scheduler_next(sched, 0), &tasks[2]);
	ck_assert_ptr_null(scheduler_next(sched, 0));
	scheduler_remove(sched, &tasks[2], 1, 1, 1);
	ck_assert_ptr_eq(scheduler_next(sched, 0),
			 &tasks[1]); /* one at a time, if it does not queue */
	ck_assert_ptr_null(scheduler_next(sched, 0));
	scheduler_remove(sched, &tasks[1], 1, 1, 1);
	ck_assert_uint_eq(scheduler_load(sched).ready, 0);
	scheduler_free(sched);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    each_model_takes_the_time_it_should,
	    waits_are_all_sent_at_once_up_to_the_limit,
	    waits_are_spread_over_the_workers,
	    computing_tasks_do_not_wait_behind_waiting_ones,
	    short_tasks_are_sent_ahead_and_long_ones_are_not,
	    the_first_task_is_not_queued_behind_an_unknown_one,
	    what_is_stuck_behind_a_long_task_goes_elsewhere,
	    no_worker_idles_for_long_while_work_is_queued,
	    stuck_tasks_are_recalled_though_waits_are_over_their_limit,
	    a_worker_that_is_slow_but_not_stuck_is_relieved,
	    nothing_is_recalled_while_the_other_worker_is_gone,
	    a_lost_worker_s_tasks_run_elsewhere_once,
	    nothing_is_sent_when_all_workers_are_down,
	    a_million_tasks_keep_every_worker_busy,
	    a_million_waits_end_together,
	    a_phase_frees_the_place_and_takes_it,
	    a_worker_that_gave_tasks_back_gets_others,
	    again_comes_first_and_forget_takes_out,
	};

	return unit_run("scheduler", tests, LENGTH(tests));
}
