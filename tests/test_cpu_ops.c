/* SPDX-License-Identifier: ISC */
/* test_cpu_ops: the values of the cpu ops, and that each of them ends when told to. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ipc/clock.h"
#include "worker/cpu_ops.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* AddressSanitizer ends the program instead of running out of memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

typedef int cpu_op(uint64_t arg, struct cancel *, struct text *value);

#define CPU_OP(name, argument, most) {#name, cpu_##name, (uint64_t)(most)},
static const struct {
	const char *name;
	cpu_op *run;
	uint64_t most; /* the largest argument: no test waits for it to end */
} ops[] = {
#include "ipc/cpu_ops.def"
};
#undef CPU_OP

/* Runs to the end; the value, terminated, is the caller's to free. */
static char *
value_of(cpu_op *run, uint64_t arg)
{
	struct text value = TEXT_INIT;
	struct cancel cancel;

	cancel_init(&cancel, 0);
	ck_assert_int_eq(run(arg, &cancel, &value), 0);
	text_terminate(&value);
	return value.data;
}

static void
assert_value(cpu_op *run, uint64_t arg, const char *expected)
{
	char *value = value_of(run, arg);

	ck_assert_msg(strcmp(value, expected) == 0, "%s instead of %s", value, expected);
	free(value);
}

static void
assert_number(cpu_op *run, uint64_t arg, uint64_t expected)
{
	char *value = value_of(run, arg), *end;

	ck_assert_msg(strtoull(value, &end, 10) == expected, "argument %llu: %s instead of %llu",
		      (unsigned long long)arg, value, (unsigned long long)expected);
	ck_assert_str_eq(end, "");
	free(value);
}

START_TEST(spin_burns_at_least_what_it_was_asked)
{
	static const uint64_t asked[] = {1, 999, 20000};

	for (size_t i = 0; i < LENGTH(asked); i++) {
		int64_t start = clock_thread_cpu_us(), spent;
		char *value = value_of(cpu_spin, asked[i]), *point = strchr(value, '.');
		uint64_t burnt;

		spent = clock_thread_cpu_us() - start;
		ck_assert_ptr_nonnull(point);
		ck_assert_uint_eq(strlen(point), 7);
		burnt = strtoull(value, NULL, 10) * 1000000 + strtoull(point + 1, NULL, 10);
		ck_assert_uint_ge(burnt, asked[i]);
		ck_assert_uint_le(burnt, (uint64_t)spent);
		free(value);
	}
	assert_value(cpu_spin, 0, "0.000000");
}
END_TEST

START_TEST(loop_counts_its_iterations)
{
	static const uint64_t counts[] = {0, 1, 65535, 65536, 65537, 131072, 10000000};

	for (size_t i = 0; i < LENGTH(counts); i++) {
		assert_number(cpu_loop, counts[i], counts[i]);
	}
}
END_TEST

START_TEST(primes_up_to_powers_of_ten)
{
	static const struct {
		uint64_t n, primes;
	} table[] = {
	    {0, 0},
	    {1, 0},
	    {2, 1},
	    {10, 4},
	    {100, 25},
	    {1000, 168},
	    {10000, 1229},
	    {100000, 9592},
	    {1000000, 78498},
	    {10000000, 664579},
	    {100000000, 5761455},
	};

	for (size_t i = 0; i < LENGTH(table); i++) {
		assert_number(cpu_primes, table[i].n, table[i].primes);
	}
}
END_TEST

/* The sieve that everybody can check; primes[n] is the count up to n. */
static uint32_t *
count_simply(size_t most)
{
	uint32_t *primes = calloc(most + 1, sizeof(*primes)), found = 0;
	unsigned char *composite = calloc(most + 1, 1);

	for (size_t n = 2; n <= most; n++) {
		for (size_t i = n * n; !composite[n] && i <= most; i += n) {
			composite[i] = 1;
		}
		found += !composite[n];
		primes[n] = found;
	}
	free(composite);
	return primes;
}

/* Every small N, both sides of each segment's end, and of squares of primes. */
START_TEST(primes_agree_with_a_simple_sieve)
{
	const uint64_t most = 2200000, segment = 524288;
	uint32_t *primes = count_simply(most);

	for (uint64_t n = 0; n <= 5000; n++) {
		assert_number(cpu_primes, n, primes[n]);
	}
	for (uint64_t n = segment; n < most; n += segment) {
		for (uint64_t at = n - 4; at <= n + 4; at++) {
			assert_number(cpu_primes, at, primes[at]);
		}
	}
	for (uint64_t n = 3; n * n < most; n += n < 100 ? 2 : 98) {
		assert_number(cpu_primes, n * n - 1, primes[n * n - 1]);
		assert_number(cpu_primes, n * n, primes[n * n]);
	}
	free(primes);
}
END_TEST

