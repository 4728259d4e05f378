/* SPDX-License-Identifier: ISC */
/*
 * meter: what one running command asks of the cores, in thousandths of a core: now, by its last
 * moments, and whether it waits. meter_take() judges and is pure, meter_look() has a look first.
 * When to look is for looks.h. In stint-worker, the loop thread.
 */
#ifndef WORKER_METER_H
#define WORKER_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/members.h"

#define METER_COMPUTES 700   /* from here on a command computes */
#define METER_FIRST_US 2000  /* a command that is over sooner is not looked at */
#define METER_YOUNG_US 20000 /* until then it is looked at more often */

struct meter {
	struct members members;
	int64_t begin_us; /* monotonic */
	int64_t looked_us;
	int64_t told_us;
	int64_t asked_ns; /* in its life so far, until `settled` */
	double fast;      /* cores asked for, of late */
	double slow;
	unsigned use;  /* thousandths of a core */
	unsigned told; /* the use that was reported last */
	bool has_told; /* anything */
	bool asleep;   /* it was in the last look */
	bool waits;    /* it is known to have waited: in its youth, or after it */
	bool settled;  /* old enough for `fast` and `slow` to speak */
};

/* What follows from a look. */
struct meter_news {
	bool report; /* `use` should be told, it is then taken for told */
	bool waits;  /* it computes too little to hold a core */
};

void meter_begin(struct meter *, pid_t, int64_t now_us);
void meter_end(struct meter *); /* harmless when it was never begun */

/* Looks, and judges; false when nothing can be seen. */
bool meter_look(struct meter *, int64_t now_us, struct meter_news *);
void meter_take(struct meter *, int64_t now_us, const struct members_look *, struct meter_news *);

bool meter_is_young(const struct meter *, int64_t now_us);
int64_t meter_next_us(const struct meter *, int64_t now_us); /* when to look again, while young */

#endif
