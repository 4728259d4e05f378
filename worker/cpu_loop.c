/* SPDX-License-Identifier: ISC */
/* cpu_loop: a number of iterations and nothing else. In the worker, stateless. */
#include "worker/cpu_ops.h"

#include <errno.h>

/* Iterations between two looks at cancel: about 0.1 ms. */
#define BATCH 65536

/*
 * One iteration is a step of a linear congruential generator, with Knuth's MMIX constants; the
 * empty asm makes each value look used, so that the compiler can neither drop nor fold a step.
 */
static uint64_t
iterate(uint64_t x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		__asm__ volatile("" : "+r"(x));
	}
	return x;
}

/* A loop of at most one batch does not even read a clock: it measures what a task costs. */
int
cpu_loop(uint64_t arg, struct cancel *cancel, struct text *value)
{
	uint64_t left = arg, x = 1;

	while (left > BATCH) {
		x = iterate(x, BATCH);
		left -= BATCH;
		if (cancel_check(cancel)) {
			errno = ECANCELED;
			return -1;
		}
	}
	iterate(x, left);
	text_uint(value, arg);
	return 0;
}
