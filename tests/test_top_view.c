/* SPDX-License-Identifier: ISC */
/* test_top_view: the live view without a terminal: its lists, keys, picture, and what it remembers. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/top_past.h"
#include "supervisor/top_view.h"
#include "tests/unit.h"

#define SECOND INT64_C(1000000)

static struct top_view view;
static struct canvas canvas;

static void
set_up(bool live)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	top_view_free(&view);
	canvas_free(&canvas);
	view = (struct top_view){.live = live, .list = TOP_TASKS};
	canvas = (struct canvas){.rows = 24, .columns = 80};
	view.status = (struct top_status){
	    .title = "job", .about = "hybrid", .now_us = 90 * SECOND, .cores = 4};
}

static void
add_task(const char *label, const char *state, int worker, double seconds)
{
	const struct top_task task = {.label = span_of(label),
				      .state = state,
				      .attempt = 1,
				      .worker = worker,
				      .use = -1,
				      .for_us = (int64_t)(seconds * 1e6),
				      .ago_us = (int64_t)(seconds * 1e6)};

	top_view_task(&view, &task);
}

/* The labels that are shown, with spaces between. */
static const char *
order(void)
{
	static char all[1000];
	size_t len = 0;

	all[0] = '\0';
	for (size_t i = 0; i < view.tasks_shown; i++) {
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", i > 0 ? " " : "",
					view.arena.data + view.tasks[i].label);
	}
	return all;
}

/* A row of the picture, without the spaces at its end. */
static const char *
row(unsigned number)
{
	static char line[4000];
	size_t len = 0;

	for (unsigned i = 0; i < canvas.columns; i++) {
		wchar_t shown = canvas.cells[(size_t)number * canvas.columns + i].shown;
		int bytes = shown == L'\0' ? 0 : wctomb(line + len, shown);

		len += bytes > 0 ? (size_t)bytes : 0;
	}
	while (len > 0 && line[len - 1] == ' ') {
		len--;
	}
	line[len] = '\0';
	return line;
}

/* Whether the text is in the picture, in any row. */
static bool
pictured(const char *text)
{
	top_view_draw(&view, &canvas);
	for (unsigned i = 0; i < canvas.rows; i++) {
		if (strstr(row(i), text) != NULL) {
			return true;
		}
	}
	return false;
}

static void
type(const char *keys)
{
	for (; *keys != '\0'; keys++) {
		top_view_key(&view, *keys);
	}
}

static void
add_three(void)
{
	top_view_begin(&view);
	add_task("b-10", "waits", 1, 5);
	add_task("b-9", "computes", 2, 9);
	add_task("A-1", "waits", 0, 7);
	top_view_end(&view, 0);
}

START_TEST(tasks_are_sorted_by_what_the_keys_say)
{
	set_up(true);
	add_three();
	ck_assert_str_eq(order(), "b-9 A-1 b-10"); /* the longest first */
	type("s");
	ck_assert_str_eq(order(), "A-1 b-9 b-10"); /* numbers by their value */
	type("s");
	ck_assert_str_eq(order(), "b-9 A-1 b-10"); /* by state */
	top_view_key(&view, TOP_KEY_RIGHT);
	ck_assert_str_eq(order(), "A-1 b-10 b-9"); /* by worker */
	type("r");
	ck_assert_str_eq(order(), "b-9 b-10 A-1");
	add_three(); /* and stays so when they are told anew */
	ck_assert_str_eq(order(), "b-9 b-10 A-1");
	type("r");
	top_view_key(&view, TOP_KEY_LEFT);
	ck_assert_int_eq(view.sort, TOP_BY_STATE);
	type("ss");
	ck_assert_int_eq(view.sort, TOP_BY_TIME);
}
END_TEST

START_TEST(what_has_ended_is_sorted_by_when)
{
	set_up(false);
	add_three();
	ck_assert_str_eq(order(), "b-10 A-1 b-9"); /* the last one first */
}
END_TEST

