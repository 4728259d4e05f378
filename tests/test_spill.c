/* SPDX-License-Identifier: ISC */
/* test_spill: what goes in comes out, from memory and from the file, and nothing is left behind. */
#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/spill.h"
#include "tests/unit.h"

#define FOLDER "/tmp/test_spill-XXXXXX"

/* Each test runs in a process of its own, so the file and the limits are its own. */
static char folder[] = FOLDER;

static void
make_folder(void)
{
	strlcpy(folder, FOLDER, sizeof(folder));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
}

static unsigned
files_in_folder(void)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL) {
		count++;
	}
	closedir(dir);
	return count - 2;
}

static void
fill(char *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		bytes[i] = (char)(unit_random(&seed) >> 20);
	}
}

static void
assert_holds(const struct spill *spill, const char *bytes, size_t len, size_t step)
{
	char *back = malloc(step);

	ck_assert_uint_eq(spill->len, len);
	for (size_t at = 0; at < len; at += step) {
		size_t want = len - at < step ? len - at : step;

		ck_assert_int_eq(spill_read(spill, at, back, step), (ssize_t)want);
		ck_assert_mem_eq(back, bytes + at, want);
	}
	ck_assert_int_eq(spill_read(spill, len, back, step), 0);
	free(back);
}

START_TEST(sizes_around_the_limit)
{
	static const size_t sizes[] = {0,
				       1,
				       SPILL_MEMORY - 1,
				       SPILL_MEMORY,
				       SPILL_MEMORY + 1,
				       2 * SPILL_MEMORY - 1,
				       2 * SPILL_MEMORY,
				       2 * SPILL_MEMORY + 1,
				       20 * SPILL_MEMORY + 7};
	static const size_t pieces[] = {1000, SPILL_MEMORY - 1, SPILL_MEMORY, SPILL_MEMORY * 3};
	char *bytes = malloc(21 * SPILL_MEMORY);

	make_folder();
	fill(bytes, 21 * SPILL_MEMORY, 1);
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		for (size_t j = 0; j < LENGTH(pieces); j++) {
			struct spill spill = {.len = 0};

			for (size_t at = 0; at < sizes[i]; at += pieces[j]) {
				size_t left = sizes[i] - at;

				ck_assert(spill_append(&spill, bytes + at,
						       left < pieces[j] ? left : pieces[j]));
			}
			assert_holds(&spill, bytes, sizes[i], 4096);
			assert_holds(&spill, bytes, sizes[i], 5 * SPILL_MEMORY + 1);
			ck_assert_uint_le(spill.memory.cap, SPILL_MEMORY);
			spill_free(&spill);
		}
	}
	ck_assert_uint_eq(files_in_folder(), 0);
	free(bytes);
	rmdir(folder);
}
END_TEST

/* Several take turns, some are freed meanwhile: none gets bytes of another. */
START_TEST(many_share_the_file)
{
	struct spill spills[20] = {{.len = 0}};
	struct text expected[20] = {TEXT_INIT};
	uint64_t state = 7;

	make_folder();
	spill_limits(300000, 100);
	for (int i = 0; i < 4000; i++) {
		size_t n = unit_random(&state) % LENGTH(spills);
		size_t len = unit_random(&state) % (i % 50 == 0 ? 200000 : 3000);
		char *bytes = malloc(len + 1);

		fill(bytes, len, (uint64_t)i + 1);
		ck_assert(spill_append(&spills[n], bytes, len));
		text_bytes(&expected[n], bytes, len);
		free(bytes);
		if (i % 37 == 0) {
			n = unit_random(&state) % LENGTH(spills);
			assert_holds(&spills[n], expected[n].data, expected[n].len, 10000);
			spill_free(&spills[n]);
			text_clear(&expected[n]);
		}
	}
	for (size_t i = 0; i < LENGTH(spills); i++) {
		assert_holds(&spills[i], expected[i].data, expected[i].len, 70000);
		spill_free(&spills[i]);
		text_free(&expected[i]);
	}
	rmdir(folder);
}
END_TEST

START_TEST(memory_stays_within_its_limit)
{
	struct spill spills[200] = {{.len = 0}};
	char bytes[1000] = "x";
	size_t held = 0;

	make_folder();
	spill_limits(1 << 20, 2000);
	for (int i = 0; i < 60; i++) {
		for (size_t j = 0; j < LENGTH(spills); j++) {
			ck_assert(spill_append(&spills[j], bytes, sizeof(bytes)));
		}
	}
	for (size_t j = 0; j < LENGTH(spills); j++) {
		held += spills[j].memory.cap;
		ck_assert_uint_eq(spills[j].len, 60 * sizeof(bytes));
		spill_free(&spills[j]);
	}
	ck_assert_uint_le(held, (2 << 20) + LENGTH(spills) * 2048); /* of 12 MB */
	rmdir(folder);
}
END_TEST

START_TEST(killed_it_leaves_nothing)
{
	int ready[2];
	char byte;
	pid_t pid;

	make_folder();
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		static char bytes[300000];
		struct spill spill = {.len = 0};

		spill_append(&spill, bytes, sizeof(bytes));
		spill_append(&spill, bytes, sizeof(bytes));
		if (write(ready[1], spill.count > 0 ? "+" : "-", 1) == 1) {
			pause();
		}
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_eq(byte, '+');
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_uint_eq(files_in_folder(), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_folder_that_is_not_there_or_not_ours)
{
	static char bytes[200000];
	struct spill spill = {.len = 0};

	setenv("TMPDIR", "/proc/nowhere", 1);
	fill(bytes, sizeof(bytes), 3);
	ck_assert(spill_append(&spill, bytes, sizeof(bytes)));
	ck_assert_str_ne(spill_place(), "/proc/nowhere");
	assert_holds(&spill, bytes, sizeof(bytes), 4096);
	spill_free(&spill);
}
END_TEST

START_TEST(a_full_folder)
{
	static char bytes[3 << 20];
	struct spill spill = {.len = 0}, other = {.len = 0};
	size_t len = 0;

	make_folder();
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("test_spill", folder, "tmpfs", 0, "size=1m") != 0) {
		rmdir(folder);
		return; /* that is for root */
	}
	spill_limits(100000, 1000);
	fill(bytes, sizeof(bytes), 5);
	while (len < sizeof(bytes) && spill_append(&spill, bytes + len, 50000)) {
		len += 50000;
	}
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_uint_gt(len, 900000);
	ck_assert_uint_lt(len, 1300000);
	assert_holds(&spill, bytes, len, 4096);
	ck_assert(!spill_append(&other, bytes, 90000)); /* nor is there room for another */
	ck_assert_uint_eq(other.len, 0);
	spill_free(&spill);
	ck_assert(spill_append(&other, bytes, 90000)); /* now there is */
	assert_holds(&other, bytes, 90000, 4096);
	spill_free(&other);
	umount2(folder, MNT_DETACH);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {sizes_around_the_limit,
				      many_share_the_file,
				      memory_stays_within_its_limit,
				      killed_it_leaves_nothing,
				      a_folder_that_is_not_there_or_not_ours,
				      a_full_folder};

	return unit_run("spill", tests, LENGTH(tests));
}
