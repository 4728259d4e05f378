/* SPDX-License-Identifier: ISC */
/* test_top_jobs: what a view of the daemon's queue makes of what it is told, without a daemon. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/top_jobs.h"
#include "supervisor/top_told.h"
#include "tests/unit.h"

#define SECOND INT64_C(1000000)

static struct top_view view;
static struct canvas canvas;
static struct top_jobs *jobs;
static struct top_tasks tasks;

static void
set_up(const uint64_t *only, size_t count)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	top_view_free(&view);
	top_jobs_free(jobs);
	top_tasks_free(&tasks);
	view = (struct top_view){.live = true, .queue = true, .list = TOP_JOBS};
	view.status = (struct top_status){.title = "queue", .about = "", .now_us = 90 * SECOND};
	jobs = top_jobs_new(only, count);
	tasks = (struct top_tasks){.count = 0};
	canvas = (struct canvas){.rows = 24, .columns = 80, .cells = canvas.cells};
}

static bool
take(const char *job)
{
	bool anew;

	top_jobs_take(jobs, span_of(job), &anew);
	return anew;
}

static void
run(const char *task)
{
	top_tasks_take(&tasks, span_of(task));
}

static void
show(uint64_t unended)
{
	top_view_begin(&view);
	top_jobs_show(jobs, &view, 100 * SECOND, unended, &tasks);
	top_tasks_show(&tasks, &view);
	top_view_end(&view, 0);
}

/* The numbers of the jobs, as they are shown. */
static const char *
order(void)
{
	static char all[1000];
	size_t len = 0;

	all[0] = '\0';
	for (size_t i = 0; i < view.jobs_shown; i++) {
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%d", i > 0 ? " " : "",
					(int)view.jobs[i].job.number);
	}
	return all;
}

/* Whether the text is in the picture. */
static bool
pictured(const char *text)
{
	char shown[1000];

	top_view_draw(&view, &canvas);
	for (unsigned i = 0; i < canvas.rows; i++) {
		size_t len = 0;

		for (unsigned j = 0; j < canvas.columns; j++) {
			wchar_t c = canvas.cells[(size_t)i * canvas.columns + j].shown;

			shown[len++] = c < 127 ? (char)c : '?';
		}
		shown[len] = '\0';
		if (strstr(shown, text) != NULL) {
			return true;
		}
	}
	return false;
}

START_TEST(jobs_are_in_the_order_in_which_they_go_on)
{
	set_up(NULL, 0);
	take("{\"job\":1,\"state\":\"ended\",\"outcome\":\"ok\",\"ended\":10}");
	take("{\"job\":2,\"state\":\"queued\",\"priority\":-1}");
	take("{\"job\":3,\"state\":\"queued\",\"priority\":0}");
	take("{\"job\":4,\"state\":\"held\",\"priority\":9}");
	take("{\"job\":5,\"state\":\"running\",\"priority\":-5}");
	take("{\"job\":6,\"state\":\"ended\",\"outcome\":\"failed\",\"ended\":20}");
	take("{\"job\":7,\"state\":\"queued\",\"priority\":0}");
	show(5);
	ck_assert_str_eq(order(), "5 3 7 2 4 6 1");
	take("{\"job\":7,\"state\":\"running\",\"priority\":0}");
	top_jobs_remove(jobs, 6);
	top_jobs_remove(jobs, 66);
	show(5);
	ck_assert_str_eq(order(), "7 5 3 2 4 1");
}
END_TEST

