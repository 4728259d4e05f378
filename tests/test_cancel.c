/* SPDX-License-Identifier: ISC */
/* test_cancel: reasons, deadlines, idle work, and a request that comes from another thread. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "worker/cancel.h"

/* What the idle work of the tests notes and does. */
static struct {
	int calls;
	int64_t due_in_us;         /* what it asks for */
	enum cancel_reason reason; /* what it requests, if not CANCEL_NONE */
} idle;

static int64_t
note_call(struct cancel *cancel, int64_t now_us)
{
	idle.calls++;
	if (idle.reason != CANCEL_NONE) {
		cancel_request(cancel, idle.reason);
	}
	return now_us + idle.due_in_us;
}

static void
no_idle(void)
{
	cancel_set_idle(NULL);
	idle.calls = 0;
	idle.due_in_us = 0;
	idle.reason = CANCEL_NONE;
}

START_TEST(nothing_asked_nothing_stops)
{
	struct cancel cancel;

	cancel_init(&cancel, 0);
	ck_assert(!cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_NONE);
	cancel_init(&cancel, INT64_MAX);
	ck_assert(!cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_NONE);
}
END_TEST

START_TEST(the_first_reason_stays)
{
	struct cancel cancel;

	cancel_init(&cancel, 1);
	cancel_request(&cancel, CANCEL_REQUEST);
	cancel_request(&cancel, CANCEL_SHUTDOWN);
	ck_assert(cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_REQUEST);
	cancel_init(&cancel, 0);
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_NONE);
	cancel_request(&cancel, CANCEL_SHUTDOWN);
	ck_assert(cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_SHUTDOWN);
}
END_TEST

START_TEST(a_deadline_that_passed_is_a_timeout)
{
	struct cancel cancel;

	cancel_init(&cancel, clock_us());
	ck_assert(cancel_check(&cancel));
	ck_assert(cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_TIMEOUT);
	cancel_request(&cancel, CANCEL_REQUEST);
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_TIMEOUT);
}
END_TEST

START_TEST(a_deadline_to_come_comes)
{
	struct cancel cancel;

	cancel_init(&cancel, clock_us() + 1000);
	while (!cancel_check(&cancel)) {
		ck_assert_int_eq(cancel_reason(&cancel), CANCEL_NONE);
	}
	ck_assert_int_ge(clock_us(), cancel.deadline_us);
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_TIMEOUT);
}
END_TEST

START_TEST(idle_work_is_done_when_due)
{
	struct cancel cancel;

	no_idle();
	cancel_set_idle(note_call);
	cancel_init(&cancel, 0);
	ck_assert(!cancel_check(&cancel));
	ck_assert_int_eq(idle.calls, 1);
	idle.due_in_us = INT64_C(3600) * US_PER_SECOND;
	ck_assert(!cancel_check(&cancel));
	ck_assert_int_eq(idle.calls, 2);
	for (int i = 0; i < 10; i++) {
		ck_assert(!cancel_check(&cancel));
	}
	ck_assert_int_eq(idle.calls, 2);
	no_idle();
}
END_TEST

START_TEST(idle_work_can_stop_the_task)
{
	struct cancel cancel;

	no_idle();
	cancel_set_idle(note_call);
	idle.reason = CANCEL_SHUTDOWN;
	cancel_init(&cancel, 0);
	ck_assert(cancel_check(&cancel));
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_SHUTDOWN);
	ck_assert(cancel_check(&cancel));
	ck_assert_int_eq(idle.calls, 1); /* a task that ends does no more of it */
	no_idle();
}
END_TEST

static void *
check_once(void *of)
{
	cancel_check(of);
	return NULL;
}

START_TEST(idle_work_belongs_to_one_thread)
{
	struct cancel cancel;
	pthread_t thread;

	no_idle();
	cancel_set_idle(note_call);
	cancel_init(&cancel, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, check_once, &cancel), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(idle.calls, 0);
	check_once(&cancel);
	ck_assert_int_eq(idle.calls, 1);
	no_idle();
}
END_TEST

static void *
check_until_stopped(void *of)
{
	while (!cancel_check(of)) {
		continue;
	}
	return NULL;
}

START_TEST(another_thread_can_ask)
{
	struct cancel cancel;
	pthread_t thread;

	cancel_init(&cancel, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, check_until_stopped, &cancel), 0);
	cancel_request(&cancel, CANCEL_REQUEST);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(cancel_reason(&cancel), CANCEL_REQUEST);
}
END_TEST

static struct cancel raced;

static void *
request_raced(void *reason)
{
	cancel_request(&raced, *(enum cancel_reason *)reason);
	return NULL;
}

START_TEST(of_two_that_ask_at_once_one_wins)
{
	enum cancel_reason reasons[] = {CANCEL_REQUEST, CANCEL_SHUTDOWN}, won;
	pthread_t threads[2];

	for (int round = 0; round < 200; round++) {
		cancel_init(&raced, 0);
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(
			    pthread_create(&threads[i], NULL, request_raced, &reasons[i]), 0);
		}
		check_until_stopped(&raced);
		won = cancel_reason(&raced);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		ck_assert(won == CANCEL_REQUEST || won == CANCEL_SHUTDOWN);
		ck_assert_int_eq(cancel_reason(&raced), won);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cancel");
	TCase *tests = tcase_create("cancel");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, nothing_asked_nothing_stops);
	tcase_add_test(tests, the_first_reason_stays);
	tcase_add_test(tests, a_deadline_that_passed_is_a_timeout);
	tcase_add_test(tests, a_deadline_to_come_comes);
	tcase_add_test(tests, idle_work_is_done_when_due);
	tcase_add_test(tests, idle_work_can_stop_the_task);
	tcase_add_test(tests, idle_work_belongs_to_one_thread);
	tcase_add_test(tests, another_thread_can_ask);
	tcase_add_test(tests, of_two_that_ask_at_once_one_wins);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
