/* SPDX-License-Identifier: ISC */
/* action_shell: a command line for /bin/sh. In stint-worker, the loop thread. */
#include <paths.h>

#include "worker/action_exec.h"

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	char *argv[] = {(char *)_PATH_BSHELL, (char *)"-c", action->string, NULL};

	return exec_start(worker, run, argv);
}

const struct action_ops action_shell = {
    .start = start, .due = exec_due, .stop = exec_stop, .runs_command = true};
