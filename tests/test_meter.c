/* SPDX-License-Identifier: ISC */
/* test_meter: real processes of known habits are told apart; the judgement itself, without them. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "tests/unit.h"
#include "worker/meter.h"

#define MS       INT64_C(1000)
#define PATIENCE (20 * US_PER_SECOND) /* until a test fails */
#define INTERVAL (10 * MS)

static void
spin(void)
{
	for (;;) {
		__asm__ volatile("");
	}
}

static void *
spin_thread(void *arg)
{
	spin();
	return arg;
}

/* What the processes of the tests do. */

static void
sleeps(void)
{
	pause();
}

static void
spins_in_grandchild(void)
{
	if (fork() == 0) {
		if (fork() == 0) {
			spin();
		}
	}
	pause();
}

/* Its only child is known, and ends: the grandchild is another's from then on. */
static void
spins_in_orphan(void)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() == 0) {
			usleep(100000);
			spin();
		}
		usleep(50000);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	pause();
}

static void
spins_in_threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, spin_thread, NULL);
	}
	pause();
}

static void
spins_for_a_moment(unsigned ms)
{
	int64_t end_us = clock_thread_cpu_us() + ms * MS;

	while (clock_thread_cpu_us() < end_us) {
		/* only the time counts */
	}
}

/* None of them lives long enough to be seen more than once. */
static void
spins_in_short_children(void)
{
	for (;;) {
		pid_t child = fork();

		if (child == 0) {
			spins_for_a_moment(3);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

static void
has_idle_children(void)
{
	for (int i = 0; i < 300; i++) {
		if (fork() == 0) {
			pause();
		}
	}
	pause();
}

static void
sleeps_then_spins(void)
{
	sigset_t usr1;
	int got;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigwait(&usr1, &got);
	spin();
}

static void
spins_then_sleeps(void)
{
	spins_for_a_moment(60);
	pause();
}

/* Starts one in a session of its own; all of it ends with end(). */
static pid_t
begin(void (*habit)(void))
{
	sigset_t usr1;
	pid_t pid;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setsid();
		habit();
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

static void
end(struct meter *meter, pid_t pid)
{
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0) {
		/* all that it has left */
	}
	meter_end(meter);
}

/* Looks until the use is in this range (and it is known to wait, or not); fails if it never is. */
static void
look_until(struct meter *meter, unsigned least, unsigned most)
{
	int64_t end_us = clock_us() + PATIENCE;
	struct meter_news news;
	bool good;

	do {
		usleep(INTERVAL);
		ck_assert_msg(clock_us() < end_us, "use is %u, not %u to %u", meter->use, least,
			      most);
		good = meter_look(meter, clock_us(), &news);
	} while (!good || meter->use < least || meter->use > most ||
		 (most < METER_COMPUTES && !meter->waits));
}

static void
assert_use(void (*habit)(void), unsigned least, unsigned most)
{
	pid_t pid = begin(habit);
	struct meter meter;

	meter_begin(&meter, pid, clock_us());
	look_until(&meter, least, most);
	end(&meter, pid);
}

START_TEST(who_sleeps_waits)
{
	assert_use(sleeps, 0, 99);
	assert_use(has_idle_children, 0, 99);
	assert_use(spins_then_sleeps, 0, 99);
}
END_TEST

START_TEST(who_spins_computes)
{
	assert_use(spin, 850, 1300);
	assert_use(spins_in_grandchild, 850, 1300);
	assert_use(spins_in_short_children, 750, 2000);
}
END_TEST

START_TEST(threads_are_counted)
{
	assert_use(spins_in_threads, 1700, 3000);
}
END_TEST

START_TEST(who_wakes_up_is_seen)
{
	pid_t pid = begin(sleeps_then_spins);
	struct meter meter;

	meter_begin(&meter, pid, clock_us());
	look_until(&meter, 0, 99);
	kill(pid, SIGUSR1);
	look_until(&meter, 850, 1300);
	end(&meter, pid);
}
END_TEST

START_TEST(a_known_process_stays_known_when_its_parent_ends)
{
	assert_use(spins_in_orphan, 850, 1300);
}
END_TEST

START_TEST(a_command_that_is_gone_is_no_error)
{
	pid_t pid = begin(sleeps);
	struct meter_news news;
	struct meter meter;

	meter_begin(&meter, pid, clock_us());
	kill(pid, SIGKILL);
	meter_look(&meter, clock_us() + 2 * MS, &news); /* a zombie */
	waitpid(pid, NULL, 0);
	meter_look(&meter, clock_us() + 40 * MS, &news);
	meter_look(&meter, clock_us() + 60 * MS, &news);
	ck_assert_uint_lt(meter.use, 700);
	meter_end(&meter);
	meter_end(&meter);
}
END_TEST

/* ---- the judgement, on a clock of its own ---- */

/* A look after so many ms, in which it asked for so many ms of a core. */
static struct meter_news
take(struct meter *meter, int64_t *now_us, int span_ms, int asked_ms, bool asleep)
{
	struct members_look seen = {.asked_ns = asked_ms * MS * 1000,
				    .moved = asked_ms > 0,
				    .asleep = asleep,
				    .runnable = !asleep};
	struct meter_news news;

	*now_us += span_ms * MS;
	meter_take(meter, *now_us, &seen, &news);
	return news;
}

START_TEST(a_sleeping_command_is_told_after_three_ms)
{
	int64_t now_us = 5000000;
	struct meter meter;
	struct meter_news news;

	meter_begin(&meter, 1, now_us);
	ck_assert_int_eq(meter_next_us(&meter, now_us), now_us + METER_FIRST_US);
	news = take(&meter, &now_us, 2, 1, true);
	ck_assert(!news.report && !news.waits);
	ck_assert_int_le(meter_next_us(&meter, now_us), now_us + 1 * MS);
	news = take(&meter, &now_us, 1, 0, true);
	ck_assert(news.report && news.waits);
	ck_assert_uint_eq(meter.use, 0);
	ck_assert(!meter_is_young(&meter, now_us));
	for (int i = 0; i < 50; i++) {
		news = take(&meter, &now_us, 20, 0, true);
		ck_assert(!news.report && news.waits);
	}
}
END_TEST

START_TEST(a_computing_command_is_told_once)
{
	int64_t now_us = 5000000;
	struct meter meter;
	int told = 0;

	meter_begin(&meter, 1, now_us);
	while (meter_is_young(&meter, now_us)) {
		int span_ms = (int)((meter_next_us(&meter, now_us) - now_us) / MS);
		struct meter_news news = take(&meter, &now_us, span_ms, span_ms, false);

		ck_assert(!news.waits);
		told += news.report;
		ck_assert_int_eq(told, now_us >= 5000000 + METER_YOUNG_US);
	}
	for (int i = 0; i < 50; i++) {
		struct meter_news news = take(&meter, &now_us, 20, 20, false);

		ck_assert(!news.waits && !news.report);
	}
	ck_assert_int_eq(told, 1);
	ck_assert_uint_ge(meter.told, 990);
}
END_TEST

START_TEST(time_in_line_counts_before_it_is_known)
{
	struct loan loan = {.runnable = 1};
	int64_t asked = 0;

	for (int i = 0; i < 40; i++) { /* it runs in every fourth look, then the wait is known */
		int64_t ns = members_asked(&loan, 1, i % 4 == 3 ? 80 : 0, 20);

		ck_assert_int_eq(ns, 20);
	}
	ck_assert_int_eq(members_asked(&loan, 0, 0, 20), 0);
	loan = (struct loan){.runnable = 0};
	for (unsigned i = 0; i < 1000;
	     i++) { /* it happens to run when looked at, half of the time */
		asked += members_asked(&loan, i / 2 % 2, 10, 20);
	}
	ck_assert_int_ge(asked, 1000 * 9);
	ck_assert_int_le(asked, 1000 * 13);
	loan = (struct loan){.runnable = 0};
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(members_asked(&loan, 0, i, 20), i);
	}
	loan = (struct loan){.runnable = 3};
	ck_assert_int_eq(members_asked(&loan, 2, 25, 20), 40);
	ck_assert_int_eq(members_asked(&loan, 2, 55, 20), 40);
	ck_assert_int_eq(members_asked(&loan, 0, 30, 20), 30);
}
END_TEST

START_TEST(changes_are_told_but_not_often)
{
	int64_t now_us = 5000000, told_us = 0, woke_us;
	struct meter meter;
	struct meter_news news;
	int told = 0;

	meter_begin(&meter, 1, now_us);
	take(&meter, &now_us, 2, 0, true);
	ck_assert(take(&meter, &now_us, 2, 0, true).waits);
	woke_us = now_us;
	do {
		news = take(&meter, &now_us, 5, 5, false);
		if (news.report) {
			ck_assert_int_ge(now_us - told_us, 20 * MS);
			told_us = now_us;
		}
		ck_assert_int_le(now_us - woke_us, 100 * MS);
	} while (meter.told < METER_COMPUTES);
	for (int i = 0; i < 100; i++) { /* up and down around the threshold */
		told += take(&meter, &now_us, 20, i % 3 == 0 ? 15 : 14, true).report;
	}
	ck_assert_int_le(told, 3);
	for (int i = 0; i < 100; i++) {
		news = take(&meter, &now_us, 20, 0, true);
	}
	ck_assert_uint_lt(meter.told, 100);
	ck_assert(news.waits && !news.report);
}
END_TEST

/* Hundreds of remainders would fill a core. */
START_TEST(that_nothing_is_asked_for_any_more_is_told)
{
	int64_t now_us = 5000000;
	struct meter meter;

	meter_begin(&meter, 1, now_us);
	take(&meter, &now_us, 10, 1, false);
	take(&meter, &now_us, 10, 0, false);
	ck_assert_uint_gt(meter.told, 0);
	ck_assert_uint_lt(meter.told, 100);
	for (int i = 0; i < 10; i++) {
		take(&meter, &now_us, 20, 0, true);
	}
	ck_assert_uint_eq(meter.use, 0);
	ck_assert_uint_eq(meter.told, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {who_sleeps_waits,
				      who_spins_computes,
				      threads_are_counted,
				      who_wakes_up_is_seen,
				      a_known_process_stays_known_when_its_parent_ends,
				      a_command_that_is_gone_is_no_error,
				      a_sleeping_command_is_told_after_three_ms,
				      a_computing_command_is_told_once,
				      time_in_line_counts_before_it_is_known,
				      changes_are_told_but_not_often,
				      that_nothing_is_asked_for_any_more_is_told};

	return unit_run("meter", tests, LENGTH(tests));
}