START_TEST(a_job_is_a_row)
{
	set_up(NULL, 0);
	take("{\"job\":12,\"name\":\"night\",\"state\":\"running\",\"priority\":5,\"tasks\":200,"
	     "\"by_status\":{\"ok\":30,\"failed\":2},\"running\":0,\"began\":40}");
	take("{\"job\":13,\"state\":\"queued\",\"submitted\":50,\"tasks\":0}");
	run("{\"job\":12,\"task\":\"a\",\"tag\":\"x.txt\",\"worker\":1,\"attempt\":2,\"for\":3,"
	    "\"computes\":true,\"use\":0.25}");
	show(2);
	ck_assert(pictured("12  night"));
	ck_assert(pictured("running          32/200       2        1     5       1:00"));
	ck_assert(pictured("queued              0/?       0        0     0      50.0s"));
	ck_assert(pictured("12/a (x.txt)"));
	ck_assert(pictured("computes  0.25    2       1       3.0s"));
	ck_assert_uint_eq(view.status.total, 0); /* of one it is not known */
	ck_assert_uint_eq(view.status.failed, 2);
	top_jobs_remove(jobs, 13);
	show(1);
	ck_assert_uint_eq(view.status.total, 200);
	ck_assert_uint_eq(view.status.done, 32);
}
END_TEST

START_TEST(only_so_many_are_known)
{
	char job[100];

	set_up(NULL, 0);
	for (int i = 1; i <= TOP_JOBS_WAITING + 500; i++) {
		snprintf(job, sizeof(job), "{\"job\":%d,\"state\":\"queued\"}", i);
		take(job);
	}
	for (int i = 2001; i <= 2000 + 2 * TOP_JOBS_ENDED; i++) {
		snprintf(job, sizeof(job), "{\"job\":%d,\"state\":\"ended\",\"ended\":%d}", i, i);
		take(job);
	}
	show(TOP_JOBS_WAITING + 500);
	ck_assert_uint_eq(view.job_count, TOP_JOBS_WAITING + TOP_JOBS_ENDED);
	ck_assert_uint_eq(view.status.jobs_more, 500);
	ck_assert_uint_eq(view.jobs[TOP_JOBS_WAITING].job.number, 2000 + 2 * TOP_JOBS_ENDED);
	ck_assert(pictured("Jobs 1050 of 1550"));
	take("{\"job\":1400,\"state\":\"running\"}"); /* what runs is always shown */
	show(TOP_JOBS_WAITING + 500);
	ck_assert_uint_eq(view.jobs[0].job.number, 1400);
}
END_TEST

START_TEST(only_those_of_interest)
{
	static const uint64_t only[] = {2, 4};

	set_up(only, 2);
	take("{\"job\":1,\"state\":\"queued\"}");
	take("{\"job\":2,\"state\":\"queued\"}");
	take("{\"job\":4,\"state\":\"queued\"}");
	show(100);
	ck_assert_str_eq(order(), "2 4");
	ck_assert_uint_eq(view.status.jobs_more, 0);
	ck_assert(top_jobs_are_shown(jobs, 4));
	ck_assert(!top_jobs_are_shown(jobs, 1));
}
END_TEST

START_TEST(failures_are_told_once_and_forgiven)
{
	const struct top_kept *kept;

	set_up(NULL, 0);
	top_tasks_ended(&view, 3,
			span_of("{\"id\":\"a\",\"status\":\"failed\",\"exit\":4,\"start\":10,"
				"\"wall\":5,\"attempt\":1,\"worker\":0}"),
			77);
	top_tasks_ended(
	    &view, 3,
	    span_of("{\"id\":\"a\",\"status\":\"failed\",\"wall\":0,\"exit\":5,\"attempt\":1,"
		    "\"worker\":0}"),
	    77);
	top_tasks_ended(
	    &view, 3, span_of("{\"id\":\"b\",\"status\":\"skipped\",\"wall\":0,\"error\":\"why\"}"),
	    77);
	top_tasks_ended(&view, 4, span_of("{\"id\":\"a\",\"status\":\"failed\",\"wall\":0}"), 77);
	top_tasks_ended(&view, 4, span_of("nonsense"), 77);
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), 3);
	kept = top_view_failed_at(&view, 2);
	ck_assert_str_eq(kept->label, "3/a");
	ck_assert_str_eq(kept->error, "exit status 5");
	ck_assert_int_eq(kept->failure.at_us, 77);
	top_tasks_ended(&view, 3, span_of("{\"id\":\"b\",\"status\":\"ok\",\"wall\":0}"), 77);
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), 2);
	top_tasks_forgive(&view, 3);
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), 1);
	ck_assert_str_eq(top_view_failed_at(&view, 0)->label, "4/a");
}
END_TEST