START_TEST(a_filter_holds_for_all_lists_and_ignores_case)
{
	const struct top_failure failures[] = {
	    {.label = span_of("x"), .error = span_of("no B- here"), .status = "failed"},
	    {.label = span_of("y"), .error = span_of("why"), .status = "timeout"},
	};

	set_up(true);
	add_three();
	top_view_failure(&view, &failures[0]);
	top_view_failure(&view, &failures[1]);
	top_view_output(&view, "a line\nof b-\npart", 17);
	ck_assert_uint_eq(top_view_count(&view, TOP_OUTPUT), 2);
	type("/B-qsr?"); /* keys are text now */
	ck_assert_uint_eq(view.tasks_shown, 0);
	for (int i = 0; i < 4; i++) {
		top_view_key(&view, TOP_KEY_BACKSPACE);
	}
	ck_assert_str_eq(order(), "b-9 b-10");
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), 1);
	ck_assert_str_eq(top_view_failed_at(&view, 0)->label, "x");
	ck_assert_uint_eq(top_view_count(&view, TOP_OUTPUT), 1);
	ck_assert_str_eq(top_view_output_at(&view, 0), "of b-");
	ck_assert(pictured("Filter: B-"));
	type("\n");
	ck_assert(!view.typing);
	add_three();
	ck_assert_str_eq(order(), "b-9 b-10");
	ck_assert(pictured("Running 2 with \"B-\""));
	top_view_key(&view, 27);
	ck_assert_uint_eq(view.tasks_shown, 3);
	type("/waits\n"); /* by state, too */
	ck_assert_str_eq(order(), "A-1 b-10");
}
END_TEST

START_TEST(a_filter_is_typed_in_characters_not_bytes)
{
	set_up(true);
	type("/a");
	top_view_key(&view, 0xe9);
	ck_assert_str_eq(view.filter.data, "a\u00e9");
	top_view_key(&view, TOP_KEY_BACKSPACE);
	ck_assert_str_eq(view.filter.data, "a");
	for (int i = 0; i < 200; i++) {
		top_view_key(&view, 0x20ac);
	}
	ck_assert_uint_le(view.filter.len, 60);
	ck_assert(text_is_utf8(view.filter.data, view.filter.len));
}
END_TEST

START_TEST(lists_scroll_to_their_ends_and_no_further)
{
	char label[20];
	size_t page;

	set_up(true);
	top_view_begin(&view);
	for (int i = 0; i < 100; i++) {
		snprintf(label, sizeof(label), "task-%02d", i);
		add_task(label, "waits", 0, 100 - i);
	}
	top_view_end(&view, 900);
	ck_assert(pictured("Running 100 of 1000"));
	page = view.page[TOP_TASKS];
	ck_assert_uint_gt(page, 5);
	ck_assert(pictured("task-00") && !pictured("task-99"));
	type("k");
	ck_assert_uint_eq(view.first[TOP_TASKS], 0);
	top_view_key(&view, TOP_KEY_END);
	ck_assert(pictured("task-99") && !pictured("task-00"));
	ck_assert_uint_eq(view.first[TOP_TASKS], 100 - page);
	top_view_key(&view, TOP_KEY_DOWN);
	ck_assert_uint_eq(view.first[TOP_TASKS], 100 - page);
	top_view_key(&view, TOP_KEY_PAGE_UP);
	ck_assert_uint_eq(view.first[TOP_TASKS], 100 - 2 * page + 1); /* one row stays */
	top_view_begin(&view);
	add_task("last", "waits", 0, 1);
	top_view_end(&view, 0);
	ck_assert(pictured("last")); /* though the list was scrolled beyond it */
}
END_TEST

START_TEST(other_keys)
{
	set_up(true);
	ck_assert_int_eq(top_view_key(&view, 'x'), TOP_IGNORED);
	ck_assert_int_eq(top_view_key(&view, 'q'), TOP_LEAVE);
	top_view_key(&view, '\t');
	ck_assert_int_eq(view.list, TOP_FAILED);
	top_view_key(&view, TOP_KEY_BACK_TAB);
	top_view_key(&view, TOP_KEY_BACK_TAB);
	ck_assert_int_eq(view.list, TOP_WORKERS);
	type("?");
	ck_assert(pictured("start no more tasks"));
	ck_assert_int_eq(top_view_key(&view, 'q'), TOP_CHANGED); /* only the help ends */
	ck_assert(!pictured("start no more tasks"));
}
END_TEST

