/* SPDX-License-Identifier: ISC */
/* test_jobfile: documents and streams, from files and from pipes in pieces of any size. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/message.h"
#include "supervisor/jobfile.h"
#include "tests/unit.h"

/* Appends a message without the name of the file that it begins with. */
static void
put_message(const char *message, const char *file, struct text *out)
{
	ck_assert_msg(strncmp(message, file, strlen(file)) == 0, "%s", message);
	text_string(out, message + strlen(file));
	text_char(out, '\n');
}

static enum jobfile_state
put_next(struct jobfile *jobfile, const char *file, struct text *out)
{
	enum jobfile_state state;
	struct task *task;

	state = jobfile_next(jobfile, &task);
	if (state == JOBFILE_TASK) {
		task_put_plain_id(task, out);
		text_printf(out, "|%s|%s\n", unit_string(task_name(task)),
			    unit_string(task_spec_text(task)));
		task_free(task);
	} else if (state == JOBFILE_BAD) {
		text_printf(out, "%ju", (uintmax_t)jobfile_number(jobfile));
		put_message(jobfile_error(jobfile), file, out);
	}
	return state;
}

/* All that comes out: "id|name|spec", "number:line: message", or ":line: message". */
static void
collect(const char *path, const char *timeout, struct text *out)
{
	const char *file = strcmp(path, "-") == 0 ? "stdin" : path;
	struct text error = TEXT_INIT;
	struct run_defaults more = {.count = 0};
	enum jobfile_state state;
	struct jobfile *jobfile;

	if (timeout != NULL) {
		ck_assert_ptr_null(run_defaults_set(&more, "timeout", timeout));
	}
	jobfile = jobfile_open(path, &more, &error);

	text_clear(out);
	if (jobfile == NULL) {
		text_terminate(&error);
		put_message(error.data, file, out);
	} else {
		while ((state = put_next(jobfile, file, out)) < JOBFILE_WAIT) {
		}
		ck_assert_int_eq(state, JOBFILE_END);
	}
	jobfile_free(jobfile);
	text_free(&error);
	text_terminate(out);
}

static void
write_file(char *path, const char *bytes, size_t len)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void
collect_file(const char *text, const char *timeout, struct text *out)
{
	char path[] = "/tmp/stint-test-XXXXXX";

	write_file(path, text, strlen(text));
	collect(path, timeout, out);
	unlink(path);
}

/* A pipe that hands out each write by itself becomes stdin. */
static int
open_packets(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_DIRECT | O_CLOEXEC), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20); /* 256 of them */
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return ends[1];
}

static void
put_packet(int fd, const char *bytes, size_t len)
{
	if (len > 0) {
		ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	}
}

static void
assert_reads(const char *text, const char *timeout, const char *expected)
{
	struct text out = TEXT_INIT;

	collect_file(text, timeout, &out);
	ck_assert_msg(strcmp(out.data, expected) == 0, "%s\ngave\n%s\nnot\n%s", text, out.data,
		      expected);
	text_free(&out);
}

START_TEST(documents_are_read)
{
	assert_reads("{\"tasks\":[]}", NULL, "");
	assert_reads(
	    "{\"stint\":1,\"name\":\"j\",\"tasks\":[{\"sleep\":1},{\"id\":\"x\",\"print\":\"a\"}]}",
	    NULL, "1||{\"sleep\":1}\nx||{\"print\":\"a\"}\n");
	assert_reads("\n\r\n {\n\"tasks\" :\n[ {\"sleep\": 1 }\n]\n}\n\n", NULL,
		     "1||{\"sleep\":1}\n");
	assert_reads("{\"tasks\":[{\"shell\":\"x\"}],\"defaults\":{\"name\":\"n\",\"timeout\":5}}",
		     NULL, "1|n|{\"shell\":\"x\",\"timeout\":5}\n");
}
END_TEST