START_TEST(pi_is_cut_off_not_rounded)
{
	assert_value(cpu_pi, 0, "\"3\"");
	assert_value(cpu_pi, 1, "\"3.1\"");
	assert_value(cpu_pi, 4, "\"3.1415\"");
	assert_value(cpu_pi, 5, "\"3.14159\"");
	assert_value(cpu_pi, 100,
		     "\"3.14159265358979323846264338327950288419716939937510"
		     "58209749445923078164062862089986280348253421170679\"");
}
END_TEST

/* The digits before the 1,000th and the 10,000th place and the six nines at the 762nd. */
START_TEST(pi_is_right_far_out)
{
	char *value = value_of(cpu_pi, 10000);

	ck_assert_uint_eq(strlen(value), 10004);
	ck_assert_mem_eq(value + 2 + 762, "999999", 6);
	ck_assert_mem_eq(value + 3 + 1000 - 10, "2164201989", 10);
	ck_assert_str_eq(value + 3 + 10000 - 10, "5256375678\"");
	free(value);
}
END_TEST

/* A shorter pi is the beginning of a longer one, the lengths around the six nines included. */
START_TEST(pi_of_every_length_agrees)
{
	char *longest = value_of(cpu_pi, 1000);

	for (size_t digits = 1; digits < 1000; digits++) {
		char *value = value_of(cpu_pi, digits);

		ck_assert_uint_eq(strlen(value), digits + 4);
		ck_assert_mem_eq(value, longest, digits + 3);
		ck_assert_str_eq(value + digits + 3, "\"");
		free(value);
	}
	free(longest);
}
END_TEST

static uint64_t
trace_by_definition(uint64_t n)
{
	uint64_t trace = 0;

	for (uint64_t i = 0; i < n; i++) {
		for (uint64_t k = 0; k < n; k++) {
			trace += ((i * 7 + k * 3) % 11) * ((k * 5 + i * 2) % 13);
		}
	}
	return trace;
}

/* Every size around the blocks' edges. */
START_TEST(matmul_has_the_trace_by_definition)
{
	for (uint64_t n = 0; n <= 140; n++) {
		assert_number(cpu_matmul, n, trace_by_definition(n));
	}
	assert_number(cpu_matmul, 333, trace_by_definition(333));
}
END_TEST

/* How often the op of this thread looked at cancel, and at which look to stop it (0: never). */
static _Thread_local long looks, stop_at;

static int64_t
count_look(struct cancel *cancel, int64_t now_us)
{
	(void)now_us;
	if (++looks == stop_at) {
		cancel_request(cancel, CANCEL_REQUEST);
	}
	return 0; /* due again at the next look */
}

START_TEST(small_arguments_never_look)
{
	struct text value = TEXT_INIT;
	struct cancel cancel;

	cancel_init(&cancel, 1);
	cancel_set_idle(count_look);
	looks = 0;
	ck_assert_int_eq(cpu_loop(0, &cancel, &value), 0);
	ck_assert_int_eq(cpu_loop(1000, &cancel, &value), 0);
	ck_assert_int_eq(cpu_spin(0, &cancel, &value), 0);
	ck_assert_int_eq(looks, 0);
	cancel_set_idle(NULL);
	text_free(&value);
}
END_TEST

/* Stopped at its first look, its second, ... up to its end: nothing appended, nothing leaked. */
START_TEST(each_op_stops_at_each_look)
{
	static const struct {
		cpu_op *run;
		uint64_t arg;
		long least; /* looks that there are at least */
	} table[] = {
	    {cpu_spin, 1000, 2},    {cpu_primes, 3000000, 10}, {cpu_pi, 3000, 10},
	    {cpu_matmul, 130, 100}, {cpu_loop, 1000000, 10},
	};
	struct text value = TEXT_INIT;
	struct cancel cancel;
	int status = -1;

	cancel_set_idle(count_look);
	text_string(&value, "before");
	for (long stop = 1; status != 0; stop++) {
		cancel_init(&cancel, 0);
		looks = 0;
		stop_at = stop;
		errno = 0;
		status = table[_i].run(table[_i].arg, &cancel, &value);
		if (status != 0) {
			ck_assert_int_eq(status, -1);
			ck_assert_int_eq(errno, ECANCELED);
			ck_assert_int_eq(cancel_reason(&cancel), CANCEL_REQUEST);
			ck_assert_int_eq(looks, stop);
			ck_assert_uint_eq(value.len, 6);
		}
	}
	ck_assert_int_ge(looks, table[_i].least);
	ck_assert_uint_gt(value.len, 6);
	ck_assert_mem_eq(value.data, "before", 6);
	cancel_set_idle(NULL);
	text_free(&value);
}
END_TEST

