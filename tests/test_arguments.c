/* SPDX-License-Identifier: ISC */
/* test_arguments: the rows that sources of arguments make, and that none is waited for in vain. */
#include "supervisor/arguments.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit.h"

static char *const abc[] = {"A", "B", "C"};
static char *const digits[] = {"1", "2"};
static char *const letters[] = {"x", "y"};

static const struct arguments_options lines = {.delimiter = '\n'};

/* All rows, "A 1,B 2". */
static void
put_rows(struct arguments *arguments, struct text *out)
{
	struct line_source progress = {.fd = -1};
	struct words row = {.count = 0};
	struct span why;

	while (arguments_next(arguments, &row, &progress, &why) == LINE_TAKEN) {
		text_string(out, out->len == 0 ? "" : ",");
		for (size_t i = 0; i < row.count; i++) {
			text_string(out, i == 0 ? "" : " ");
			text_span(out, words_at(&row, i));
		}
		words_clear(&row);
	}
	ck_assert(progress.ended);
	words_free(&row);
}

static void
assert_rows(const struct arguments_source *sources, size_t count,
	    const struct arguments_options *options, const char *expected)
{
	struct text error = TEXT_INIT, rows = TEXT_INIT;
	struct arguments *arguments = arguments_new(sources, count, options, &error);

	ck_assert_ptr_nonnull(arguments);
	put_rows(arguments, &rows);
	unit_assert_text(&rows, expected);
	arguments_free(arguments);
	text_free(&rows);
}

/* A pipe's end to read, as a path; what is written to it has come. */
static const char *
path_of(int fd)
{
	static char paths[4][32];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], sizeof(paths[next]), "/dev/fd/%d", fd);
	return paths[next];
}

/* The path of a pipe that holds this and is closed. */
static const char *
file_of(const char *content, size_t len, int *fd)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], content, len), (ssize_t)len);
	close(ends[1]);
	*fd = ends[0];
	return path_of(ends[0]);
}

static void
assert_file(const char *content, size_t len, const struct arguments_options *options,
	    const char *expected)
{
	int fd;
	struct arguments_source source = {.path = file_of(content, len, &fd)};

	assert_rows(&source, 1, options, expected);
	close(fd);
}

START_TEST(sources_are_multiplied_the_last_fastest)
{
	const struct arguments_source sources[] = {{.values = abc, .count = 2},
						   {.values = digits, .count = 2},
						   {.values = letters, .count = 2}};

	assert_rows(sources, 1, &lines, "A,B");
	assert_rows(sources, 2, &lines, "A 1,A 2,B 1,B 2");
	assert_rows(sources, 3, &lines, "A 1 x,A 1 y,A 2 x,A 2 y,B 1 x,B 1 y,B 2 x,B 2 y");
}
END_TEST

START_TEST(linked_sources_go_side_by_side)
{
	const struct arguments_source sources[] = {{.values = abc, .count = 3},
						   {.values = digits, .count = 2, .linked = true},
						   {.values = letters, .count = 2}};
	const struct arguments_source behind[] = {{.values = abc, .count = 3},
						  sources[0],
						  {.values = digits, .count = 2, .linked = true}};

	assert_rows(sources, 2, &lines, "A 1,B 2");
	assert_rows(sources, 3, &lines, "A 1 x,A 1 y,B 2 x,B 2 y");
	assert_rows(behind, 3, &lines, "A A 1,A B 2,B A 1,B B 2,C A 1,C B 2");
}
END_TEST

START_TEST(with_link_the_shorter_begin_anew)
{
	const struct arguments_source sources[] = {{.values = abc, .count = 3},
						   {.values = digits, .count = 2}};
	const struct arguments_options link = {.delimiter = '\n', .link = true};
	struct arguments_source mixed[] = {sources[1], {.path = NULL}};
	int fd;

	assert_rows(sources, 2, &link, "A 1,B 2,C 1");
	mixed[1].path = file_of("p\nq\nr\n", 6, &fd);
	assert_rows(mixed, 2, &link, "1 p,2 q,1 r");
	close(fd);
}
END_TEST

