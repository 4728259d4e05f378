/* SPDX-License-Identifier: ISC */
/*
 * test_store_room: what room the store takes, on disk and on its way there, and what it does when
 * there is none.
 */
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/store.h"
#include "tests/store_user.h"
#include "tests/unit.h"

static struct store_user user;
static unsigned acknowledged;

static void
open_store(void)
{
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
}

static void
begin(void)
{
	store_user_setup(&user);
	open_store();
}

static void
end(void)
{
	store_user_close(&user);
	store_user_assert_whole(&user);
	store_user_teardown(&user);
}

static void
reopen(void)
{
	store_user_close(&user);
	open_store();
}

static void
count_done(void *context, const char *error)
{
	store_user_done(context, error);
	acknowledged += error == NULL;
}

static void
submit(struct span source)
{
	struct store_job job = {.number = store_next_number(user.store), .weight = 1};

	user.waiting++;
	store_submit(user.store, &job, source, true, count_done, &user);
}

START_TEST(space_is_given_back)
{
	struct text bytes = store_user_bytes((size_t)16 << 20);
	struct store_job job = {.weight = 1};
	struct stat info;
	int turns = 0;

	begin();
	job.number = store_next_number(user.store);
	user.waiting = 1;
	store_submit(user.store, &job, (struct span){bytes.data, bytes.len}, true, store_user_done,
		     &user);
	store_user_wait(&user);
	text_free(&bytes);
	store_user_remove(&user, job.number);
	do {
		reopen();
		for (int i = 0; i < 10; i++) { /* in between it has time */
			store_user_submit(&user, "x");
		}
		ck_assert_int_eq(stat(user.path, &info), 0);
	} while (info.st_size > 8 << 20 && ++turns < 1000);
	ck_assert_int_lt(info.st_size, 8 << 20);
	end();
}
END_TEST

START_TEST(a_backlog_is_told_and_its_end)
{
	struct text bytes = store_user_bytes((size_t)1 << 20);
	struct store_job job = {.weight = 1};

	begin();
	job.number = store_next_number(user.store);
	user.waiting = 1;
	store_submit(user.store, &job, SPAN_EMPTY, false, store_user_done, &user);
	for (int i = 0; i < 40; i++) {
		unsigned room = user.room;

		store_submit_more(user.store, job.number, (struct span){bytes.data, bytes.len},
				  false);
		if (store_backlog(user.store) > STORE_BACKLOG) {
			while (user.room == room) {
				event_base_loop(user.base, EVLOOP_ONCE);
			}
			ck_assert_uint_le(store_backlog(user.store), STORE_BACKLOG / 2);
		}
	}
	ck_assert_uint_gt(user.room, 0);
	store_submit_more(user.store, job.number, SPAN_EMPTY, true);
	store_user_wait(&user);
	reopen();
	ck_assert_uint_eq(user.jobs[0].bytes, bytes.len * 40);
	text_free(&bytes);
	end();
}
END_TEST

START_TEST(without_a_descriptor_only_that_answer_is_missing)
{
	enum { MOST = 64 };
	struct rlimit limit;
	int fds[MOST] = {-1}, count = 0;

	begin();
	getrlimit(RLIMIT_NOFILE, &limit);
	submit(SPAN_LITERAL("one"));
	submit(SPAN_LITERAL("two"));
	store_user_wait(&user);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){MOST, limit.rlim_max});
	while (count < MOST && (fds[count] = dup(0)) >= 0) {
		count++;
	}
	ck_assert_int_gt(count, 0);
	store_user_assert_read(&user, store_source, 1, "");
	store_user_assert_error(&user, "too many files are open");
	close(fds[--count]);
	store_user_assert_read(&user, store_source, 2, "two");
	store_user_assert_read(&user, store_source, 1, "one");
	while (count > 0) {
		close(fds[--count]);
	}
	setrlimit(RLIMIT_NOFILE, &limit);
	end();
}
END_TEST

/* Submits until there is no room; what was acknowledged is counted. */
static void
fill(void)
{
	static char bytes[20000];

	memset(bytes, 'x', sizeof(bytes));
	user.answers = user.failures = acknowledged = 0;
	open_store();
	for (int i = 0; i < 2000 && user.broken == 0; i++) {
		submit((struct span){bytes, sizeof(bytes)});
		submit((struct span){bytes, sizeof(bytes)});
		store_user_wait(&user);
	}
	ck_assert_uint_eq(user.broken, 1);
	ck_assert_uint_gt(user.failures, 0);
	ck_assert_uint_gt(acknowledged, 0);
	submit(SPAN_LITERAL("z"));
	store_user_wait(&user);
	ck_assert_uint_eq(user.broken, 1);
	store_user_close(&user);
}

START_TEST(over_a_limit_of_file_sizes_it_stops)
{
	struct rlimit limit = {.rlim_cur = 300000, .rlim_max = RLIM_INFINITY};

	store_user_setup(&user);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (rlim_t most = 300000; most < 20000000; most *= 4) {
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, limit.rlim_max});
		fill();
		store_user_assert_error(&user, strerror(EFBIG));
		setrlimit(RLIMIT_FSIZE, &limit);
		open_store();
		ck_assert_uint_ge(user.count, acknowledged);
		end();
		store_user_setup(&user);
	}
	store_user_teardown(&user);
}
END_TEST

/* A file system of our own, where we may have one. */
START_TEST(on_a_full_disk_it_stops)
{
	static const char *const sizes[] = {"size=256k,mode=0700", "size=4500k,mode=0700",
					    "size=9m,mode=0700"};

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		return;
	}
	store_user_setup(&user);
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		ck_assert_int_eq(mount("stint", user.directory, "tmpfs", 0, sizes[i]), 0);
		fill();
		store_user_assert_error(&user, "disk is full");
		ck_assert_int_eq(
		    mount("stint", user.directory, "tmpfs", MS_REMOUNT, "size=64m,mode=0700"), 0);
		open_store();
		ck_assert_uint_ge(user.count, acknowledged);
		store_user_submit(&user, "there is room again");
		ck_assert_uint_eq(user.error.len, 0);
		store_user_close(&user);
		store_user_assert_whole(&user);
		ck_assert_int_eq(umount2(user.directory, MNT_DETACH), 0);
	}
	store_user_teardown(&user);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    space_is_given_back,
	    a_backlog_is_told_and_its_end,
	    without_a_descriptor_only_that_answer_is_missing,
	    over_a_limit_of_file_sizes_it_stops,
	    on_a_full_disk_it_stops,
	};

	return unit_run("store_room", tests, LENGTH(tests));
}
