/* SPDX-License-Identifier: ISC */
/*
 * test_jobfile_needs: job files whose tasks need each other, from the text to what is handed out
 * when.
 */
#include <string.h>

#include "tests/job_run.h"

START_TEST(what_needs_nothing_comes_in_file_order)
{
	run_assert(TASKS(T("a") "," T("b") "," N("c") "," T("d")), "a b c d ");
	run_assert(T("a") "\n" T("b") "\n" N("c") "\n" T("d"), "a b c d ");
}
END_TEST

START_TEST(a_document_may_need_what_comes_later)
{
	run_assert(TASKS(N("c", "\"a\",\"b\"") "," N("b", "\"a\"") "," T("a") "," T("x")),
		   "a x | b | | c ");
	run_assert(TASKS(N("1x", "2,\"3\"") ",{\"sleep\":0},{\"sleep\":0}"), "2 3 | | 1x ");
	run_assert(TASKS(T("\xc3\xa9\\\"\\\\") "," N("b", "\"\\u00e9\\\"\\\\\"")),
		   "\xc3\xa9\"\\ | b ");
	run_assert(T("\xc3\xa9\\\"\\\\") "\n" N("b", "\"\\u00e9\\\"\\\\\""), "\xc3\xa9\"\\ | b ");
}
END_TEST

START_TEST(those_that_become_ready_come_before_others)
{
	struct jobfile *jobfile =
	    run_open_good(TASKS(T("a") "," N("b", "\"a\"") "," T("c") "," T("d")));
	struct text ids = TEXT_INIT;
	struct task *task;

	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
		task_put_plain_id(task, &ids);
		text_printf(&ids, "%ju ", (uintmax_t)task->number);
		jobfile_ended(jobfile, task, STATUS_ok, 1);
		task_free(task);
	}
	unit_assert_text(&ids, "a1 b2 c3 d4 ");
	text_free(&ids);
	jobfile_free(jobfile);
}
END_TEST

START_TEST(numbers_are_those_of_the_file)
{
	struct jobfile *jobfile =
	    run_open_good(TASKS("{\"sleep\":0,\"repeat\":2,\"needs\":[\"b\"]}," T("a") "," T("b")));
	uint64_t expected[] = {3, 4, 1, 2};
	struct task *task;

	for (unsigned i = 0; i < LENGTH(expected); i++) {
		ck_assert_uint_eq(jobfile_total(jobfile, i), 4);
		ck_assert_uint_eq(jobfile_held(jobfile), i < 2 ? 2 : 0);
		ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
		ck_assert_uint_eq(task->number, expected[i]);
		jobfile_ended(jobfile, task, STATUS_ok, 1);
		task_free(task);
	}
	jobfile_free(jobfile);
}
END_TEST

START_TEST(what_failed_skips_those_behind_it_at_once)
{
	run_assert(
	    TASKS(F("a") "," N("b", "\"a\"") "," N("c", "\"b\"") "," T("d") "," N("e", "\"d\"")),
	    "a d | b(needs \"a\", which failed) c(needs \"b\", which was skipped) | e ");
	run_assert(
	    F("a") "\n" N("b", "\"a\"") "\n" N("c", "\"b\"") "\n" T("d") "\n" N("e", "\"d\""),
	    "a d | b(needs \"a\", which failed) c(needs \"b\", which was skipped) | e ");
	run_assert(TASKS(F("a") ",{\"sleep\":0,\"repeat\":2,\"id\":\"b\",\"needs\":[\"a\"]}"),
		   "a | b.1(needs \"a\", which failed) b.2(needs \"a\", which failed) ");
}
END_TEST

START_TEST(any_status_is_for_those_that_clean_up)
{
	static const char *const tasks[] = {F("a"), T("b"),
					    "{\"sleep\":0,\"id\":\"c\",\"needs\":[\"a\",\"b\"],"
					    "\"needs_any_status\":true}"};
	struct text text = TEXT_INIT;

	for (int stream = 0; stream < 2; stream++) {
		text_clear(&text);
		text_printf(&text, stream ? "%s\n%s\n%s\n" : "{\"tasks\":[%s,%s,%s]}", tasks[0],
			    tasks[1], tasks[2]);
		text_terminate(&text);
		run_assert(text.data, "a b | | c ");
	}
	text_free(&text);
}
END_TEST

START_TEST(a_need_is_for_all_repeats)
{
	run_assert(TASKS("{\"sleep\":0,\"id\":\"a\",\"repeat\":3}," N("b", "\"a\"")),
		   "a.1 a.2 a.3 | | | b ");
	run_assert("{\"sleep\":0,\"id\":\"a\",\"repeat\":3}\n" N("b", "\"a\""),
		   "a.1 a.2 a.3 | | | b ");
	run_assert_refused(
	    TASKS("{\"sleep\":0,\"id\":\"a\",\"repeat\":3}," N("b", "\"a.2\"")),
	    "1: tasks[1].needs[0]: a task needs the repeats as a whole: write \"a\"");
	run_assert("{\"sleep\":0,\"id\":\"a\",\"repeat\":3}\n" N("b", "\"a.2\""),
		   "a.1 a.2 a.3 2: needs[0]: a task needs the repeats as a whole: write \"a\" ");
}
END_TEST

