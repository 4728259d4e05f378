/* SPDX-License-Identifier: ISC */
/* test_tree: which processes are a command's, with real ones; and what they take of memory. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "tests/unit.h"
#include "worker/memory.h"
#include "worker/tree.h"

static char folder[] = "/tmp/stint-test-XXXXXX";

/* The process that a test is in is as a worker: it adopts, and works in a folder of its own. */
static void
begin(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void
nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void
await_file(const char *name)
{
	struct stat info;

	while (stat(name, &info) != 0) {
		nap();
	}
	unlink(name);
}

static void
end(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* Starts a shell as a command; it says by the file `ready` that its processes are there. */
static void
start(struct tree *tree, const char *command)
{
	char *argv[] = {strdup("sh"), strdup("-c"), strdup(command), NULL};
	const char *mark = tree_mark(tree);
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		setenv("STINT_RUN", mark, 1);
		execv("/bin/sh", argv);
		_exit(127);
	}
	tree_add(tree, pid);
	for (int i = 0; i < 3; i++) {
		free(argv[i]);
	}
	await_file("ready");
}

static size_t
members(const struct tree *tree)
{
	struct pids pids = {.at = NULL};
	size_t count;

	tree_members(tree, &pids);
	count = pids.count;
	pids_free(&pids);
	return count;
}

/* Reaps whatever has ended; whether a command was among it. */
static bool
reap(void)
{
	struct tree *tree;
	bool command = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if ((tree = tree_find(pid)) != NULL) {
			tree_reaped(tree);
			command = true;
		}
	}
	return command;
}

static void
await_members(const struct tree *tree, size_t count)
{
	while (members(tree) != count) {
		reap();
		nap();
	}
}

static void
kill_tree(struct tree *tree)
{
	while (tree_signal(tree, SIGKILL) > 0) {
		nap();
		reap();
	}
	tree_remove(tree);
}

START_TEST(members_are_found_wherever_they_went)
{
	struct tree one, other;

	begin();
	start(&other, "setsid sleep 600 & touch ready; sleep 600; :");
	await_members(&other, 3);
	/* The group; a session of its own; a daemon of two generations, and its child; no mark. */
	start(&one, "sleep 600 & setsid sleep 600 & "
		    "(setsid sh -c '(setsid sh -c \"sleep 600; :\" &); :' &); "
		    "env -u STINT_RUN sleep 600 & touch ready; wait; :");
	await_members(&one, 6);
	kill_tree(&one);
	ck_assert_uint_eq(members(&other), 3);
	while (!tree_sweep(true)) { /* which finds nothing that is not of a command */
		nap();
	}
	nap();
	ck_assert_uint_eq(members(&other), 3);
	kill_tree(&other);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	end();
}
END_TEST

START_TEST(a_signal_comes_once_and_wakes_what_is_stopped)
{
	/* Each counts the TERMs in a file of its own, one in the group and one outside of it. */
	static const char script[] = "import os, signal, sys, time\n"
				     "count = 0\n"
				     "def on_term(number, frame):\n"
				     "    global count\n"
				     "    count += 1\n"
				     "    open(sys.argv[1] + str(count), 'w')\n"
				     "signal.signal(signal.SIGTERM, on_term)\n"
				     "open(sys.argv[1] + 'begun', 'w')\n"
				     "os.kill(os.getpid(), signal.SIGSTOP)\n"
				     "while True: time.sleep(600)\n";
	struct stat info;
	struct tree tree;

	begin();
	setenv("SCRIPT", script, 1);
	start(&tree, "trap '' TERM; python3 -c \"$SCRIPT\" near & "
		     "setsid python3 -c \"$SCRIPT\" far & touch ready; while :; do wait; done");
	await_file("nearbegun");
	await_file("farbegun");
	tree_signal(&tree, SIGTERM);
	await_file("near1");
	await_file("far1");
	nap();
	ck_assert_int_ne(stat("near2", &info), 0);
	ck_assert_int_ne(stat("far2", &info), 0);
	kill_tree(&tree);
	end();
}
END_TEST

