/* SPDX-License-Identifier: ISC */
/* test_json_scan: the scanner's verdicts held against jansson's, and its decoders. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "tests/unit.h"

static bool
scan_accepts(const char *bytes, size_t len)
{
	struct span value;
	ptrdiff_t taken = json_scan_value((struct span){bytes, len}, &value);

	return taken >= 0 && strspn(bytes + taken, " \t\r\n") == len - (size_t)taken;
}

/* What jansson cannot hold, though it is JSON: numbers out of range, surrogates without a pair. */
static bool
is_beyond(const json_error_t *wrong)
{
	return json_error_code(wrong) == json_error_numeric_overflow ||
	       strstr(wrong->text, "invalid Unicode") != NULL;
}

static void
assert_same_verdict(const char *bytes, size_t len)
{
	json_error_t wrong;
	json_t *value = json_loadb(bytes, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &wrong);
	bool theirs = value != NULL || is_beyond(&wrong);

	if (value != NULL || !theirs) {
		ck_assert_msg(scan_accepts(bytes, len) == theirs, "%s: %.*s (%s)",
			      theirs ? "refused" : "accepted", (int)len, bytes,
			      value == NULL ? wrong.text : "");
	}
	json_decref(value);
}

/* Appends a random value, with random white space. */
static void
put_random(struct text *out, uint64_t *state, int depth)
{
	static const char *const scalars[] = {"null",
					      "true",
					      "false",
					      "0",
					      "-0",
					      "12",
					      "-3.25",
					      "1e9",
					      "0.5E-3",
					      "6e+2",
					      "\"\"",
					      "\"a\"",
					      "\"\\u0041\\n\\\\\"",
					      "\"\xc3\xa9\\\"\"",
					      "\"\\ud83d\\ude00\"",
					      "\"\xf0\x9f\x98\x80 {[,:]}\"",
					      "123456789012345678"};
	static const char *const spaces[] = {"", "", "", " ", "\n", "\t ", "\r\n"};
	uint64_t kind = unit_random(state) % (depth > 5 ? 3 : 5), count = unit_random(state) % 4;

	text_string(out, spaces[unit_random(state) % LENGTH(spaces)]);
	if (kind < 3) {
		text_string(out, scalars[unit_random(state) % LENGTH(scalars)]);
	} else {
		text_char(out, kind == 3 ? '[' : '{');
		for (uint64_t i = 0; i < count; i++) {
			text_string(out, i > 0 ? "," : "");
			if (kind == 4) {
				text_printf(out, " \"%s%ju\" :", i % 2 ? "k\\t" : "", (uintmax_t)i);
			}
			put_random(out, state, depth + 1);
		}
		text_char(out, kind == 3 ? ']' : '}');
	}
	text_string(out, spaces[unit_random(state) % LENGTH(spaces)]);
}

START_TEST(random_values_are_accepted)
{
	struct text text = TEXT_INIT;
	uint64_t state = 21;

	for (int i = 0; i < 20000; i++) {
		text_clear(&text);
		put_random(&text, &state, 0);
		text_terminate(&text);
		ck_assert_msg(scan_accepts(text.data, text.len), "%s", text.data);
		assert_same_verdict(text.data, text.len);
	}
	text_free(&text);
}
END_TEST

START_TEST(mutated_values_get_jansson_s_verdict)
{
	static const char spice[] = "{}[]\",:\\ue+-.0129tfn \t\n\x01\x7f\x80\xc3\xed\xff";
	struct text text = TEXT_INIT;
	uint64_t state = 22;

	for (int i = 0; i < 100000; i++) {
		text_clear(&text);
		put_random(&text, &state, 3);
		for (uint64_t n = 1 + unit_random(&state) % 2; n > 0 && text.len > 0; n--) {
			size_t at = unit_random(&state) % text.len;

			switch (unit_random(&state) % 4) {
			case 0:
				text.len = at;
				break;
			case 1:
				memmove(text.data + at, text.data + at + 1, text.len - at - 1);
				text.len--;
				break;
			default:
				text.data[at] = spice[unit_random(&state) % (sizeof(spice) - 1)];
			}
		}
		text_terminate(&text);
		assert_same_verdict(text.data, text.len);
	}
	text_free(&text);
}
END_TEST

START_TEST(short_texts_get_jansson_s_verdict)
{
	static const char letters[] = "{}[]\",:\\-0 1e.";
	const size_t n = sizeof(letters) - 1;
	char text[6] = "";

	for (size_t code = 0; code < n * n * n * n * n; code++) {
		size_t rest = code;

		for (size_t i = 0; i < 5; i++, rest /= n) {
			text[i] = letters[rest % n];
		}
		assert_same_verdict(text, 5);
	}
	assert_same_verdict("", 0);
}
END_TEST

