/* SPDX-License-Identifier: ISC */
/* test_stream_needs: what tasks of a stream may need, and what is kept of those that ended. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/job_run.h"

START_TEST(a_stream_needs_earlier_lines_only)
{
#define EARLIER(id) "no earlier task \"" id "\"; in a stream, needs may name earlier lines only "
	run_assert(N("a", "\"b\"") "\n" T("b"), "1: needs[0]: " EARLIER("b") "b ");
	run_assert(N("a", "\"a\"") "\n" T("b"), "1: needs[0]: " EARLIER("a") "b ");
	run_assert(T("b") "\n" MATRIX("m", ",\"needs\":[\"b\",\"m.x=1,y=p\"]"),
		   "b 2: needs[1]: " EARLIER("m.x=1,y=p"));
	run_assert(N("a", "\"b\"") "\n" N("c", "\"a\""),
		   "1: needs[0]: " EARLIER("b") "c(needs \"a\", which failed) ");
	run_assert("{\"slep\":1,\"id\":\"a\"}\n" N("c", "\"a\"") "\n" T("a"),
		   "1: slep: unknown key, did you mean \"sleep\"? 2: needs[0]: " EARLIER("a") "a ");
	run_assert("{\"slep\":1,\"id\":\"m\",\"matrix\":{\"x\":[1]}}\n" N("c", "\"m\""),
		   "1: slep: unknown key, did you mean \"sleep\"? (x=1) "
		   "c(needs \"m\", which failed) ");
}
END_TEST

/* The next comes when all that was handed out has ended: what is needed is no longer kept. */
START_TEST(a_stream_knows_what_has_ended)
{
	static const char *const lines[] = {
	    T("a"),
	    F("f"),
	    MATRIX("m", ""),
	    "{\"sleep\":0,\"id\":\"r\",\"repeat\":2}",
	    N("b", "\"a\",\"m\",\"m.x=1,y=p\",\"r\""),
	    N("c", "\"a\",\"f\""),
	    N("d", "\"c\""),
	    "{\"sleep\":0,\"id\":\"e\",\"needs\":[\"f\",\"d\"],\"needs_any_status\":true}",
	    "{\"sleep\":0}",
	    N("g", "9"),
	    N("h", "\"r.1\""),
	    N("i", "10")};
	struct run run = {.wall_us = 1};
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	for (unsigned i = 0; i < LENGTH(lines); i++) {
		enum jobfile_state state;
		struct task *task;

		ck_assert_int_gt(write(ends[1], lines[i], strlen(lines[i])), 0);
		ck_assert_int_eq(write(ends[1], "\n", 1), 1);
		if (i == 0) {
			run.jobfile = jobfile_open("-", NULL, &run.seen);
			ck_assert_ptr_nonnull(run.jobfile);
		}
		while ((state = jobfile_next(run.jobfile, &task)) != JOBFILE_WAIT) {
			if (state == JOBFILE_BAD) {
				run_put_message(jobfile_error(run.jobfile), &run.seen);
				text_char(&run.seen, ' ');
				continue;
			}
			run_see(&run, task, state == JOBFILE_SKIP);
		}
		while (run.count > 0) {
			run_end_oldest(&run);
		}
	}
	close(ends[1]);
	jobfile_free(run.jobfile);
	unit_assert_text(&run.seen,
			 "a f m.x=1,y=p m.x=2,y=p r.1 r.2 b c(needs \"f\", which failed) "
			 "d(needs \"c\", which was skipped) e 9 g "
			 "11: needs[0]: a task needs the repeats as a whole: write \"r\" "
			 "12: needs[0]: " EARLIER("10"));
	text_free(&run.seen);
}
END_TEST

/* A line that is bad has a number too, and what waits keeps its own. */
START_TEST(numbers_in_a_stream_are_those_of_the_file)
{
	struct jobfile *jobfile = run_open_good(T("a") "\n" N("b", "\"a\"") "\nbad\n" T("c") "\n");
	struct task *a, *task;

	ck_assert_int_eq(jobfile_next(jobfile, &a), JOBFILE_TASK);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_BAD);
	ck_assert_uint_eq(jobfile_bad_number(jobfile), 3);
	ck_assert_uint_eq(jobfile_left(jobfile), 1);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
	ck_assert_uint_eq(task->number, 4);
	task_free(task);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_HELD);
	jobfile_ended(jobfile, a, STATUS_ok, 1);
	task_free(a);
	ck_assert(jobfile_has_task(jobfile));
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
	ck_assert_uint_eq(task->number, 2);
	task_free(task);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_END);
	jobfile_free(jobfile);
}
END_TEST

START_TEST(a_stream_is_not_read_on_while_too_many_wait)
{
	struct text text = TEXT_INIT, error = TEXT_INIT;
	struct jobfile *jobfile;
	struct task *first, *task;
	uint64_t ended = 0;

	text_string(&text, T("a") "\n");
	for (int i = 0; i < 40000; i++) {
		text_string(&text, "{\"sleep\":0,\"needs\":[\"a\"]}\n");
	}
	jobfile = run_open(text.data, text.len, &error);
	ck_assert_ptr_nonnull(jobfile);
	ck_assert_int_eq(jobfile_next(jobfile, &first), JOBFILE_TASK);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_HELD);
	ck_assert_uint_eq(jobfile_held(jobfile), 32768);
	ck_assert_uint_eq(jobfile_left(jobfile), 32768);
	jobfile_ended(jobfile, first, STATUS_ok, 1);
	task_free(first);
	while (jobfile_next(jobfile, &task) == JOBFILE_TASK) {
		ended++;
		jobfile_ended(jobfile, task, STATUS_ok, 1);
		task_free(task);
	}
	ck_assert_uint_eq(ended, 40000);
	jobfile_free(jobfile);
	text_free(&text);
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_stream_needs_earlier_lines_only,
	    a_stream_knows_what_has_ended,
	    numbers_in_a_stream_are_those_of_the_file,
	    a_stream_is_not_read_on_while_too_many_wait,
	};

	return unit_run("stream_needs", tests, LENGTH(tests));
}
