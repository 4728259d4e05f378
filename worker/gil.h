/* SPDX-License-Identifier: ISC */
/*
 * gil: the one lock under which the threads of the model `gil` compute, passed on every 5 ms as
 * CPython does. It is handed to the thread that has waited longest, so that all of them advance.
 * In stint-worker, threads of the pool.
 */
#ifndef WORKER_GIL_H
#define WORKER_GIL_H

#include <stdint.h>

#define GIL_INTERVAL_US 5000 /* sys.getswitchinterval() */

void gil_acquire(void);
void gil_release(void);
void gil_pass_on(void); /* to the next in line, if there is one; then waits for its turn */

#endif
