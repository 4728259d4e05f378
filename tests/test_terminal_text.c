/* SPDX-License-Identifier: ISC */
/* test_terminal_text: whatever a string holds, it is text, and as wide as is said. */
#include <locale.h>
#include <string.h>

#include "supervisor/terminal_text.h"
#include "tests/unit.h"

static const struct terminal_style utf8 = {.ascii = false}, ascii = {.ascii = true};

static void
set_locale(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void
expect(const struct terminal_style *style, const char *string, unsigned most, const char *shown,
       unsigned columns)
{
	struct text out = TEXT_INIT;

	ck_assert_uint_eq(terminal_put(&out, style, string, most), columns);
	text_terminate(&out);
	ck_assert_str_eq(out.data, shown);
	text_free(&out);
}

START_TEST(what_is_no_text_becomes_question_marks)
{
	expect(&utf8, "a\033[31mb\n\tc\177", 80, "a?[31mb??c?", 11);
	expect(&utf8,
	       "\302\233"
	       "31m",
	       80, "?31m", 4);                                      /* CSI in one character */
	expect(&utf8, "x\342\200\256y", 80, "x?y", 3);              /* from right to left */
	expect(&utf8, "x\357\273\277y\342\200\215", 80, "x?y?", 4); /* no width at all */
	expect(&utf8, "\377\303", 80, "??", 2);
	expect(&utf8, "\355\240\200", 80, "???", 3); /* a surrogate */
	expect(&ascii, "né 漢", 80, "n? ?", 4);
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
	expect(&utf8, "漢字", 4, "漢字", 4);
	expect(&utf8, "漢字x", 4, "漢…", 3);
	expect(&utf8, "漢字漢", 4, "漢…", 3);
	expect(&utf8, "e\314\201x", 2, "e\314\201x", 2); /* an accent of its own takes none */
	expect(&ascii, "abcdef", 5, "ab...", 5);
	expect(&ascii, "abcdef", 2, "ab", 2);
	expect(&utf8, "", 5, "", 0);
}
END_TEST

START_TEST(lines_break_between_words_and_long_words_anywhere)
{
	struct text out = TEXT_INIT;

	terminal_put_wrapped(&out, &utf8, "one two three", 4, 2, 12);
	terminal_put_wrapped(&out, &utf8, "abcdefghijklmnopqrs t", 0, 2, 8);
	terminal_put_wrapped(&out, &utf8, "漢漢漢漢漢", 0, 0, 5);
	terminal_put_wrapped(&out, &utf8, "", 0, 0, 5);
	text_terminate(&out);
	ck_assert_str_eq(out.data, "one two\n  three\n"
				   "abcdefgh\n  ijklmn\n  opqrs\n  t\n"
				   "漢漢\n漢漢\n漢\n"
				   "\n");
	text_free(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *made = suite_create("terminal_text");
	TCase *tcase = tcase_create("terminal_text");

	tcase_add_unchecked_fixture(tcase, set_locale, NULL);
	tcase_add_test(tcase, what_is_no_text_becomes_question_marks);
	tcase_add_test(tcase, wide_characters_take_two_columns);
	tcase_add_test(tcase, lines_break_between_words_and_long_words_anywhere);
	suite_add_tcase(made, tcase);
	return made;
}

int
main(void)
{
	return unit_run(suite());
}
