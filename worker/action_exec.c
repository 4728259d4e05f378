/* SPDX-License-Identifier: ISC */
/*
 * action_exec: runs a command, and watches it until it has ended. The action `shell` is the same
 * with /bin/sh -c in front (action_shell.c). In stint-worker, the loop thread.
 *
 * A command is over when it was reaped, its output has ended, and nothing is left of its processes
 * (worker/tree.h). A descendant that keeps the output open holds it back for EXIT_GRACE_US and no
 * longer: what is left is killed then. When it was told to end, its descendants have until the end
 * of the task's grace.
 */
#include "worker/action_exec.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "worker/child.h"
#include "worker/spawn.h"
#include "worker/starters.h"
#include "worker/worker.h"

#define WATCH_US 10000 /* a command that is over sooner is not watched, only reaped */
#define SWEEP_US 50000

static struct event *sweep; /* strays are to be looked for again */

static void
on_output_end(struct run *run)
{
	struct child *child = run->child;

	if (child->tree.reaped) {
		child_settle(child);
	}
}

/* Opens the pipes that the task's context leaves to us. */
static bool
open_captures(struct child *child, int ends[2])
{
	const struct task_context *context = child->run->spec->context;
	bool joined = context != NULL && context->error != NULL;

	capture_none(&child->captures[0]);
	capture_none(&child->captures[1]);
	if ((context == NULL || context->output == NULL) &&
	    !capture_open(&child->captures[0], child->worker, child->run, 1, &ends[0],
			  on_output_end)) {
		return false;
	}
	return joined || capture_open(&child->captures[1], child->worker, child->run, 2, &ends[1],
				      on_output_end);
}

static bool
is_shortage(int number)
{
	return number == EMFILE || number == ENFILE || number == EAGAIN || number == ENOMEM;
}

/* It cannot be started, now or at all. */
static enum progress
cannot_start(struct worker *worker, struct run *run, const struct spawn_error *error)
{
	if (is_shortage(error->number) && starters_put(worker, run)) {
		return RUN_PENDING;
	}
	if (error->exit >= 0) {
		run_extra(run)->exit = error->exit;
	}
	run_fail(run, STATUS_failed, "%s", error->message);
	return RUN_DONE;
}

static bool
spawn_child(struct child *child, char *const *argv, struct spawn_error *error)
{
	struct run *run = child->run;
	struct spawn spawn_this = {.argv = argv,
				   .context = run->spec->context,
				   .id = run->id,
				   .directory = run->directory,
				   .mark = tree_mark(&child->tree),
				   .grants = run->grants,
				   .place = child->place,
				   .attempt = run->attempt};
	pid_t pid = -1;
	int ends[2] = {-1, -1};

	if (run->spec->context != NULL && run->spec->context->memory > 0 &&
	    cgroup_make(&child->group, spawn_this.mark, run->spec->context->memory)) {
		spawn_this.group = child->group.procs;
	}
	if (open_captures(child, ends)) {
		spawn_this.out = ends[0];
		spawn_this.err = ends[1];
		pid = spawn(child->worker->spawn, &spawn_this, error);
	} else {
		*error = (struct spawn_error){.exit = -1, .number = errno};
		snprintf(error->message, sizeof(error->message), "pipe: %s", strerror(errno));
	}
	fds_close(&ends[0]);
	fds_close(&ends[1]);
	cgroup_close(&child->group);
	if (pid > 0) {
		tree_add(&child->tree, pid);
	}
	return pid > 0;
}

/* While it runs: when something is to be done with it next. */
static void
set_next(struct child *child)
{
	int64_t at_us = child->kill_at_us;

	if (!child->watched) {
		child_sooner(&at_us, child->begin_us + WATCH_US);
	}
	if (!child->termed) {
		child_sooner(&at_us, run_timeout_at(child->run));
	}
	if (!child->killed) {
		child_sooner(&at_us, child->memory.at_us);
	}
	if (at_us != 0) {
		child_set_deadline(child, at_us);
	}
}

