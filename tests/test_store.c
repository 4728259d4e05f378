/* SPDX-License-Identifier: ISC */
/* test_store: what is given to the store comes back, also after it was closed and opened. */
#include "supervisor/store.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/store_user.h"
#include "tests/unit.h"

static struct store_user user;

static void
begin(void)
{
	store_user_setup(&user);
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
}

static void
end(void)
{
	store_user_close(&user);
	store_user_assert_whole(&user);
	store_user_teardown(&user);
}

static void
reopen(void)
{
	store_user_close(&user);
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
}

/* What is left of removed jobs goes bit by bit, also after it was opened again. Then it is closed. */
static void
clear_removed(void)
{
	store_user_close(&user);
	while (store_user_ask(&user, "SELECT count(*) FROM removed") > 0) {
		ck_assert(store_user_open(&user));
		store_user_assert_missing(&user, UINT64_C(1) << 30);
		store_user_close(&user);
	}
}

static void
assert_string(const char *is, const char *expected)
{
	if (expected == NULL) {
		ck_assert_ptr_null(is);
	} else {
		ck_assert_str_eq(is, expected);
	}
}

static void
assert_job(const struct store_job *expected)
{
	const struct store_job *is = store_user_job(&user, expected->number);

	ck_assert_ptr_nonnull(is);
	assert_string(is->name, expected->name);
	assert_string(is->file, expected->file);
	assert_string(is->directory, expected->directory);
	assert_string(is->reason, expected->reason);
	ck_assert_uint_eq(is->after_count, expected->after_count);
	for (size_t i = 0; i < expected->after_count; i++) {
		ck_assert_uint_eq(is->after[i], expected->after[i]);
	}
	ck_assert_int_eq(is->after_any, expected->after_any);
	ck_assert_int_eq(is->priority, expected->priority);
	ck_assert_uint_eq(is->weight, expected->weight);
	ck_assert_uint_eq(is->phase, expected->phase);
	ck_assert_uint_eq(is->outcome, expected->outcome);
	ck_assert_uint_eq(is->fault, expected->fault);
	ck_assert_int_eq(is->paused, expected->paused);
	ck_assert_int_eq(is->submitted_us, expected->submitted_us);
	ck_assert_int_eq(is->began_us, expected->began_us);
	ck_assert_int_eq(is->ended_us, expected->ended_us);
	ck_assert_uint_eq(is->bytes, expected->bytes);
	ck_assert_uint_eq(is->total, expected->total);
	ck_assert_mem_eq(is->by_status, expected->by_status, sizeof(is->by_status));
	ck_assert_int_eq(is->wall_us, expected->wall_us);
	ck_assert_int_eq(is->cpu_us, expected->cpu_us);
	ck_assert_uint_eq(is->result_bytes, expected->result_bytes);
	ck_assert_uint_eq(is->round_bytes, expected->round_bytes);
	ck_assert(is->round_all == expected->round_all);
}

START_TEST(a_job_comes_back_with_all_that_it_has)
{
	static const uint64_t after[] = {1, 17, UINT64_C(34000000000)};
	struct store_job job = {.name = "nightly \xc3\xa9",
				.file = "",
				.directory = "/srv/with \"quotes\" and\nlines",
				.after = after,
				.after_count = LENGTH(after),
				.after_any = true,
				.priority = -1000,
				.weight = 1000,
				.phase = JOB_HELD,
				.paused = true,
				.submitted_us = INT64_C(1764082923123456)};
	struct store_job plain = {.weight = 1};

	begin();
	job.number = store_next_number(user.store);
	plain.number = store_next_number(user.store);
	ck_assert_uint_eq(job.number, 1);
	user.waiting = 2;
	store_submit(user.store, &job, SPAN_LITERAL("{}"), true, store_user_done, &user);
	store_submit(user.store, &plain, SPAN_EMPTY, true, store_user_done, &user);
	ck_assert_uint_gt(store_backlog(user.store), 0);
	store_user_wait(&user);
	ck_assert_uint_eq(store_backlog(user.store), 0);
	reopen();
	ck_assert_uint_eq(user.count, 2);
	job.bytes = 2;
	assert_job(&job);
	assert_job(&plain);
	store_user_assert_read(&user, store_source, 1, "{}");
	store_user_assert_read(&user, store_source, 2, "");
	end();
}
END_TEST

