/* SPDX-License-Identifier: ISC */
/*
 * action_exec: runs a command, and watches it until it has ended. The action `shell` is the same
 * with /bin/sh -c in front (action_shell.c). In stint-worker, the loop thread.
 *
 * A command is over when it was reaped and its output has ended; a descendant that keeps the
 * output open holds it back for EXIT_GRACE_US and no longer. What is left of its process group
 * is killed then.
 */
#include "worker/action_exec.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "ipc/orphans.h"
#include "worker/capture.h"
#include "worker/looks.h"
#include "worker/spawn.h"
#include "worker/worker.h"

#define EXIT_GRACE_US (250 * INT64_C(1000))
#define KILL_GRACE_US (5 * US_PER_SECOND)  /* from TERM to KILL */
#define RETRY_US      (20 * INT64_C(1000)) /* no process or descriptor to be had: look again */
#define GIVE_UP_US    (60 * US_PER_SECOND)
#define WATCH_US      10000 /* a command that is over sooner is not watched, only reaped */
#define BUCKETS       1024

struct child {
	LIST_ENTRY(child) siblings;
	struct worker *worker;
	struct run *run;
	pid_t pid;
	int status;   /* of wait4(2) */
	bool watched; /* the loop reads its output as it comes */
	bool reaped;
	bool termed;
	bool group_left; /* processes of its group outlived it, and keep its number taken */
	struct capture captures[2];
	struct looked looked;
};

LIST_HEAD(children, child);

static struct children children[BUCKETS]; /* by pid; those that are not reaped */
static unsigned running;                  /* children whose step has not ended */

static void finish(struct child *);

static struct child *
find_child(pid_t pid)
{
	struct child *child;

	LIST_FOREACH(child, &children[pid % BUCKETS], siblings)
	{
		if (child->pid == pid) {
			return child;
		}
	}
	return NULL;
}

static void
set_deadline(struct child *child, int64_t at_us)
{
	deadlines_set(&child->worker->deadlines, &child->run->deadline, at_us);
}

static void
on_output_end(struct run *run)
{
	struct child *child = run->child;

	if (child->reaped && child->captures[0].fd < 0 && child->captures[1].fd < 0) {
		finish(child);
	}
}

