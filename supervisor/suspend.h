/* SPDX-License-Identifier: ISC */
/*
 * suspend: Ctrl-Z. The run stops with all that it has started, and goes on with it; the time
 * between counts for nothing, see clock_stop(). In the supervisor.
 */
#ifndef SUPERVISOR_SUSPEND_H
#define SUPERVISOR_SUSPEND_H

struct pool;

/* Returns when the run goes on. Where nobody could continue it, the kernel does not stop it. */
void suspend_run(struct pool *);

#endif
