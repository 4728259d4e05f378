/* SPDX-License-Identifier: ISC */
/*
 * test_store_faults: the store's process is killed, the daemon is killed, a sync fails: what was
 * acknowledged is there, and nothing is there by halves.
 */
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/store.h"
#include "tests/store_user.h"
#include "tests/unit.h"

/* What the store's process shares with the test. */
struct plan {
	pid_t test;        /* not for this one */
	atomic_uint calls; /* that change files, by the store's process */
	atomic_uint syncs;
	atomic_uint kill_at; /* it ends instead of the call of that number; 0: never */
	atomic_bool no_sync; /* syncs fail */
	atomic_uint acknowledged;
	atomic_int process;
};

static struct plan *plan;
static struct store_user user;

/* ---- the system calls of SQLite, in front of those of the C library --------------------------- */

static void
called(void)
{
	if (plan != NULL && getpid() != plan->test &&
	    atomic_fetch_add(&plan->calls, 1) + 1 == plan->kill_at) {
		kill(getpid(), SIGKILL);
	}
}

ssize_t own_pwrite64(int, const void *, size_t, off_t) __asm__("pwrite64");
ssize_t own_pwrite(int, const void *, size_t, off_t) __asm__("pwrite");
int own_fdatasync(int) __asm__("fdatasync");
int own_fsync(int) __asm__("fsync");

ssize_t
own_pwrite64(int fd, const void *bytes, size_t len, off_t at)
{
	called();
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
own_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return own_pwrite64(fd, bytes, len, at);
}

int
own_fdatasync(int fd)
{
	called();
	if (plan != NULL) {
		atomic_fetch_add(&plan->syncs, 1);
		if (plan->no_sync) {
			errno = EIO;
			return -1;
		}
	}
	return (int)syscall(SYS_fdatasync, fd);
}

int
own_fsync(int fd)
{
	return own_fdatasync(fd);
}

/* ---- what the tests share --------------------------------------------------------------------- */

static void
begin(void)
{
	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(plan, MAP_FAILED);
	plan->test = getpid();
	store_user_setup(&user);
}

static void
open_store(void)
{
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
}

static void
end(void)
{
	store_user_close(&user);
	store_user_assert_whole(&user);
	store_user_teardown(&user);
}

/* Jobs submitted at once, of which as many are acknowledged as `acknowledged` says. */
static void
count_done(void *context, const char *error)
{
	struct store_user *own = context;

	store_user_done(context, error);
	if (error == NULL) {
		plan->acknowledged = own->answers - own->failures;
	}
}

static void
submit_many(unsigned count, struct span source)
{
	for (unsigned i = 0; i < count; i++) {
		struct store_job job = {.number = store_next_number(user.store), .weight = 1};

		user.waiting++;
		store_submit(user.store, &job, source, true, count_done, &user);
	}
}

/* ---- the store's process is killed ------------------------------------------------------------ */

#define MANY    12
#define STEPS   4
#define RECORDS 30

/* What was acknowledged. */
struct known {
	bool first;
	bool pieces;
	unsigned results; /* steps of results, each with an update of the job */
	bool removed;
};

static bool
step_done(void)
{
	store_user_wait(&user);
	return user.failures == 0 && user.broken == 0;
}

/* Until it is done, or the store's process was killed. Jobs: 1, 2 in pieces, 3 removed, then many. */
static void
run_script(struct known *known)
{
	struct store_job job = {.number = 1, .weight = 1}, pieces = {.number = 2, .weight = 1};

	*known = (struct known){.first = false};
	plan->acknowledged = 0;
	user.answers = user.failures = 0;
	if (!store_user_open(&user)) {
		return;
	}
	known->first = store_user_submit(&user, "first") == 1 && step_done();
	store_next_number(user.store);
	user.waiting++;
	store_submit(user.store, &pieces, SPAN_LITERAL("one,"), false, store_user_done, &user);
	store_submit_more(user.store, 2, SPAN_LITERAL("two,"), false);
	store_submit_more(user.store, 2, SPAN_LITERAL("three"), true);
	known->pieces = step_done();
	store_user_submit(&user, "to be removed");
	store_user_remove(&user, 3);
	known->removed = step_done();
	for (unsigned i = 0; i < STEPS; i++) {
		job.by_status[STATUS_ok] += RECORDS;
		store_user_results(&user, 1, i * RECORDS, (i + 1) * RECORDS, &job);
		known->results += step_done();
	}
	user.answers = 0;
	submit_many(MANY, SPAN_LITERAL("many"));
	store_user_wait(&user);
}

