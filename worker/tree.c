/* SPDX-License-Identifier: ISC */
/* tree: see tree.h. In stint-worker, the loop thread. */
#include "worker/tree.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"

#define BUCKETS   1024
#define BOMB      64 /* with more processes than this they are stopped before they are killed */
#define STOPS     30
#define STILL     3
#define SHARE     50    /* looking for strays may take this part of the time */
#define CHEAP_US  200   /* a look that takes less is done whenever one is wanted */
#define UNKNOWN   0     /* number of what has no mark */
#define EXEC_US   20000 /* a process has no environment in the middle of execve(2) */
#define MARK_MOST 4096

LIST_HEAD(trees, tree);

struct orphan {
	pid_t pid;
	uint64_t number;  /* of the command that it belongs to, which may be gone */
	int64_t since_us; /* it has been seen without one */
};

static struct trees by_pid[BUCKETS], by_number[BUCKETS];
static unsigned commands; /* not reaped */
static unsigned present;  /* not removed */

/* The worker's children that are no commands, as they were a moment ago. */
static struct {
	struct orphan *at;
	size_t count;
	int64_t looked_us;
	int64_t took_us;
	unsigned unsure; /* of them, those without a mark that may yet show one */
	bool stale;      /* the last look was put off */
} orphans;

/* "RUN:WORKER." with RUN from the supervisor, or made up. */
static const char *
mark_prefix(void)
{
	static char *prefix;
	const char *run = getenv("STINT_RUN");
	char made[32];

	if (prefix == NULL) {
		snprintf(made, sizeof(made), "%08x%08x", arc4random(), arc4random());
		if (run == NULL || strlen(run) > MARK_MOST - 64) {
			run = made;
		}
		if (asprintf(&prefix, "%s:%d.", run, (int)getpid()) < 0) {
			err(3, "mark");
		}
	}
	return prefix;
}

const char *
tree_mark(struct tree *tree)
{
	static char mark[MARK_MOST];
	static uint64_t last;

	tree->number = ++last;
	snprintf(mark, sizeof(mark), "%s%ju", mark_prefix(), (uintmax_t)tree->number);
	return mark;
}

void
tree_add(struct tree *tree, pid_t pid)
{
	tree->pid = pid;
	tree->reaped = false;
	LIST_INSERT_HEAD(&by_pid[pid % BUCKETS], tree, by_pid);
	LIST_INSERT_HEAD(&by_number[tree->number % BUCKETS], tree, by_number);
	commands++;
	present++;
}

void
tree_reaped(struct tree *tree)
{
	tree->reaped = true;
	commands--;
}

void
tree_remove(struct tree *tree)
{
	LIST_REMOVE(tree, by_pid);
	LIST_REMOVE(tree, by_number);
	present--;
}

unsigned
tree_count(void)
{
	return commands;
}

struct tree *
tree_find(pid_t pid)
{
	struct tree *tree;

	LIST_FOREACH(tree, &by_pid[pid % BUCKETS], by_pid)
	{
		if (tree->pid == pid && !tree->reaped) {
			return tree;
		}
	}
	return NULL;
}

static struct tree *
find_number(uint64_t number)
{
	struct tree *tree;

	LIST_FOREACH(tree, &by_number[number % BUCKETS], by_number)
	{
		if (tree->number == number) {
			return tree;
		}
	}
	return NULL;
}

/* The number of the command whose session, or else whose mark, a process has. */
static uint64_t
number_of(pid_t pid)
{
	const char *prefix = mark_prefix();
	pid_t session = getsid(pid);
	char mark[MARK_MOST];
	struct tree *tree;

	LIST_FOREACH(tree, &by_pid[(session < 0 ? 0 : session) % BUCKETS], by_pid)
	{
		if (tree->pid == session) {
			return tree->number;
		}
	}
	if (!pids_variable(pid, "STINT_RUN", mark, sizeof(mark)) ||
	    strncmp(mark, prefix, strlen(prefix)) != 0) {
		return UNKNOWN;
	}
	return strtoull(mark + strlen(prefix), NULL, 10);
}

/* When a process was first seen without a mark. */
static int64_t
since_of(const struct orphan *before, size_t count, pid_t pid, int64_t now_us)
{
	for (size_t i = 0; i < count; i++) {
		if (before[i].pid == pid && before[i].number == UNKNOWN) {
			return before[i].since_us;
		}
	}
	return now_us;
}

/* A process of the worker's own session is none of a command's. */
static bool
is_orphan(pid_t pid)
{
	return tree_find(pid) == NULL && getsid(pid) != getsid(0);
}