START_TEST(nothing_times_something_is_nothing)
{
	const struct arguments_source sources[] = {{.values = abc, .count = 2},
						   {.values = digits, .count = 0}};

	assert_rows(sources, 2, &lines, "");
	assert_rows(sources + 1, 1, &lines, "");
}
END_TEST

START_TEST(files_are_split_at_the_delimiter)
{
	const struct arguments_options skip = {.delimiter = '\n', .skip_blank = true};
	const struct arguments_options nul = {.delimiter = '\0'};
	const struct arguments_options comma = {.delimiter = ','};

	assert_file("", 0, &lines, "");
	assert_file("a\nb\n", 4, &lines, "a,b");
	assert_file("a\nb", 3, &lines, "a,b");
	assert_file("a\n\nb", 4, &lines, "a,,b");
	assert_file(" a \r\n", 5, &lines, " a \r");
	assert_file("a\n \n\t\nb", 7, &skip, "a,b");
	assert_file("a\nb\0c", 5, &nul, "a\nb,c");
	assert_file("a,b\n", 4, &comma, "a,b\n");
}
END_TEST

START_TEST(columns_are_arguments)
{
	const struct arguments_options tab = {.delimiter = '\n', .columns = "\t"};
	const struct arguments_options blanks = {.delimiter = '\n', .columns = " +"};
	const struct arguments_options any = {.delimiter = '\n', .columns = "x*"};

	assert_file("a\tb\n\tc\td\n", 9, &tab, "a b, c d");
	assert_file("a  b\nc\n", 7, &blanks, "a b,c");
	assert_file("abc\n", 4, &any, "abc");
}
END_TEST

/* What is repeated for each value of the first source may come slowly all the same. */
START_TEST(a_source_that_has_nothing_yet_is_named)
{
	struct arguments_source sources[] = {{.values = abc, .count = 2}, {.path = NULL}};
	struct line_source progress = {.fd = -1};
	struct words row = {.count = 0};
	struct text error = TEXT_INIT, rows = TEXT_INIT;
	struct arguments *arguments;
	struct span why;
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	sources[1].path = path_of(ends[0]);
	arguments = arguments_new(sources, 2, &lines, &error);
	ck_assert_ptr_nonnull(arguments);
	ck_assert_int_eq(arguments_next(arguments, &row, &progress, &why), LINE_WAIT);
	ck_assert_int_eq(write(ends[1], "1\n2", 3), 3);
	ck_assert_int_eq(arguments_next(arguments, &row, &progress, &why), LINE_TAKEN);
	ck_assert_uint_eq(row.count, 2);
	ck_assert_int_eq(arguments_next(arguments, &row, &progress, &why), LINE_WAIT);
	ck_assert_int_eq(write(ends[1], "\n", 1), 1);
	ck_assert_int_eq(read(progress.fd, &byte, 1), 1);
	ck_assert_int_eq(byte, '\n');
	close(ends[1]);
	put_rows(arguments, &rows);
	unit_assert_text(&rows, "A 2,B 1,B 2");
	arguments_free(arguments);
	words_free(&row);
	text_free(&rows);
	close(ends[0]);
}
END_TEST

START_TEST(what_cannot_be_read_is_said)
{
	const struct arguments_source missing = {.path = "/nonexistent"};
	const struct arguments_source twice[] = {{.path = "-"}, {.path = "-"}};
	const struct arguments_options bad = {.delimiter = '\n', .columns = "("};
	struct text error = TEXT_INIT;

	ck_assert_ptr_null(arguments_new(&missing, 1, &lines, &error));
	unit_assert_text(&error, "/nonexistent: No such file or directory");
	ck_assert_ptr_null(arguments_new(twice, 2, &lines, &error));
	unit_assert_text(&error, "-: stdin can be only one of the sources");
	ck_assert_ptr_null(arguments_new(twice, 1, &bad, &error));
	ck_assert_uint_gt(error.len, 0);
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    sources_are_multiplied_the_last_fastest, linked_sources_go_side_by_side,
	    with_link_the_shorter_begin_anew,        nothing_times_something_is_nothing,
	    files_are_split_at_the_delimiter,        columns_are_arguments,
	    a_source_that_has_nothing_yet_is_named,  what_cannot_be_read_is_said};

	return unit_run("arguments", tests, LENGTH(tests));
}
