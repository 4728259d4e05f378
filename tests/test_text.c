/* SPDX-License-Identifier: ISC */
/* test_text: the text writers, held against printf, jansson and the tables of the standards. */
#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/text.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
assert_text(struct text *text, const char *expected)
{
	text_terminate(text);
	ck_assert_str_eq(text->data, expected);
	ck_assert_uint_eq(text->len, strlen(expected));
	text_clear(text);
}

/* xorshift64*: the same numbers in every run. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717) >> 16;
}

START_TEST(spans_compare_by_length_and_bytes)
{
	struct span span = span_of("sleep");

	ck_assert_uint_eq(span.len, 5);
	ck_assert(span_is(span, "sleep"));
	ck_assert(!span_is(span, "sleeps"));
	ck_assert(!span_is(span, "slee"));
	ck_assert(!span_is(span, "slEep"));
	ck_assert(span_is(SPAN_LITERAL("cpu"), "cpu"));
	ck_assert(span_is(SPAN_EMPTY, ""));
	ck_assert(!span_is(SPAN_EMPTY, "x"));
	ck_assert(!span_is((struct span){"a\0b", 3}, "a"));
}
END_TEST

START_TEST(pieces_are_appended_in_order)
{
	struct text text = TEXT_INIT;

	text_string(&text, "ab");
	text_string(&text, "");
	text_char(&text, 'c');
	text_span(&text, SPAN_LITERAL("de"));
	text_span(&text, SPAN_EMPTY);
	text_bytes(&text, NULL, 0);
	text_bytes(&text, "fgh", 2);
	text_printf(&text, "%d%s", 12, "!");
	assert_text(&text, "abcdefg12!");
	text_free(&text);
}
END_TEST

START_TEST(growth_keeps_every_byte)
{
	struct text text = TEXT_INIT;
	size_t moves = 0;

	for (size_t i = 0; i < 100000; i++) {
		size_t cap = text.cap;

		text_char(&text, (char)('a' + i % 26));
		moves += text.cap != cap;
	}
	ck_assert_uint_eq(text.len, 100000);
	for (size_t i = 0; i < text.len; i++) {
		ck_assert_int_eq(text.data[i], (char)('a' + i % 26));
	}
	ck_assert_uint_lt(moves, 18); /* doubled, or it would be thousands */
	text_free(&text);
}
END_TEST

START_TEST(reserve_makes_room_beyond_what_is_there)
{
	struct text text = TEXT_INIT;
	char *data;

	text_string(&text, "x");
	text_reserve(&text, 5000);
	ck_assert_uint_ge(text.cap - text.len, 5000);
	data = text.data;
	for (int i = 0; i < 5000; i++) {
		text_char(&text, 'y');
	}
	ck_assert_ptr_eq(text.data, data);
	text_free(&text);
}
END_TEST

START_TEST(printf_longer_than_the_room_is_whole)
{
	struct text text = TEXT_INIT;
	char expected[2001];

	for (int width = 0; width <= 2000; width++) {
		snprintf(expected, sizeof(expected), "%*d", width, 42);
		text_printf(&text, "%*d", width, 42);
		assert_text(&text, expected);
		text_free(&text); /* so that each width meets an empty buffer */
	}
}
END_TEST

START_TEST(terminate_drop_clear_and_free)
{
	struct text text = TEXT_INIT;

	text_terminate(&text);
	ck_assert_str_eq(text.data, "");
	ck_assert_uint_eq(text.len, 0);
	text_string(&text, "abcdef");
	text_drop_front(&text, 0);
	text_drop_front(&text, 3);
	assert_text(&text, "def");
	text_string(&text, "gh");
	text_drop_front(&text, 2);
	ck_assert_uint_eq(text.len, 0);
	text_free(&text);
	ck_assert_ptr_null(text.data);
	ck_assert_uint_eq(text.cap, 0);
	text_free(&text);
	text_string(&text, "again");
	assert_text(&text, "again");
	text_free(&text);
}
END_TEST

/* Runs in a child: asks for what no machine has, its stderr in the pipe. */
static void
ask_for_too_much(int stderr_fd, size_t more)
{
	struct text text = TEXT_INIT;

	dup2(stderr_fd, STDERR_FILENO);
	text_char(&text, 'x');
	text_reserve(&text, more);
	_exit(0);
}

START_TEST(no_memory_ends_the_process_with_3)
{
	const size_t too_much[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1};
	char said[64] = "";
	int fds[2], status = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		ask_for_too_much(fds[1], too_much[_i]);
	}
	close(fds[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_gt(read(fds[0], said, sizeof(said) - 1), 0);
	close(fds[0]);
	ck_assert_str_eq(said, "test_text: out of memory\n");
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 3);
}
END_TEST

static void
assert_number(int64_t n)
{
	struct text text = TEXT_INIT;
	uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char expected[64];

	snprintf(expected, sizeof(expected), "%" PRId64, n);
	text_int(&text, n);
	assert_text(&text, expected);
	snprintf(expected, sizeof(expected), "%" PRIu64, (uint64_t)n);
	text_uint(&text, (uint64_t)n);
	assert_text(&text, expected);
	snprintf(expected, sizeof(expected), "%s%" PRIu64 ".%06" PRIu64, n < 0 ? "-" : "",
		 size / 1000000, size % 1000000);
	text_seconds(&text, n);
	assert_text(&text, expected);
	text_free(&text);
}

