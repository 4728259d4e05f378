/* SPDX-License-Identifier: ISC */
/* test_control: requests as they are decoded, what is read in pieces, jobs as a client shows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/client_job.h"
#include "supervisor/control_message.h"
#include "supervisor/control_reading.h"
#include "supervisor/control_shown.h"
#include "tests/unit.h"

static struct text why;

static enum control_verdict
decode(const char *line, struct control_message *message)
{
	text_clear(&why);
	return control_message_decode(span_of(line), message, &why);
}

static void
assert_wrong(const char *line, const char *expected)
{
	struct control_message message;

	ck_assert_msg(decode(line, &message) == CONTROL_WRONG, "%s", line);
	ck_assert_uint_eq(message.request, 4);
	unit_assert_text(&why, expected);
}

static void
assert_nonsense(const char *line)
{
	struct control_message message;

	ck_assert_msg(decode(line, &message) == CONTROL_NONSENSE, "%s", line);
	ck_assert_uint_gt(why.len, 0);
}

START_TEST(a_request_is_decoded)
{
	struct control_message m;

	ck_assert_int_eq(
	    decode("{\"type\":\"submit\",\"request\":9007199254740992,\"name\":\"a\\nb\","
		   "\"priority\":-12,\"weight\":3,\"hold\":true,\"after\":[1, 22],"
		   "\"after_any\":false,\"text\":\"x\"}",
		   &m),
	    CONTROL_GOOD);
	ck_assert_int_eq(m.type, CONTROL_submit);
	ck_assert(m.request == UINT64_C(9007199254740992));
	ck_assert_str_eq(unit_string(m.name), "\"a\\nb\"");
	ck_assert_int_eq(m.priority, -12);
	ck_assert_uint_eq(m.weight, 3);
	ck_assert(m.hold && !m.after_any && !m.more);
	ck_assert_str_eq(unit_string(m.after), "[1, 22]");
	ck_assert(CONTROL_HAS(&m, after_any) && !CONTROL_HAS(&m, more));
}
END_TEST

START_TEST(members_may_come_in_any_order)
{
	struct control_message m;

	ck_assert_int_eq(decode(" { \"job\" : 3 , \"request\" : 0 , \"type\" : \"wait\" } ", &m),
			 CONTROL_GOOD);
	ck_assert_int_eq(m.type, CONTROL_wait);
	ck_assert_uint_eq(m.job, 3);
	ck_assert_uint_eq(m.request, 0);
}
END_TEST

START_TEST(what_is_wrong_names_key_and_remedy)
{
	assert_wrong("{\"type\":\"wait\",\"request\":4}", "job: is missing; wait needs it");
	assert_wrong("{\"type\":\"wait\",\"jbo\":1,\"request\":4}",
		     "jbo: unknown key, did you mean \"job\"?");
	assert_wrong("{\"type\":\"wait\",\"zzzzzz\":1,\"request\":4}",
		     "zzzzzz: unknown key; stint-protocol(7) has those there are");
	assert_wrong("{\"type\":\"ping\",\"request\":4,\"job\":1}",
		     "job: has no place in ping; leave it out");
	assert_wrong("{\"type\":\"wait\",\"request\":4,\"job\":1,\"job\":1}",
		     "job: is there twice; once is enough");
	assert_wrong("{\"type\":\"ping\",\"type\":\"ping\",\"request\":4}",
		     "type: is there twice; once is enough");
	assert_wrong("{\"type\":\"ping\",\"request\":3,\"request\":4}",
		     "request: is there twice; once is enough");
	assert_wrong("{\"type\":\"wait\",\"request\":4,\"job\":1.5}",
		     "job: must be a whole number, 0 or more");
	assert_wrong("{\"type\":\"cancel\",\"request\":4,\"job\":1,\"kill\":null}",
		     "kill: must be true or false");
	assert_wrong("{\"type\":\"submit\",\"request\":4,\"text\":{}}", "text: must be a string");
	assert_wrong("{\"type\":\"submit\",\"request\":4,\"text\":\"\",\"after\":[1,-2]}",
		     "after: must be an array of whole numbers");
	assert_wrong("{\"type\":\"submit\",\"request\":4,\"text\":\"\",\"priority\":\"1\"}",
		     "priority: must be a whole number");
	assert_wrong("{\"type\":\"cancle\",\"request\":4}",
		     "type: \"cancle\" is no request that this stintd knows, did you mean "
		     "\"cancel\"?");
	assert_wrong("{\"type\":\"t\\u0079pe\",\"request\":4}",
		     "type: \"t\\u0079pe\" is no request that this stintd knows; "
		     "stint-protocol(7) has those there are");
}
END_TEST

START_TEST(what_is_no_request_is_nonsense)
{
	assert_nonsense("");
	assert_nonsense("[]");
	assert_nonsense("{");
	assert_nonsense("{} {}");
	assert_nonsense("{\"request\":1}");
	assert_nonsense("{\"type\":\"ping\"}");
	assert_nonsense("{\"type\":\"ping\",\"request\":-1}");
	assert_nonsense("{\"type\":\"ping\",\"request\":9007199254740993}");
	assert_nonsense("{\"type\":\"ping\",\"request\":1,\"job\":\"\xff\"}");
	assert_nonsense("{\"type\":\"hello\"}");
	assert_nonsense("{\"type\":\"hello\",\"version\":\"1\"}");
}
END_TEST

START_TEST(a_hello_may_say_more_than_is_known)
{
	struct control_message m;

	ck_assert_int_eq(decode("{\"type\":\"hello\",\"version\":2,\"new\":[]}", &m), CONTROL_GOOD);
	ck_assert_uint_eq(m.version, 2);
	ck_assert_int_eq(decode("{\"version\":1,\"type\":\"hello\",\"pid\":5}", &m), CONTROL_GOOD);
	ck_assert_uint_eq(m.version, 1);
}
END_TEST

/* Every name on the wire leads to its own number, whatever else there is. */
START_TEST(every_request_is_known_by_its_name)
{
	struct control_message m;
	char line[128];

	for (int i = 0; i < CONTROL_REQUESTS; i++) {
		snprintf(line, sizeof(line),
			 "{\"type\":\"%s\",\"request\":1,\"job\":1,\"text\":\"\",\"version\":1}",
			 control_request_name((enum control_request_type)i));
		ck_assert_int_ne(decode(line, &m), CONTROL_NONSENSE);
		ck_assert_int_eq((int)m.type, i);
	}
}
END_TEST