START_TEST(depth_has_jansson_s_limit)
{
	for (size_t depth = JSON_SCAN_DEPTH - 2; depth <= JSON_SCAN_DEPTH + 2; depth++) {
		for (size_t scalar = 0; scalar < 2; scalar++) {
			char *text = malloc(2 * depth + scalar + 1);

			memset(text, '[', depth);
			memset(text + depth, '1', scalar);
			memset(text + depth + scalar, ']', depth);
			text[2 * depth + scalar] = '\0';
			ck_assert_int_eq(scan_accepts(text, 2 * depth + scalar),
					 depth + scalar <= JSON_SCAN_DEPTH);
			assert_same_verdict(text, 2 * depth + scalar);
			free(text);
		}
	}
}
END_TEST

START_TEST(a_value_ends_where_it_ends)
{
	static const struct {
		const char *text;
		const char *value;
		ptrdiff_t taken;
	} rows[] = {{" {\"a\":1} x", "{\"a\":1}", 8},
		    {"12,", "12", 2},
		    {"\"a\"\"b\"", "\"a\"", 3},
		    {"01", "0", 1},
		    {"truest", "true", 4},
		    {"[1] [2]", "[1]", 3},
		    {"-1.5e3]", "-1.5e3", 6}};
	struct span value;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		ck_assert_int_eq(json_scan_value(span_of(rows[i].text), &value), rows[i].taken);
		ck_assert_str_eq(unit_string(value), rows[i].value);
	}
	ck_assert_int_eq(json_scan_value(SPAN_EMPTY, &value), -1);
}
END_TEST

START_TEST(members_come_in_their_order)
{
	const char *text = " { \"a\" : 1 , \"b\\n\":[2, {\"c\":3}],\"\":\"\" }\r\n";
	struct text out = TEXT_INIT;
	struct json_members members;
	struct span key, value;

	ck_assert(json_members_begin(&members, span_of(text)));
	while (json_members_next(&members, &key, &value)) {
		text_printf(&out, "<%s|%s>", unit_string(key), unit_string(value));
	}
	ck_assert(!members.failed);
	unit_assert_text(&out, "<a|1><b\\n|[2, {\"c\":3}]><|\"\">");
	ck_assert(json_elements_begin(&members, SPAN_LITERAL("[ 1,[2],\"3\" ]")));
	while (json_elements_next(&members, &value)) {
		text_printf(&out, "<%s>", unit_string(value));
	}
	ck_assert(!members.failed);
	unit_assert_text(&out, "<1><[2]><\"3\">");
	text_free(&out);
}
END_TEST

START_TEST(a_member_is_found_by_its_name)
{
	struct span object = SPAN_LITERAL(" {\"a\": [1], \"b\": 2, \"a\": 3} ");

	ck_assert(span_is(json_member(object, "a"), "[1]"));
	ck_assert(span_is(json_member(object, "b"), "2"));
	ck_assert_uint_eq(json_member(object, "c").len, 0);
	ck_assert_uint_eq(json_member(SPAN_LITERAL("[1]"), "a").len, 0);
	ck_assert_uint_eq(json_member(SPAN_EMPTY, "a").len, 0);
}
END_TEST

START_TEST(what_is_no_object_fails)
{
	static const char *const bad[] = {"",           " ",
					  "[]",         "1",
					  "{",          "{\"a\"",
					  "{\"a\":",    "{\"a\":1",
					  "{\"a\":1,",  "{\"a\":1,}",
					  "{,}",        "{\"a\" 1}",
					  "{a:1}",      "{\"a\":1 \"b\":2}",
					  "{} {}",      "{}x",
					  "{\"a\":1}]", "{\"a\xff\":1}",
					  "{1:2}"};

	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct json_members members;
		struct span key, value;

		json_members_begin(&members, span_of(bad[i]));
		while (!members.failed && json_members_next(&members, &key, &value)) {
		}
		ck_assert_msg(members.failed, "%s", bad[i]);
	}
}
END_TEST

START_TEST(whole_numbers_have_a_range)
{
	static const char *const bad[] = {
	    "",    "-1", "+1", "1.0",   "1e2",  "9007199254740993",    "99999999999999999999",
	    "0x1", " 1", "1 ", "\"1\"", "null", "18446744073709551617"};
	uint64_t number = 7;

	ck_assert(json_value_uint(SPAN_LITERAL("0"), &number));
	ck_assert_uint_eq(number, 0);
	ck_assert(json_value_uint(SPAN_LITERAL("9007199254740992"), &number));
	ck_assert_uint_eq(number, UINT64_C(1) << 53);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		ck_assert_msg(!json_value_uint(span_of(bad[i]), &number), "%s", bad[i]);
	}
}
END_TEST

