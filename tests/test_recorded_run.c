/* SPDX-License-Identifier: ISC */
/* test_recorded_run: what results files come to: order, needs, attempts, measures. */
#include "supervisor/recorded_run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/records.h"
#include "tests/unit.h"

#define LINE(id, more) \
	"{\"id\":\"" id "\",\"status\":\"ok\",\"start\":1700000001.5,\"wall\":2" more "}"

/* Reads it as a results file; what is said against it, or "". */
static const char *
read_text(struct recorded_run *run, const char *bytes)
{
	static struct text error;
	int fd = memfd_create("results", MFD_CLOEXEC);
	bool good;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	lseek(fd, 0, SEEK_SET);
	text_clear(&error);
	good = recorded_run_read_fd(run, fd, "r.jsonl", &error);
	close(fd);
	ck_assert_int_eq(good, error.len == 0);
	text_terminate(&error);
	return error.data;
}

START_TEST(a_record_says_all_that_is_shown)
{
	struct recorded_run *run = recorded_run_new(&(struct recorded_limits){100, 1000});
	const struct recorded_task *task;

	records_line(run,
		     "{\"id\":\"a\\u00e4\",\"name\":\"n\",\"tag\":\"t t\",\"status\":\"failed\","
		     "\"exit\":3,\"stdout\":\"out\\n\",\"stderr\":\"err\",\"error\":\"exit 3\","
		     "\"start\":1700000000.5,\"wall\":1.5,\"user\":1,\"sys\":0.25,"
		     "\"maxrss\":4096,\"class\":\"cpu\",\"attempt\":2,\"worker\":1,"
		     "\"truncated\":true,\"hash\":\"00\"}");
	records_line(run,
		     "{\"id\":\"s\",\"status\":\"skipped\",\"wall\":0,\"error\":\"a failed\"}");
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->count, 2);
	task = &run->tasks[0];
	ck_assert_str_eq(task->id, "a\u00e4");
	ck_assert_str_eq(task->name, "n");
	ck_assert_str_eq(task->tag, "t t");
	ck_assert_str_eq(task->error, "exit 3");
	ck_assert_str_eq(task->output[0], "out\n");
	ck_assert_str_eq(task->output[1], "err");
	ck_assert_int_eq(task->status, STATUS_failed);
	ck_assert(task->has_exit && task->exit == 3 && task->truncated);
	ck_assert_int_eq(task->start_us, 0);
	ck_assert_int_eq(task->wall_us, 1500000);
	ck_assert_int_eq(task->user_us + task->sys_us, 1250000);
	ck_assert_uint_eq(task->maxrss, 4096);
	ck_assert_int_eq(task->worker, 1);
	ck_assert_uint_eq(task->attempt, 2);
	ck_assert_int_eq(run->began_us, INT64_C(1700000000500000));
	ck_assert_str_eq(run->tasks[1].id, "s"); /* it never began */
	ck_assert_int_eq(run->tasks[1].start_us, -1);
	ck_assert_int_eq(recorded_end_us(&run->tasks[1]), -1);
	ck_assert_int_eq(run->tasks[1].worker, -1);
	recorded_run_free(run);
}
END_TEST

START_TEST(what_is_no_utf8_is_shown_as_far_as_it_can_be)
{
	struct recorded_run *run = recorded_run_new(&(struct recorded_limits){4, 6});

	records_line(run, LINE("a", ",\"tag_base64\":\"YWL/\",\"stdout_base64\":\"YWL/Y2Q=\","
				    "\"stderr_base64\":\"YWJjZA==\""));
	recorded_run_finish(run, 0);
	ck_assert_str_eq(run->tasks[0].tag, "ab?");
	ck_assert_str_eq(run->tasks[0].output[0], "ab?c");
	ck_assert_uint_eq(run->tasks[0].output_bytes[0], 5);
	ck_assert_ptr_null(run->tasks[0].output[1]); /* that would be more than `all` */
	ck_assert_uint_eq(run->tasks[0].output_bytes[1], 4);
	recorded_run_free(run);
}
END_TEST