START_TEST(an_update_changes_what_it_says)
{
	struct store_job job = {.name = "n",
				.number = 1,
				.phase = JOB_ENDED,
				.outcome = JOB_FAILED,
				.fault = FAULT_SYSTEM,
				.reason = "it could not be read",
				.priority = 5,
				.weight = 7,
				.submitted_us = 1,
				.began_us = 2,
				.ended_us = 3,
				.total = UINT64_C(10000000000),
				.wall_us = INT64_C(1) << 60,
				.cpu_us = 9,
				.result_bytes = 0,
				.round_bytes = 11,
				.round_all = true};

	begin();
	ck_assert_uint_eq(store_user_submit(&user, "x"), 1);
	store_user_update(&user, &job);
	ck_assert_uint_eq(user.failures, 0);
	job.bytes = 1;
	reopen();
	assert_job(&job);
	job.reason = NULL;
	job.phase = JOB_QUEUED;
	store_update(user.store, &job, NULL, NULL);
	reopen();
	assert_job(&job);
	end();
}
END_TEST

START_TEST(what_it_is_made_of_may_come_in_pieces)
{
	struct text large = store_user_bytes(((size_t)3 << 20) + 5), all = TEXT_INIT, is;
	struct store_job job = {.weight = 1}, plain = {.weight = 1};

	begin();
	job.number = store_next_number(user.store);
	user.waiting = 1;
	store_submit(user.store, &job, SPAN_LITERAL("begin "), false, store_user_done, &user);
	store_submit_more(user.store, job.number, SPAN_EMPTY, false);
	store_submit_more(user.store, job.number, (struct span){large.data, large.len}, false);
	plain.number = store_next_number(user.store);
	user.waiting++;
	store_submit(user.store, &plain, SPAN_LITERAL("y"), true, store_user_done, &user);
	while (user.waiting > 1) {
		event_base_loop(user.base, EVLOOP_ONCE);
	}
	store_submit_more(user.store, job.number, SPAN_LITERAL(" end"), true);
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 0);
	text_printf(&all, "begin %.*s end", (int)large.len, large.data);
	store_user_assert_read(&user, store_source, plain.number, "y");
	is = store_user_read(&user, store_source, job.number);
	ck_assert_uint_eq(is.len, all.len);
	ck_assert_mem_eq(is.data, all.data, all.len);
	reopen();
	ck_assert_uint_eq(store_user_job(&user, job.number)->bytes, all.len);
	text_free(&large);
	text_free(&all);
	text_free(&is);
	end();
}
END_TEST

START_TEST(what_is_not_whole_is_not_there)
{
	struct store_job job = {.weight = 1};
	uint64_t whole;

	begin();
	for (int i = 0; i < 3; i++) {
		job.number = store_next_number(user.store);
		store_submit(user.store, &job, SPAN_LITERAL("half"), false, store_user_done, &user);
	}
	store_abandon(user.store, 2);
	store_submit_more(user.store, 2, SPAN_LITERAL("late"), true);
	whole = store_user_submit(&user, "whole");
	store_user_assert_missing(&user, 1);
	store_abandon(user.store, whole); /* of no effect */
	reopen();
	ck_assert_uint_eq(user.count, 1);
	ck_assert_uint_eq(user.jobs[0].number, whole);
	ck_assert_uint_eq(user.answers, 1);
	ck_assert_uint_eq(store_next_number(user.store), 5);
	clear_removed();
	ck_assert_int_eq(store_user_ask(&user, "SELECT count(*) FROM sources"), 1);
	end();
}
END_TEST

START_TEST(results_come_back_in_order)
{
	struct store_job job = {.number = 1, .weight = 1, .total = 4};
	struct text results, expected = TEXT_INIT;

	begin();
	store_user_submit(&user, "x");
	store_user_submit(&user, "y");
	store_user_assert_read(&user, store_get_results, 1, "");
	store_user_results(&user, 1, 0, 3, NULL);
	store_user_results(&user, 2, 7, 9, NULL);
	job.by_status[STATUS_ok] = 4;
	job.result_bytes = 10;
	store_user_results(&user, 1, 2, 4, &job);
	for (unsigned i = 0; i < 5; i++) {
		text_printf(&expected, "{\"id\":\"%u\",\"status\":\"ok\",\"turn\":%u}\n",
			    i < 3 ? i : i - 1, i < 3 ? 0 : 2);
	}
	text_terminate(&expected);
	reopen();
	ck_assert_uint_eq(store_user_job(&user, 1)->by_status[STATUS_ok], 4);
	results = store_user_read(&user, store_get_results, 1);
	ck_assert_str_eq(results.data, expected.data);
	text_free(&results);
	text_free(&expected);
	store_user_assert_record(&user, 1, "2", "{\"id\":\"2\",\"status\":\"ok\",\"turn\":2}\n");
	store_user_assert_record(&user, 1, "0", "{\"id\":\"0\",\"status\":\"ok\",\"turn\":0}\n");
	store_user_assert_record(&user, 1, "7", "");
	store_user_assert_record(&user, 2, "8", "{\"id\":\"8\",\"status\":\"ok\",\"turn\":7}\n");
	ck_assert_uint_eq(user.error.len, 0);
	end();
}
END_TEST

