/* SPDX-License-Identifier: ISC */
/* test_line_file: whole lines or none, one writer at a time, failures that are told at once. */
#include "supervisor/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit.h"

static char path[] = "/tmp/stint-lines-XXXXXX";

static void
make_file(void)
{
	int fd = mkostemp(path, O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
assert_holds(const char *expected)
{
	char bytes[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, bytes, sizeof(bytes) - 1);

	close(fd);
	ck_assert_int_eq(got, (ssize_t)strlen(expected));
	ck_assert_str_eq(bytes, expected);
}

START_TEST(lines_are_appended)
{
	struct line_file file;
	struct text error = TEXT_INIT;

	make_file();
	ck_assert(line_file_open(&file, path, SYNC_EACH, LINE_FILE_EMPTY, &error));
	text_string(&file.buffer, "one\n");
	ck_assert(line_file_flush(&file, &error));
	assert_holds("one\n");
	text_string(&file.buffer, "two\n");
	ck_assert(line_file_finish(&file, &error) && line_file_close(&file, &error));
	ck_assert(line_file_open(&file, path, SYNC_NONE, LINE_FILE_APPEND, &error));
	ck_assert(line_file_cut(&file, 4, &error));
	text_string(&file.buffer, "three\n");
	ck_assert(line_file_finish(&file, &error) && line_file_close(&file, &error));
	assert_holds("one\nthree\n");
	ck_assert(line_file_open(&file, path, SYNC_BATCH, LINE_FILE_EMPTY, &error));
	ck_assert(line_file_finish(&file, &error) && line_file_close(&file, &error));
	assert_holds("");
	unlink(path);
}
END_TEST

START_TEST(one_writer_at_a_time)
{
	struct line_file file, other;
	struct text error = TEXT_INIT;

	make_file();
	ck_assert(line_file_open(&file, path, SYNC_NONE, LINE_FILE_EMPTY, &error));
	text_string(&file.buffer, "kept\n");
	ck_assert(line_file_flush(&file, &error));
	ck_assert(!line_file_open(&other, path, SYNC_NONE, LINE_FILE_EMPTY, &error));
	text_terminate(&error);
	ck_assert_ptr_nonnull(strstr(error.data, "in use"));
	assert_holds("kept\n");
	ck_assert(line_file_close(&file, NULL));
	ck_assert(line_file_open(&other, path, SYNC_NONE, LINE_FILE_APPEND, &error));
	ck_assert(line_file_close(&other, NULL));
	text_free(&error);
	unlink(path);
}
END_TEST

/* A limit on the size of files stands for a full disk. */
START_TEST(a_batch_that_does_not_fit_leaves_whole_lines)
{
	struct rlimit limit = {.rlim_cur = 16, .rlim_max = RLIM_INFINITY};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct line_file file;
	struct text error = TEXT_INIT;

	make_file();
	ck_assert(line_file_open(&file, path, SYNC_NONE, LINE_FILE_EMPTY, &error));
	file.hint = "do this";
	sigaction(SIGXFSZ, &ignore, NULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	text_string(&file.buffer, "one\n");
	ck_assert(line_file_flush(&file, &error));
	text_string(&file.buffer, "two\nthree\nfour\n");
	ck_assert(!line_file_flush(&file, &error));
	ck_assert_int_eq(errno, EFBIG);
	text_terminate(&error);
	ck_assert_ptr_nonnull(strstr(error.data, "do this"));
	assert_holds("one\ntwo\nthree\n");
	text_string(&file.buffer, "x\n"); /* it would fit: but it is not known what is missing */
	ck_assert(!line_file_flush(&file, &error));
	ck_assert(!line_file_finish(&file, &error));
	ck_assert(line_file_close(&file, NULL));
	assert_holds("one\ntwo\nthree\n");
	text_free(&error);
	unlink(path);
}
END_TEST

START_TEST(a_sync_that_fails_is_as_a_write_that_fails)
{
	struct line_file file;
	struct text error = TEXT_INIT;
	int ends[2];

	make_file();
	ck_assert(line_file_open(&file, path, SYNC_EACH, LINE_FILE_EMPTY, &error));
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(ends[1], file.fd), file.fd); /* can be written, not synced */
	text_string(&file.buffer, "one\n");
	ck_assert(!line_file_flush(&file, &error));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert(line_file_close(&file, NULL));
	text_free(&error);
	unlink(path);
}
END_TEST

START_TEST(what_cannot_be_read_back_is_not_appended_to)
{
	struct line_file file;
	struct text error = TEXT_INIT;

	ck_assert(!line_file_open(&file, "/dev/null", SYNC_NONE, LINE_FILE_APPEND, &error));
	ck_assert(!line_file_open(&file, "-", SYNC_NONE, LINE_FILE_APPEND, &error));
	ck_assert(line_file_open(&file, "/dev/null", SYNC_EACH, LINE_FILE_EMPTY, &error));
	text_string(&file.buffer, "one\n");
	ck_assert(line_file_finish(&file, &error) && line_file_close(&file, &error));
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    lines_are_appended,
	    one_writer_at_a_time,
	    a_batch_that_does_not_fit_leaves_whole_lines,
	    a_sync_that_fails_is_as_a_write_that_fails,
	    what_cannot_be_read_back_is_not_appended_to,
	};

	return unit_run("line_file", tests, LENGTH(tests));
}