START_TEST(output_is_cut_between_characters)
{
	struct recorded_run *run = recorded_run_new(&(struct recorded_limits){4, 1000});

	records_line(run, LINE("a", ",\"stdout\":\"abc\u00e4\""));
	records_line(run, "{\"id\":\"b\",\"status\":\"failed\",\"start\":1700000009,\"wall\":0,"
			  "\"stdout\":\"0123456789abcdefgh\"}");
	recorded_run_finish(run, 0);
	ck_assert_str_eq(run->tasks[0].output[0], "abc");
	ck_assert_uint_eq(run->tasks[0].output_bytes[0], 5);
	ck_assert_str_eq(run->tasks[1].output[0], "0123456789abcdef"); /* it failed: 4 times */
	recorded_run_free(run);
}
END_TEST

START_TEST(the_last_record_of_a_task_counts)
{
	struct recorded_run *run = recorded_run_new(NULL);
	const struct record records[] = {
	    {"a", -86400, 5, 1, 4, NULL}, /* yesterday, and run again */
	    {"b", 1, 1, 0, 0, NULL},
	    {"a", 2, 1, 1, 1, NULL},
	};

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->count, 2);
	ck_assert_uint_eq(run->summary.tasks, 2);
	ck_assert_uint_eq(run->lanes, 2);
	ck_assert_int_eq(records_find(run, "a")->start_us, 1000000);
	ck_assert_int_eq(run->summary.wall_us, 2000000);
	recorded_run_free(run);
}
END_TEST

START_TEST(a_torn_last_line_is_passed_over)
{
	struct recorded_run *run = recorded_run_new(NULL);

	ck_assert_str_eq(read_text(run, LINE("a", "") "\n" LINE("b", "") "\n{\"id\":\"c\",\"sta"),
			 "");
	ck_assert_str_eq(read_text(run, LINE("d", "")), ""); /* whole but for its newline */
	ck_assert_str_eq(read_text(run, LINE("e", "") "\n{\"i"), "");
	ck_assert_str_eq(read_text(run, ""), "");
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->count, 4);
	recorded_run_free(run);
}
END_TEST

START_TEST(what_is_no_record_is_refused_by_its_line)
{
	struct recorded_run *run = recorded_run_new(NULL);

	ck_assert_ptr_nonnull(
	    strstr(read_text(run, LINE("a", "") "\nhello\n"), "r.jsonl:2: not a"));
	ck_assert_ptr_nonnull(
	    strstr(read_text(run, "{\"tasks\":[{\"sleep\":1}]}\n"), "r.jsonl:1:"));
	ck_assert_ptr_nonnull(strstr(read_text(run, "no newline"), "r.jsonl:1: not a"));
	ck_assert_ptr_nonnull(strstr(read_text(run, "{\"status\":\"ok\",\"start\":1}\n"), ":1:"));
	recorded_run_free(run);
}
END_TEST

START_TEST(attempts_that_came_before_are_there)
{
	struct recorded_run *run = recorded_run_new(NULL);
	const struct recorded_task *task;

	records_line(run,
		     LINE("a", ",\"attempt\":3,\"worker\":0,\"earlier\":["
			       "{\"status\":\"crashed\",\"worker\":2,\"start\":1700000000,"
			       "\"wall\":0.5},"
			       "{\"status\":\"timeout\",\"start\":1700000001,\"wall\":0.25}]"));
	recorded_run_finish(run, 0);
	task = &run->tasks[0];
	ck_assert_uint_eq(task->earlier_count, 2);
	ck_assert_int_eq(task->earlier[0].status, STATUS_crashed);
	ck_assert_int_eq(task->earlier[0].start_us, 0); /* the run began with it */
	ck_assert_int_eq(task->earlier[0].worker, 2);
	ck_assert_int_eq(task->earlier[1].start_us, 1000000);
	ck_assert_int_eq(task->earlier[1].wall_us, 250000);
	ck_assert_int_eq(task->earlier[1].worker, -1);
	ck_assert_int_eq(task->start_us, 1500000);
	ck_assert_uint_eq(run->lanes, 3);
	ck_assert_uint_eq(run->summary.attempts, 2);
	recorded_run_free(run);
}
END_TEST