START_TEST(only_the_beginning_of_a_line_is_an_id)
{
	static const char lines[] =
	    "{\"id\":\"a\",\"stdout\":\"1\"}\n{\"id\":\"b\",\"x\":{\"id\":\"a\"}}\n"
	    "{\"id\":\"a\",\"stdout\":\"2\"}\n{\"id\":\"ab\"}\n{\"id\":\"a\",\"stdout\":\"3\"}\n"
	    "{\"id\":\"q\\\"\\u00e9\"}\n";

	begin();
	store_user_submit(&user, "x");
	user.waiting = 1;
	store_results(user.store, 1, span_of(lines), 6, NULL, store_user_done, &user);
	store_user_wait(&user);
	store_user_assert_record(&user, 1, "a", "{\"id\":\"a\",\"stdout\":\"3\"}\n");
	store_user_assert_record(&user, 1, "b", "{\"id\":\"b\",\"x\":{\"id\":\"a\"}}\n");
	store_user_assert_record(&user, 1, "q\\\"\\u00e9", "{\"id\":\"q\\\"\\u00e9\"}\n");
	store_user_assert_record(&user, 1, "q", "");
	store_user_assert_record(&user, 1, "", "");
	end();
}
END_TEST

/* Records of up to 16 MiB, and batches that are cut: an answer of that size is a file. */
START_TEST(large_results_are_cut_between_lines)
{
	struct text lines = TEXT_INIT, bytes = store_user_bytes(((size_t)16 << 20) - 100), is;
	struct store_job job = {.number = 1, .weight = 1, .total = 402};

	begin();
	store_user_submit(&user, "x");
	for (unsigned i = 0; i < 400; i++) {
		text_printf(&lines, "{\"id\":\"%u\",\"stdout\":\"%.*s\"}\n", i, 9000, bytes.data);
	}
	text_printf(&lines, "{\"id\":\"big\",\"stdout\":\"");
	text_bytes(&lines, bytes.data, bytes.len);
	text_printf(&lines, "\"}\n{\"id\":\"last\"}\n");
	job.by_status[STATUS_ok] = 402;
	user.waiting = 1;
	store_results(user.store, 1, (struct span){lines.data, lines.len}, 402, &job,
		      store_user_done, &user);
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 0);
	is = store_user_read(&user, store_get_results, 1);
	ck_assert_uint_eq(is.len, lines.len);
	ck_assert_mem_eq(is.data, lines.data, is.len);
	text_free(&is);
	is = store_user_record(&user, 1, "big");
	ck_assert_uint_gt(is.len, bytes.len);
	text_free(&is);
	text_clear(&lines);
	text_reserve(&lines, (size_t)18 << 20);
	memset(lines.data, 'x', (size_t)18 << 20);
	lines.len = (size_t)18 << 20;
	user.waiting = 1;
	store_results(user.store, 1, (struct span){lines.data, lines.len}, 1, NULL, store_user_done,
		      &user);
	ck_assert_uint_eq(user.waiting, 1);
	store_user_wait(&user);
	store_user_assert_error(&user, "more than 16 MiB");
	text_free(&lines);
	text_free(&bytes);
	end();
}
END_TEST

START_TEST(what_is_refused_leaves_the_rest_alone)
{
	struct store_job job = {.number = 9, .weight = 1}, twice = {.number = 1, .weight = 1};
	struct store_job far = {.number = UINT64_C(1) << 40, .weight = 1};

	begin();
	store_user_submit(&user, "x");
	user.waiting = 6;
	store_update(user.store, &job, store_user_done, &user);
	store_results(user.store, 9, SPAN_LITERAL("{}\n"), 1, NULL, store_user_done, &user);
	store_results(user.store, 9, SPAN_LITERAL("{}\n"), 1, &job, store_user_done, &user);
	store_submit(user.store, &twice, SPAN_LITERAL("y"), true, store_user_done, &user);
	store_submit(user.store, &far, SPAN_LITERAL("y"), true, store_user_done, &user);
	store_results(user.store, 1, SPAN_LITERAL("{}\n"), 1, NULL, store_user_done, &user);
	store_user_wait(&user);
	ck_assert_uint_eq(user.answers, 7);
	ck_assert_uint_eq(user.failures, 5);
	ck_assert_uint_eq(user.broken, 0);
	store_user_assert_read(&user, store_get_results, 1, "{}\n");
	store_user_assert_read(&user, store_source, 1, "x");
	store_user_assert_missing(&user, 9);
	end();
}
END_TEST