/* A pipe that gives `bytes` in pieces of `step`; all must come, no character be cut. */
static void
read_in_steps(const char *bytes, size_t step)
{
	static struct control_reading reading;
	struct text all = TEXT_INIT;
	size_t len = strlen(bytes), at = 0;
	ssize_t got = 1;
	int ends[2];

	memset(&reading, 0, sizeof(reading));
	ck_assert_int_eq(pipe(ends), 0);
	while (got > 0) {
		size_t now = len - at < step ? len - at : step;

		if (now > 0) {
			ck_assert_int_eq(write(ends[1], bytes + at, now), (ssize_t)now);
			at += now;
		} else if (ends[1] >= 0) {
			close(ends[1]);
			ends[1] = -1;
		}
		got = control_reading_next(&reading, ends[0]);
		ck_assert(text_is_utf8(reading.bytes, reading.now));
		text_bytes(&all, reading.bytes, reading.now);
	}
	close(ends[0]);
	unit_assert_text(&all, bytes);
	text_free(&all);
}

START_TEST(pieces_end_where_characters_do)
{
	for (size_t step = 1; step < 12; step++) {
		read_in_steps("a\u00e9\u20ac\U0001f600b\U0001f600\u20ac\u00e9z", step);
		read_in_steps("", step);
	}
}
END_TEST

START_TEST(what_is_no_character_at_all_comes_too)
{
	static struct control_reading reading;
	int ends[2];

	memset(&reading, 0, sizeof(reading));
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "ab\x80\x80\x80\x80\x80\xf0", 8), 8);
	close(ends[1]);
	ck_assert_int_eq(control_reading_next(&reading, ends[0]), 8);
	ck_assert_uint_eq(reading.now, 7);
	ck_assert_int_eq(control_reading_next(&reading, ends[0]), 0);
	ck_assert_uint_eq(reading.now, 1);
	close(ends[0]);
}
END_TEST

START_TEST(what_was_shown_is_known_once)
{
	struct control_shown shown = {.count = 0};

	for (uint64_t i = 1; i <= 1000; i++) {
		control_shown_add(&shown, i);
		control_shown_add(&shown, i);
	}
	ck_assert_uint_eq(shown.count, 1000);
	for (uint64_t i = 1; i <= 1000; i += 2) {
		ck_assert(control_shown_take(&shown, i));
		ck_assert(!control_shown_take(&shown, i));
	}
	ck_assert(control_shown_take(&shown, 1000));
	ck_assert(!control_shown_take(&shown, 1001));
	control_shown_free(&shown);
}
END_TEST

START_TEST(a_job_is_read_as_it_is_written)
{
	struct text progress = TEXT_INIT;
	struct client_job job;

	ck_assert(client_job_decode(
	    &job,
	    span_of("{\"job\":7,\"name\":\"a\\u001bb\",\"state\":\"ended\",\"outcome\":\"failed\","
		    "\"priority\":-3,\"began\":10.5,\"ended\":12.25,\"tasks\":9,"
		    "\"by_status\":{\"ok\":5,\"failed\":2},\"new\":{}}")));
	ck_assert_uint_eq(job.number, 7);
	ck_assert_str_eq(job.name, "a?b");
	ck_assert_str_eq(job.state, "failed");
	ck_assert_int_eq(job.priority, -3);
	ck_assert_int_eq(client_job_wall_us(&job, 99000000), 1750000);
	client_job_progress(&job, &progress);
	unit_assert_text(&progress, "7/9");
	client_job_clear(&job);
	ck_assert(
	    client_job_decode(&job, span_of("{\"job\":7,\"state\":\"running\",\"paused\":true,"
					    "\"began\":10}")));
	ck_assert_str_eq(job.state, "paused");
	ck_assert_int_eq(client_job_wall_us(&job, 12000000), 2000000);
	client_job_progress(&job, &progress);
	unit_assert_text(&progress, "0/?");
	client_job_clear(&job);
	ck_assert(!client_job_decode(&job, span_of("{}")));
	client_job_clear(&job);
	ck_assert(!client_job_decode(&job, span_of("7")));
	client_job_clear(&job);
	text_free(&progress);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_request_is_decoded,
	    members_may_come_in_any_order,
	    what_is_wrong_names_key_and_remedy,
	    what_is_no_request_is_nonsense,
	    a_hello_may_say_more_than_is_known,
	    every_request_is_known_by_its_name,
	    pieces_end_where_characters_do,
	    what_is_no_character_at_all_comes_too,
	    what_was_shown_is_known_once,
	    a_job_is_read_as_it_is_written,
	};
	int status = unit_run("control", tests, LENGTH(tests));

	text_free(&why);
	return status;
}
