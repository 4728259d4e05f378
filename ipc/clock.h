/* SPDX-License-Identifier: ISC */
/* clock: the clocks that are read, in microseconds. Every interval is CLOCK_MONOTONIC. */
#ifndef IPC_CLOCK_H
#define IPC_CLOCK_H

#include <stdint.h>

#define US_PER_SECOND INT64_C(1000000)

int64_t clock_us(void); /* monotonic; stands still while the machine or the run is suspended */
int64_t clock_epoch_us(void);      /* since 1970, by the wall clock */
int64_t clock_thread_cpu_us(void); /* user+sys of the calling thread */

/*
 * While the run is suspended clock_us() stands still, and goes on from there: also for threads that
 * run before the one that called clock_stop() does. One at a time; may be called by a signal
 * handler.
 */
void clock_stop(void);
void clock_continue(void);

int64_t clock_monotonic_us(int64_t at_us); /* a time of clock_us() by CLOCK_MONOTONIC, for timers */

#endif
