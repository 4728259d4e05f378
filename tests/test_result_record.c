/* SPDX-License-Identifier: ISC */
/* test_result_record: records there and back, and what is refused. */
#include <jansson.h>
#include <string.h>

#include "ipc/result_record.h"
#include "tests/unit.h"

static const char *
decode(const char *text, struct result_record *record)
{
	return result_record_decode(span_of(text), record);
}

START_TEST(a_full_record_comes_back)
{
	struct result_record record = {
	    .status = STATUS_failed,
	    .has_exit = true,
	    .exit = 255,
	    .signal = 9,
	    .start_us = INT64_C(1700000000123456),
	    .wall_us = 1500000,
	    .user_us = 1,
	    .sys_us = 999999,
	    .maxrss = UINT64_C(1) << 40,
	    .truncated = true,
	    .value = SPAN_LITERAL("{\"a\":[1]}"),
	    .output = {SPAN_LITERAL("\"o\\n\""), SPAN_LITERAL("\"\"")},
	    .output_base64 = {SPAN_LITERAL("\"/w==\""), SPAN_LITERAL("\"AA==\"")},
	    .error = SPAN_LITERAL("\"why\"")};
	struct result_record back;
	struct text text = TEXT_INIT, again = TEXT_INIT;

	result_record_encode(&text, &record);
	text_terminate(&text);
	ck_assert_str_eq(
	    text.data,
	    "{\"status\":\"failed\",\"exit\":255,\"signal\":9,\"value\":{\"a\":[1]},"
	    "\"start\":1700000000.123456,\"wall\":1.500000,\"user\":0.000001,\"sys\":0.999999,"
	    "\"maxrss\":1099511627776,\"class\":\"mixed\",\"stdout\":\"o\\n\",\"stdout_base64\":"
	    "\"/"
	    "w==\",\"stderr\":\"\",\"stderr_base64\":\"AA==\",\"truncated\":true,\"error\":"
	    "\"why\"}");
	ck_assert_ptr_null(result_record_decode((struct span){text.data, text.len}, &back));
	result_record_encode(&again, &back);
	unit_assert_text(&again, text.data);
	ck_assert_int_eq(back.status, STATUS_failed);
	ck_assert_int_eq(back.exit, 255);
	ck_assert_int_eq(back.start_us, record.start_us);
	ck_assert_str_eq(unit_string(back.output[1]), "\"\"");
	text_free(&text);
	text_free(&again);
}
END_TEST

START_TEST(what_does_not_apply_is_left_out)
{
	struct result_record record = {.status = STATUS_crashed};
	struct text text = TEXT_INIT;

	result_record_encode(&text, &record);
	unit_assert_text(
	    &text, "{\"status\":\"crashed\",\"wall\":0.000000,\"user\":0.000000,\"sys\":0.000000}");
	text_free(&text);
}
END_TEST

START_TEST(random_records_come_back)
{
	struct text text = TEXT_INIT, again = TEXT_INIT;
	uint64_t state = 31;

	for (int i = 0; i < 20000; i++) {
		struct result_record record = {
		    .status = (enum task_status)(unit_random(&state) % STATUSES),
		    .has_exit = unit_random(&state) % 2,
		    .signal = (int)(unit_random(&state) % 65),
		    .start_us = (int64_t)unit_random(&state),
		    .wall_us = (int64_t)unit_random(&state),
		    .user_us = (int64_t)(unit_random(&state) % 5000000),
		    .sys_us = 0,
		    .maxrss = unit_random(&state),
		    .truncated = unit_random(&state) % 2};
		struct result_record back;
		json_t *parsed;

		record.exit = record.has_exit ? (int)(unit_random(&state) % 256) : 0;
		text_clear(&text);
		result_record_encode(&text, &record);
		text_terminate(&text);
		parsed = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		ck_assert_msg(parsed != NULL, "%s", text.data);
		json_decref(parsed);
		ck_assert_ptr_null(result_record_decode((struct span){text.data, text.len}, &back));
		ck_assert_int_eq(back.wall_us, record.wall_us);
		ck_assert_int_eq(back.start_us, record.start_us);
		result_record_encode(&again, &back);
		unit_assert_text(&again, text.data);
	}
	text_free(&text);
	text_free(&again);
}
END_TEST

