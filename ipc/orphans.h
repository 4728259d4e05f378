/* SPDX-License-Identifier: ISC */
/*
 * orphans: processes that tasks left behind, and that came to this process, a child subreaper, to
 * be its children. Supervisor and worker, in the main thread.
 */
#ifndef IPC_ORPHANS_H
#define IPC_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Kills every child of this process that `is_ours` (NULL: none is) does not know and that is in a
 * session of its own, as all that tasks start are. Their children come to us when they are reaped:
 * call again then.
 */
unsigned orphans_kill(bool (*is_ours)(void *context, pid_t), void *context); /* how many */

/* Before the process ends: kills and reaps them and all that they leave, for a second at most. */
void orphans_end(void);

#endif
