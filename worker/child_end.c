/* SPDX-License-Identifier: ISC */
/*
 * child_end: how a command comes to its end: waiting for what it left behind, its verdict. In
 * stint-worker, the loop thread.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ipc/clock.h"
#include "worker/action_exec.h"
#include "worker/child.h"
#include "worker/starters.h"
#include "worker/worker.h"

#define EXIT_GRACE_US (250 * INT64_C(1000))
#define POLL_FIRST_US 1000 /* what was killed is looked for again; then doubled */
#define POLL_MOST_US  50000
#define GONE_US       (2 * US_PER_SECOND) /* what is killed and not gone by then cannot be */

void
child_set_deadline(struct child *child, int64_t at_us)
{
	deadlines_set(&child->worker->deadlines, &child->run->deadline, at_us);
}

void
child_sooner(int64_t *at_us, int64_t other_us)
{
	if (other_us != 0 && (*at_us == 0 || other_us < *at_us)) {
		*at_us = other_us;
	}
}

/* When to look again for what was killed. */
int64_t
child_next_poll(struct child *child)
{
	child->poll_us = child->poll_us == 0                 ? POLL_FIRST_US
			 : child->poll_us * 2 > POLL_MOST_US ? POLL_MOST_US
							     : child->poll_us * 2;
	return clock_us() + child->poll_us;
}

/*
 * From now on its output is read as it comes. Most commands of a large job are over before that:
 * their output waits in the pipes for the moment that they are reaped, which saves the loop two
 * descriptors and a wake-up each.
 */
void
child_watch(struct child *child)
{
	if (!child->watched) {
		child->watched = true;
		capture_begin(&child->captures[0]);
		capture_begin(&child->captures[1]);
	}
}

unsigned
child_kill(struct child *child)
{
	cgroup_kill(&child->group);
	return tree_signal(&child->tree, SIGKILL);
}

void
child_free(struct child *child)
{
	capture_free(&child->captures[0]);
	capture_free(&child->captures[1]);
	cgroup_remove(&child->group);
	places_leave(&child->worker->places, child->place);
	child->run->child = NULL;
	free(child);
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

/* By what was seen of it, or by the kernel, which stopped it at its limit. */
static void
fail_of_memory(struct run *run, const struct memory *memory)
{
	char took[32], most[32];

	memory_size(memory->over, took, sizeof(took));
	memory_size(memory->most, most, sizeof(most));
	if (memory->over == 0) {
		run_fail(run, STATUS_failed, "wanted more than its memory of %s", most);
		return;
	}
	run_fail(run, STATUS_failed, "took %s, more than its memory of %s", took, most);
}

/* What exits with 0 is not ok if a part of what it wrote cannot be shown. */
static void
fail_of_output(struct run *run, const struct capture captures[2])
{
	if (run->status == STATUS_ok &&
	    (capture_lost(&captures[0]) || capture_lost(&captures[1]))) {
		run_fail(run, STATUS_failed,
			 "output was lost: no room in %s; set TMPDIR to a folder with more",
			 spill_place());
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
	if (child->memory.over != 0 || cgroup_ran_out(&child->group)) {
		fail_of_memory(run, &child->memory);
	} else if (cancel_reason(&run->cancel) != CANCEL_NONE) {
		run_cancelled(run);
	}
	fail_of_output(run, child->captures);
}

/* Shows the output, now or as soon as the supervisor takes it; then the step is done. */
void
child_show(struct worker *worker, struct waiter *waiter)
{
	struct child *child =
	    (struct child *)(void *)((char *)waiter - offsetof(struct child, waiter));
	struct run *run = child->run;

	if (capture_show(child->captures, waiter)) {
		child_free(child);
		run_step_done(worker, run);
	}
}

/* Everything of it is gone, or has had its time. Frees the child, at once or later. */
static void
finish(struct child *child)
{
	struct worker *worker = child->worker;

	child->ended = true;
	deadlines_clear(&worker->deadlines, &child->run->deadline);
	tree_remove(&child->tree);
	judge(child);
	child->run->end_us = clock_us();
	capture_close(&child->captures[0]);
	capture_close(&child->captures[1]);
	cgroup_remove(&child->group);
	exec_sweep(worker, false);
	starters_wake(worker);
	child_show(worker, &child->waiter);
}

static bool
has_output(const struct child *child)
{
	return child->captures[0].fd >= 0 || child->captures[1].fd >= 0;
}

/* Whether what it left behind is still to be waited for; if so, until when. */
static bool
wait_on(struct child *child, int64_t *until_us)
{
	int64_t now_us = clock_us();

	if (child->termed && !child->killed && now_us < child->kill_at_us &&
	    tree_signal(&child->tree, 0) > 0) {
		*until_us = child_next_poll(child);
		child_sooner(until_us, child->kill_at_us);
		return true;
	}
	if (has_output(child) && !child->killed && now_us < child->output_to_us) {
		*until_us = child->output_to_us;
		return true;
	}
	if (child->gone_to_us == 0) {
		child->killed = true;
		child->gone_to_us = now_us + GONE_US;
		child->poll_us = 0;
	}
	if (child_kill(child) == 0 || now_us >= child->gone_to_us) {
		return false;
	}
	*until_us = child_next_poll(child);
	return true;
}

/* It was reaped: it is over if nothing of it has to be waited for any more. Then it is freed. */
void
child_settle(struct child *child)
{
	int64_t until_us;

	if (child->ended) {
		return;
	}
	if (wait_on(child, &until_us)) {
		child_watch(child);
		child_set_deadline(child, until_us);
	} else {
		finish(child);
	}
}

/*
 * A child that was vforked begins with its parent's high-water mark (exec_mmap() in the kernel):
 * what is not above that says nothing of the command, and 0 is returned.
 */
static uint64_t
note_maxrss(struct run *run, const struct rusage *usage)
{
	struct rusage own;
	uint64_t bytes = (uint64_t)usage->ru_maxrss * 1024;

	getrusage(RUSAGE_SELF, &own);
	if (usage->ru_maxrss <= own.ru_maxrss) {
		return 0;
	}
	if (bytes > run->maxrss) {
		run->maxrss = bytes;
	}
	return bytes;
}

void
child_reaped(struct child *child, int status, const struct rusage *usage)
{
	struct run *run = child->run;
	int64_t now_us = clock_us();

	tree_reaped(&child->tree);
	looks_end(child->worker, &child->looked);
	child->status = status;
	child->output_to_us = now_us + EXIT_GRACE_US;
	child->poll_us = 0;
	run->user_us += usage->ru_utime.tv_sec * US_PER_SECOND + usage->ru_utime.tv_usec;
	run->sys_us += usage->ru_stime.tv_sec * US_PER_SECOND + usage->ru_stime.tv_usec;
	memory_end(&child->memory, note_maxrss(run, usage));
	capture_drain(&child->captures[0]);
	capture_drain(&child->captures[1]);
	child_settle(child);
}
