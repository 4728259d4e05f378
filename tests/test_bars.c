/* SPDX-License-Identifier: ISC */
/*
 * test_bars: a bar for each attempt, none of which overlaps another of its row; and gaps between
 * runs are cut out of all times.
 */
#include <stdio.h>
#include <string.h>

#include "supervisor/bars.h"
#include "tests/unit.h"

#define BEGIN 1700000000

static void
add(struct recorded_run *run, const char *id, double start, double wall, int worker,
    const char *more)
{
	struct text line = TEXT_INIT;

	text_printf(&line,
		    "{\"id\":\"%s\",\"status\":\"ok\",\"start\":%.6f,\"wall\":%.6f,\"user\":0,"
		    "\"sys\":0,\"attempt\":1,\"worker\":%d%s}",
		    id, BEGIN + start, wall, worker, more);
	ck_assert(recorded_run_add(run, (struct span){line.data, line.len}));
	text_free(&line);
}

static const struct recorded_task *
find(const struct recorded_run *run, const char *id)
{
	for (size_t i = 0; i < run->count; i++) {
		if (strcmp(run->tasks[i].id, id) == 0) {
			return &run->tasks[i];
		}
	}
	ck_abort_msg("no task %s", id);
}

START_TEST(bars_of_a_row_do_not_overlap)
{
	struct recorded_run *run = recorded_run_new(NULL);
	int64_t ends[4][400] = {{0}};
	uint64_t state = 7;
	struct bars bars;
	char id[16];

	for (int i = 0; i < 2000; i++) {
		double start = (double)(unit_random(&state) % 1000) / 100;

		snprintf(id, sizeof(id), "%d", i);
		add(run, id, start, (double)(unit_random(&state) % 300) / 100, i % 3,
		    i % 5 == 0 ? ",\"earlier\":[{\"status\":\"failed\",\"worker\":3,"
				 "\"start\":1700000001,\"wall\":0.5}]"
			       : "");
	}
	recorded_run_finish(run, 0);
	bars_make(&bars, run);
	ck_assert_uint_eq(bars.count, 2400);
	ck_assert_uint_eq(bars.lanes, 4);
	ck_assert_uint_eq(bars.rows[3], 400); /* all of these at the same time */
	for (size_t i = 0; i < bars.count; i++) {
		const struct bar *bar = &bars.all[i];

		ck_assert_uint_lt(bar->row, bars.rows[bar->lane]);
		ck_assert_uint_lt(bar->row, 400);
		ck_assert_int_ge(bar->start_us, ends[bar->lane][bar->row]);
		ends[bar->lane][bar->row] = bar->end_us;
		ck_assert_int_eq(bar->earlier, bar->lane == 3);
	}
	bars_free(&bars);
	recorded_run_free(run);
}
END_TEST

START_TEST(what_no_worker_is_known_of_has_a_lane)
{
	static const char line[] =
	    "{\"id\":\"a\",\"status\":\"ok\",\"start\":1700000000,\"wall\":1,\"user\":0,\"sys\":0}";
	struct recorded_run *run = recorded_run_new(NULL);
	struct bars bars;

	add(run, "b", 0, 1, 0, "");
	ck_assert(recorded_run_add(run, (struct span){line, strlen(line)}));
	recorded_run_finish(run, 0);
	bars_make(&bars, run);
	ck_assert(bars.unknown);
	ck_assert_uint_eq(bars.lanes, 2);
	ck_assert_uint_eq(bars.rows[1], 1);
	bars_free(&bars);
	recorded_run_free(run);
}
END_TEST

START_TEST(gaps_between_runs_are_cut_out)
{
	struct recorded_run *run = recorded_run_new(NULL);

	add(run, "a", 0, 10, 0, "");
	add(run, "b", 5, 7, 0, "");
	add(run, "c", 12 + 59.9, 1, 0, ""); /* too short for a gap */
	add(run, "d", 10000, 5, 0, "");
	add(run, "e", 20000, 5, 0,
	    ",\"earlier\":[{\"status\":\"failed\",\"worker\":0,\"start\":1700010004,\"wall\":1}]");
	add(run, "f", 90000, 1, 0, "");
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->gap_count, 2); /* e paused before it was tried again */
	ck_assert_int_eq(find(run, "c")->start_us, 71900000);
	ck_assert_int_eq(find(run, "d")->start_us, 72900000);
	ck_assert_int_eq(find(run, "e")->earlier[0].start_us, 76900000);
	ck_assert_int_eq(find(run, "e")->start_us, 10072900000);
	ck_assert_int_eq(find(run, "f")->start_us, 10077900000);
	ck_assert_int_eq(run->summary.wall_us, 10078900000);
	for (size_t i = 0; i < run->count; i++) {
		static const double starts[] = {0, 5, 71.9, 10000, 20000, 90000};
		int64_t at_us = recorded_epoch_us(run, run->tasks[i].start_us);

		ck_assert_int_eq(at_us, BEGIN * INT64_C(1000000) + (int64_t)(starts[i] * 1e6));
	}
	recorded_run_free(run);
}
END_TEST

START_TEST(a_summary_of_another_run_is_not_heeded)
{
	static const char *const summaries[] = {
	    "{\"cores\":2,\"began\":1700000100,\"wall\":5,\"peak\":9}", /* only the last part */
	    "{\"cores\":2,\"began\":1600000000,\"wall\":5,\"peak\":9}", /* long before */
	    "{\"cores\":2,\"began\":1700000000,\"wall\":106,\"peak\":9}"};

	for (size_t i = 0; i < LENGTH(summaries); i++) {
		struct recorded_run *run = recorded_run_new(NULL);

		add(run, "a", 1, 2, 0, "");
		add(run, "b", 101, 3, 0, "");
		ck_assert(recorded_run_summary(run, span_of(summaries[i])));
		recorded_run_finish(run, 0);
		ck_assert_int_eq(run->misfit, i < 2);
		ck_assert_int_eq(run->measured, i == 2);
		ck_assert_int_eq(run->summary.wall_us, i == 2 ? 106000000 : 5000000);
		ck_assert_uint_eq(run->summary.peak, i == 2 ? 9 : 1);
		ck_assert_int_eq(find(run, "b")->start_us, i == 2 ? 101000000 : 2000000);
		recorded_run_free(run);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    bars_of_a_row_do_not_overlap, what_no_worker_is_known_of_has_a_lane,
	    gaps_between_runs_are_cut_out, a_summary_of_another_run_is_not_heeded};

	return unit_run("bars", tests, LENGTH(tests));
}
