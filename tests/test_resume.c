/* SPDX-License-Identifier: ISC */
/* test_resume: what a results file says is done, how its end is healed, what is left of it. */
#include "supervisor/resume.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/ids.h"
#include "supervisor/record_index.h"
#include "tests/unit.h"

static char folder[] = "/tmp/stint-resume-XXXXXX";
static char path[64];

static void
setup_file(const char *bytes, size_t len)
{
	int fd;

	if (path[0] == '\0') {
		ck_assert_ptr_nonnull(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/results", folder);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	ck_assert(fds_write_all(fd, bytes, len));
	close(fd);
}

static void
remove_file(void)
{
	unlink(path);
	rmdir(folder);
}

static struct task *
make_task(const char *id, const char *spec)
{
	struct task_text *text = task_text_new(span_of(spec), span_of(id), SPAN_EMPTY);
	struct task *task = task_new(text, 1, 0);

	task_text_release(text);
	return task;
}

/* A line of results, for the task of make_task(). */
static void
put_record(struct text *out, const char *id, const char *spec, const char *status)
{
	struct task *task = make_task(id, spec);

	text_printf(out, "{\"id\":\"%s\",\"status\":\"%s\",\"wall\":0.1,\"stdout\":\"a\\nb}\",", id,
		    status);
	text_printf(out, "\"hash\":\"%016jx\"}\n", (uintmax_t)task->text->hash);
	task_free(task);
}

static enum resume_verdict
verdict(const struct resume *resume, const char *id, const char *spec)
{
	struct task *task = make_task(id, spec);
	enum resume_verdict result = resume_verdict(resume, task);

	task_free(task);
	return result;
}

/* Reads the file; *end: where its whole lines end. NULL: refused. */
static struct resume *
read_file(bool only_failed, uint64_t *end, bool *unended)
{
	struct resume *resume = resume_new(only_failed ? WANTED_FAILED : WANTED_NOT_OK);
	struct text error = TEXT_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (!resume_read(resume, fd, path, end, unended, &error)) {
		ck_assert_uint_gt(error.len, 0);
		resume_free(resume);
		resume = NULL;
	}
	text_free(&error);
	close(fd);
	return resume;
}

static void
assert_file(const struct text *expected)
{
	char bytes[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, bytes, sizeof(bytes));

	close(fd);
	ck_assert_int_eq(got, (ssize_t)expected->len);
	ck_assert_mem_eq(bytes, expected->data, expected->len);
}

START_TEST(id_and_hash_must_both_be_the_same)
{
	struct text file = TEXT_INIT;
	struct resume *resume;
	uint64_t end;
	bool unended;

	put_record(&file, "a", "{\"sleep\":1}", "ok");
	put_record(&file, "b", "{\"sleep\":1}", "failed");
	put_record(&file, "caf\\u00e9", "{\"sleep\":1}", "ok");
	put_record(&file, "late", "{\"sleep\":1}", "ok");
	put_record(&file, "late", "{\"sleep\":1}", "interrupted");
	put_record(&file, "early", "{\"sleep\":1}", "cancelled");
	put_record(&file, "early", "{\"sleep\":1}", "ok");
	setup_file(file.data, file.len);
	resume = read_file(false, &end, &unended);
	ck_assert_uint_eq(end, file.len);
	ck_assert(!unended);
	ck_assert_int_eq(verdict(resume, "a", "{\"sleep\":1}"), RESUME_DONE);
	ck_assert_int_eq(verdict(resume, "a", "{\"sleep\":2}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "b", "{\"sleep\":1}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "c", "{\"sleep\":1}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "caf\xc3\xa9", "{\"sleep\":1}"), RESUME_DONE);
	ck_assert_int_eq(verdict(resume, "late", "{\"sleep\":1}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "early", "{\"sleep\":1}"), RESUME_DONE);
	ck_assert_int_eq(verdict(NULL, "a", "{\"sleep\":1}"), RESUME_RUN);
	resume_free(resume);
	resume_free(NULL);
	text_free(&file);
	remove_file();
}
END_TEST

START_TEST(only_what_failed_is_wanted)
{
	struct text file = TEXT_INIT;
	struct resume *resume;
	uint64_t end;
	bool unended;

	put_record(&file, "ok", "{}", "ok");
	put_record(&file, "failed", "{}", "timeout");
	setup_file(file.data, file.len);
	resume = read_file(true, &end, &unended);
	ck_assert_int_eq(verdict(resume, "ok", "{}"), RESUME_DONE);
	ck_assert_int_eq(verdict(resume, "ok", "{\"changed\":1}"), RESUME_DONE);
	ck_assert_int_eq(verdict(resume, "failed", "{}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "none", "{}"), RESUME_LEAVE);
	resume_free(resume);
	text_free(&file);
	remove_file();
}
END_TEST

/* Cut at every byte: a task whose record is whole is done, any other one runs. */
START_TEST(every_cut_is_healed)
{
	static const char *const ids[] = {"a", "b", "c"};
	struct text file = TEXT_INIT;
	size_t ends[3];

	for (int i = 0; i < 3; i++) {
		put_record(&file, ids[i], "{}", "ok");
		ends[i] = file.len;
	}
	for (size_t len = 0; len <= file.len; len++) {
		uint64_t end = 99, good = 0;
		bool unended, whole = false;
		struct resume *resume;

		setup_file(file.data, len);
		resume = read_file(false, &end, &unended);
		ck_assert_ptr_nonnull(resume);
		for (int i = 0; i < 3; i++) {
			bool done = len + 1 >= ends[i]; /* but for its newline */

			ck_assert_int_eq(verdict(resume, ids[i], "{}"),
					 done ? RESUME_DONE : RESUME_RUN);
			good = done ? ends[i] : good;
			whole |= len + 1 == ends[i];
		}
		ck_assert(unended == whole);
		ck_assert_uint_eq(end, whole ? len : good);
		resume_free(resume);
	}
	text_free(&file);
	remove_file();
}
END_TEST

START_TEST(what_is_not_results_is_refused)
{
	static const char *const foreign[] = {
	    "hello\n",           "hello",
	    "{\"sleep\":1}\n",   "[]\n",
	    "{\"id\":\"a\"}\n",  "{\"id\":\"a\",\"status\":\"fine\"}\n",
	    "#!/bin/sh\necho\n", "\xff\xfe",
	};
	uint64_t end;
	bool unended;

	for (size_t i = 0; i < LENGTH(foreign); i++) {
		setup_file(foreign[i], strlen(foreign[i]));
		ck_assert_msg(read_file(false, &end, &unended) == NULL, "%s", foreign[i]);
	}
	remove_file();
}
END_TEST

START_TEST(damage_in_the_middle_is_as_if_not_there)
{
	struct text file = TEXT_INIT;
	struct resume *resume;
	uint64_t end;
	bool unended;

	put_record(&file, "a", "{}", "ok");
	text_string(&file, "{\"id\":\"b\",\"status\":\"ok\",\"ha\n");
	text_bytes(&file, "\0\0\0\0\n\n  \n", 9);
	put_record(&file, "c", "{}", "ok");
	text_bytes(&file, "\0\0\0\0", 4);
	setup_file(file.data, file.len);
	resume = read_file(false, &end, &unended);
	ck_assert_ptr_nonnull(resume);
	ck_assert_uint_eq(end, file.len - 4);
	ck_assert_int_eq(verdict(resume, "a", "{}"), RESUME_DONE);
	ck_assert_int_eq(verdict(resume, "b", "{}"), RESUME_RUN);
	ck_assert_int_eq(verdict(resume, "c", "{}"), RESUME_DONE);
	resume_free(resume);
	text_free(&file);
	remove_file();
}
END_TEST

static void
append(struct text *out, int fd, const char *id, const char *status)
{
	size_t before = out->len;

	put_record(out, id, "{}", status);
	ck_assert(fds_write_all(fd, out->data + before, out->len - before));
}

START_TEST(one_record_an_id_is_left)
{
	struct text file = TEXT_INIT, expected = TEXT_INIT, error = TEXT_INIT, new = TEXT_INIT;
	struct resume *resume;
	struct task *task = make_task("b", "{}");
	struct stat info;
	uint64_t end;
	bool unended;
	int fd;

	put_record(&file, "b", "{}", "crashed");
	put_record(&file, "a", "{}", "failed");
	put_record(&file, "b", "{}", "failed");
	text_string(&file, "damaged\n");
	put_record(&file, "c", "{}", "ok");
	put_record(&file, "a", "{}", "ok");
	setup_file(file.data, file.len);
	resume = read_file(false, &end, &unended);
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	append(&new, fd, "b", "ok");
	append(&new, fd, "d", "ok");
	resume_replaced(resume, task);
	ck_assert_msg(resume_compact(resume, fd, path, &error), "%.*s", (int)error.len, error.data);
	put_record(&expected, "c", "{}", "ok");
	put_record(&expected, "a", "{}", "ok");
	text_bytes(&expected, new.data, new.len);
	assert_file(&expected);
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0640 & ~(umask(0)));
	close(fd);
	task_free(task);
	resume_free(resume);
	text_free(&file);
	text_free(&expected);
	text_free(&new);
	remove_file(); /* nothing else is in the folder, or rmdir would leave it */
	ck_assert_int_ne(access(folder, F_OK), 0);
}
END_TEST

START_TEST(nothing_replaced_leaves_the_file_alone)
{
	struct text file = TEXT_INIT, error = TEXT_INIT;
	struct task *task = make_task("new", "{}");
	struct stat before, after;
	struct resume *resume;
	uint64_t end;
	bool unended;
	int fd;

	put_record(&file, "a", "{}", "ok");
	setup_file(file.data, file.len);
	resume = read_file(false, &end, &unended);
	stat(path, &before);
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	resume_replaced(resume, task);
	ck_assert(resume_compact(resume, fd, path, &error));
	stat(path, &after);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	close(fd);
	task_free(task);
	resume_free(resume);
	text_free(&file);
	remove_file();
}
END_TEST

START_TEST(the_index_agrees_with_a_table)
{
	enum { IDS = 5000 };
	static struct {
		uint64_t spec;
		uint32_t last;
	} table[IDS];
	struct record_index *index = record_index_new();
	uint64_t state = 7;

	for (uint32_t number = 1; number <= 4 * IDS; number++) {
		uint64_t i = unit_random(&state) % IDS, spec = unit_random(&state) % 3;
		uint64_t id = ids_hash((const char *)&i, sizeof(i));

		if (unit_random(&state) % 8 == 0) {
			ck_assert(record_index_drop(index, id) == (table[i].last != 0));
			table[i].last = 0;
			continue;
		}
		record_index_put(index, id, spec, number);
		table[i].spec = spec;
		table[i].last = number;
	}
	for (uint64_t i = 0; i < IDS; i++) {
		uint64_t id = ids_hash((const char *)&i, sizeof(i)), spec;

		ck_assert_uint_eq(record_index_last(index, id), table[i].last);
		if (record_index_get(index, id, &spec)) {
			ck_assert_uint_eq(spec, table[i].spec);
		}
	}
	ck_assert_uint_le(record_index_memory(index), IDS * 34);
	record_index_free(index);
}
END_TEST

START_TEST(a_round_begins_with_what_was_ok)
{
	struct text file = TEXT_INIT, error = TEXT_INIT;
	uint64_t round, end;
	bool unended;

	put_record(&file, "a", "{}", "ok");
	put_record(&file, "b", "{}", "failed");
	put_record(&file, "c", "{}", "failed");
	round = file.len;
	put_record(&file, "c", "{}", "timeout");
	setup_file(file.data, file.len);
	for (int none = 0; none < 2; none++) {
		struct resume *resume = resume_new(WANTED_OPEN);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		resume_set_round(resume, round, none == 1);
		ck_assert(resume_read(resume, fd, path, &end, &unended, &error));
		ck_assert_int_eq(verdict(resume, "a", "{}"), none ? RESUME_RUN : RESUME_DONE);
		ck_assert_int_eq(verdict(resume, "b", "{}"), RESUME_RUN);
		ck_assert_int_eq(verdict(resume, "c", "{}"), RESUME_ENDED);
		ck_assert_int_eq(verdict(resume, "d", "{}"), RESUME_RUN);
		close(fd);
		resume_free(resume);
	}
	text_free(&file);
	text_free(&error);
	remove_file();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    id_and_hash_must_both_be_the_same,
	    only_what_failed_is_wanted,
	    every_cut_is_healed,
	    what_is_not_results_is_refused,
	    damage_in_the_middle_is_as_if_not_there,
	    one_record_an_id_is_left,
	    nothing_replaced_leaves_the_file_alone,
	    the_index_agrees_with_a_table,
	    a_round_begins_with_what_was_ok,
	};

	return unit_run("resume", tests, LENGTH(tests));
}