static void
assert_results(uint64_t least)
{
	const struct store_job *job = store_user_job(&user, 1);
	struct text results = store_user_read(&user, store_get_results, 1);
	uint64_t lines = 0;

	for (size_t i = 0; i < results.len; i++) {
		lines += results.data[i] == '\n';
	}
	ck_assert_uint_eq(lines, job->by_status[STATUS_ok]);
	ck_assert_uint_ge(lines, least);
	text_free(&results);
}

static void
assert_known(const struct known *known)
{
	unsigned many = 0;

	for (size_t i = 0; i < user.count; i++) {
		uint64_t number = user.jobs[i].number;

		many += number > 3;
		store_user_assert_read(&user, store_source, number,
				       number == 1   ? "first"
				       : number == 2 ? "one,two,three"
				       : number == 3 ? "to be removed"
						     : "many");
	}
	ck_assert_uint_ge(many, plan->acknowledged);
	ck_assert(store_user_job(&user, 1) != NULL || !known->first);
	ck_assert(store_user_job(&user, 2) != NULL || !known->pieces);
	ck_assert(store_user_job(&user, 3) == NULL || !known->removed);
	if (store_user_job(&user, 1) != NULL) {
		assert_results((uint64_t)known->results * RECORDS);
	}
}

START_TEST(killed_at_any_call_it_has_all_that_was_acknowledged)
{
	struct known known;
	bool killed = true;
	unsigned at;

	begin();
	store_user_teardown(&user);
	for (at = 1; killed; at++) {
		store_user_setup(&user);
		plan->calls = 0;
		plan->kill_at = at;
		run_script(&known);
		store_user_close(&user);
		killed = plan->calls >= at;
		plan->kill_at = 0;
		ck_assert(killed || (known.results == STEPS && plan->acknowledged == MANY));
		open_store();
		assert_known(&known);
		end();
	}
	ck_assert_uint_gt(at, 50);
}
END_TEST

START_TEST(its_death_is_told_once)
{
	begin();
	open_store();
	store_user_submit(&user, "x");
	kill(store_process(user.store), SIGSTOP);
	submit_many(3, SPAN_LITERAL("y"));
	event_base_loop(user.base, EVLOOP_NONBLOCK);
	kill(store_process(user.store), SIGKILL);
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 3);
	while (user.broken == 0) {
		event_base_loop(user.base, EVLOOP_ONCE);
	}
	store_user_assert_error(&user, "the store's process has ended");
	submit_many(1, SPAN_LITERAL("z"));
	ck_assert_uint_eq(user.failures, 3); /* answers come from the loop */
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 4);
	store_submit_more(user.store, 77, SPAN_EMPTY, true);
	store_abandon(user.store, 77);
	ck_assert_uint_eq(store_backlog(user.store), 0);
	ck_assert_uint_eq(user.broken, 1);
	store_user_close(&user);
	open_store();
	ck_assert_uint_ge(user.count, 1);
	end();
}
END_TEST

/* ---- the daemon is killed --------------------------------------------------------------------- */

#define SENT 300

/* In a child: a daemon that dies with requests on their way. */
static _Noreturn void
be_killed(void)
{
	open_store();
	plan->process = store_process(user.store);
	submit_many(1, SPAN_LITERAL("x"));
	store_user_wait(&user);
	submit_many(SENT - 1, SPAN_LITERAL("x"));
	event_base_loop(user.base, EVLOOP_NONBLOCK);
	kill(getpid(), SIGKILL);
	abort();
}