/* What a task needs, as ids with spaces between them. */
static const char *
needs_of(const struct recorded_run *run, const char *id)
{
	static struct text ids;
	const struct recorded_task *task = records_find(run, id);

	text_clear(&ids);
	for (unsigned i = 0; i < task->need_count; i++) {
		text_printf(&ids, "%s%s", i == 0 ? "" : " ", run->tasks[task->needs[i]].id);
	}
	text_terminate(&ids);
	return ids.data;
}

START_TEST(needs_become_places)
{
	static const struct record records[] = {
	    {"a", 0, 1, 0, 0, NULL},
	    {"z", 2, 1, 0, 0, ",\"needs\":[\"a\",\"b\",\"gone\"]"},
	    {"b", 1, 1, 0, 0, ",\"needs\":[\"\\u0061\"]"},
	};
	struct recorded_run *run = recorded_run_new(NULL);

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert_str_eq(needs_of(run, "z"), "a b");
	ck_assert_str_eq(needs_of(run, "b"), "a");
	ck_assert_ptr_null(records_find(run, "a")->needs);
	ck_assert_int_eq(run->summary.path_us, 3000000);
	unit_assert_text(&run->summary.path, "a -> b -> z");
	recorded_run_free(run);
}
END_TEST

/* One id stands for all that `repeat` and `matrix` have made of it, whatever points are in it. */
START_TEST(a_family_is_needed_as_a_whole)
{
	static const struct record records[] = {
	    {"a.1", 0, 1, 0, 0, NULL},
	    {"a.2", 1, 1, 0, 0, NULL},
	    {"a.b.1", 2, 1, 0, 0, NULL},
	    {"a.b.2", 3, 1, 0, 0, NULL},
	    {"fetch.part=one,x=0.5", 4, 1, 0, 0, NULL},
	    {"fetch.part=b.tgz,x=1.5", 5, 1, 0, 0, NULL},
	    {"v1.2.lr=0.1.1", 6, 1, 0, 0, NULL},
	    {"v1.2.lr=0.1.2", 7, 1, 0, 0, NULL},
	    {"alone.txt", 8, 1, 0, 0, NULL},
	    {"1", 9, 1, 0, 0, ",\"needs\":[\"a\"]"},
	    {"2", 9, 1, 0, 0, ",\"needs\":[\"a.b\"]"},
	    {"3", 9, 1, 0, 0, ",\"needs\":[\"fetch\"]"},
	    {"4", 9, 1, 0, 0, ",\"needs\":[\"v1.2\"]"},
	    {"5", 9, 1, 0, 0, ",\"needs\":[\"v1.2.lr=0.1\",\"a.2\"]"},
	    {"6", 9, 1, 0, 0, ",\"needs\":[\"alone\"]"},
	};
	struct recorded_run *run = recorded_run_new(NULL);

	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert_str_eq(needs_of(run, "1"), "a.1 a.2");
	ck_assert_str_eq(needs_of(run, "2"), "a.b.1 a.b.2");
	ck_assert_str_eq(needs_of(run, "3"), "fetch.part=one,x=0.5 fetch.part=b.tgz,x=1.5");
	ck_assert_str_eq(needs_of(run, "4"), "v1.2.lr=0.1.1 v1.2.lr=0.1.2");
	ck_assert_str_eq(needs_of(run, "5"), "v1.2.lr=0.1.1 v1.2.lr=0.1.2 a.2");
	ck_assert_str_eq(needs_of(run, "6"), "");
	recorded_run_free(run);
}
END_TEST

#define SUMMARY                                                                           \
	"{\"job\":\"j\",\"model\":\"gil\",\"cores\":8,\"peak\":7,\"began\":1699999999.5," \
	"\"wall\":4,\"path_wall\":3,\"path\":\"x -> y\",\"idle\":{\"needs\":30.5}}\n"