/* The last piece that there can be is put there by hand. */
START_TEST(too_many_pieces_are_refused)
{
	begin();
	store_user_submit(&user, "one");
	store_user_close(&user);
	store_user_sql(&user, "INSERT INTO chunks VALUES ((2 << 28) - 1, 1, '{}' || char(10))");
	ck_assert(store_user_open(&user));
	store_user_results(&user, 1, 0, 1, NULL);
	store_user_assert_error(&user, "job 1 has too many pieces");
	store_user_assert_read(&user, store_get_results, 1, "{}\n");
	store_user_submit(&user, "two");
	store_user_results(&user, 2, 0, 1, NULL);
	ck_assert_uint_eq(user.failures, 1);
	store_user_close(&user);
	store_user_sql(&user, "DELETE FROM chunks WHERE key = (2 << 28) - 1");
	end();
}
END_TEST

START_TEST(a_removed_job_is_gone_and_its_number_too)
{
	uint64_t numbers[3];

	begin();
	for (int i = 0; i < 3; i++) {
		numbers[i] = store_user_submit(&user, "x");
	}
	for (unsigned i = 0; i < 5000; i++) {
		user.waiting++;
		store_results(user.store, 3, SPAN_LITERAL("{\"id\":\"1\"}\n"), 1, NULL,
			      store_user_done, &user);
	}
	store_user_wait(&user);
	user.waiting++;
	store_remove(user.store, numbers + 1, 2, store_user_done, &user);
	store_user_wait(&user);
	store_user_remove(&user, 77); /* there is none */
	ck_assert_uint_eq(user.failures, 0);
	store_user_assert_missing(&user, 3);
	reopen();
	ck_assert_uint_eq(user.count, 1);
	ck_assert_uint_eq(store_next_number(user.store), 4);
	clear_removed();
	ck_assert_int_eq(store_user_ask(&user, "SELECT count(*) FROM chunks"), 0);
	ck_assert_int_eq(store_user_ask(&user, "SELECT count(*) FROM sources"), 1);
	end();
}
END_TEST

START_TEST(many_jobs_are_removed_at_once)
{
	enum { MANY = 3000 };
	uint64_t numbers[MANY];

	begin();
	for (int i = 0; i < MANY; i++) {
		struct store_job job = {.number = store_next_number(user.store), .weight = 1};

		numbers[i] = job.number;
		user.waiting++;
		store_submit(user.store, &job, SPAN_LITERAL("x"), true, store_user_done, &user);
	}
	user.waiting++;
	store_remove(user.store, numbers, MANY, store_user_done, &user);
	store_user_wait(&user);
	clear_removed();
	ck_assert_int_eq(store_user_ask(&user, "SELECT count(*) FROM sources"), 0);
	ck_assert(store_user_open(&user));
	ck_assert_uint_eq(user.count, 0);
	end();
}
END_TEST

START_TEST(closing_waits_for_all_that_was_queued)
{
	begin();
	for (int i = 0; i < 1000; i++) {
		struct store_job job = {.number = store_next_number(user.store), .weight = 1};

		user.waiting++;
		store_submit(user.store, &job, SPAN_LITERAL("x"), true, store_user_done, &user);
	}
	store_user_close(&user);
	ck_assert_uint_eq(user.waiting, 0);
	ck_assert_uint_eq(user.answers, 1000);
	ck_assert_uint_eq(user.failures, 0);
	ck_assert(store_user_open(&user));
	ck_assert_uint_eq(user.count, 1000);
	end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_job_comes_back_with_all_that_it_has,
	    an_update_changes_what_it_says,
	    what_it_is_made_of_may_come_in_pieces,
	    what_is_not_whole_is_not_there,
	    results_come_back_in_order,
	    only_the_beginning_of_a_line_is_an_id,
	    large_results_are_cut_between_lines,
	    what_is_refused_leaves_the_rest_alone,
	    too_many_pieces_are_refused,
	    a_removed_job_is_gone_and_its_number_too,
	    many_jobs_are_removed_at_once,
	    closing_waits_for_all_that_was_queued,
	};

	return unit_run("store", tests, LENGTH(tests));
}
