/* SPDX-License-Identifier: ISC */
/* test_terminal_text: whatever a string holds, it is text, and as wide as is said. */
#include <locale.h>
#include <string.h>

#include "supervisor/terminal_text.h"
#include "tests/unit.h"

static const struct terminal_style utf8 = {.ascii = false}, ascii = {.ascii = true};

static void
expect(const struct terminal_style *style, const char *string, unsigned most, const char *shown,
       unsigned columns)
{
	struct text out = TEXT_INIT;

	ck_assert_uint_eq(terminal_put(&out, style, string, most), columns);
	unit_assert_text(&out, shown);
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
	unit_assert_text(&out, "one two\n  three\n"
			       "abcdefgh\n  ijklmn\n  opqrs\n  t\n"
			       "漢漢\n漢漢\n漢\n"
			       "\n");
	text_free(&out);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {what_is_no_text_becomes_question_marks,
				      wide_characters_take_two_columns,
				      lines_break_between_words_and_long_words_anywhere};

	setlocale(LC_CTYPE, "C.UTF-8");
	return unit_run("terminal_text", tests, LENGTH(tests));
}
