/* SPDX-License-Identifier: ISC */
/* test_summary: the measures by their formulas, what is said of a run, and its JSON. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/summary.h"
#include "tests/unit.h"

#define SECOND 1000000

/* `count` tasks of that wall and CPU time, all ended at `at_us`. */
static void
add(struct summary *summary, int count, int64_t wall_us, int64_t cpu_us, int64_t at_us)
{
	for (int i = 0; i < count; i++) {
		struct result_record record = {.status = STATUS_ok,
					       .wall_us = wall_us,
					       .user_us = cpu_us - cpu_us / 4,
					       .sys_us = cpu_us / 4};
		char id[16];

		snprintf(id, sizeof(id), "t%d", i + 1);
		summary_add(summary, &(struct summary_who){.id = id}, 1, &record, at_us);
	}
}

START_TEST(measures_follow_their_formulas)
{
	struct summary summary;

	summary_init(&summary, model_find("hybrid"), 4, "job");
	add(&summary, 10, 3 * SECOND, 2 * SECOND, 6 * SECOND);
	add(&summary, 2, 5 * SECOND, 0, 6 * SECOND);
	summary.wall_us = 8 * SECOND;
	ck_assert_double_eq_tol(summary_parallelism(&summary), 20.0 / 8, 1e-9);
	ck_assert_double_eq_tol(summary_concurrency(&summary), 40.0 / 8, 1e-9);
	ck_assert_double_eq_tol(summary_bound(&summary), 5, 1e-9); /* 20/4 = the longest */
	ck_assert_double_eq_tol(summary_efficiency(&summary), 5.0 / 8, 1e-9);
	add(&summary, 1, 7 * SECOND, 0, 8 * SECOND);
	ck_assert_double_eq_tol(summary_bound(&summary), 7, 1e-9);
	ck_assert_str_eq(summary.longest, "t1");
	add(&summary, 10, 4 * SECOND, 4 * SECOND, 8 * SECOND);
	ck_assert_double_eq_tol(summary_bound(&summary), 15, 1e-9);
	ck_assert_uint_eq(summary.tasks, 23);
	ck_assert_uint_eq(summary_not_ok(&summary), 0);
	summary_free(&summary);
}
END_TEST

START_TEST(nothing_divides_by_zero)
{
	struct summary summary;
	struct text out = TEXT_INIT;

	summary_init(&summary, model_find("hybrid"), 4, "job");
	ck_assert_double_eq(summary_parallelism(&summary), 0);
	ck_assert_double_eq(summary_efficiency(&summary), 0);
	summary_verdict(&summary, &out);
	unit_assert_text(&out, "No task ran.");
	text_free(&out);
	summary_free(&summary);
}
END_TEST

START_TEST(failures_are_counted_and_the_first_ten_named)
{
	struct summary summary;
	struct text out = TEXT_INIT;

	summary_init(&summary, model_find("async"), 2, "job");
	for (int i = 0; i < 15; i++) {
		struct result_record record = {.status = i % 2 ? STATUS_timeout : STATUS_failed,
					       .wall_us = 10,
					       .error = i == 0 ? SPAN_EMPTY
							       : SPAN_LITERAL("\"exit \\u0031\""),
					       .maxrss = (uint64_t)i};
		char id[16];

		snprintf(id, sizeof(id), "f%d", i);
		summary_add(&summary, &(struct summary_who){.id = id}, 3, &record, 100);
	}
	ck_assert_uint_eq(summary.by_status[STATUS_failed], 8);
	ck_assert_uint_eq(summary.by_status[STATUS_timeout], 7);
	ck_assert_uint_eq(summary_not_ok(&summary), 15);
	ck_assert_uint_eq(summary.attempts, 30);
	ck_assert_uint_eq(summary.maxrss, 14);
	ck_assert_uint_eq(summary.failure_count, SUMMARY_FAILURES);
	ck_assert_str_eq(summary.failures[0].why, "");
	ck_assert_str_eq(summary.failures[9].id, "f9");
	ck_assert_str_eq(summary.failures[9].why, "exit 1");
	summary_print(&summary, false, &out);
	text_terminate(&out);
	ck_assert_ptr_nonnull(strstr(out.data, "timeout f9: exit 1\nand 5 more"));
	ck_assert_ptr_nonnull(strstr(out.data, "15 tasks: 0 ok, 8 failed, 7 timeout"));
	ck_assert_ptr_null(strchr(out.data, '\033'));
	text_clear(&out);
	summary_print(&summary, true, &out);
	text_terminate(&out);
	ck_assert_ptr_nonnull(strchr(out.data, '\033'));
	text_free(&out);
	summary_free(&summary);
}
END_TEST

