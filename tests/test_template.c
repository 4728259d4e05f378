/* SPDX-License-Identifier: ISC */
/* test_template: replacement strings; the expected values are what GNU parallel makes of them. */
#include <bsd/string.h>
#include <string.h>

#include "supervisor/path_part.h"
#include "supervisor/shell_quote.h"
#include "supervisor/template.h"
#include "tests/unit.h"

#define MOST 12

/* Words and arguments are written with ; between them, the command comes with | between. */
static size_t
split(char *text, char **words)
{
	size_t count = 0;

	while (text != NULL && count < MOST) {
		words[count++] = strsep(&text, ";");
	}
	return count;
}

static void
put_command(const struct template *template, const char *arguments, struct text *out)
{
	struct words values = {.count = 0}, command = {.count = 0};
	char copy[256], *words[MOST];
	size_t count;

	strlcpy(copy, arguments == NULL ? "" : arguments, sizeof(copy));
	count = arguments == NULL ? 0 : split(copy, words);
	for (size_t i = 0; i < count; i++) {
		words_add(&values, span_of(words[i]));
	}
	template_fill(template, &values, count, 7, &command);
	for (size_t i = 0; i < command.count; i++) {
		text_string(out, i == 0 ? "" : "|");
		text_span(out, words_at(&command, i));
	}
	words_free(&values);
	words_free(&command);
}

static struct text error;

static void
assert_command(const char *command, const char *arguments, const struct template_options *options,
	       const char *expected)
{
	char copy[256], *words[MOST];
	struct text made = TEXT_INIT;
	struct template *template;

	strlcpy(copy, command, sizeof(copy));
	template = template_of_words(words, split(copy, words), options, &error);
	ck_assert_ptr_nonnull(template);
	put_command(template, arguments, &made);
	unit_assert_text(&made, expected);
	text_free(&made);
	template_free(template);
}

static void
assert_shell(const char *command, const char *arguments, const char *expected)
{
	const struct template_options options = {.append = true};
	struct template *template = template_of_shell(command, &options, &error);
	struct text made = TEXT_INIT;

	if (template == NULL) {
		ck_assert_msg(expected == NULL, "%s was refused", command);
		ck_assert_uint_gt(error.len, 0);
		text_clear(&error);
		return;
	}
	ck_assert_msg(expected != NULL, "%s was taken", command);
	ck_assert(template_is_shell(template));
	put_command(template, arguments, &made);
	unit_assert_text(&made, expected);
	text_free(&made);
	template_free(template);
}

START_TEST(replacement_strings_are_those_of_parallel)
{
	static const struct {
		const char *command, *arguments, *expected;
	} cases[] = {
	    {"gzip;-k;{}", "a b.txt", "gzip|-k|a b.txt"},
	    {"gzip;-k", "a b.txt", "gzip|-k|a b.txt"},
	    {"cp;{};{}.bak", "x", "cp|x|x.bak"},
	    {"c;{.};{/};{//};{/.}", "d/e.f.g", "c|d/e.f|e.f.g|d|e.f"},
	    {"c;{#}", "x", "c|7"},
	    {"c;{1};{2}", "x;y", "c|x|y"},
	    {"c;{2}{1}", "x;y", "c|yx"},
	    {"c;{-1};{-2}", "x;y", "c|y|x"},
	    {"c;{1.};{2/};{1//};{-1/.}", "a/b.c;d/e.f", "c|a/b|e.f|a|e"},
	    {"c", "x;y", "c|x|y"},
	    {"c;{}", "x;y", "c|x|y"},
	    {"c;{.}", "x.a;y.b", "c|x|y"},
	    {"c;{3};{1}", "x", "c|x"},
	    {"c;<{3}>", "x", "c|<>"},
	    {"c;{foo};{;};{ };{0};{1x};{--1};{/#};{}", "x",
	     "c|{foo}|{|}|{ }|{0}|{1x}|{--1}|{/#}|x"},
	    {"{};a", "run", "run|a"},
	    {"c;{}", "", "c|"},
	    {"c;a;;b;{}", "x", "c|a||b|x"},
	    {"c;{}{}", "x", "c|xx"},
	    {"c;{}{.}", "a.b", "c|a.ba"},
	    {"c;{{}}", "x", "c|{x}"},
	    {"c;x{}y", "a;b", "c|xa|by"},
	};
	const struct template_options options = {.append = true};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_command(cases[i].command, cases[i].arguments, &options, cases[i].expected);
	}
}
END_TEST

START_TEST(options_change_what_is_replaced)
{
	const struct template_options at = {.append = true, .braces = "@"};
	const struct template_options each = {.append = true, .each = true};
	const struct template_options none = {.append = false};

	assert_command("c;@;{};{.}", "a.b", &at, "c|a.b|{}|a");
	assert_command("c;x{}y;{}", "a;b", &each, "c|xay|xby|a|b");
	assert_command("c;x{}-{.}", "a.1;b.2", &each, "c|xa.1-a|xb.2-b");
	assert_command("c;x{}", NULL, &each, "c|x");
	assert_command("c;d", NULL, &none, "c|d");
	assert_command("c;{}", NULL, &none, "c");
}
END_TEST

