/* SPDX-License-Identifier: ISC */
/* top_told: what the daemon's answer to `status` tells of the queue. Pure; of stint top. */
#ifndef SUPERVISOR_TOP_TOLD_H
#define SUPERVISOR_TOP_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

struct top_told {
	bool paused, draining;
	char why[200]; /* it is paused without a command, or takes nothing; empty: it is not */
	uint64_t cores, computing, waiting, ready;
	uint64_t running, queued, held, ended; /* jobs */
	uint64_t failed, cancelled;            /* of those that have ended */
	uint64_t done;                         /* tasks, since the daemon began */
	double asked;
	int64_t up_us;
};

struct top_told top_told_read(struct span value); /* what is not said is 0 */

/* What people are to know of it, if anything. */
void top_told_put_notice(const struct top_told *, struct text *);

#endif