START_TEST(the_verdict_names_nature_and_remedy)
{
	static const struct {
		const char *model;
		int64_t wall, task_wall, cpu; /* of each of ten tasks, on 4 cores */
		const char *nature;
		const char *remedy;
		enum idle_cause idle; /* most of what there is */
	} rows[] = {
	    {"hybrid", 2500, 1000, 1000, "Parallel: 4.0 of 4", "only more cores", IDLE_START},
	    {"hybrid", 1000, 1000, 0, "Concurrent, not parallel",
	     "the longest task, t1, sets the pace", IDLE_START},
	    {"hybrid", 5000, 4000, 2000, "Parallel and concurrent", "only more cores", IDLE_START},
	    {"sync", 10000, 1000, 0, "Neither parallel nor concurrent",
	     "-m hybrid could take 1.00 s", IDLE_START},
	    {"sync", 10000, 1000, 1000, "Neither parallel nor concurrent",
	     "-m hybrid could take 2.50 s", IDLE_START},
	    {"async", 1000, 1000, 10, "Concurrent, not parallel", "t1, sets the pace", IDLE_START},
	    {"hybrid", 5000, 1000, 1000, "Parallel: 2.0 of 4",
	     "no schedule could take less than 2.50 s", IDLE_START},
	    {"hybrid", 5000, 1000, 1000, "Parallel: 2.0 of 4",
	     "waited for resources: with more of them it could take 2.50 s", IDLE_RESOURCE},
	    {"hybrid", 5000, 1000, 1000, "Parallel: 2.0 of 4", "waited for memory", IDLE_MEMORY},
	    {"hybrid", 40000, 1000, 0,
	     "Neither parallel nor concurrent: 0.2 tasks in progress on average",
	     "paused before it tried again", IDLE_RETRY},
	    {"hybrid", 5000, 1000, 1000, "Parallel: 2.0 of 4", "ulimit -n", IDLE_CAP},
	    {"hybrid", 2500, 1000, 1000, "Parallel: 4.0 of 4", "only more cores", IDLE_RESOURCE},
	    {"hybrid", 50, 1, 0, "Neither", "over before", IDLE_START},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct text out = TEXT_INIT;
		struct summary summary;

		summary_init(&summary, model_find(rows[i].model), 4, "job");
		add(&summary, 10, rows[i].task_wall * 1000, rows[i].cpu * 1000,
		    rows[i].wall * 1000);
		summary.wall_us = rows[i].wall * 1000;
		summary.idle.sums_us[rows[i].idle] = 2 * SECOND;
		summary_verdict(&summary, &out);
		text_terminate(&out);
		ck_assert_msg(strncmp(out.data, rows[i].nature, strlen(rows[i].nature)) == 0 &&
				  strstr(out.data, rows[i].remedy) != NULL &&
				  out.data[out.len - 1] == '.',
			      "%zu: %s", i, out.data);
		text_free(&out);
		summary_free(&summary);
	}
}
END_TEST

START_TEST(what_did_not_run_is_not_judged)
{
	struct result_record bad = {.status = STATUS_failed};
	struct text out = TEXT_INIT;
	struct summary summary;

	summary_init(&summary, model_find("hybrid"), 2, "job");
	summary.wall_us = 1000;
	summary_add(&summary, &(struct summary_who){.id = "1"}, 1, &bad, 0);
	summary_verdict(&summary, &out);
	unit_assert_text(&out, "No task ran.");
	text_free(&out);
	summary_free(&summary);
}
END_TEST

START_TEST(what_computes_at_once_in_part_is_parallel_in_part)
{
	struct text out = TEXT_INIT;
	struct summary summary;

	summary_init(&summary, model_find("hybrid"), 2, "job");
	add(&summary, 4, SECOND, 0, SECOND);
	add(&summary, 2, SECOND / 2, SECOND / 2, SECOND / 2);
	summary.wall_us = SECOND;
	summary_verdict(&summary, &out);
	text_terminate(&out);
	ck_assert_msg(strstr(out.data, "parallel for 50 % of the time: 5.0 tasks") != NULL, "%s",
		      out.data);
	text_free(&out);
	summary_free(&summary);
}
END_TEST

START_TEST(the_json_holds_what_was_measured)
{
	struct result_record record = {
	    .status = STATUS_crashed, .wall_us = 1, .error = SPAN_LITERAL("\"\\\"no\\\"\"")};
	struct text out = TEXT_INIT;
	struct summary summary;
	json_t *json, *who;

	summary_init(&summary, model_find("processes"), 3, "a \"job\"\n");
	add(&summary, 4, SECOND, SECOND, 2 * SECOND);
	summary_add(&summary, &(struct summary_who){.id = "x\"y", .tag = "z"}, 2, &record,
		    2 * SECOND);
	summary.wall_us = 2 * SECOND;
	summary.peak = 3;
	summary_json(&summary, &out);
	ck_assert_int_eq(out.data[out.len - 1], '\n');
	ck_assert_ptr_eq(memchr(out.data, '\n', out.len), out.data + out.len - 1);
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(json);
	ck_assert_str_eq(json_string_value(json_object_get(json, "job")), "a \"job\"\n");
	ck_assert_str_eq(json_string_value(json_object_get(json, "model")), "processes");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "workers")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "tasks")), 5);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "crashed")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "peak")), 3);
	ck_assert_double_eq_tol(json_real_value(json_object_get(json, "parallelism")), 2, 1e-4);
	ck_assert_double_eq_tol(json_real_value(json_object_get(json, "bound")), 4.0 / 3, 1e-5);
	who = json_array_get(json_object_get(json, "failures"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(who, "id")), "x\"y");
	ck_assert_str_eq(json_string_value(json_object_get(who, "tag")), "z");
	json_decref(json);
	text_free(&out);
	summary_free(&summary);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    measures_follow_their_formulas,
	    nothing_divides_by_zero,
	    failures_are_counted_and_the_first_ten_named,
	    the_verdict_names_nature_and_remedy,
	    what_did_not_run_is_not_judged,
	    what_computes_at_once_in_part_is_parallel_in_part,
	    the_json_holds_what_was_measured,
	};

	return unit_run("summary", tests, LENGTH(tests));
}