START_TEST(the_summary_is_heeded)
{
	static const struct record records[] = {{"a", 0, 2, 2, 0, NULL}, {"b", 1, 2, 1, 1, NULL}};
	struct recorded_run *run = recorded_run_new(NULL);

	records_add(run, records, LENGTH(records));
	ck_assert(recorded_run_summary(run, span_of(SUMMARY)));
	recorded_run_finish(run, 0);
	ck_assert(run->measured);
	ck_assert_str_eq(run->summary.job, "j");
	ck_assert_str_eq(run->summary.model->name, "gil");
	ck_assert_uint_eq(run->summary.cores, 8);
	ck_assert_uint_eq(run->summary.peak, 7);
	ck_assert_int_eq(run->summary.wall_us, 4000000);
	ck_assert_int_eq(run->summary.path_us, 3000000);
	ck_assert_int_eq(run->summary.task_wall_us, 4000000);
	ck_assert_int_eq(run->summary.user_us + run->summary.sys_us, 3000000);
	ck_assert_int_eq(run->summary.idle.sums_us[IDLE_NEEDS], 30500000);
	ck_assert_int_eq(run->tasks[0].start_us, 500000); /* since the run began */
	ck_assert_uint_gt(strlen(run->verdict), 10);
	recorded_run_free(run);
}
END_TEST

/* Records of a run before it were gone on from; its times say nothing of them. */
START_TEST(a_summary_is_not_of_older_records)
{
	static const struct record records[] = {{"old", -50, 2, 2, 0, NULL},
						{"new", 0, 2, 2, 0, NULL}};
	struct recorded_run *run = recorded_run_new(NULL);

	records_add(run, records, LENGTH(records));
	ck_assert(recorded_run_summary(run, span_of(SUMMARY)));
	recorded_run_finish(run, 0);
	ck_assert(!run->measured);
	ck_assert_uint_eq(run->summary.cores, 8);
	ck_assert_uint_eq(run->summary.peak, 1);
	ck_assert_int_eq(run->summary.wall_us, 52000000);
	ck_assert_int_eq(run->tasks[1].start_us, 50000000);
	recorded_run_free(run);
}
END_TEST

START_TEST(without_a_summary_cores_are_guessed)
{
	static const struct record records[] = {
	    {"a", 0, 2, 6, 0, NULL}, /* with threads of its own */
	    {"b", 1, 1, 1, 1, NULL},
	};
	struct recorded_run *run = recorded_run_new(NULL);

	ck_assert(!recorded_run_summary(run, SPAN_LITERAL("{\"cores\":2}")));
	ck_assert(!recorded_run_summary(run, SPAN_LITERAL("[1]")));
	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert(!run->measured);
	ck_assert_uint_eq(run->summary.peak, 2);
	ck_assert_uint_eq(run->lanes, 2);
	recorded_run_free(run);

	run = recorded_run_new(NULL);
	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->summary.cores, 4);
	recorded_run_free(run);

	run = recorded_run_new(NULL);
	records_add(run, records, LENGTH(records));
	recorded_run_finish(run, 16);
	ck_assert_uint_eq(run->summary.cores, 16);
	recorded_run_free(run);
}
END_TEST

START_TEST(an_empty_run_is_one)
{
	struct recorded_run *run = recorded_run_new(NULL);

	recorded_run_finish(run, 0);
	ck_assert_uint_eq(run->count, 0);
	ck_assert_uint_eq(run->summary.peak, 0);
	ck_assert_str_eq(run->verdict, "No task ran.");
	recorded_run_free(run);
	recorded_run_free(NULL);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_record_says_all_that_is_shown,
	    what_is_no_utf8_is_shown_as_far_as_it_can_be,
	    output_is_cut_between_characters,
	    the_last_record_of_a_task_counts,
	    a_torn_last_line_is_passed_over,
	    what_is_no_record_is_refused_by_its_line,
	    attempts_that_came_before_are_there,
	    needs_become_places,
	    a_family_is_needed_as_a_whole,
	    the_summary_is_heeded,
	    a_summary_is_not_of_older_records,
	    without_a_summary_cores_are_guessed,
	    an_empty_run_is_one,
	};

	return unit_run("recorded_run", tests, LENGTH(tests));
}