START_TEST(what_a_killed_daemon_has_sent_is_done)
{
	pid_t daemon;

	begin();
	daemon = fork();
	if (daemon == 0) {
		be_killed();
	}
	ck_assert_int_eq(waitpid(daemon, NULL, 0), daemon);
	open_store(); /* waits for the process of the old one */
	ck_assert_uint_eq(user.count, SENT);
	ck_assert(kill(plan->process, 0) != 0 || plan->process != store_process(user.store));
	end();
}
END_TEST

/* In a child: results that are cut into many requests, of which only some are sent. */
static _Noreturn void
be_killed_within_results(void)
{
	struct store_job job = {.number = 1, .weight = 1, .by_status = {[STATUS_ok] = 4000}};
	struct text lines = TEXT_INIT;

	open_store();
	store_user_submit(&user, "first");
	for (int i = 0; i < 4000; i++) {
		text_printf(&lines, "{\"id\":\"%d\",\"stdout\":\"%09999d\"}\n", i, 0);
	}
	store_results(user.store, 1, (struct span){lines.data, lines.len}, 4000, &job,
		      store_user_done, &user);
	for (int i = 0; i < 20; i++) {
		event_base_loop(user.base, EVLOOP_ONCE);
	}
	kill(getpid(), SIGKILL);
	abort();
}

START_TEST(results_of_a_killed_daemon_are_there_or_not)
{
	pid_t daemon;

	begin();
	daemon = fork();
	if (daemon == 0) {
		be_killed_within_results();
	}
	ck_assert_int_eq(waitpid(daemon, NULL, 0), daemon);
	open_store();
	ck_assert_uint_eq(user.count, 1);
	assert_results(0);
	end();
}
END_TEST

static _Noreturn void
submit_for_ever(void)
{
	plan->test = 0;
	open_store();
	plan->process = store_process(user.store);
	for (;;) {
		submit_many(20, SPAN_LITERAL("x"));
		store_user_wait(&user);
	}
}

START_TEST(with_both_killed_all_that_was_acknowledged_is_there)
{
	unsigned before = 0, acknowledged = 0;
	pid_t daemon;

	begin();
	for (int i = 0; i < 15; i++) {
		plan->acknowledged = 0;
		daemon = fork();
		if (daemon == 0) {
			user.answers = 0;
			submit_for_ever();
		}
		while (plan->acknowledged < (unsigned)i * 3 + 1) {
			sched_yield();
		}
		kill(i % 2 == 0 ? plan->process : daemon, SIGKILL);
		kill(plan->process, SIGKILL);
		kill(daemon, SIGKILL);
		waitpid(daemon, NULL, 0);
		acknowledged = before + plan->acknowledged;
		open_store();
		ck_assert_uint_ge(user.count, acknowledged);
		before = (unsigned)user.count;
		store_user_close(&user);
		store_user_assert_whole(&user);
	}
	end();
}
END_TEST

/* ---- syncs ------------------------------------------------------------------------------------ */

START_TEST(nothing_is_acknowledged_before_it_is_synced)
{
	unsigned before;

	begin();
	open_store();
	for (int i = 0; i < 10; i++) {
		before = plan->syncs;
		store_user_submit(&user, "x");
		ck_assert_uint_gt(plan->syncs, before);
	}
	plan->no_sync = true;
	submit_many(5, SPAN_LITERAL("y"));
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 5);
	ck_assert_uint_eq(user.broken, 1);
	store_user_assert_error(&user, "disk I/O error: it cannot be synced");
	submit_many(1, SPAN_LITERAL("z"));
	store_user_wait(&user);
	ck_assert_uint_eq(user.failures, 6);
	store_user_close(&user);
	plan->no_sync = false;
	open_store();
	ck_assert_uint_ge(user.count, 10);
	end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    killed_at_any_call_it_has_all_that_was_acknowledged,
	    its_death_is_told_once,
	    what_a_killed_daemon_has_sent_is_done,
	    results_of_a_killed_daemon_are_there_or_not,
	    with_both_killed_all_that_was_acknowledged_is_there,
	    nothing_is_acknowledged_before_it_is_synced,
	};

	return unit_run("store_faults", tests, LENGTH(tests));
}