START_TEST(strays_are_swept_but_not_from_those_that_run)
{
	struct tree one, other;

	begin();
	start(&one, "setsid sleep 600 >/dev/null & touch ready");
	start(&other, "(setsid sleep 600 &); (env -i /usr/bin/setsid sleep 600 &) ; touch ready; "
		      "sleep 600; :");
	await_members(&other, 3);
	while (!one.reaped) {
		nap();
		reap();
	}
	await_members(&one, 1);
	tree_remove(&one); /* nobody has killed what it left behind */
	while (members(&one) > 0) {
		tree_sweep(true);
		nap();
		reap();
	}
	ck_assert_uint_eq(members(&other), 3);
	kill_tree(&other);
	do { /* what has no mark is nobody's, and goes now */
		tree_sweep(true);
		nap();
		reap();
	} while (waitpid(-1, NULL, WNOHANG) == 0);
	end();
}
END_TEST

START_TEST(many_that_fork_are_brought_to_an_end)
{
	struct tree tree;

	begin();
	start(&tree, "touch ready; i=0; while [ $i -lt 40 ]; do i=$((i + 1)); "
		     "setsid sh -c 'while :; do sleep 0.01 & sleep 0.01; done' & done; wait");
	while (members(&tree) < 80) {
		nap();
	}
	kill_tree(&tree);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	end();
}
END_TEST

START_TEST(memory_is_that_of_all_members)
{
	struct memory memory;
	struct tree tree;

	begin();
	start(&tree, "for i in 1 2; do setsid python3 -c 'import time; x = b\"x\" * 30000000; "
		     "open(\"at\" + \"'$i'\", \"w\"); time.sleep(600)' & done; touch ready; wait");
	await_file("at1");
	await_file("at2");
	memory_begin(&memory, 100 << 20, clock_us());
	ck_assert(!memory_look(&memory, &tree));
	ck_assert_int_gt(memory.at_us, clock_us());
	memory_begin(&memory, 50 << 20, clock_us());
	ck_assert(memory_look(&memory, &tree));
	ck_assert_uint_gt(memory.over, 60000000);
	ck_assert_uint_lt(memory.over, 100 << 20);
	kill_tree(&tree);
	end();
}
END_TEST

START_TEST(memory_at_the_end_does_not_count_files)
{
	struct memory memory = {.most = 1000, .file = 500};

	memory_end(&memory, 1500);
	ck_assert_uint_eq(memory.over, 0);
	memory_end(&memory, 1501);
	ck_assert_uint_eq(memory.over, 1001);
	memory = (struct memory){.most = 0};
	memory_end(&memory, 1501); /* no limit */
	ck_assert_uint_eq(memory.over, 0);
}
END_TEST

START_TEST(sizes_are_for_people)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {{0, "0 bytes"},         {1023, "1023 bytes"},           {1024, "1 KiB"},
		     {1536, "1.5 KiB"},      {200 << 20, "200 MiB"},         {1 << 30, "1 GiB"},
		     {327155712, "312 MiB"}, {UINT64_C(5) << 50, "5120 TiB"}};
	char text[32];

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		memory_size(sizes[i].bytes, text, sizeof(text));
		ck_assert_str_eq(text, sizes[i].text);
	}
}
END_TEST

START_TEST(variables_of_processes_and_lists)
{
	struct pids all = {.at = NULL};
	char value[8];
	struct tree tree;

	begin();
	start(&tree, "LONG=$(head -c 100000 /dev/zero | tr '\\0' x) NAME=value X= sh -c 'touch "
		     "ready; sleep 600; :'; :");
	pids_add(&all, tree.pid);
	pids_add_descendants(&all);
	ck_assert_uint_eq(all.count, 3);
	ck_assert(pids_variable(all.at[1], "NAME", value, sizeof(value)));
	ck_assert_str_eq(value, "value");
	ck_assert(pids_variable(all.at[1], "LONG", value, sizeof(value)));
	ck_assert_str_eq(value, "xxxxxxx");
	ck_assert(pids_variable(all.at[1], "X", value, sizeof(value)));
	ck_assert_str_eq(value, "");
	ck_assert(!pids_variable(all.at[1], "NAM", value, sizeof(value)));
	ck_assert(!pids_variable(0x7ffffff0, "NAME", value, sizeof(value)));
	pids_free(&all);
	pids_add_all(&all);
	ck_assert_uint_gt(all.count, 3);
	pids_free(&all);
	kill_tree(&tree);
	end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    members_are_found_wherever_they_went,
	    a_signal_comes_once_and_wakes_what_is_stopped,
	    strays_are_swept_but_not_from_those_that_run,
	    many_that_fork_are_brought_to_an_end,
	    memory_is_that_of_all_members,
	    memory_at_the_end_does_not_count_files,
	    sizes_are_for_people,
	    variables_of_processes_and_lists,
	};

	return unit_run("tree", tests, LENGTH(tests));
}