START_TEST(numbers_are_as_printf_writes_them)
{
	uint64_t state = 3;

	for (int64_t power = 1; power < INT64_MAX / 10; power *= 10) {
		for (int64_t n = power - 1; n <= power + 1; n++) {
			assert_number(n);
			assert_number(-n);
		}
	}
	assert_number(INT64_MAX);
	assert_number(INT64_MIN);
	for (int i = 0; i < 20000; i++) {
		assert_number((int64_t)next_random(&state) >> (i % 48));
	}
}
END_TEST

START_TEST(seconds_have_six_places)
{
	static const struct {
		int64_t us;
		const char *written;
	} table[] = {
	    {0, "0.000000"},
	    {1, "0.000001"},
	    {-1, "-0.000001"},
	    {999999, "0.999999"},
	    {1000000, "1.000000"},
	    {-1500000, "-1.500000"},
	    {10203040, "10.203040"},
	    {INT64_MAX, "9223372036854.775807"},
	    {INT64_MIN, "-9223372036854.775808"},
	};
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(table); i++) {
		text_seconds(&text, table[i].us);
		assert_text(&text, table[i].written);
	}
	text_free(&text);
}
END_TEST

START_TEST(strings_escape_what_json_demands)
{
	struct text text = TEXT_INIT;

	text_json_string(&text, NULL, 0);
	assert_text(&text, "\"\"");
	text_json_string(&text, "\"\\/\b\f\n\r\t", 8);
	assert_text(&text, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	text_json_string(&text, "\0\x01\x0b\x1f\x20\x7f", 6);
	assert_text(&text, "\"\\u0000\\u0001\\u000b\\u001f \x7f\"");
	text_json_string(&text, "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80", 13);
	assert_text(&text, "\"gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80\"");
	text_free(&text);
}
END_TEST

static void
assert_json_string(const char *written, size_t len, const char *bytes, size_t n)
{
	json_error_t error;
	json_t *value = json_loadb(written, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

	ck_assert_msg(value != NULL, "%s", error.text);
	ck_assert_uint_eq(json_string_length(value), n);
	ck_assert_mem_eq(json_string_value(value), bytes, n);
	json_decref(value);
}

/* Every byte that needs care, at every place of a word, and at its end. */
START_TEST(escapes_are_found_at_every_place)
{
	struct text text = TEXT_INIT;

	for (int c = 0; c < 0x80; c++) {
		for (size_t n = 1; n <= 19; n++) {
			char bytes[20];

			for (size_t at = 0; at < n; at++) {
				memset(bytes, 'z', sizeof(bytes));
				bytes[at] = (char)c;
				text_json_string(&text, bytes, n);
				assert_json_string(text.data, text.len, bytes, n);
				text_clear(&text);
			}
		}
	}
	text_free(&text);
}
END_TEST

static size_t
encode(char *to, uint32_t code)
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len; i-- > 1; code >>= 6) {
		to[i] = (char)(0x80 | (code & 0x3f));
	}
	to[0] = (char)(lead[len] | code);
	return len;
}

static uint32_t
random_code_point(uint64_t *state)
{
	static const uint32_t most[] = {0x20, 0x80, 0x80, 0x80, 0x800, 0xd800, 0x10000, 0x110000};
	uint32_t code = (uint32_t)(next_random(state) % most[next_random(state) % LENGTH(most)]);

	return code >= 0xd800 && code < 0xe000 ? '"' : code;
}

START_TEST(random_strings_come_back_from_jansson)
{
	struct text text = TEXT_INIT, string = TEXT_INIT;
	uint64_t state = 20240229;

	for (int round = 0; round < 20000; round++) {
		uint64_t codes = next_random(&state) % 60;

		for (uint64_t i = 0; i < codes; i++) {
			char bytes[4];

			text_bytes(&string, bytes, encode(bytes, random_code_point(&state)));
		}
		ck_assert(text_is_utf8(string.data, string.len));
		text_json_string(&text, string.data, string.len);
		assert_json_string(text.data, text.len, string.data, string.len);
		text_clear(&text);
		text_clear(&string);
	}
	text_free(&text);
	text_free(&string);
}
END_TEST

START_TEST(base64_of_rfc_4648)
{
	static const char *const table[][2] = {
	    {"", "\"\""},
	    {"f", "\"Zg==\""},
	    {"fo", "\"Zm8=\""},
	    {"foo", "\"Zm9v\""},
	    {"foob", "\"Zm9vYg==\""},
	    {"fooba", "\"Zm9vYmE=\""},
	    {"foobar", "\"Zm9vYmFy\""},
	    {"\xfb\xff\xbf", "\"+/+/\""},
	};
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(table); i++) {
		text_json_base64(&text, table[i][0], strlen(table[i][0]));
		assert_text(&text, table[i][1]);
	}
	text_free(&text);
}
END_TEST