/* What was reaped since it was looked for is not to be mistaken for who has its number now. */
static bool
is_child(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void
list_orphans(const struct pids *children, int64_t now_us)
{
	struct orphan *before = orphans.at;
	size_t before_count = orphans.count;

	orphans.count = orphans.unsure = 0;
	orphans.at = calloc(children->count + 1, sizeof(*orphans.at));
	for (size_t i = 0; orphans.at != NULL && i < children->count; i++) {
		struct orphan orphan = {.pid = children->at[i]};

		if (!is_orphan(orphan.pid)) {
			continue;
		}
		orphan.number = number_of(orphan.pid);
		if (orphan.number == UNKNOWN) {
			orphan.since_us = since_of(before, before_count, orphan.pid, now_us);
			orphans.unsure += now_us - orphan.since_us < EXEC_US;
		}
		orphans.at[orphans.count++] = orphan;
	}
	free(before);
}

/*
 * Without a command, having no child at all is told by one system call. Looking through a thousand
 * commands takes long: then it is put off, and what is there is from before.
 */
static void
look_for_orphans(void)
{
	int64_t now_us = clock_us();
	struct pids children = {.at = NULL};
	siginfo_t info;

	orphans.stale =
	    orphans.took_us > CHEAP_US && now_us - orphans.looked_us < SHARE * orphans.took_us;
	if (orphans.stale) {
		return;
	}
	if (commands == 0 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
		orphans.count = orphans.unsure = 0;
		return;
	}
	pids_add_own(&children);
	list_orphans(&children, now_us);
	pids_free(&children);
	orphans.looked_us = clock_us();
	orphans.took_us = orphans.looked_us - now_us;
}

void
tree_members(const struct tree *tree, struct pids *members)
{
	if (!tree->reaped) {
		pids_add(members, tree->pid);
	}
	look_for_orphans();
	for (size_t i = 0; i < orphans.count; i++) {
		if (orphans.at[i].number == tree->number && is_child(orphans.at[i].pid)) {
			pids_add(members, orphans.at[i].pid);
		}
	}
	pids_add_descendants(members);
}

static unsigned
signal_once(const struct tree *tree, int signal)
{
	struct pids members = {.at = NULL};
	bool group = !tree->reaped;
	unsigned count;

	tree_members(tree, &members);
	for (size_t i = 0; i < members.count; i++) {
		if (getpgid(members.at[i]) == tree->pid) {
			group = true; /* whose number cannot be another's, then */
		} else {
			kill(members.at[i], signal);
		}
	}
	if (group) {
		kill(-tree->pid, signal);
	}
	count = (unsigned)members.count + orphans.unsure;
	pids_free(&members);
	return count;
}

/*
 * Stopped processes fork no more, and fill up the limit that those have who would. It is done when
 * a few looks in a row, none of them put off, show no more than before.
 */
static void
freeze(const struct tree *tree)
{
	unsigned most = 0, still = 0;

	for (int i = 0; i < STOPS && still < STILL; i++) {
		unsigned count;

		orphans.took_us = 0;
		count = signal_once(tree, SIGSTOP);
		still = count > most ? 0 : still + 1;
		most = count > most ? count : most;
	}
	orphans.took_us = 0;
}

unsigned
tree_signal(const struct tree *tree, int signal)
{
	unsigned count = signal_once(tree, signal);

	if (signal == SIGTERM) {
		signal_once(tree, SIGCONT);
	} else if (signal == SIGKILL && count > BOMB) {
		freeze(tree);
		count = signal_once(tree, signal);
	}
	return count;
}

void
tree_kill_all(void)
{
	struct tree *tree;

	for (int i = 0; i < BUCKETS; i++) {
		LIST_FOREACH(tree, &by_pid[i], by_pid)
		{
			if (!tree->reaped) {
				kill(-tree->pid, SIGKILL);
			}
		}
	}
}

bool
tree_sweep(bool look)
{
	struct pids strays = {.at = NULL};

	if (look) {
		look_for_orphans();
	}
	for (size_t i = 0; i < orphans.count; i++) {
		const struct orphan *orphan = &orphans.at[i];
		bool stray =
		    orphan->number == UNKNOWN ? present == 0 : find_number(orphan->number) == NULL;

		if (stray && is_child(orphan->pid)) {
			pids_add(&strays, orphan->pid);
		}
	}
	pids_add_descendants(&strays);
	for (size_t i = 0; i < strays.count; i++) {
		kill(strays.at[i], SIGKILL);
	}
	pids_free(&strays);
	return !orphans.stale && orphans.unsure == 0;
}