static void
free_child(struct child *child)
{
	capture_finish(&child->captures[0]);
	capture_finish(&child->captures[1]);
	child->run->child = NULL;
	free(child);
	running--;
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
	int64_t now_us = clock_us();

	if (is_shortage(error->number) && now_us - run->begin_us < GIVE_UP_US) {
		deadlines_set(&worker->deadlines, &run->deadline, now_us + RETRY_US);
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
	struct spawn spawn_this = {
	    .argv = argv, .context = run->spec->context, .id = run->id, .attempt = run->attempt};
	int ends[2] = {-1, -1};

	if (open_captures(child, ends)) {
		spawn_this.out = ends[0];
		spawn_this.err = ends[1];
		child->pid = spawn(child->worker->spawn, &spawn_this, error);
	} else {
		*error = (struct spawn_error){.exit = -1, .number = errno};
		snprintf(error->message, sizeof(error->message), "pipe: %s", strerror(errno));
	}
	fds_close(&ends[0]);
	fds_close(&ends[1]);
	return child->pid > 0;
}

enum progress
exec_start(struct worker *worker, struct run *run, char *const *argv)
{
	struct child *child = calloc(1, sizeof(*child));
	struct spawn_error error = {.exit = -1, .number = ENOMEM};
	int64_t timeout_us = run_timeout_at(run), watch_at_us;

	if (child == NULL) {
		return cannot_start(worker, run, &error);
	}
	channel_flush(worker->channel); /* what has ended is not to die with us if this kills us */
	running++;
	child->worker = worker;
	child->run = run;
	if (!spawn_child(child, argv, &error)) {
		free_child(child);
		return cannot_start(worker, run, &error);
	}
	run->child = child;
	LIST_INSERT_HEAD(&children[child->pid % BUCKETS], child, siblings);
	watch_at_us = clock_us() + WATCH_US;
	set_deadline(child, timeout_us != 0 && timeout_us < watch_at_us ? timeout_us : watch_at_us);
	looks_begin(worker, &child->looked, run, child->pid);
	return RUN_PENDING;
}

static void
signal_group(struct child *child, int signal)
{
	if (!child->reaped) {
		kill(-child->pid, signal);
	}
}

/*
 * From now on its output is read as it comes. Most commands of a large job are over before that:
 * their output waits in the pipes for the moment that they are reaped, which saves the loop two
 * descriptors and a wake-up each.
 */
static void
watch(struct child *child)
{
	if (!child->watched) {
		child->watched = true;
		capture_begin(&child->captures[0]);
		capture_begin(&child->captures[1]);
	}
}

static void
terminate(struct child *child)
{
	watch(child);
	if (child->termed) {
		signal_group(child, SIGKILL);
		return;
	}
	child->termed = true;
	signal_group(child, SIGTERM);
	signal_group(child, SIGCONT); /* a stopped one could not obey */
	set_deadline(child, clock_us() + KILL_GRACE_US);
}

void
exec_due(struct worker *worker, struct run *run, const struct action *action)
{
	struct child *child = run->child;

	if (child == NULL) {
		if (run_timeout_at(run) != 0 && clock_us() >= run_timeout_at(run)) {
			cancel_request(&run->cancel, CANCEL_TIMEOUT);
			run_cancelled(run);
			run_step_done(worker, run);
		} else if (run_start(worker, run) == RUN_DONE) {
			run_step_done(worker, run);
		}
	} else if (child->reaped) {
		finish(child);
	} else if (child->termed) {
		terminate(child);
	} else if (run_timeout_at(run) != 0 && clock_us() >= run_timeout_at(run)) {
		cancel_request(&run->cancel, CANCEL_TIMEOUT);
		terminate(child);
	} else {
		watch(child);
		if (run_timeout_at(run) != 0) {
			set_deadline(child, run_timeout_at(run));
		}
	}
	(void)action;
}

void
exec_stop(struct worker *worker, struct run *run, const struct action *action)
{
	struct child *child = run->child;

	(void)action;
	if (child == NULL) {
		run_cancelled(run);
		run_step_done(worker, run);
	} else if (child->reaped) {
		finish(child);
	} else {
		terminate(child);
	}
}

/* ": " and the last line of stderr, as much as can be printed. */
static void
quote_last_line(const struct child *child, char *quoted, size_t size)
{
	struct span line = capture_last_line(&child->captures[1]);

	quoted[0] = '\0';
	if (line.len == 0 || line.len + 3 > size) {
		return;
	}
	memcpy(quoted, ": ", 2);
	memcpy(quoted + 2, line.at, line.len);
	quoted[line.len + 2] = '\0';
	for (char *c = quoted; *c != '\0' && !text_is_utf8(line.at, line.len); c++) {
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	}
}

static void
judge(struct child *child)
{
	struct run *run = child->run;
	struct run_extra *extra = run_extra(run);
	char quoted[CAPTURE_TAIL + 3];

	quote_last_line(child, quoted, sizeof(quoted));
	if (WIFSIGNALED(child->status)) {
		const char *name = sigabbrev_np(WTERMSIG(child->status));

		extra->signal = WTERMSIG(child->status);
		run_fail(run, STATUS_failed, "killed by SIG%s%s", name == NULL ? "?" : name,
			 quoted);
	} else {
		extra->exit = WEXITSTATUS(child->status);
		if (extra->exit != 0) {
			run_fail(run, STATUS_failed, "exit status %d%s", extra->exit, quoted);
		}
	}
	if (cancel_reason(&run->cancel) != CANCEL_NONE) {
		run_cancelled(run);
	}
}

/*
 * No command runs here: what is still a child of ours is what one has left in a session of its
 * own. (While others run, it waits for the last of them.)
 */
static void
kill_strays(void)
{
	siginfo_t info;

	if (running == 0 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
		orphans_kill(NULL, NULL);
	}
}

/* Reaped, and its output is over or has had its time. Frees the child. */
static void
finish(struct child *child)
{
	struct worker *worker = child->worker;
	struct run *run = child->run;

	if (child->group_left) {
		kill(-child->pid, SIGKILL);
	}
	judge(child);
	free_child(child);
	kill_strays();
	run_step_done(worker, run);
}

/*
 * A child that was vforked begins with its parent's high-water mark (exec_mmap() in the kernel):
 * what is not above that says nothing of the command.
 */
static void
note_maxrss(struct run *run, const struct rusage *usage)
{
	struct rusage own;
	uint64_t bytes = (uint64_t)usage->ru_maxrss * 1024;

	getrusage(RUSAGE_SELF, &own);
	if (usage->ru_maxrss > own.ru_maxrss && bytes > run->maxrss) {
		run->maxrss = bytes;
	}
}

static void
on_reaped(struct child *child, int status, const struct rusage *usage)
{
	struct run *run = child->run;

	child->status = status;
	child->reaped = true;
	looks_end(child->worker, &child->looked);
	child->group_left = kill(-child->pid, 0) == 0;
	LIST_REMOVE(child, siblings);
	run->user_us += usage->ru_utime.tv_sec * US_PER_SECOND + usage->ru_utime.tv_usec;
	run->sys_us += usage->ru_stime.tv_sec * US_PER_SECOND + usage->ru_stime.tv_usec;
	note_maxrss(run, usage);
	capture_drain(&child->captures[0]);
	capture_drain(&child->captures[1]);
	if (child->captures[0].fd < 0 && child->captures[1].fd < 0) {
		finish(child);
	} else {
		watch(child);
		set_deadline(child, clock_us() + EXIT_GRACE_US);
	}
}

void
exec_reap(void)
{
	struct rusage usage;
	pid_t pid;
	int status;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		struct child *child = find_child(pid);

		if (child != NULL) { /* else an orphan that came to us to be reaped */
			on_reaped(child, status, &usage);
		} else {
			kill_strays(); /* and its children are ours now */
		}
	}
}

struct looked *
exec_looked(pid_t pid)
{
	struct child *child = find_child(pid);

	return child == NULL ? NULL : &child->looked;
}

void
exec_kill_all(void)
{
	struct child *child;

	for (int i = 0; i < BUCKETS; i++) {
		LIST_FOREACH(child, &children[i], siblings)
		{
			signal_group(child, SIGKILL);
		}
	}
}

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	return exec_start(worker, run, action->strings);
}

const struct action_ops action_exec = {
    .start = start, .due = exec_due, .stop = exec_stop, .runs_command = true};
