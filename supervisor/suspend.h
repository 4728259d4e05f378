/* SPDX-License-Identifier: ISC */
/*
 * suspend: Ctrl-Z. The run stops with all that it has started, and goes on with it; the time
 * between counts for nothing, see clock_stop(). In the supervisor.
 */
#ifndef SUPERVISOR_SUSPEND_H
#define SUPERVISOR_SUSPEND_H

struct pool;

/*
 * Holds SIGTSTP back. Returns a descriptor for suspend_unwatch() that is readable, without being
 * read, while one is due: then call suspend_run(). -1 with errno when there is none to be had.
 */
int suspend_watch(void);
void suspend_unwatch(int fd);

void suspend_self(void); /* this process alone; returns when it goes on */

/* Returns when the run goes on. Where nobody could continue it, the kernel does not stop it. */
void suspend_run(struct pool *);

#endif