START_TEST(streams_are_read)
{
	assert_reads("{\"sleep\":1}\n{\"id\":\"x\",\"sleep\":2}\n", NULL,
		     "1||{\"sleep\":1}\nx||{\"sleep\":2}\n");
	assert_reads("\n \n{\"sleep\":1}\r\n\r\n\t{\"sleep\":2} \r\n{\"sleep\":3}", NULL,
		     "1||{\"sleep\":1}\n2||{\"sleep\":2}\n3||{\"sleep\":3}\n");
	assert_reads("{\"sleep\":1}", NULL, "1||{\"sleep\":1}\n");
	assert_reads("{\"name\":\"n\",\"sleep\":1}\n", NULL, "1|n|{\"sleep\":1}\n");
}
END_TEST

START_TEST(headers_are_read)
{
	assert_reads("{\"stint\":1}\n{\"sleep\":1}\n", NULL, "1||{\"sleep\":1}\n");
	assert_reads("{\"name\":\"j\"}\n{\"sleep\":1}\n", NULL, "1||{\"sleep\":1}\n");
	assert_reads(
	    "\n{\"defaults\":{\"class\":\"wait\"}}\n\n{\"shell\":\"x\"}\n{\"class\":\"cpu\","
	    "\"shell\":\"y\"}",
	    NULL,
	    "1||{\"shell\":\"x\",\"class\":\"wait\"}\n2||{\"class\":\"cpu\",\"shell\":\"y\"}\n");
	assert_reads("{\"stint\":1}\n", NULL, "");
	assert_reads("{\"stint\":2}\n{\"sleep\":1}\n", NULL,
		     ":1: stint: must be 1, the version of the format\n");
	assert_reads("{\"defaults\":{\"timeot\":1}}\n{\"sleep\":1}\n", NULL,
		     ":1: defaults.timeot: unknown key, did you mean \"timeout\"?\n");
}
END_TEST

START_TEST(a_header_may_be_the_last_line_without_newline)
{
	assert_reads("{\"stint\":1}", NULL, "");
}
END_TEST

START_TEST(defaults_are_merged)
{
	assert_reads(
	    "{\"defaults\":{\"env\":{\"A\":\"1\",\"B\":\"2\",\"C\":\"3\"},\"cwd\":\"/"
	    "d\"},\"tasks\":["
	    "{\"shell\":\"x\"},{\"env\":{\"B\":\"two\",\"C\":null,\"D\":\"4\"},\"cwd\":\"/t\","
	    "\"shell\":\"y\"},{\"env\":{},\"shell\":\"z\"}]}",
	    NULL,
	    "1||{\"shell\":\"x\",\"env\":{\"A\":\"1\",\"B\":\"2\",\"C\":\"3\"},\"cwd\":\"/d\"}\n"
	    "2||{\"env\":{\"B\":\"two\",\"C\":null,\"D\":\"4\",\"A\":\"1\"},\"cwd\":\"/"
	    "t\",\"shell\":\"y\"}\n"
	    "3||{\"env\":{\"A\":\"1\",\"B\":\"2\",\"C\":\"3\"},\"shell\":\"z\",\"cwd\":\"/d\"}\n");
	assert_reads("{\"sleep\":1}\n{\"timeout\":3,\"sleep\":1}\n", "2m",
		     "1||{\"sleep\":1,\"timeout\":\"2m\"}\n2||{\"timeout\":3,\"sleep\":1}\n");
	assert_reads("{\"defaults\":{\"timeout\":4}}\n{\"sleep\":1}\n", "2m",
		     "1||{\"sleep\":1,\"timeout\":4}\n");
	assert_reads("{\"tasks\":[{\"sleep\":1}]}", "2m", "1||{\"sleep\":1,\"timeout\":\"2m\"}\n");
	assert_reads("{\"defaults\":{\"repeat\":2,\"name\":\"n\"},\"tasks\":[{\"sleep\":1},"
		     "{\"repeat\":1,\"name\":\"m\",\"sleep\":2}]}",
		     NULL, "1.1|n|{\"sleep\":1}\n1.2|n|{\"sleep\":1}\n2|m|{\"sleep\":2}\n");
}
END_TEST