START_TEST(any_size_is_drawn)
{
	static const unsigned sizes[] = {0, 1, 2, 3, 5, 8, 9, 17, 18, 20, 24, 43, 44, 50, 80, 200};
	const struct top_failure failure = {
	    .label = span_of("x"), .error = span_of("why"), .status = "failed"};

	set_up(true);
	add_three();
	top_view_failure(&view, &failure);
	top_view_output(&view, "line\n", 5);
	view.status.total = 10;
	view.status.done = 4;
	view.status.failed = 1;
	for (size_t i = 0; i < LENGTH(sizes) * LENGTH(sizes) * TOP_LISTS * 2; i++) {
		canvas.ascii = i % 2 == 1;
		view.list = (enum top_list)(i / 2 % TOP_LISTS);
		canvas_resize(&canvas, sizes[i / 2 / TOP_LISTS % LENGTH(sizes)],
			      sizes[i / 2 / TOP_LISTS / LENGTH(sizes)]);
		top_view_draw(&view, &canvas);
		for (unsigned j = 0; j < canvas.rows * canvas.columns; j++) {
			ck_assert(!canvas.ascii ||
				  (canvas.cells[j].shown >= L' ' && canvas.cells[j].shown < 127));
		}
	}
	canvas.ascii = false;
	canvas_resize(&canvas, 2, 20);
	ck_assert(pictured("1 failed"));
	canvas_resize(&canvas, 5, 20);
	view.list = TOP_TASKS;
	ck_assert(pictured("b-9"));
}
END_TEST

START_TEST(how_it_stands_is_told)
{
	set_up(true);
	view.status.total = 200;
	view.status.done = 150;
	view.status.failed = 3;
	view.status.running = 7;
	view.status.ready = 12;
	view.status.held = 5;
	view.status.computing = 3.5;
	view.status.tasks = 7;
	recent_add(&view.recent, 0, 90 * SECOND, 2, 6);
	recent_ended(&view.recent, 88 * SECOND, 75);
	ck_assert(pictured(" Done    150 of 200"));
	ck_assert(pictured("75 %"));
	ck_assert(pictured(" Cores   3.5 of 4"));
	ck_assert(pictured(" Tasks   7 peak 6"));
	ck_assert(pictured("3 failed  7 running  12 ready  5 held back  5.0/s  ETA 10s"));
	ck_assert(pictured("1:30"));                           /* of elapsed time */
	ck_assert_ptr_nonnull(strstr(row(2), "\u2584\u2584")); /* half of the cores */
	ck_assert_ptr_nonnull(strstr(row(3), "\u2588\u2588")); /* the most tasks */
	view.status.notice = "stopping: no more are started";
	ck_assert(pictured("3 failed  7 running  stopping: no more are started"));
}
END_TEST

START_TEST(nothing_but_text_gets_into_the_picture)
{
	const char bad[] = "a\033[31m\001\177\xc2\x9b\xff\xc3(\u202eb\u0301\t\u65e5";

	set_up(true);
	canvas_resize(&canvas, 2, 40);
	canvas_put(&canvas, 0, 0, CANVAS_PLAIN, span_of(bad));
	ck_assert_str_eq(row(0), "a?[31m?"
				 "????"
				 "(b?\u65e5");
	canvas.ascii = true;
	canvas_put(&canvas, 1, 0, CANVAS_PLAIN, span_of(bad));
	ck_assert_uint_eq(strspn(row(1), "a?[31m(b"), strlen(row(1)));
}
END_TEST

