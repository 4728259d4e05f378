/* SPDX-License-Identifier: ISC */
/*
 * pids: lists of processes, from /proc, and a variable of their environment. What has
 * ended meanwhile, or is not ours to look at, has none. Any process.
 */
#ifndef IPC_PIDS_H
#define IPC_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pids {
	pid_t *at;
	size_t count;
	size_t room;
};

void pids_add(struct pids *, pid_t);
void pids_free(struct pids *); /* ready for use again */

void pids_add_children(struct pids *, pid_t); /* appends those of all its threads */
void pids_add_own(struct pids *);             /* likewise, of this process's main thread alone */
void pids_add_descendants(struct pids *);     /* appends those of all that are there */
void pids_add_all(struct pids *);             /* appends every process that there is */

/*
 * Whether the environment that a process was started with has the variable: its value, cut off to
 * fit, is copied.
 */
bool pids_variable(pid_t, const char *name, char *value, size_t size);

#endif