START_TEST(repeats_have_numbered_ids)
{
	assert_reads(
	    "{\"id\":\"a\",\"repeat\":3,\"sleep\":1}\n{\"repeat\":2,\"sleep\":2}\n"
	    "{\"repeat\":1,\"sleep\":3}\n{\"id\":\"a.2\",\"sleep\":4}\n",
	    NULL,
	    "a.1||{\"sleep\":1}\na.2||{\"sleep\":1}\na.3||{\"sleep\":1}\n2.1||{\"sleep\":2}\n"
	    "2.2||{\"sleep\":2}\n3||{\"sleep\":3}\n"
	    "4:4: id: \"a.2\" was used before; ids must be unique\n");
}
END_TEST

START_TEST(mistakes_have_their_line)
{
	assert_reads("{\"tasks\":[\n{\"sleep\":1},\n{\n\"sleep\":\n-1}]}", NULL,
		     ":5: tasks[1].sleep: must be from 0 seconds to ten years\n");
	assert_reads("{\"tasks\":[\n{\"sleep\":1},\n\n{\"slep\":1}]}", NULL,
		     ":4: tasks[1].slep: unknown key, did you mean \"sleep\"?\n");
	assert_reads("\n\n{\"tasks\":[\n{\"sleep\":1},{\"id\":\"1\",\"sleep\":1}]}\n", NULL,
		     ":4: tasks[1].id: \"1\" was used before; ids must be unique\n");
	assert_reads("{\"tasks\":[{\"sleep\":1}],\n\"tsaks\":1}", NULL,
		     ":2: tsaks: unknown key, did you mean \"tasks\"?\n");
	assert_reads("{\"tasks\":\n1}", NULL, ":2: tasks: must be an array of tasks\n");
	assert_reads("{\"tasks\":[],\n\"tasks\":[]}", NULL,
		     ":2: tasks: a key that is there twice\n");
	assert_reads("{\"tasks\":[],\n\n\"defaults\":{\n\"env\":1}}", NULL,
		     ":4: defaults.env: must be an object of strings\n");
	assert_reads(
	    "{\"sleep\":1}\n\nnonsense\n{\"sleep\":\"x\"}\n{\"sleep\":4}\n", NULL,
	    "1||{\"sleep\":1}\n2:3: column 8: not valid JSON: invalid token near 'nonsense'\n"
	    "3:4: sleep: not a duration; write seconds (1.5) or \"1500ms\", \"1.5s\", \"2m\", "
	    "\"1h\", "
	    "\"1d\"\n4||{\"sleep\":4}\n");
	assert_reads("", NULL,
		     ": no tasks: the input is empty; stint-jobs(5) shows what it may hold\n");
	assert_reads(" \n\n\t", NULL,
		     ": no tasks: the input is empty; stint-jobs(5) shows what it may hold\n");
}
END_TEST

START_TEST(lines_are_counted_without_a_last_newline)
{
	assert_reads("\n\n{\"slep\":1}", NULL, "1:3: slep: unknown key, did you mean \"sleep\"?\n");
	assert_reads("\n\n{\"tasks\":[{\"slep\":1}]}", NULL,
		     ":3: tasks[0].slep: unknown key, did you mean \"sleep\"?\n");
}
END_TEST

/* However long the id is, what is wrong with it is said. */
START_TEST(a_long_id_used_twice_is_explained)
{
	struct text text = TEXT_INIT, out = TEXT_INIT;

	for (int line = 0; line < 2; line++) {
		text_string(&text, "{\"sleep\":1,\"id\":\"");
		for (int i = 0; i < 500; i++) {
			text_string(&text, "\xc3\xa9");
		}
		text_string(&text, "\"}\n");
	}
	text_terminate(&text);
	collect_file(text.data, NULL, &out);
	ck_assert_msg(strstr(out.data, "was used before") != NULL, "%s", out.data);
	ck_assert(text_is_utf8(out.data, out.len));
	text_free(&text);
	text_free(&out);
}
END_TEST

