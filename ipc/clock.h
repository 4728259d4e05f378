/* SPDX-License-Identifier: ISC */
/* clock: the clocks that are read, in microseconds. Every interval is CLOCK_MONOTONIC. */
#ifndef IPC_CLOCK_H
#define IPC_CLOCK_H

#include <stdint.h>

#define US_PER_SECOND INT64_C(1000000)

int64_t clock_us(void);            /* monotonic; stands still while the machine is suspended */
int64_t clock_epoch_us(void);      /* since 1970, by the wall clock */
int64_t clock_thread_cpu_us(void); /* user+sys of the calling thread */

#endif
