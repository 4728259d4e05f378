/* SPDX-License-Identifier: ISC */
/* clock: see clock.h. Any process, any thread. */
#include "ipc/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t still_us;   /* that the clock has stood still, in all */
static _Atomic int64_t stopped_us; /* where it stands */
static _Atomic unsigned turns;     /* odd: it stands */

static int64_t
read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t
clock_us(void)
{
	unsigned turn = atomic_load(&turns), again;
	int64_t now_us;

	for (;; turn = again) {
		if (turn % 2 == 1) {
			return atomic_load(&stopped_us);
		}
		now_us = read_us(CLOCK_MONOTONIC) - atomic_load(&still_us);
		again = atomic_load(&turns);
		if (again == turn) {
			return now_us;
		}
	}
}

int64_t
clock_epoch_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
clock_thread_cpu_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

void
clock_stop(void)
{
	atomic_store(&stopped_us, clock_us());
	atomic_fetch_add(&turns, 1);
}

void
clock_continue(void)
{
	atomic_store(&still_us, read_us(CLOCK_MONOTONIC) - atomic_load(&stopped_us));
	atomic_fetch_add(&turns, 1);
}

int64_t
clock_monotonic_us(int64_t at_us)
{
	return at_us + atomic_load(&still_us);
}
