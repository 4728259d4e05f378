/* SPDX-License-Identifier: ISC */
/*
 * guard: a small process that does nothing until stint has died without a word, then kills all that
 * carries the mark of its run: what workers that died at the same moment cannot see to. Started by
 * the supervisor; a child of it, in a process group of its own.
 *
 * The mark is STINT_RUN in the environment: that which stint was itself started with, if a task of
 * another run has done so, and a / and some random digits. Workers put more behind it for each
 * command, see stint-worker(7).
 */
#ifndef SUPERVISOR_GUARD_H
#define SUPERVISOR_GUARD_H

#include <sys/types.h>
#include <termios.h>

/*
 * Sets STINT_RUN and starts the guard, unless that was done. Best before anything large is in
 * memory: the process is forked. Without a guard, for want of a process, things work just so.
 */
void guard_start(void);
void guard_reaped(pid_t); /* this child has ended: if it was the guard, there is another one */
/*
 * A terminal that is not as we found it: if we die without a word, the guard makes it so again.
 * NULL: it is as it was.
 */
struct guard_terminal {
	char path[64];
	char leave[256];       /* bytes that end what is shown on it */
	struct termios before; /* to be set, if it still is as `during` */
	struct termios during;
};
void guard_terminal(const struct guard_terminal *);

pid_t guard_process(void); /* 0: there is none */

#endif
