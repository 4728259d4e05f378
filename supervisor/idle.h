/* SPDX-License-Identifier: ISC */
/*
 * idle: where the cores' time goes that no task computes in, by cause. In the supervisor; pure.
 */
#ifndef SUPERVISOR_IDLE_H
#define SUPERVISOR_IDLE_H

#include <stdint.h>

#define IDLE_CAUSES(X)            \
	X(START, "start-up")      \
	X(TASKS, "no ready task") \
	X(NEEDS, "needs")         \
	X(RESOURCE, "resources")  \
	X(MEMORY, "memory")       \
	X(RETRY, "backoff")       \
	X(CAP, "caps")            \
	X(OVERHEAD, "overhead")

enum idle_cause {
#define X(name, words) IDLE_##name,
	IDLE_CAUSES(X)
#undef X
	    IDLE_COUNT
};

/* All zero: nothing was noted. */
struct idle {
	int64_t sums_us[IDLE_COUNT]; /* core-microseconds */
	int64_t since_us;            /* monotonic, of what is noted last; 0: nothing was */
	unsigned cores;              /* thousandths that have been idle since then */
	enum idle_cause cause;
};

/* From now on so many thousandths of a core are idle, for this cause. */
void idle_note(struct idle *, int64_t now_us, unsigned cores, enum idle_cause);

/*
 * The end: what is idle in all, but was not noted, is overhead of our own; if more was noted, it is
 * too much by the same factor everywhere.
 */
void idle_end(struct idle *, int64_t now_us, int64_t all_us);

const char *idle_words(enum idle_cause);

#endif
