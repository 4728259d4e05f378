/* SPDX-License-Identifier: ISC */
/* idle: see idle.h. In the supervisor; pure. */
#include "supervisor/idle.h"

const char *
idle_words(enum idle_cause cause)
{
	static const char *const words[IDLE_COUNT] = {
#define X(name, words) words,
	    IDLE_CAUSES(X)
#undef X
	};

	return words[cause];
}

void
idle_note(struct idle *idle, int64_t now_us, unsigned cores, enum idle_cause cause)
{
	if (idle->since_us != 0) {
		idle->sums_us[idle->cause] += (now_us - idle->since_us) * idle->cores / 1000;
	}
	idle->since_us = now_us;
	idle->cores = cores;
	idle->cause = cause;
}

void
idle_end(struct idle *idle, int64_t now_us, int64_t all_us)
{
	int64_t noted_us = 0;

	idle_note(idle, now_us, 0, IDLE_OVERHEAD);
	for (int i = 0; i < IDLE_COUNT; i++) {
		noted_us += idle->sums_us[i];
	}
	all_us = all_us < 0 ? 0 : all_us;
	if (noted_us <= all_us) {
		idle->sums_us[IDLE_OVERHEAD] += all_us - noted_us;
		return;
	}
	for (int i = 0; i < IDLE_COUNT; i++) { /* what tasks computed that nobody counted on */
		idle->sums_us[i] =
		    (int64_t)((double)idle->sums_us[i] * (double)all_us / (double)noted_us);
	}
}