static const char *const chunked[] = {
    "{\"tasks\":[\n{\"sleep\":1},\n{\"id\":\"x\",\"repeat\":2,\"shell\":\"a \\\"b\\\" {\"}]}\n",
    "{\"tasks\":[{\"slep\":1}]}",
    "{\"sleep\":1}\n\n{\"slep\":1}\r\n{\"id\":\"x\"}\n{\"sleep\":\n{\"print\":\"\xc3\xa9\"}",
    "\n{\"stint\":1,\"defaults\":{\"timeout\":1}}\n{\"sleep\":1}\n \n{\"sleep\":1}\n",
    "{\"stint\":1\n",
    " ",
    "[1,\n2]",
    "{\"name\":\"n\"}\n{\"tasks\":[]}\n",
};

START_TEST(a_pipe_reads_the_same_at_every_cut)
{
	struct text whole = TEXT_INIT, out = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(chunked); i++) {
		size_t len = strlen(chunked[i]);

		collect_file(chunked[i], "9s", &whole);
		for (size_t cut = 0; cut <= len; cut++) {
			int fd = open_packets();

			put_packet(fd, chunked[i], cut);
			put_packet(fd, chunked[i] + cut, len - cut);
			close(fd);
			collect("-", "9s", &out);
			ck_assert_str_eq(out.data, whole.data);
		}
	}
	text_free(&whole);
	text_free(&out);
}
END_TEST

START_TEST(a_pipe_reads_the_same_in_pieces_of_any_size)
{
	struct text whole = TEXT_INIT, out = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(chunked); i++) {
		size_t len = strlen(chunked[i]);

		collect_file(chunked[i], NULL, &whole);
		for (size_t piece = 1; piece < 20; piece++) {
			int fd = open_packets();

			for (size_t at = 0; at < len; at += piece) {
				put_packet(fd, chunked[i] + at,
					   len - at < piece ? len - at : piece);
			}
			close(fd);
			collect("-", NULL, &out);
			ck_assert_str_eq(out.data, whole.data);
		}
	}
	text_free(&whole);
	text_free(&out);
}
END_TEST

START_TEST(a_stream_waits_for_what_has_not_come)
{
	struct text error = TEXT_INIT, out = TEXT_INIT;
	int fd = open_packets();
	struct jobfile *jobfile;
	struct task *task;

	put_packet(fd, "{\"sleep\":1}\n{\"sle", 17);
	jobfile = jobfile_open("-", NULL, &error);
	ck_assert_ptr_nonnull(jobfile);
	ck_assert(jobfile_is_stream(jobfile));
	ck_assert_int_eq(jobfile_fd(jobfile), STDIN_FILENO);
	ck_assert_str_eq(jobfile_name(jobfile), "stdin");
	ck_assert_int_eq(put_next(jobfile, "stdin", &out), JOBFILE_TASK);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_WAIT);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_WAIT);
	put_packet(fd, "ep\":2}", 6);
	jobfile_wait(jobfile);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_WAIT);
	put_packet(fd, "\n", 1);
	ck_assert_int_eq(put_next(jobfile, "stdin", &out), JOBFILE_TASK);
	put_packet(fd, "{\"sleep\":3}", 11);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_WAIT);
	close(fd);
	jobfile_wait(jobfile);
	ck_assert_int_eq(put_next(jobfile, "stdin", &out), JOBFILE_TASK);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_END);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_END);
	unit_assert_text(&out, "1||{\"sleep\":1}\n2||{\"sleep\":2}\n3||{\"sleep\":3}\n");
	jobfile_free(jobfile);
	text_free(&out);
	text_free(&error);
}
END_TEST

START_TEST(a_line_too_long_is_bad_and_the_next_is_not)
{
	struct text text = TEXT_INIT, out = TEXT_INIT;
	size_t longest = MESSAGE_LINE_MAX - 4096;

	for (size_t len = longest - 1; len <= longest; len++) {
		text_clear(&text);
		text_string(&text, "{\"sleep\":1}\n{\"sleep\":2}");
		while (text.len < 12 + len) {
			text_char(&text, ' ');
		}
		text_string(&text, "\n{\"sleep\":3}\n");
		text_terminate(&text);
		collect_file(text.data, NULL, &out);
		ck_assert_str_eq(
		    out.data,
		    len < longest
			? "1||{\"sleep\":1}\n2||{\"sleep\":2}\n3||{\"sleep\":3}\n"
			: "1||{\"sleep\":1}\n2:2: a line longer than 16 MiB\n3||{\"sleep\":3}\n");
	}
	text_free(&text);
	text_free(&out);
}
END_TEST

