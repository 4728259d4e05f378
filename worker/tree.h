/* SPDX-License-Identifier: ISC */
/*
 * tree: the processes of a command: itself, its descendants, and those of them that have lost
 * their parent and came to the worker, a child subreaper. Such a stray is known by its session, or
 * by the mark that every command has in its environment and hands on:
 *	STINT_RUN=RUN:WORKER.NUMBER	RUN is that of the supervisor, see there
 * A stint that a command runs puts a / and its own behind that, so that what it leaves behind is
 * known as the outer command's. In stint-worker, the loop thread.
 */
#ifndef WORKER_TREE_H
#define WORKER_TREE_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/pids.h"

struct tree {
	LIST_ENTRY(tree) by_pid;
	LIST_ENTRY(tree) by_number;
	uint64_t number; /* of its mark */
	pid_t pid;       /* of the command, which leads the session and the group of that number */
	bool reaped;     /* the command was; what it left behind may live */
};

/* The mark for the next command, which lives until the next call; its number into `tree`. */
const char *tree_mark(struct tree *);

void tree_add(struct tree *, pid_t); /* the command runs */
void tree_reaped(struct tree *);     /* wait4(2) has returned it */
void tree_remove(struct tree *);     /* it is over; what it leaves behind is a stray from now on */
struct tree *tree_find(pid_t);       /* whose command, not reaped, this is; NULL: nobody's */
unsigned tree_count(void);           /* commands that are not reaped */

/* Every process of it that is there now; freed by the caller. */
void tree_members(const struct tree *, struct pids *);

/*
 * Sends a signal, once to each process; a TERM also wakes what is stopped, 0 only counts. Returns
 * how many there were, and those of which it could not be told yet whose they are. After a KILL
 * some may take a moment to be gone, and new ones may have been forked: again.
 */
unsigned tree_signal(const struct tree *, int signal);
void tree_kill_all(void); /* KILL to the group of every command */

/*
 * Kills what no command that is there has started, as seen when a tree was last looked at, or
 * looking now. What has neither session nor mark by which it is known waits until there is no
 * command. False: the last look was put off, or did not tell all; call again.
 */
bool tree_sweep(bool look);

#endif
