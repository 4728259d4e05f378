/* SPDX-License-Identifier: ISC */
/* action_exec: running commands, for all actions that do. In stint-worker, the loop thread. */
#ifndef WORKER_ACTION_EXEC_H
#define WORKER_ACTION_EXEC_H

#include "worker/looks.h"
#include "worker/run.h"

/* What an action that runs a command puts in its row. argv ends with NULL. */
enum progress exec_start(struct worker *, struct run *, char *const *argv);
void exec_due(struct worker *, struct run *, const struct action *);
void exec_stop(struct worker *, struct run *, const struct action *);

/*
 * Kills what commands that are over have left behind; `look`: what has come since the last command
 * ended as well.
 */
void exec_sweep(struct worker *, bool look);
void exec_reap(struct worker *);   /* SIGCHLD came: serves every child that has ended */
struct looked *exec_looked(pid_t); /* of the command, if it is one and runs; else NULL */
void exec_kill_all(void);          /* KILL to the group of every command; nothing is waited for */

#endif