/* The hash of the only task. */
static uint64_t
hash_of(const char *text)
{
	char path[] = "/tmp/stint-test-XXXXXX";
	struct text error = TEXT_INIT;
	struct jobfile *jobfile;
	struct task *task;
	uint64_t hash;

	write_file(path, text, strlen(text));
	jobfile = jobfile_open(path, NULL, &error);
	ck_assert_ptr_nonnull(jobfile);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
	hash = task->text->hash;
	task_free(task);
	jobfile_free(jobfile);
	unlink(path);
	return hash;
}

START_TEST(the_hash_is_of_what_the_task_does)
{
	uint64_t plain = hash_of("{\"exec\":[\"a b\",\"c\"],\"timeout\":1}\n");

	ck_assert_uint_eq(plain,
			  hash_of(" { \"exec\" : [ \"a b\" ,\t\"c\" ] , \"timeout\":1 }\r\n"));
	ck_assert_uint_eq(plain,
			  hash_of("{\"tasks\":[{\"exec\":\n[\"a b\",\"c\"],\"timeout\":1}]}"));
	ck_assert_uint_eq(plain, hash_of("{\"id\":\"x\",\"name\":\"n\",\"exec\":[\"a "
					 "b\",\"c\"],\"repeat\":2,\"timeout\":1}"));
	ck_assert_uint_eq(
	    plain,
	    hash_of("{\"defaults\":{\"timeout\":1},\"tasks\":[{\"exec\":[\"a b\",\"c\"]}]}"));
	ck_assert_uint_ne(plain, hash_of("{\"exec\":[\"a  b\",\"c\"],\"timeout\":1}\n"));
	ck_assert_uint_eq(plain, hash_of("{\"exec\":[\"a b\",\"c\"],\"timeout\":2}\n"));
}
END_TEST

START_TEST(the_total_is_known_for_documents)
{
	char path[] = "/tmp/stint-test-XXXXXX";
	const char *text = "{\"tasks\":[{\"repeat\":1000000000,\"sleep\":1},{\"sleep\":1}]}";
	struct text error = TEXT_INIT;
	struct jobfile *jobfile;
	struct task *task;

	write_file(path, text, strlen(text));
	jobfile = jobfile_open(path, NULL, &error);
	ck_assert_uint_eq(jobfile_total(jobfile, 0), 1000000001);
	ck_assert_int_eq(jobfile_next(jobfile, &task), JOBFILE_TASK);
	ck_assert_uint_eq(jobfile_total(jobfile, 1), 1000000001);
	ck_assert_str_eq(jobfile_name(jobfile), path + strlen("/tmp/"));
	task_free(task);
	jobfile_free(jobfile);
	unlink(path);
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
	struct text error = TEXT_INIT;

	ck_assert_ptr_null(jobfile_open("/no/such/file", NULL, &error));
	unit_assert_text(&error, "/no/such/file: No such file or directory");
	ck_assert_ptr_null(jobfile_open("/tmp", NULL, &error));
	unit_assert_text(&error, "/tmp: is a directory; name a job file in it");
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    documents_are_read,
	    streams_are_read,
	    headers_are_read,
	    a_header_may_be_the_last_line_without_newline,
	    defaults_are_merged,
	    repeats_have_numbered_ids,
	    mistakes_have_their_line,
	    lines_are_counted_without_a_last_newline,
	    a_long_id_used_twice_is_explained,
	    a_pipe_reads_the_same_at_every_cut,
	    a_pipe_reads_the_same_in_pieces_of_any_size,
	    a_stream_waits_for_what_has_not_come,
	    a_line_too_long_is_bad_and_the_next_is_not,
	    the_hash_is_of_what_the_task_does,
	    the_total_is_known_for_documents,
	    what_cannot_be_read_is_named,
	};

	return unit_run("jobfile", tests, LENGTH(tests));
}
