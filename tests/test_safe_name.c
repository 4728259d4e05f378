/* SPDX-License-Identifier: ISC */
/* test_safe_name: a name for a folder from any id; test_command_text is at its end. */
#include "supervisor/safe_name.h"

#include <string.h>

#include "supervisor/command_text.h"
#include "tests/unit.h"

START_TEST(names_are_safe)
{
	static const struct {
		const char *id, *name;
	} cases[] = {
	    {"train", "train"},
	    {"a b", "a b"},
	    {"a/b", "a%2Fb"},
	    {"../../etc", "%2E.%2F..%2Fetc"},
	    {".", "%2E"},
	    {"..", "%2E."},
	    {".hidden", "%2Ehidden"},
	    {"a.1", "a.1"},
	    {"100%", "100%25"},
	    {"a%2Fb", "a%252Fb"},
	    {"a\nb\x7f", "a%0Ab%7F"},
	    {"caf\xc3\xa9", "caf\xc3\xa9"},
	    {"", "%"},
	};
	struct text name = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		safe_name_put(&name, span_of(cases[i].id));
		unit_assert_text(&name, cases[i].name);
	}
	text_free(&name);
}
END_TEST

START_TEST(long_ids_are_cut_and_stay_apart)
{
	char a[1025], b[1025];
	struct text first = TEXT_INIT, second = TEXT_INIT;

	for (size_t len = 150; len <= 1024; len++) {
		text_clear(&first);
		text_clear(&second);
		for (size_t i = 0; i < len; i++) {
			a[i] = b[i] = i % 2 == 0 ? '\xc3' : '\xa9';
		}
		a[len - 1] = 'x';
		b[len - 1] = 'y';
		a[len] = b[len] = '\0';
		safe_name_put(&first, span_of(a));
		safe_name_put(&second, span_of(b));
		ck_assert_uint_le(first.len, SAFE_NAME_MOST);
		ck_assert(first.len != second.len ||
			  memcmp(first.data, second.data, first.len) != 0);
		ck_assert(len % 2 == 0 || text_is_utf8(first.data, first.len));
	}
	text_free(&first);
	text_free(&second);
}
END_TEST

START_TEST(commands_are_as_one_would_type_them)
{
	static const struct {
		const char *spec, *text;
	} cases[] = {
	    {"{\"shell\":\"echo \\\"a b\\\" | wc\"}", "echo \"a b\" | wc"},
	    {"{\"timeout\":1,\"exec\":[\"gzip\",\"-k\",\"a b\",\"it's\",\"\",\"a=~\"]}",
	     "gzip -k 'a b' 'it'\\''s' '' 'a=~'"},
	    {"{\"exec\":[\"cat\",{\"base64\":\"/w==\"}]}", "cat '\xff'"},
	    {"{\"sleep\":1}", "{\"sleep\":1}"},
	    {"{}", "{}"},
	};
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		command_text_put(&text, span_of(cases[i].spec));
		unit_assert_text(&text, cases[i].text);
	}
	text_free(&text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    names_are_safe,
	    long_ids_are_cut_and_stay_apart,
	    commands_are_as_one_would_type_them,
	};

	return unit_run("safe_name", tests, LENGTH(tests));
}