START_TEST(every_status_has_its_name)
{
	static const char *const names[] = {"ok",       "failed",    "timeout", "crashed",
					    "poisoned", "cancelled", "skipped", "interrupted"};

	ck_assert_int_eq((int)LENGTH(names), STATUSES);
	for (int i = 0; i < STATUSES; i++) {
		struct result_record record;
		struct text text = TEXT_INIT;

		ck_assert_str_eq(task_status_name((enum task_status)i), names[i]);
		text_printf(&text, "{\"wall\":1,\"status\":\"%s\"}", names[i]);
		ck_assert_ptr_null(
		    result_record_decode((struct span){text.data, text.len}, &record));
		ck_assert_int_eq((int)record.status, i);
		text_free(&text);
	}
}
END_TEST

START_TEST(a_worker_may_write_it_in_its_own_way)
{
	struct result_record record;

	ck_assert_ptr_null(decode(" { \"wall\" : 2 , \"new\":{\"status\":1}, \"user\":1e-3,\n"
				  "\"status\":\"timeout\",\"truncated\":false, \"value\":null } ",
				  &record));
	ck_assert_int_eq(record.status, STATUS_timeout);
	ck_assert_int_eq(record.wall_us, 2000000);
	ck_assert_int_eq(record.user_us, 1000);
	ck_assert(!record.has_exit);
	ck_assert(!record.truncated);
	ck_assert_str_eq(unit_string(record.value), "null");
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
	static const char *const bad[] = {"",
					  "[]",
					  "null",
					  "{}",
					  "{\"status\":\"ok\"}",
					  "{\"wall\":1}",
					  "{\"status\":\"fine\",\"wall\":1}",
					  "{\"status\":\"\",\"wall\":1}",
					  "{\"status\":\"okk\",\"wall\":1}",
					  "{\"status\":1,\"wall\":1}",
					  "{\"status\":null,\"wall\":1}",
					  "{\"status\":[],\"wall\":1}",
					  "{\"status\":\"ok\",\"wall\":-1}",
					  "{\"status\":\"ok\",\"wall\":\"1\"}",
					  "{\"status\":\"ok\",\"wall\":1e13}",
					  "{\"status\":\"ok\",\"wall\":null}",
					  "{\"status\":\"ok\",\"wall\":1,\"exit\":-1}",
					  "{\"status\":\"ok\",\"wall\":1,\"exit\":1.5}",
					  "{\"status\":\"ok\",\"wall\":1,\"exit\":65536}",
					  "{\"status\":\"ok\",\"wall\":1,\"exit\":\"0\"}",
					  "{\"status\":\"ok\",\"wall\":1,\"maxrss\":-5}",
					  "{\"status\":\"ok\",\"wall\":1,\"user\":-5}",
					  "{\"status\":\"ok\",\"wall\":1,\"stdout\":1}",
					  "{\"status\":\"ok\",\"wall\":1,\"error\":null}",
					  "{\"status\":\"ok\",\"wall\":1,\"stderr_base64\":{}}",
					  "{\"status\":\"ok\",\"wall\":1}}",
					  "{\"status\":\"ok\",\"wall\":1,}",
					  "{\"status\":\"ok\",\"wall\":1"};
	struct result_record record;

	for (size_t i = 0; i < LENGTH(bad); i++) {
		ck_assert_msg(decode(bad[i], &record) != NULL, "%s", bad[i]);
	}
}
END_TEST

START_TEST(classes_follow_the_share_of_cpu)
{
	static const struct {
		int64_t wall, user, sys;
		const char *class;
	} rows[] = {{1000, 800, 0, "cpu"},
		    {1000, 400, 400, "cpu"},
		    {1000, 799, 0, "mixed"},
		    {1000, 201, 0, "mixed"},
		    {1000, 100, 100, "wait"},
		    {1000, 0, 0, "wait"},
		    {1000, 4000, 0, "cpu"},
		    {INT64_C(999999999999999999), INT64_C(999999999999999999), 0, "cpu"}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct result_record record = {
		    .wall_us = rows[i].wall, .user_us = rows[i].user, .sys_us = rows[i].sys};

		ck_assert_str_eq(result_record_class(&record), rows[i].class);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_full_record_comes_back,
	    what_does_not_apply_is_left_out,
	    random_records_come_back,
	    every_status_has_its_name,
	    a_worker_may_write_it_in_its_own_way,
	    what_is_no_record_is_refused,
	    classes_follow_the_share_of_cpu,
	};

	return unit_run("result_record", tests, LENGTH(tests));
}