START_TEST(a_need_is_for_a_matrix_or_one_of_it)
{
	run_assert(TASKS(N("all", "\"m\"") "," N("one", "\"m.x=2,y=p\"") "," MATRIX("m", "")),
		   "m.x=1,y=p m.x=2,y=p | | one all ");
	run_assert(MATRIX("m", "") "\n" N("all", "\"m\"") "\n" N("one", "\"m.x=1,y=p\""),
		   "m.x=1,y=p m.x=2,y=p | one | all ");
	run_assert(TASKS(F("f") "," MATRIX("m", ",\"needs\":[\"f\"]") "," N("all", "\"m\"")),
		   "f | m.x=1,y=p(needs \"f\", which failed) m.x=2,y=p(needs \"f\", which failed) "
		   "all(needs \"m.x=1,y=p\", which was skipped) ");
	run_assert(F("f") "\n" MATRIX("m", ",\"needs\":[\"f\"]") "\n" N("all", "\"m\""),
		   "f | m.x=1,y=p(needs \"f\", which failed) m.x=2,y=p(needs \"f\", which failed) "
		   "all(needs \"m\", which was skipped) ");
	run_assert(TASKS(MATRIX("a", "") "," MATRIX("b", ",\"needs\":[\"a.x={x},y=p\"]")),
		   "a.x=1,y=p a.x=2,y=p | b.x=1,y=p | b.x=2,y=p ");
	run_assert(TASKS("{\"sleep\":0,\"matrix\":{\"x\":[1,2]}}," N("b", "1")),
		   "1.x=1 1.x=2 | | b ");
}
END_TEST

START_TEST(unknown_needs_are_named)
{
	run_assert_refused(
	    "{\"tasks\":[\n" T("fetch") ",\n{\"sleep\":0,\"needs\":\n[\"fetch\",\"fecth\"]}]}",
	    "4: tasks[1].needs[1]: no task \"fecth\", did you mean \"fetch\"?");
	run_assert_refused(TASKS(N("a", "\"zzzzzz\"")), "1: tasks[0].needs[0]: no task \"zzzzzz\"");
	run_assert_refused(TASKS(N("a", "3")), "1: tasks[0].needs[0]: no task \"3\"");
	run_assert_refused(TASKS(MATRIX("train", "") "," N("a", "\"trian\"")),
			   "1: tasks[1].needs[0]: no task \"trian\", did you mean \"train\"?");
	run_assert_refused(TASKS(T("a") "," N("b", "\"a.1x\"")),
			   "1: tasks[1].needs[0]: no task \"a.1x\"");
}
END_TEST

START_TEST(circles_are_named)
{
	run_assert_refused("{\"tasks\":[" T("x") ",\n" N("a", "\"b\"") ",\n" N("b", "\"c\"") "," N(
			       "c", "\"a\"") "]}",
			   "2: tasks[1].needs: circular, each needs the next: a -> b -> c -> a");
	run_assert_refused(TASKS(N("a", "\"a\"")),
			   "1: tasks[0].needs: circular, each needs the next: a -> a");
	run_assert_refused(
	    TASKS(MATRIX("m", ",\"needs\":[\"m\"]")),
	    "1: tasks[0].needs: circular, each needs the next: m.x=1,y=p -> m.x=1,y=p");
}
END_TEST

START_TEST(a_long_circle_is_shortened)
{
	struct text text = TEXT_INIT, error = TEXT_INIT;

	text_string(&text, "{\"tasks\":[");
	for (int i = 0; i < 1000; i++) {
		text_printf(&text, "%s{\"sleep\":0,\"id\":\"t%d\",\"needs\":[\"t%d\"]}",
			    i == 0 ? "" : ",", i, (i + 1) % 1000);
	}
	text_string(&text, "]}");
	ck_assert_ptr_null(run_open(text.data, text.len, &error));
	ck_assert_msg(strstr(error.data, "the next: t0 -> t1 -> ... -> t999 -> t0") != NULL, "%s",
		      error.data);
	text_free(&text);
	text_free(&error);
}
END_TEST

static int64_t
ask_program(void *context, const struct task_text *text)
{
	(void)context;
	return strcmp(unit_string(task_program(text)), "known") == 0 ? 7000000 : -1;
}

