/* SPDX-License-Identifier: ISC */
/* proc: what /proc tells of a process. In stint-worker, the loop thread. */
#ifndef WORKER_PROC_H
#define WORKER_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
	char state; /* R, S, D, T, Z and so on, of its first thread */
	pid_t parent;
	pid_t session;
	unsigned threads;
	uint64_t reaped_ticks; /* CPU time of the children it has waited for, and of theirs */
	uint64_t began;        /* clock ticks since the machine started: tells a pid used again */
};

/* All return false if there is no such process or thread, or it is not to be read. */
bool proc_stat(pid_t, struct proc_stat *);
bool proc_thread_state(pid_t, pid_t thread, char *state);
bool proc_queued(pid_t, pid_t thread, uint64_t *ns); /* how long it has waited for a core */

/* Calls `found` for each process that this thread of it has started and that is there still. */
bool proc_children(pid_t, pid_t thread, void (*found)(void *, pid_t), void *arg);

bool proc_has_children(void); /* the kernel can tell them */

/* Calls `found` for each process there is. */
void proc_all(void (*found)(void *, pid_t), void *arg);

/* Calls `found` for each thread of it, `most` at most; it returns how many. */
unsigned proc_threads(pid_t, unsigned most, void (*found)(void *, pid_t), void *arg);

#endif