START_TEST(seconds_become_microseconds)
{
	static const struct {
		const char *number;
		int64_t us;
	} rows[] = {{"0", 0},
		    {"1", 1000000},
		    {"1.000000", 1000000},
		    {"0.000001", 1},
		    {"12.5", 12500000},
		    {"1700000000.123456", INT64_C(1700000000123456)},
		    {"0.0000005", 1},
		    {"0.0000004", 0},
		    {"1e3", 1000000000},
		    {"-1.5", -1500000},
		    {"-0", 0},
		    {"2.5E-3", 2500},
		    {"999999999999.999999", INT64_C(999999999999999999)},
		    {"-0.0000006", -1},
		    {"1.0000000000000000001", 1000000}};
	static const char *const bad[] = {"",      "\"1\"", "null",  "true", "[1]", "1e13",
					  "9e300", "1e999", "-1e13", "-",    "1s"};
	int64_t us;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		ck_assert_msg(json_value_us(span_of(rows[i].number), &us), "%s", rows[i].number);
		ck_assert_msg(us == rows[i].us, "%s: %jd", rows[i].number, (intmax_t)us);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		ck_assert_msg(!json_value_us(span_of(bad[i]), &us), "%s", bad[i]);
	}
}
END_TEST

START_TEST(strings_are_decoded)
{
	struct text out = TEXT_INIT;
	char *bytes;
	size_t len;

	ck_assert(
	    json_value_string(SPAN_LITERAL("\"a\\u0000\\u00e9\\ud83d\\ude00\\/\""), &bytes, &len));
	ck_assert_uint_eq(len, 9);
	ck_assert_mem_eq(bytes, "a\0\xc3\xa9\xf0\x9f\x98\x80/", 10);
	free(bytes);
	ck_assert(json_value_append(&out, SPAN_LITERAL("\"one\\n\"")));
	ck_assert(json_value_append(&out, SPAN_LITERAL("\"\"")));
	ck_assert(!json_value_append(&out, SPAN_LITERAL("1")));
	ck_assert(!json_value_append(&out, SPAN_LITERAL("\"\\ud800\"")));
	unit_assert_text(&out, "one\n");
	text_free(&out);
}
END_TEST

START_TEST(base64_comes_back)
{
	uint64_t state = 23;

	for (size_t n = 0; n < 200; n++) {
		struct text text = TEXT_INIT;
		char bytes[200], *back;
		size_t len;

		for (size_t i = 0; i < n; i++) {
			bytes[i] = (char)unit_random(&state);
		}
		text_json_base64(&text, bytes, n);
		ck_assert(json_value_base64((struct span){text.data, text.len}, &back, &len));
		ck_assert_uint_eq(len, n);
		ck_assert_mem_eq(back, bytes, n);
		free(back);
		text_free(&text);
	}
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
	static const char *const bad[] = {"\"A\"",    "\"AA\"",    "\"AAA\"",      "\"A===\"",
					  "\"====\"", "\"AA=A\"",  "\"=AAA\"",     "\"AA A\"",
					  "\"AA-_\"", "\"AAAAA\"", "\"AA==AAAA\"", "\"A\\nA\""};
	char *bytes;
	size_t len;

	for (size_t i = 0; i < LENGTH(bad); i++) {
		ck_assert_msg(!json_value_base64(span_of(bad[i]), &bytes, &len), "%s", bad[i]);
	}
}
END_TEST

START_TEST(compacting_changes_nothing_but_white_space)
{
	struct text text = TEXT_INIT, compact = TEXT_INIT;
	uint64_t state = 24;

	for (int i = 0; i < 3000; i++) {
		json_t *before, *after;

		text_clear(&text);
		text_clear(&compact);
		put_random(&text, &state, 0);
		json_compact(&compact, (struct span){text.data, text.len});
		before = json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);
		after = json_loadb(compact.data, compact.len, JSON_DECODE_ANY, NULL);
		ck_assert_ptr_nonnull(before);
		ck_assert(json_equal(before, after));
		json_decref(before);
		json_decref(after);
	}
	text_clear(&compact);
	json_compact(&compact, SPAN_LITERAL(" { \"a b\\\" c\" : [ 1 ,\t-2.5e3,\r\n\" \" ] } "));
	unit_assert_text(&compact, "{\"a b\\\" c\":[1,-2.5e3,\" \"]}");
	text_free(&text);
	text_free(&compact);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    random_values_are_accepted,
	    mutated_values_get_jansson_s_verdict,
	    short_texts_get_jansson_s_verdict,
	    depth_has_jansson_s_limit,
	    a_value_ends_where_it_ends,
	    members_come_in_their_order,
	    a_member_is_found_by_its_name,
	    what_is_no_object_fails,
	    whole_numbers_have_a_range,
	    seconds_become_microseconds,
	    strings_are_decoded,
	    base64_comes_back,
	    what_is_no_base64_is_refused,
	    compacting_changes_nothing_but_white_space,
	};

	return unit_run("json_scan", tests, LENGTH(tests));
}
