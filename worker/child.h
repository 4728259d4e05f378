/* SPDX-License-Identifier: ISC */
/*
 * child: a command that runs, from its start (action_exec.c) to its end (child_end.c). In
 * stint-worker, the loop thread; not for others.
 */
#ifndef WORKER_CHILD_H
#define WORKER_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "ipc/cgroup.h"
#include "worker/capture.h"
#include "worker/looks.h"
#include "worker/memory.h"
#include "worker/tree.h"

struct run;
struct worker;

struct child {
	struct worker *worker;
	struct run *run;
	struct tree tree;
	struct cgroup group; /* only with a limit of memory: it costs half as much as a command */
	int status;          /* of wait4(2) */
	bool watched;        /* the loop reads its output as it comes */
	bool termed;
	bool killed;
	bool ended;           /* its verdict is there; what is left is to show its output */
	struct waiter waiter; /* for the supervisor, to show it */
	uint64_t place;       /* 0: none */
	int64_t begin_us;
	int64_t kill_at_us;   /* when its grace is over, once it is termed; then of the next KILL */
	int64_t output_to_us; /* its output is waited for, once it is reaped */
	int64_t gone_to_us;   /* likewise what was killed */
	int64_t poll_us;
	struct memory memory;
	struct capture captures[2];
	struct looked looked;
};

void child_watch(struct child *); /* its output is read as it comes from now on */
void child_set_deadline(struct child *, int64_t at_us); /* exec_due() is called then */
int64_t child_next_poll(struct child *);                /* when to look again for what was killed */
void child_sooner(int64_t *at_us, int64_t other_us);    /* the earlier; 0 is never */
unsigned child_kill(struct child *);                    /* KILL to all of it; how many there were */
void child_free(struct child *);

/* wait4(2) has returned it. May free it, as child_settle() may. */
void child_reaped(struct child *, int status, const struct rusage *);
void child_settle(struct child *); /* reaped: it is over if nothing of it is waited for any more */
void child_show(struct worker *, struct waiter *); /* goes on to show its output */

#endif