static void
assert_ranks(const char *text, const char *expected)
{
	struct run run = {.jobfile = run_open_good(text)};
	struct text ranks = TEXT_INIT;
	enum jobfile_state state;
	struct task *task;

	jobfile_set_expect(run.jobfile, ask_program, NULL);
	while ((state = jobfile_next(run.jobfile, &task)) != JOBFILE_END) {
		if (state == JOBFILE_TASK) {
			text_printf(&ranks, "%jd ", (intmax_t)jobfile_rank(run.jobfile));
			run_see(&run, task, false);
		} else {
			run_end_oldest(&run);
		}
	}
	while (run.count > 0) {
		run_end_oldest(&run);
	}
	unit_assert_text(&ranks, expected);
	jobfile_free(run.jobfile);
	text_free(&run.seen);
	text_free(&ranks);
}

START_TEST(the_rank_is_the_time_to_the_end)
{
	assert_ranks(TASKS("{\"sleep\":2},{\"sleep\":3,\"needs\":[1]},{\"shell\":\"known\"},"
			   "{\"sleep\":1,\"needs\":[2]}"),
		     "6000000 7000000 4000000 1000000 ");
	assert_ranks(TASKS("{\"sleep\":2},{\"shell\":\"known\",\"needs\":[1]},{\"shell\":\"x\"},"
			   "{\"sleep\":3,\"needs\":[3]}"),
		     "9000000 7000000 7000000 3000000 ");
	assert_ranks(TASKS("{\"shell\":\"x\"},{\"shell\":\"x\",\"needs\":[1]}"),
		     "2000000 1000000 ");
	assert_ranks(TASKS("{\"shell\":\"x\"},{\"sleep\":2},{\"shell\":\"known\"}"),
		     "9223372036854775807 2000000 7000000 ");
	assert_ranks("{\"shell\":\"x\"}\n{\"sleep\":2}\n{\"sleep\":3,\"needs\":[2]}\n",
		     "9223372036854775807 2000000 3000000 ");
}
END_TEST

static void
assert_path(const char *text, const char *expected)
{
	struct run run = {.jobfile = run_open_good(text), .wall_us = 10};
	struct text words = TEXT_INIT;
	int64_t us;

	run_to_its_end(&run);
	jobfile_path(run.jobfile, &us, &words);
	text_printf(&words, " %jd", (intmax_t)us);
	unit_assert_text(&words, expected);
	jobfile_free(run.jobfile);
	text_free(&run.seen);
	text_free(&words);
}

START_TEST(the_path_is_the_longest_chain)
{
	assert_path(TASKS(T("a") "," T("b") "," N("c", "\"b\"") "," N("d", "\"c\"")),
		    "b -> c -> d 30");
	assert_path(TASKS(T("a") "," T("b")), "a 10");
	assert_path(TASKS(MATRIX("m", "") "," N("c", "\"m\"")), "m.x=1,y=p -> c 20");
	assert_path(TASKS(T("a") "," N("b", "\"a\"") "," N("c", "\"b\"") "," N("d", "\"c\"") "," N(
			"e", "\"d\"") "," N("f", "\"e\"")),
		    "a -> b -> c -> d -> e -> f 60");
	assert_path(TASKS(T("a") "," N("b", "\"a\"") "," N("c", "\"b\"") "," N("d", "\"c\"") "," N(
			"e", "\"d\"") "," N("f", "\"e\"") "," N("g", "\"f\"")),
		    "a -> b -> ... -> g 70");
	assert_path(T("a") "\n" T("b") "\n" N("c", "\"b\"") "\n" N("d", "\"c\"") "\n", " 30");
}
END_TEST

START_TEST(ignored_needs_are_checked)
{
	static const char *const texts[] = {TASKS(N("b", "\"a\"") "," T("a") "," N("c", "\"b\"")),
					    T("b") "\n" N("a", "\"b\"") "\n" N("c", "\"a\"") "\n"};

	for (unsigned i = 0; i < LENGTH(texts); i++) {
		struct jobfile *jobfile = run_open_good(texts[i]);
		struct text ids = TEXT_INIT;
		struct task *task;

		jobfile_ignore_needs(jobfile);
		while (jobfile_next(jobfile, &task) == JOBFILE_TASK) {
			task_put_plain_id(task, &ids);
			task_free(task);
		}
		ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_END);
		unit_assert_text(&ids, "bac");
		text_free(&ids);
		jobfile_free(jobfile);
	}
	run_assert_refused(TASKS(N("b", "\"x\"")), "1: tasks[0].needs[0]: no task \"x\"");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_needs_nothing_comes_in_file_order,
	    a_document_may_need_what_comes_later,
	    those_that_become_ready_come_before_others,
	    numbers_are_those_of_the_file,
	    what_failed_skips_those_behind_it_at_once,
	    any_status_is_for_those_that_clean_up,
	    a_need_is_for_all_repeats,
	    a_need_is_for_a_matrix_or_one_of_it,
	    unknown_needs_are_named,
	    circles_are_named,
	    a_long_circle_is_shortened,
	    the_rank_is_the_time_to_the_end,
	    the_path_is_the_longest_chain,
	    ignored_needs_are_checked,
	};

	return unit_run("jobfile_needs", tests, LENGTH(tests));
}
