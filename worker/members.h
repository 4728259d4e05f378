/* SPDX-License-Identifier: ISC */
/*
 * members: the processes of one command, itself and its descendants, as far as they ask for a
 * core. A process that has not run cannot have forked or waited for a child: so only the clocks
 * of those that are known are read, a system call each, and /proc only for those that have moved.
 *
 * What is counted is what they ask for: the time that they ran, and the time that they stood in
 * line for a core. In stint-worker, the loop thread.
 */
#ifndef WORKER_MEMBERS_H
#define WORKER_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MEMBERS_MOST 256 /* of those beyond, only what they used is seen, when they have ended */

struct member;

struct members {
	struct member *list; /* the command first, as long as it is there */
	unsigned count;
	unsigned cap;
	unsigned looks;
	pid_t command;
	bool blind;      /* the kernel does not tell the children of a process */
	int64_t owed_ns; /* of members that are gone; it comes again in their parents' */
};

/* What a process is believed to have asked for, before its clocks tell. */
struct loan {
	unsigned runnable; /* of its threads, in the look before */
	int64_t ns;
};

/* What was seen in one look. */
struct members_look {
	int64_t asked_ns; /* since the look before: ran, and stood in line */
	bool moved;       /* one of them has run */
	bool changed;     /* there are others than before */
	bool runnable;    /* one runs or stands in line now; only if states were asked for */
	bool asleep;      /* all of them sleep, not for a disk; likewise */
};

void members_init(struct members *, pid_t command); /* no system call */
void members_free(struct members *);                /* harmless when it was never initialised */

/* A process of its is known from elsewhere, because its parent has ended or cannot be asked. */
void members_adopt(struct members *, pid_t);

/*
 * `span_ns`: since the look before. `states`: the states of those that have not run matter, too.
 * False: memory is out, nothing was seen.
 */
bool members_look(struct members *, int64_t span_ns, bool states, struct members_look *);

/*
 * A thread that stands in line does so for a time that is known when it is over, and one that runs
 * has a clock that lags by a tick. So those that were runnable in two looks running are taken to
 * have been all the time; what that is more than the clocks say, `seen_ns`, is set off against
 * what they say later. Returns what was asked for. Pure.
 */
int64_t members_asked(struct loan *, unsigned runnable, int64_t seen_ns, int64_t span_ns);

#endif