struct endless {
	size_t op;
	struct cancel cancel;
	sem_t computing;
	struct text value;
	int status, error;
};

static _Thread_local struct endless *own;

static int64_t
tell_computing(struct cancel *cancel, int64_t now_us)
{
	(void)cancel;
	(void)now_us;
	sem_post(&own->computing);
	return INT64_MAX;
}

static void *
run_endless(void *of)
{
	own = of;
	cancel_set_idle(tell_computing);
	own->status = ops[own->op].run(ops[own->op].most, &own->cancel, &own->value);
	own->error = errno;
	return NULL;
}

START_TEST(each_op_ends_when_another_thread_asks)
{
	struct endless endless = {.op = (size_t)_i, .value = TEXT_INIT};
	pthread_t thread;

	cancel_init(&endless.cancel, 0);
	ck_assert_int_eq(sem_init(&endless.computing, 0, 0), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_endless, &endless), 0);
	while (sem_wait(&endless.computing) < 0) {
		continue;
	}
	cancel_request(&endless.cancel, CANCEL_SHUTDOWN);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(endless.status, -1);
	ck_assert_int_eq(endless.error, ECANCELED);
	ck_assert_int_eq(cancel_reason(&endless.cancel), CANCEL_SHUTDOWN);
	ck_assert_uint_eq(endless.value.len, 0);
	sem_destroy(&endless.computing);
}
END_TEST

START_TEST(each_op_ends_at_its_deadline)
{
	const int64_t deadlines[] = {1, clock_us() + 5000};
	struct text value = TEXT_INIT;
	struct cancel cancel;

	for (size_t i = 0; i < LENGTH(deadlines); i++) {
		cancel_init(&cancel, deadlines[i]);
		ck_assert_int_eq(ops[_i].run(ops[_i].most, &cancel, &value), -1);
		ck_assert_int_eq(errno, ECANCELED);
		ck_assert_int_eq(cancel_reason(&cancel), CANCEL_TIMEOUT);
		ck_assert_uint_eq(value.len, 0);
	}
}
END_TEST

#ifndef SANITIZED
struct block {
	struct block *next;
};

/* Takes all the larger pieces that the heap still has, however the tests before left it. */
static struct block *
take_all_blocks(void)
{
	struct block *taken = NULL, *block;

	while ((block = malloc(131072)) != NULL) {
		block->next = taken;
		taken = block;
	}
	return taken;
}

static void
free_blocks(struct block *taken)
{
	while (taken != NULL) {
		struct block *next = taken->next;

		free(taken);
		taken = next;
	}
}

/* With no address space to be had, the ops that need memory say so. */
START_TEST(no_memory_is_enomem)
{
	cpu_op *const hungry[] = {cpu_primes, cpu_pi, cpu_matmul};
	const uint64_t args[] = {1000000000000, 1000000, 8192};
	struct text value = TEXT_INIT;
	struct rlimit old, none;
	struct block *taken;
	struct cancel cancel;
	int status, error;

	cancel_init(&cancel, clock_us() + 5 * US_PER_SECOND); /* if there was memory after all */
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
	none = old;
	none.rlim_cur = 1;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
	taken = take_all_blocks();
	status = hungry[_i](args[_i], &cancel, &value);
	error = errno;
	free_blocks(taken);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
	ck_assert_int_eq(status, -1);
	ck_assert_int_eq(error, ENOMEM);
	ck_assert_uint_eq(value.len, 0);
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("cpu_ops");
	TCase *tests = tcase_create("cpu_ops");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, spin_burns_at_least_what_it_was_asked);
	tcase_add_test(tests, loop_counts_its_iterations);
	tcase_add_test(tests, primes_up_to_powers_of_ten);
	tcase_add_test(tests, primes_agree_with_a_simple_sieve);
	tcase_add_test(tests, pi_is_cut_off_not_rounded);
	tcase_add_test(tests, pi_is_right_far_out);
	tcase_add_test(tests, pi_of_every_length_agrees);
	tcase_add_test(tests, matmul_has_the_trace_by_definition);
	tcase_add_test(tests, small_arguments_never_look);
	tcase_add_loop_test(tests, each_op_stops_at_each_look, 0, 5);
	tcase_add_loop_test(tests, each_op_ends_when_another_thread_asks, 0, (int)LENGTH(ops));
	tcase_add_loop_test(tests, each_op_ends_at_its_deadline, 0, (int)LENGTH(ops));
#ifndef SANITIZED
	tcase_add_loop_test(tests, no_memory_is_enomem, 0, 3);
#endif
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
