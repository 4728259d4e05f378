/* SPDX-License-Identifier: ISC */
/* ticks: round marks for an axis of time. Pure; in the supervisor. */
#ifndef SUPERVISOR_TICKS_H
#define SUPERVISOR_TICKS_H

#include <stdint.h>

#include "ipc/text.h"

/* The distance of marks: round, and so that at most `most` (from 1) come after the one at 0. */
int64_t ticks_step_us(int64_t span_us, unsigned most);

/* What stands at a mark: "0", "0.2 s", "15 min"; the unit is that of the step. Plain ASCII. */
void ticks_label(int64_t at_us, int64_t step_us, struct text *out);

/* A length of time as people say it, to about three digits: "12 ms", "1.05 s", "3.5 min". */
void ticks_duration(int64_t us, struct text *out);

#endif
