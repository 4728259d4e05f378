/* SPDX-License-Identifier: ISC */
/* clock: see clock.h. Any process, any thread. */
#include "ipc/clock.h"

#include <time.h>

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
	return read_us(CLOCK_MONOTONIC);
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