/* The bytes whose base64 is the alphabet itself. */
START_TEST(base64_has_its_whole_alphabet)
{
	struct text text = TEXT_INIT;
	unsigned char bytes[48];

	for (unsigned i = 0; i < 64; i += 4) {
		unsigned bits = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);

		bytes[i / 4 * 3] = (unsigned char)(bits >> 16);
		bytes[i / 4 * 3 + 1] = (unsigned char)(bits >> 8);
		bytes[i / 4 * 3 + 2] = (unsigned char)bits;
	}
	text_json_base64(&text, bytes, sizeof(bytes));
	assert_text(&text, "\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"");
	text_free(&text);
}
END_TEST

static const struct {
	const char *bytes;
	bool valid;
} utf8_table[] = {
    {"", true},
    {"plain", true},
    {"\xc2\x80", true},
    {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"\x80", false},             /* a tail alone */
    {"\xbf", false},             /* a tail alone */
    {"\xc0\x80", false},         /* overlong U+0000 */
    {"\xc1\xbf", false},         /* overlong U+007F */
    {"\xe0\x9f\xbf", false},     /* overlong U+07FF */
    {"\xf0\x8f\xbf\xbf", false}, /* overlong U+FFFF */
    {"\xed\xa0\x80", false},     /* surrogate U+D800 */
    {"\xed\xbf\xbf", false},     /* surrogate U+DFFF */
    {"\xf4\x90\x80\x80", false}, /* U+110000 */
    {"\xf5\x80\x80\x80", false}, /* further past the end */
    {"\xff", false},
    {"\xc2", false},         /* truncated */
    {"\xe2\x82", false},     /* truncated */
    {"\xf0\x9f\x98", false}, /* truncated */
    {"\xc2x", false},        /* tail missing */
    {"\xe2\x82x", false},    /* tail missing */
    {"\xf0\x9f\x98x", false},
    {"\xe2\xe2\x82\xac", false},
};

/* Each row alone, and behind and before so much ASCII that words of eight bytes are met. */
START_TEST(utf8_table_holds_at_every_place)
{
	for (size_t i = 0; i < LENGTH(utf8_table); i++) {
		for (size_t before = 0; before < 18; before++) {
			for (size_t after = 0; after < 18; after++) {
				size_t len = strlen(utf8_table[i].bytes);
				char *exact = malloc(before + len + after + 1);

				memset(exact, 'a', before + len + after);
				memcpy(exact + before, utf8_table[i].bytes, len);
				ck_assert_msg(text_is_utf8(exact, before + len + after) ==
						  utf8_table[i].valid,
					      "row %zu, %zu before, %zu after", i, before, after);
				free(exact);
			}
		}
	}
}
END_TEST

START_TEST(utf8_of_every_code_point)
{
	char bytes[4];

	for (uint32_t code = 0; code < 0x110400; code++) {
		bool valid = code < 0x110000 && (code < 0xd800 || code > 0xdfff);

		ck_assert_int_eq(text_is_utf8(bytes, encode(bytes, code)), valid);
	}
}
END_TEST

/* jansson refuses to make a string of bytes that are not UTF-8. */
START_TEST(utf8_verdicts_are_those_of_jansson)
{
	static const unsigned char critical[] = {0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
						 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0,
						 0xf4, 0xf5, 'a',  'b',  0x88, 0xe2};
	uint64_t state = 8;
	int valid = 0;

	for (int round = 0; round < 300000; round++) {
		size_t n = next_random(&state) % 6;
		char bytes[6];
		json_t *string;

		for (size_t i = 0; i < n; i++) {
			bytes[i] = (char)critical[next_random(&state) % sizeof(critical)];
		}
		string = json_stringn(bytes, n);
		ck_assert_int_eq(text_is_utf8(bytes, n), string != NULL);
		valid += string != NULL;
		json_decref(string);
	}
	ck_assert_int_gt(valid, 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, spans_compare_by_length_and_bytes);
	tcase_add_test(tests, pieces_are_appended_in_order);
	tcase_add_test(tests, growth_keeps_every_byte);
	tcase_add_test(tests, reserve_makes_room_beyond_what_is_there);
	tcase_add_test(tests, printf_longer_than_the_room_is_whole);
	tcase_add_test(tests, terminate_drop_clear_and_free);
	tcase_add_loop_test(tests, no_memory_ends_the_process_with_3, 0, 3);
	tcase_add_test(tests, numbers_are_as_printf_writes_them);
	tcase_add_test(tests, seconds_have_six_places);
	tcase_add_test(tests, strings_escape_what_json_demands);
	tcase_add_test(tests, escapes_are_found_at_every_place);
	tcase_add_test(tests, random_strings_come_back_from_jansson);
	tcase_add_test(tests, base64_of_rfc_4648);
	tcase_add_test(tests, base64_has_its_whole_alphabet);
	tcase_add_test(tests, utf8_table_holds_at_every_place);
	tcase_add_test(tests, utf8_of_every_code_point);
	tcase_add_test(tests, utf8_verdicts_are_those_of_jansson);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
