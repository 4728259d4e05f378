/* SPDX-License-Identifier: ISC */
/* test_begun: notes of what was sent, over the death of who has made them. */
#include "supervisor/begun.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit.h"

static char folder[32];
static char file[48];

static void
begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/stint-begun-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/begun", folder);
}

static void
end(void)
{
	unlink(file);
	ck_assert_int_eq(rmdir(folder), 0);
}

static struct begun *
opened(void)
{
	struct text error = TEXT_INIT;
	struct begun *begun = begun_open(folder, &error);

	ck_assert_ptr_nonnull(begun);
	text_free(&error);
	return begun;
}

START_TEST(notes_outlive_a_kill)
{
	struct begun *begun;
	pid_t pid;

	begin();
	pid = fork();
	if (pid == 0) {
		begun = opened();
		begun_note(begun, 7, 1, 1);
		begun_note(begun, 7, 1, 2);
		begun_note(begun, 8, 1, 1);
		if (!begun_write(begun)) {
			_exit(1);
		}
		begun_note(begun, 9, 1, 1); /* nobody was told of it */
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	begun = opened();
	ck_assert_uint_eq(begun_attempts(begun, 7, 1), 2);
	ck_assert_uint_eq(begun_attempts(begun, 8, 1), 1);
	ck_assert_uint_eq(begun_attempts(begun, 1, 8), 0);
	ck_assert_uint_eq(begun_attempts(begun, 9, 1), 0);
	begun_note(begun, 7, 1, 3); /* of this one: it knows those by itself */
	ck_assert(begun_write(begun));
	begun_close(begun);
	begun = opened();
	ck_assert_uint_eq(begun_attempts(begun, 7, 1), 3);
	begun_close(begun);
	end();
}
END_TEST

static bool
is_seven(void *context, uint64_t job, uint64_t task, bool late)
{
	ck_assert_ptr_eq(context, folder);
	return job == 7 && (late || task % 2 == 0);
}

/* More than are read at a time; also when it was opened again. */
START_TEST(what_counts_is_kept)
{
	enum { TASKS = 3000 };
	struct begun *begun;
	int64_t size;

	begin();
	begun = opened();
	for (unsigned i = 1; i <= TASKS; i++) {
		begun_note(begun, 7, i, 1);
		begun_note(begun, 8, i, 1);
	}
	ck_assert(begun_write(begun));
	ck_assert(begun_has_grown(begun));
	size = begun_size(begun);
	begun_note(begun, 7, 1, 2);
	ck_assert(begun_write(begun));
	ck_assert(begun_keep(begun, size, is_seven, folder));
	ck_assert(!begun_has_grown(begun));
	ck_assert_int_eq(begun_size(begun), size / 4 + size / (2 * TASKS));
	begun_note(begun, 9, 1, 1); /* behind what was kept */
	ck_assert(begun_write(begun));
	for (int round = 0; round < 2; round++) {
		ck_assert_uint_eq(begun_attempts(begun, 7, 1), 2);
		for (unsigned i = 2; i <= TASKS; i++) {
			ck_assert_uint_eq(begun_attempts(begun, 7, i), i % 2 == 0);
			ck_assert_uint_eq(begun_attempts(begun, 8, i), 0);
		}
		ck_assert_uint_eq(begun_attempts(begun, 9, 1), (unsigned)round);
		begun_close(begun);
		begun = opened();
	}
	begun_close(begun);
	end();
}
END_TEST

START_TEST(a_torn_note_is_none)
{
	struct begun *begun;
	struct stat info;

	begin();
	begun = opened();
	begun_note(begun, 1, 1, 1);
	begun_note(begun, 1, 2, 1);
	ck_assert(begun_write(begun));
	begun_close(begun);
	ck_assert_int_eq(stat(file, &info), 0);
	ck_assert_int_eq(truncate(file, info.st_size - 1), 0);
	begun = opened();
	ck_assert_uint_eq(begun_attempts(begun, 1, 1), 1);
	ck_assert_uint_eq(begun_attempts(begun, 1, 2), 0);
	begun_note(begun, 1, 3, 1); /* in its place */
	ck_assert(begun_write(begun));
	begun_close(begun);
	begun = opened();
	ck_assert_uint_eq(begun_attempts(begun, 1, 1), 1);
	ck_assert_uint_eq(begun_attempts(begun, 1, 3), 1);
	begun_close(begun);
	end();
}
END_TEST

START_TEST(what_is_no_file_of_ours_is_refused)
{
	struct text error = TEXT_INIT;

	begin();
	ck_assert_int_eq(symlink("/dev/null", file), 0);
	ck_assert_ptr_null(begun_open(folder, &error));
	ck_assert_uint_gt(error.len, 0);
	unlink(file);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	ck_assert_ptr_null(begun_open(folder, &error));
	text_free(&error);
	end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {notes_outlive_a_kill, what_counts_is_kept,
				      a_torn_note_is_none, what_is_no_file_of_ours_is_refused};

	return unit_run("begun", tests, LENGTH(tests));
}
