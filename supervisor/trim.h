/* SPDX-License-Identifier: ISC */
/*
 * trim: memory that was freed goes back to the system when nothing has been freed for a moment: else
 * malloc keeps for good what the largest job took. Once for the process. In stintd.
 */
#ifndef SUPERVISOR_TRIM_H
#define SUPERVISOR_TRIM_H

#include <stdbool.h>

struct event_base;

bool trim_start(struct event_base *); /* false: there is no memory for it */
void trim_stop(void);
void trim_soon(void); /* something was freed that may have been large; unless started, nothing */

#endif