enum progress
exec_start(struct worker *worker, struct run *run, char *const *argv)
{
	struct spawn_error error = {-1, ENOMEM, "out of memory"};
	struct child *child = NULL;

	if (starters_before(run) || (child = calloc(1, sizeof(*child))) == NULL) {
		return cannot_start(worker, run, &error);
	}
	channel_flush(worker->channel); /* what has ended is not to die with us if this kills us */
	child->worker = worker;
	child->run = run;
	child->begin_us = clock_us();
	child->waiter.go = child_show;
	child->place = places_take(&worker->places);
	if (!spawn_child(child, argv, &error)) {
		child_free(child);
		return cannot_start(worker, run, &error);
	}
	run->child = child;
	if (run->spec->context != NULL && run->spec->context->memory > 0) {
		memory_begin(&child->memory, run->spec->context->memory, child->begin_us);
	}
	set_next(child);
	looks_begin(worker, &child->looked, run, child->tree.pid);
	return RUN_PENDING;
}

/* Now, and again until it is reaped; then child_settle() sees to the rest. */
static void
kill_tree(struct child *child)
{
	child_watch(child);
	if (!child->killed) {
		child->termed = child->killed = true;
		child->poll_us = 0;
	}
	child_kill(child);
	child->kill_at_us = child_next_poll(child);
	set_next(child);
}

/* Asked to end, with the task's grace to do so; asked again, at once. */
static void
terminate(struct child *child)
{
	const struct task_context *context = child->run->spec->context;
	int64_t grace_us = context == NULL ? TASK_GRACE_US : context->grace_us;

	if (child->termed || grace_us == 0) {
		kill_tree(child);
		return;
	}
	child_watch(child);
	child->termed = true;
	child->kill_at_us = clock_us() + grace_us;
	tree_signal(&child->tree, SIGTERM);
	set_next(child);
}

static bool
timed_out(struct run *run, int64_t now_us)
{
	if (run_timeout_at(run) == 0 || now_us < run_timeout_at(run)) {
		return false;
	}
	cancel_request(&run->cancel, CANCEL_TIMEOUT);
	return true;
}

/* One thing that is due; the next sets the deadline anew. */
static void
running_due(struct child *child)
{
	int64_t now_us = clock_us();

	if (child->termed && now_us >= child->kill_at_us) {
		kill_tree(child);
		return;
	}
	if (!child->termed && timed_out(child->run, now_us)) {
		terminate(child);
		return;
	}
	if (now_us >= child->begin_us + WATCH_US) {
		child_watch(child);
	}
	if (child->memory.at_us != 0 && !child->killed && now_us >= child->memory.at_us &&
	    memory_look(&child->memory, &child->tree)) {
		kill_tree(child);
		return;
	}
	set_next(child);
}

void
exec_due(struct worker *worker, struct run *run, const struct action *action)
{
	struct child *child = run->child;

	(void)action;
	if (child == NULL) {
		starters_due(worker, run);
	} else if (child->tree.reaped) {
		child_settle(child);
	} else {
		running_due(child);
	}
}

void
exec_stop(struct worker *worker, struct run *run, const struct action *action)
{
	struct child *child = run->child;

	(void)action;
	if (child == NULL) {
		starters_remove(worker, run);
		run_cancelled(run);
		run_step_done(worker, run);
	} else if (child->tree.reaped) {
		child->termed = child->killed = true; /* what it left behind has no more time */
		child_settle(child);
	} else {
		terminate(child);
	}
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	exec_sweep(arg, true);
}

void
exec_sweep(struct worker *worker, bool look)
{
	const struct timeval later = {.tv_usec = SWEEP_US};

	if (tree_sweep(look)) {
		return;
	}
	if (sweep == NULL) {
		sweep = evtimer_new(worker->base, on_sweep, worker);
	}
	if (sweep != NULL) {
		event_add(sweep, &later);
	}
}

/* Whose command, not reaped, this is; NULL: nobody's. */
static struct child *
child_of(pid_t pid)
{
	struct tree *tree = tree_find(pid);

	return tree == NULL ? NULL
			    : (struct child *)(void *)((char *)tree - offsetof(struct child, tree));
}

void
exec_reap(struct worker *worker)
{
	struct rusage usage;
	bool orphan = false;
	pid_t pid;
	int status;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		struct child *child = child_of(pid);

		if (child != NULL) {
			child_reaped(child, status, &usage);
		} else {
			orphan = true; /* that came to us to be reaped, and its children with it */
		}
	}
	if (orphan) {
		exec_sweep(worker, true);
	}
}

struct looked *
exec_looked(pid_t pid)
{
	struct child *child = child_of(pid);

	return child == NULL ? NULL : &child->looked;
}

void
exec_kill_all(void)
{
	tree_kill_all();
}

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	return exec_start(worker, run, action->strings);
}

const struct action_ops action_exec = {
    .start = start, .due = exec_due, .stop = exec_stop, .runs_command = true};
