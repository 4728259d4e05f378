/* SPDX-License-Identifier: ISC */
/*
 * daemon_background: stintd leaves whoever has started it alone, once it is ready: who started it
 * waits until then, sees what is wrong on stderr and as exit status, and finds a daemon that
 * answers. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_DAEMON_BACKGROUND_H
#define SUPERVISOR_DAEMON_BACKGROUND_H

/*
 * Forks. Returns in the child, which has a session of its own, / as working directory and /dev/null
 * as stdin; the parent ends with status 0 when the child is ready, else with that of the child.
 * Returns what daemon_background_ready() wants.
 */
int daemon_background_begin(void);

/* stdout and stderr become `log`, or /dev/null if that is -1, and the parent ends. -1: does nothing. */
void daemon_background_ready(int handle, int log);

#endif