START_TEST(what_is_too_long_is_cut_at_whole_characters)
{
	set_up(true);
	canvas_resize(&canvas, 1, 10);
	ck_assert_uint_eq(canvas_within(&canvas, 0, 0, 6, CANVAS_PLAIN, span_of("abcdefgh")), 6);
	ck_assert_str_eq(row(0), "abcde\u2026");
	canvas_resize(&canvas, 1, 10);
	canvas_within(&canvas, 0, 0, 4, CANVAS_PLAIN, span_of("\u65e5\u672c\u8a9e"));
	ck_assert_str_eq(row(0), "\u65e5\u2026"); /* the second would take columns 3 and 4 */
	canvas_resize(&canvas, 1, 10);
	canvas_put(&canvas, 0, 9, CANVAS_PLAIN, span_of("\u65e5"));
	ck_assert_str_eq(row(0), "");
	canvas.ascii = true;
	canvas_within(&canvas, 0, 0, 6, CANVAS_PLAIN, span_of("abcdefgh"));
	ck_assert_str_eq(row(0), "abcd..");
}
END_TEST

START_TEST(the_last_failures_and_lines_are_kept)
{
	char text[40];

	set_up(true);
	for (uint64_t i = 1; i <= TOP_KEPT + 10; i++) {
		struct top_failure failure = {.status = "failed", .id = i};

		snprintf(text, sizeof(text), "task %d\n", (int)i);
		failure.label = (struct span){text, strlen(text) - 1};
		top_view_failure(&view, &failure);
		top_view_output(&view, text, strlen(text));
	}
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), TOP_KEPT);
	ck_assert_str_eq(top_view_failed_at(&view, 0)->label, "task 210");
	ck_assert_str_eq(top_view_failed_at(&view, TOP_KEPT - 1)->label, "task 11");
	ck_assert_str_eq(top_view_output_at(&view, 0), "task 210");
	ck_assert_ptr_null(top_view_failed_at(&view, TOP_KEPT));
	top_view_forgive(&view, 209);
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), TOP_KEPT - 1);
	ck_assert_str_eq(top_view_failed_at(&view, 1)->label, "task 208");
}
END_TEST

START_TEST(durations_are_short)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {{0, "0.0s"},
		     {59999999, "59.9s"},
		     {60 * SECOND, "1:00"},
		     {3599 * SECOND, "59:59"},
		     {3600 * SECOND, "1:00:00"},
		     {90061 * SECOND, "1d 01:01"},
		     {-5, "0.0s"}};
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		top_view_put_duration(&text, cases[i].us, true);
		unit_assert_text(&text, cases[i].text);
	}
	text_free(&text);
}
END_TEST

START_TEST(recent_seconds_hold_what_was_added_and_no_more)
{
	struct recent recent = {.newest = 0};
	double cores = 0;

	recent_add(&recent, 10 * SECOND + SECOND / 2, 13 * SECOND, 2, 4);
	ck_assert_double_eq_tol(recent_at(&recent, 20 * SECOND, 10).cores, 1, 1e-9);
	ck_assert_double_eq_tol(recent_at(&recent, 20 * SECOND, 9).tasks, 4, 1e-9);
	for (unsigned ago = 1; ago < RECENT_SECONDS; ago++) {
		cores += recent_at(&recent, 20 * SECOND, ago).cores;
	}
	ck_assert_double_eq_tol(cores, 5, 1e-9);
	/* The present second is judged by what there is of it. */
	recent_add(&recent, 30 * SECOND, 30 * SECOND + SECOND / 2, 3, 3);
	ck_assert_double_eq_tol(recent_at(&recent, 30 * SECOND + SECOND / 2, 0).cores, 3, 1e-9);
	/* A task that began before all that is remembered, and a jump far ahead. */
	recent_add(&recent, 0, 100000 * SECOND + SECOND / 2, 1, 1);
	ck_assert_double_eq_tol(recent_at(&recent, 100000 * SECOND, RECENT_SECONDS - 1).cores, 1,
				1e-9);
	ck_assert_double_eq_tol(recent_at(&recent, 100000 * SECOND, RECENT_SECONDS).cores, 0, 1e-9);
	recent_add(&recent, 5 * SECOND, 6 * SECOND, 1, 1); /* long forgotten */
	ck_assert_double_eq_tol(recent_at(&recent, 100000 * SECOND, 1).cores, 1, 1e-9);
	recent_ended(&recent, 99995 * SECOND, 50);
	ck_assert_double_eq_tol(recent_rate(&recent, 0, 100000 * SECOND, 10), 5, 1e-9);
	ck_assert_double_eq_tol(recent_rate(&recent, 99994 * SECOND, 99999 * SECOND, 10), 10, 1e-9);
}
END_TEST