START_TEST(a_retry_is_noticed)
{
	set_up(NULL, 0);
	ck_assert(!take("{\"job\":2,\"state\":\"running\",\"by_status\":{\"ok\":1,\"failed\":1}}"));
	ck_assert(!take("{\"job\":2,\"state\":\"ended\",\"by_status\":{\"ok\":1,\"failed\":2}}"));
	ck_assert_uint_eq(top_jobs_next_failed(jobs, 0)->number, 2);
	ck_assert_ptr_null(top_jobs_next_failed(jobs, 2));
	ck_assert(take("{\"job\":2,\"state\":\"queued\",\"by_status\":{\"ok\":1}}"));
	ck_assert_ptr_null(top_jobs_next_failed(jobs, 0));
}
END_TEST

START_TEST(the_filter_goes_for_jobs_too)
{
	set_up(NULL, 0);
	take("{\"job\":1,\"name\":\"night\",\"state\":\"queued\"}");
	take("{\"job\":2,\"name\":\"day\",\"state\":\"queued\"}");
	take("{\"job\":3,\"name\":\"tonight\",\"state\":\"held\"}");
	show(3);
	top_view_key(&view, '/');
	for (const char *at = "NIGHT"; *at != '\0'; at++) {
		top_view_key(&view, *at);
	}
	ck_assert_str_eq(order(), "1 3");
	ck_assert(pictured("Jobs 2 with \"NIGHT\""));
	top_view_key(&view, 27);
	ck_assert_str_eq(order(), "1 2 3");
	top_view_key(&view, '\t');
	ck_assert_int_eq(view.list, TOP_TASKS); /* a queue has no list of workers */
	top_view_key(&view, '\t');
	top_view_key(&view, '\t');
	ck_assert_int_eq(view.list, TOP_JOBS);
}
END_TEST

START_TEST(a_status_is_read)
{
	struct top_told told = top_told_read(
	    span_of("{\"paused\":true,\"draining\":false,\"jobs\":{\"held\":1,\"queued\":2,"
		    "\"running\":3,\"ended\":4},\"ended\":{\"ok\":1,\"failed\":2,\"cancelled\":1},"
		    "\"tasks\":{\"ok\":5,\"failed\":6},\"cores\":2,\"computing\":7,\"waiting\":8,"
		    "\"ready\":9,\"asked\":1.500,\"up\":60.000000}"));

	ck_assert(told.paused && !told.draining);
	ck_assert_uint_eq(told.held + 10 * told.queued + 100 * told.running, 321);
	ck_assert_uint_eq(told.failed + 10 * told.cancelled + 100 * told.ended, 412);
	ck_assert_uint_eq(told.done, 11);
	ck_assert_double_eq(told.asked, 1.5);
	ck_assert_int_eq(told.up_us, 60 * SECOND);
	ck_assert_str_eq(told.why, "");
	told = top_told_read(span_of("{\"trouble\":\"the disk is full\"}"));
	ck_assert_str_eq(told.why, "the disk is full");
	told = top_told_read(SPAN_EMPTY); /* what is no object */
	ck_assert_uint_eq(told.cores, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    jobs_are_in_the_order_in_which_they_go_on,
	    a_job_is_a_row,
	    only_so_many_are_known,
	    only_those_of_interest,
	    failures_are_told_once_and_forgiven,
	    a_retry_is_noticed,
	    the_filter_goes_for_jobs_too,
	    a_status_is_read,
	};

	return unit_run("top_jobs", tests, LENGTH(tests));
}
