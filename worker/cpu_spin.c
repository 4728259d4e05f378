/* SPDX-License-Identifier: ISC */
/* cpu_spin: burns an amount of the calling thread's CPU time. In the worker, stateless. */
#include "worker/cpu_ops.h"

#include <errno.h>

#include "ipc/clock.h"

/*
 * Steps between two looks at the clock: 20 to 30 us, so that the looks, each a system call,
 * are less than 2 % of the time and the last batch overshoots by less than 0.2 ms also on a
 * slow machine.
 */
#define BATCH 16384

/* The empty asm makes each value of x look used: the compiler keeps every step. */
static void
burn_batch(void)
{
	uint64_t x = 1;

	for (int i = 0; i < BATCH; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		__asm__ volatile("" : "+r"(x));
	}
}

int
cpu_spin(uint64_t arg, struct cancel *cancel, struct text *value)
{
	int64_t start, burnt = 0;

	if (arg > 0) {
		start = clock_thread_cpu_us();
		for (;;) {
			burn_batch();
			burnt = clock_thread_cpu_us() - start;
			if ((uint64_t)burnt >= arg) {
				break;
			}
			if (cancel_check(cancel)) {
				errno = ECANCELED;
				return -1;
			}
		}
	}
	text_seconds(value, burnt);
	return 0;
}