START_TEST(a_shell_gets_one_word_for_each_argument)
{
	static const struct {
		const char *command, *arguments, *expected;
	} cases[] = {
	    {"cat {} | wc", "a", "cat a | wc"},
	    {"cat {} | wc", "a b", "cat 'a b' | wc"},
	    {"cat {}", "it's", "cat 'it'\\''s'"},
	    {"cat", "", "cat ''"},
	    {"cat {}", "a;b c", "cat a 'b c'"},
	    {"cat x{.}y", "$(id).c", "cat x'$(id)'y"},
	    {"cat \"x {} y\"", "$(id)", "cat \"x \"'$(id)'\" y\""},
	    {"cat \"{}\"", "a;b", "cat \"\"'a b'\"\""},
	    {"cat 'x {} y'", "it's", "cat 'x ''it'\\''s'' y'"},
	    {"echo $(cat {})", "a b", "echo $(cat 'a b')"},
	    {"echo \"$(cat {})\"", "a b", "echo \"$(cat 'a b')\""},
	    {"echo \"$(cat \"{}\")\"", "a", "echo \"$(cat \"\"a\"\")\""},
	    {"(cat {}); x={}", "a", "(cat a); x=a"},
	    {"case {} in a) echo {};; esac", "a", "case a in a) echo a;; esac"},
	    {"echo \\\" {}", "a b", "echo \\\" 'a b'"},
	    {"echo \"\\\"{}\"", "a", "echo \"\\\"\"a\"\""},
	    {"echo '\\' {}", "a b", "echo '\\' 'a b'"},
	    {"echo a#b {}", "a", "echo a#b a"},
	    {"echo $# $((1+2)) ${x} {}", "a", "echo $# $((1+2)) ${x} a"},
	    {"echo `id` {}", "a", "echo `id` a"},
	    {"true # it's\necho {}", "a", "true # it's\necho a"},
	    {"echo {#} {2}", "a;b", "echo 7 b"},
	    {"echo {%}", "a", "echo \"$STINT_SLOT\""},
	    {"echo \"{%}\"", "a", "echo \"\"\"$STINT_SLOT\"\"\""},
	    /* Where it cannot be quoted. */
	    {"echo `cat {}`", "a", NULL},
	    {"echo $(({}*2))", "a", NULL},
	    {"echo ${x:-{}}", "a", NULL},
	    {"echo \"${x:-'} {}\"", "a", NULL},
	    {"cat <<E\n{}\nE", "a", NULL},
	    {"echo $'it\\'s' {}", "a", NULL},
	    {"true # {}", "a", NULL},
	    {"echo \\{}", "a", NULL},
	    {"echo ${}", "a", NULL},
	    {"echo \"$(case x in x) cat {};; esac)\"", "a", NULL},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_shell(cases[i].command, cases[i].arguments, cases[i].expected);
	}
	text_free(&error);
}
END_TEST

START_TEST(a_slot_makes_a_shell_command_of_words)
{
	const struct template_options options = {.append = true};

	assert_command("c;a b;{};x{%}", "it's", &options,
		       "exec c 'a b' 'it'\\''s' x\"$STINT_SLOT\"");
}
END_TEST

START_TEST(arguments_may_be_the_commands)
{
	struct template *template = template_of_nothing();
	struct text made = TEXT_INIT;

	put_command(template, "echo 'a' | wc", &made);
	unit_assert_text(&made, "echo 'a' | wc");
	text_free(&made);
	template_free(template);
}
END_TEST

START_TEST(a_size_is_never_less_than_what_is_made)
{
	const struct template_options each = {.append = true, .each = true};
	char *words[] = {"c", "a{}b", "{.}", "x"};
	struct template *template = template_of_words(words, 4, &each, &error);
	struct words values = {.count = 0}, command = {.count = 0};
	size_t size = template_size(template);

	for (int i = 0; i < 50; i++) {
		struct span value = {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
				     (size_t)i};

		words_add(&values, value);
		size += template_size_with(template, value);
	}
	template_fill(template, &values, values.count, 1, &command);
	ck_assert_uint_ge(size, command.bytes.len + command.count * (1 + sizeof(char *)));
	words_free(&values);
	words_free(&command);
	template_free(template);
}
END_TEST

START_TEST(parts_of_paths)
{
	static const struct {
		const char *path, *stem, *base, *folder, *base_stem;
	} cases[] = {
	    {"a/b.c", "a/b", "b.c", "a", "b"},
	    {".bashrc", "", ".bashrc", ".", ""},
	    {"a.b/c", "a.b/c", "c", "a.b", "c"},
	    {"a/", "a/", "", ".", ""},
	    {"a.", "a", "a.", ".", "a"},
	    {"", "", "", ".", ""},
	    {"/", "/", "", "/", ""},
	    {"/x", "/x", "x", "/", "x"},
	    {"a//b", "a//b", "b", "a", "b"},
	    {"a/b//", "a/b//", "", "a", ""},
	    {"b.tar.gz", "b.tar", "b.tar.gz", ".", "b.tar"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct span path = span_of(cases[i].path);

		ck_assert_str_eq(unit_string(path_part(path, PATH_WHOLE)), cases[i].path);
		ck_assert_str_eq(unit_string(path_part(path, PATH_STEM)), cases[i].stem);
		ck_assert_str_eq(unit_string(path_part(path, PATH_BASE)), cases[i].base);
		ck_assert_str_eq(unit_string(path_part(path, PATH_FOLDER)), cases[i].folder);
		ck_assert_str_eq(unit_string(path_part(path, PATH_BASE_STEM)), cases[i].base_stem);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {replacement_strings_are_those_of_parallel,
				      options_change_what_is_replaced,
				      a_shell_gets_one_word_for_each_argument,
				      a_slot_makes_a_shell_command_of_words,
				      arguments_may_be_the_commands,
				      a_size_is_never_less_than_what_is_made,
				      parts_of_paths};

	return unit_run("template", tests, LENGTH(tests));
}
