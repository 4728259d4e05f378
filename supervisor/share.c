/* SPDX-License-Identifier: ISC */
/* share: see share.h. Pure; in the supervisor. */
#include "supervisor/share.h"

#define MEAN_OF 16 /* tasks, about, that the moving average is of */

void
share_begin(struct share *share, int priority, unsigned weight, double now_us)
{
	share->priority = priority;
	share->weight = weight;
	if (share->mean_us <= 0) {
		share->mean_us = SHARE_FIRST_US;
	}
	if (share->pass_us < now_us) {
		share->pass_us = now_us;
	}
}

void
share_sent(struct share *share)
{
	share->pass_us += share->mean_us / share->weight;
}

void
share_ended(struct share *share, int64_t cpu_us)
{
	double charged_us = share->mean_us;

	if (cpu_us >= 0) {
		share->mean_us += ((double)cpu_us - share->mean_us) / MEAN_OF;
	}
	share->pass_us += ((double)(cpu_us < 0 ? 0 : cpu_us) - charged_us) / share->weight;
}

int
share_compare(const struct share *a, const struct share *b)
{
	if (a->priority != b->priority) {
		return a->priority > b->priority ? -1 : 1;
	}
	return (a->pass_us > b->pass_us) - (a->pass_us < b->pass_us);
}
