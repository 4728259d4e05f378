/* SPDX-License-Identifier: ISC */
/*
 * spawn: starts a command as a child of this worker: its own session, the signals' state as at
 * login, exactly the descriptors 0, 1 and 2, killed if the worker dies. In stint-worker, the loop
 * thread (the thread whose death would kill the child).
 */
#ifndef WORKER_SPAWN_H
#define WORKER_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/task_spec.h"

struct spawn_base; /* what all commands of a worker share; made once */

/*
 * Notes the signals that are ignored by now, which commands are to have at their defaults, and
 * raises the limit of open files, for this process only.
 */
struct spawn_base *spawn_base_new(void);

/* The variables that all tasks of a worker get; strings are copied. */
void spawn_base_set(struct spawn_base *, const char *job, unsigned worker);

struct spawn {
	char *const *argv;
	const struct task_context *context; /* may be NULL */
	const char *id;
	const char *directory; /* NULL: ours */
	const char *mark;      /* see worker/tree.h; NULL: none */
	char *const *grants;   /* variables "NAME=value", NULL at the end; may be NULL */
	unsigned attempt;
	uint64_t place; /* see worker/places.h */
	int out;        /* where its stdout and stderr go */
	int err;
	int group; /* cgroup.procs of the group that it is to be in if it can; 0 or less: none */
};

/* Why a command could not be started, as a shell would say it. */
struct spawn_error {
	int exit;          /* 127: not found, 126: not executable, -1: neither is its fault */
	int number;        /* errno */
	char message[256]; /* "gzip: command not found" */
};

/* Returns the pid, or -1 with `error`. */
pid_t spawn(const struct spawn_base *, const struct spawn *, struct spawn_error *error);

#endif
