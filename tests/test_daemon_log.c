/* SPDX-License-Identifier: ISC */
/* test_daemon_log: messages of stintd, and that nothing in them does harm. */
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/daemon_log.h"
#include "tests/unit.h"

static char path[64];

static void
open_file(enum log_level level, bool json)
{
	struct daemon_log_target target = {
	    .kind = LOG_TO_FILE, .file = path, .level = level, .json = json};
	struct text error = TEXT_INIT;

	if (path[0] == '\0') {
		int fd;

		snprintf(path, sizeof(path), "/tmp/stintd-log.XXXXXX");
		fd = mkostemp(path, O_CLOEXEC);
		ck_assert_int_ge(fd, 0);
		close(fd);
	}
	ck_assert_msg(daemon_log_open(&target, &error), "%.*s", (int)error.len, error.data);
}

/* What the file has, which is gone afterwards. */
static const char *
written(void)
{
	static char all[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, all, sizeof(all) - 1);

	ck_assert_int_ge(len, 0);
	all[len] = '\0';
	close(fd);
	daemon_log_close();
	ck_assert_int_eq(unlink(path), 0);
	return all;
}

/* The line without its time, behind "stintd[PID]: ". */
static const char *
message(void)
{
	const char *line = written(), *colon = strstr(line, "]: ");

	ck_assert_ptr_nonnull(colon);
	return colon + 3;
}

START_TEST(a_line_says_when_who_and_what)
{
	char expected[64];
	const char *line;

	open_file(DAEMON_INFO, false);
	daemon_log(DAEMON_WARNING, "job %d: %s", 7, "gone");
	line = written();
	snprintf(expected, sizeof(expected), "Z stintd[%d]: warning: job 7: gone\n", (int)getpid());
	ck_assert_str_eq(line + strlen("2026-11-25T14:00:00.123456"), expected);
	ck_assert_int_eq(line[10], 'T');
}
END_TEST

START_TEST(what_is_less_important_is_left_out)
{
	open_file(DAEMON_NOTICE, false);
	ck_assert(daemon_log_wants(DAEMON_ERROR));
	ck_assert(!daemon_log_wants(DAEMON_INFO));
	daemon_log(DAEMON_INFO, "no");
	daemon_log(DAEMON_DEBUG, "no");
	daemon_log(DAEMON_NOTICE, "yes");
	ck_assert_str_eq(message(), "yes\n");
}
END_TEST

START_TEST(control_characters_do_nothing)
{
	open_file(DAEMON_INFO, false);
	daemon_log(DAEMON_NOTICE, "%s", "a\nb\x1b[31m\x07\x7f c\xc2\x9b\xc3\xa4 \xe2\x82\xac");
	ck_assert_str_eq(message(), "a?b?[31m?? c??\xc3\xa4 \xe2\x82\xac\n");
}
END_TEST

START_TEST(what_is_no_utf8_becomes_so)
{
	open_file(DAEMON_INFO, false);
	daemon_log(DAEMON_NOTICE, "a\xff%s", "\xc3");
	ck_assert_str_eq(message(), "a??\n");
}
END_TEST

START_TEST(what_is_long_is_cut)
{
	char text[10000];
	const char *line;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	open_file(DAEMON_INFO, false);
	daemon_log(DAEMON_NOTICE, "%s", text);
	line = message();
	ck_assert_uint_le(strlen(line), 4096);
	ck_assert_str_eq(line + strlen(line) - 5, "x...\n");
}
END_TEST

START_TEST(json_is_json)
{
	json_t *line;

	open_file(DAEMON_INFO, true);
	daemon_log(DAEMON_WARNING, "says \"no\"\n\xff\\");
	line = json_loads(written(), 0, NULL);
	ck_assert_ptr_nonnull(line);
	ck_assert_str_eq(json_string_value(json_object_get(line, "message")), "says \"no\"??\\");
	ck_assert_str_eq(json_string_value(json_object_get(line, "level")), "warning");
	ck_assert_int_eq(json_integer_value(json_object_get(line, "pid")), getpid());
	ck_assert_ptr_nonnull(json_string_value(json_object_get(line, "time")));
	json_decref(line);
}
END_TEST

START_TEST(a_large_file_is_put_aside)
{
	char old[80];
	struct stat info;

	open_file(DAEMON_INFO, false);
	ck_assert_int_eq(truncate(path, (16 << 20) + 1), 0);
	open_file(DAEMON_INFO, false);
	daemon_log(DAEMON_NOTICE, "new");
	ck_assert_str_eq(message(), "new\n");
	snprintf(old, sizeof(old), "%s.old", path);
	ck_assert_int_eq(stat(old, &info), 0);
	ck_assert_int_eq(unlink(old), 0);
}
END_TEST

START_TEST(the_journal_gets_levels)
{
	struct daemon_log_target target = {.kind = LOG_TO_STDERR, .level = DAEMON_INFO};
	struct text error = TEXT_INIT;
	char stream[64], line[128] = "";
	struct stat info;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	ck_assert_int_eq(fstat(STDERR_FILENO, &info), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	ck_assert(daemon_log_open(&target, &error));
	daemon_log(DAEMON_WARNING, "look");
	ck_assert_int_gt(read(ends[0], line, sizeof(line) - 1), 0);
	ck_assert_str_eq(line, "<4>look\n");
	memset(line, 0, sizeof(line));
	daemon_log_start_error((char[]){"no\tsuch"});
	ck_assert_int_gt(read(ends[0], line, sizeof(line) - 1), 0);
	ck_assert_str_eq(line, "<3>no?such\n");
	setenv("JOURNAL_STREAM", "1:2", 1); /* of somebody else's stderr */
	ck_assert(daemon_log_open(&target, &error));
	memset(line, 0, sizeof(line));
	daemon_log(DAEMON_WARNING, "look");
	ck_assert_int_gt(read(ends[0], line, sizeof(line) - 1), 0);
	ck_assert_str_eq(line, "stintd: warning: look\n");
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	struct daemon_log_target target = {.kind = LOG_TO_FILE, .level = DAEMON_INFO};
	struct text error = TEXT_INIT;
	char link_path[80];

	open_file(DAEMON_INFO, false);
	snprintf(link_path, sizeof(link_path), "%s.link", path);
	ck_assert_int_eq(symlink(path, link_path), 0);
	target.file = link_path;
	ck_assert(!daemon_log_open(&target, &error));
	daemon_log(DAEMON_NOTICE, "as before");
	ck_assert_str_eq(message(), "as before\n");
	ck_assert_int_eq(unlink(link_path), 0);
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_line_says_when_who_and_what, what_is_less_important_is_left_out,
	    control_characters_do_nothing, what_is_no_utf8_becomes_so,
	    what_is_long_is_cut,           json_is_json,
	    a_large_file_is_put_aside,     the_journal_gets_levels,
	    a_link_is_not_followed};

	return unit_run("daemon_log", tests, LENGTH(tests));
}