static void
add_record(struct top_past *past, const char *line)
{
	struct recorded_run *run = recorded_run_new(NULL);

	ck_assert(recorded_run_add(run, span_of(line)));
	top_past_add(past, &view, run);
	recorded_run_free(run);
}

START_TEST(records_make_the_picture_of_a_run_that_was)
{
	struct top_past *past = top_past_new();

	set_up(false);
	add_record(past, "{\"id\":\"a\",\"status\":\"ok\",\"start\":1000.0,\"wall\":4.0,\"user\":3."
			 "5,\"sys\":0.5,\"attempt\":1,\"worker\":0}");
	add_record(past,
		   "{\"id\":\"b\",\"tag\":\"x.c\",\"status\":\"failed\",\"exit\":7,\"start\":"
		   "1001.0,\"wall\":4.0,\"user\":0.0,\"sys\":0.0,\"attempt\":2,\"worker\":1}");
	top_past_show(past, &view, 0, 0);
	ck_assert_int_eq(view.status.now_us, 1005 * SECOND); /* when the last one ended */
	ck_assert_uint_eq(view.status.cores, 2);
	ck_assert_str_eq(order(), "b (x.c) a");
	ck_assert(pictured("Done    2"));
	ck_assert(pictured("1 failed"));
	ck_assert(pictured("exit status 7"));
	ck_assert(pictured(" 0   a"));
	ck_assert(pictured("80 %")); /* worker 0 was busy 4 s of 5 */
	ck_assert_double_eq_tol(recent_at(&view.recent, 1005 * SECOND, 2).cores, 1, 1e-9);
	ck_assert_double_eq_tol(recent_at(&view.recent, 1005 * SECOND, 2).tasks, 2, 1e-9);
	add_record(past, "{\"id\":\"b\",\"status\":\"ok\",\"start\":1006.0,\"wall\":1.0,\"user\":0."
			 "0,\"sys\":0.0,\"attempt\":1,\"worker\":1}");
	add_record(past, "{\"id\":\"c\",\"status\":\"skipped\",\"wall\":0.0,\"user\":0.0,\"sys\":0."
			 "0,\"error\":\"its need failed\"}");
	top_past_show(past, &view, 0, 8);
	ck_assert_uint_eq(view.status.done, 3); /* b counts once, by its last word */
	ck_assert_uint_eq(view.status.failed, 1);
	ck_assert_uint_eq(view.status.cores, 8);
	ck_assert_uint_eq(top_view_count(&view, TOP_FAILED), 1);
	ck_assert_str_eq(top_view_failed_at(&view, 0)->error, "its need failed");
	top_past_free(past);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    tasks_are_sorted_by_what_the_keys_say,
	    what_has_ended_is_sorted_by_when,
	    a_filter_holds_for_all_lists_and_ignores_case,
	    a_filter_is_typed_in_characters_not_bytes,
	    lists_scroll_to_their_ends_and_no_further,
	    other_keys,
	    any_size_is_drawn,
	    how_it_stands_is_told,
	    nothing_but_text_gets_into_the_picture,
	    what_is_too_long_is_cut_at_whole_characters,
	    the_last_failures_and_lines_are_kept,
	    durations_are_short,
	    recent_seconds_hold_what_was_added_and_no_more,
	    records_make_the_picture_of_a_run_that_was,
	};

	return unit_run("top_view", tests, LENGTH(tests));
}
