/* SPDX-License-Identifier: ISC */
/* test_spawn: what a command finds when it starts, and what is said when it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "tests/unit.h"
#include "worker/spawn.h"

/* ThreadSanitizer makes a fork(2) of vfork(2): the child cannot say why its exec failed. */
#ifdef __SANITIZE_THREAD__
#define HAS_VFORK 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_VFORK 0
#endif
#endif
#ifndef HAS_VFORK
#define HAS_VFORK 1
#endif

/* Starts the command, reads its output to the end; the wait status. */
static int
run(const struct spawn_base *base, char *const *argv, const struct task_context *context,
    struct text *out)
{
	struct spawn_error error = {0};
	struct spawn spawn_it = {.argv = argv, .context = context, .id = "t1", .attempt = 2};
	char bytes[4096];
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	ck_assert(fds_pipe(ends, 0));
	spawn_it.out = spawn_it.err = ends[1];
	pid = spawn(base, &spawn_it, &error);
	ck_assert_msg(pid > 0, "%s", error.message);
	close(ends[1]);
	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
		text_bytes(out, bytes, (size_t)got);
	}
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* It lives as long as its process. */
static struct spawn_base *
new_base(void)
{
	static struct spawn_base *base;

	base = spawn_base_new();
	spawn_base_set(base, "job", 4);
	return base;
}

/* Runs a shell command in the context; what it wrote must be this. */
static void
assert_shell(const struct spawn_base *base, const char *command, const struct task_context *context,
	     const char *expected)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, strdup(command), NULL};
	struct text out = TEXT_INIT;

	ck_assert_int_eq(run(base, argv, context, &out), 0);
	unit_assert_text(&out, expected);
	text_free(&out);
	free(argv[2]);
}

START_TEST(a_command_has_exactly_three_descriptors)
{
	struct spawn_base *base = new_base();
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */

	ck_assert_int_ge(leak, 3);
	ck_assert_int_eq(dup2(leak, 200), 200);
	assert_shell(base, "ls /proc/$$/fd; :", NULL, "0\n1\n2\n");
	assert_shell(base, "readlink /proc/$$/fd/0", NULL, "/dev/null\n");
	close(leak);
	close(200);
}
END_TEST

/* A set of signals as a command finds it, a bit each. */
static uint64_t
signal_set(const struct spawn_base *base, const char *name)
{
	char grep[] = "grep", file[] = "/proc/self/status";
	char *argv[] = {grep, strdup(name), file, NULL};
	struct text out = TEXT_INIT;
	uint64_t set;

	ck_assert_int_eq(run(base, argv, NULL, &out), 0);
	text_terminate(&out);
	set = strtoull(strchr(out.data, ':') + 1, NULL, 16);
	text_free(&out);
	free(argv[1]);
	return set;
}

START_TEST(signals_are_as_at_login)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct spawn_base *base;
	sigset_t blocked, now;

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &ignore, NULL);
	base = new_base();
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	ck_assert_uint_eq(signal_set(base, "SigBlk"), 0);
	ck_assert_uint_eq(signal_set(base, "SigIgn"), 0);
	sigprocmask(SIG_SETMASK, NULL, &now); /* and ours as they were */
	ck_assert_int_eq(sigismember(&now, SIGTERM), 1);
	ck_assert_int_eq(sigismember(&now, SIGUSR1), 0);
}
END_TEST

START_TEST(a_command_leads_its_own_session)
{
	assert_shell(new_base(),
		     "set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo own", NULL,
		     "own\n");
}
END_TEST

START_TEST(a_command_has_its_environment)
{
	char one[] = "ONE=1", removed[] = "HOME";
	char *env[] = {one, removed, NULL};
	struct task_context context = {.env = env};

	setenv("HOME", "/root", 1);
	assert_shell(new_base(),
		     "echo $STINT_JOB $STINT_WORKER $STINT_TASK_ID $STINT_ATTEMPT $ONE "
		     "${HOME-none}",
		     &context, "job 4 t1 2 1 none\n");
}
END_TEST

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, text, strlen(text)));
	close(fd);
	ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(files_are_relative_to_the_folder)
{
	char folder[] = "/tmp/stint-test-XXXXXX", path[64], in[] = "in", out[] = "out";
	char joined[] = "stdout";
	struct task_context context = {.input = in, .output = out, .error = joined};
	char back[32] = "";
	int fd;

	context.cwd = mkdtemp(folder);
	snprintf(path, sizeof(path), "%s/in", folder);
	write_file(path, "hello\n", 0600);
	assert_shell(new_base(), "cat; echo err >&2; pwd | wc -l", &context, "");
	unlink(path);
	snprintf(path, sizeof(path), "%s/out", folder);
	fd = open(path, O_RDONLY);
	ck_assert_int_gt(read(fd, back, sizeof(back) - 1), 0);
	ck_assert_str_eq(back, "hello\nerr\n1\n");
	close(fd);
	unlink(path);
	rmdir(folder);
}
END_TEST

/* The error of a command that does not start. No descriptor may be left open. */
static void
assert_fails(const struct spawn_base *base, const char *command, const struct task_context *context,
	     int status, const char *message)
{
	char *argv[] = {strdup(command), NULL};
	struct spawn spawn_it = {
	    .argv = argv, .context = context, .id = "t", .attempt = 1, .out = 1, .err = 2};
	struct spawn_error error = {0};
	int before = dup(0), after;

	close(before);
	ck_assert_int_lt(spawn(base, &spawn_it, &error), 0);
	ck_assert_str_eq(error.message, message);
	ck_assert_int_eq(error.exit, status);
	ck_assert_int_ne(error.number, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* and no zombie */
	ck_assert_int_eq(errno, ECHILD);
	after = dup(0);
	close(after);
	ck_assert_int_eq(after, before);
	free(argv[0]);
}

START_TEST(what_cannot_start_says_why)
{
	char folder[] = "/tmp/stint-test-XXXXXX", path[64], message[128], nowhere[] = "/no/such",
	     variable[64];
	char *env[] = {variable, NULL};
	struct task_context in_path = {.env = env};
	struct task_context no_cwd = {.cwd = nowhere}, no_input = {.input = nowhere},
			    no_output = {.output = nowhere}, no_error = {.error = nowhere};
	struct spawn_base *base = new_base();

	assert_fails(base, "no-such-command-here", NULL, 127,
		     "no-such-command-here: command not found");
	assert_fails(base, "/no/such/command", NULL, 127,
		     "/no/such/command: No such file or directory");
	assert_fails(base, "/etc/passwd/x", NULL, 127, "/etc/passwd/x: Not a directory");
	assert_fails(base, "/tmp", NULL, 126, "/tmp: Permission denied");
	snprintf(path, sizeof(path), "%s/plain", mkdtemp(folder));
	write_file(path, "text\n", 0600);
	snprintf(message, sizeof(message), "%s: Permission denied", path);
	assert_fails(base, path, NULL, 126, message);
	snprintf(variable, sizeof(variable), "PATH=/nowhere:%s:/bin", folder);
	assert_fails(base, "plain", &in_path, 126, "plain: Permission denied");
	unlink(path);
	rmdir(folder);
	assert_fails(base, "true", &no_cwd, -1, "/no/such: No such file or directory");
	assert_fails(base, "true", &no_input, -1, "/no/such: No such file or directory");
	assert_fails(base, "true", &no_output, -1, "/no/such: No such file or directory");
	assert_fails(base, "true", &no_error, -1, "/no/such: No such file or directory");
}
END_TEST

START_TEST(a_script_without_interpreter_goes_to_the_shell)
{
	char folder[] = "/tmp/stint-test-XXXXXX", path[64], argument[] = "a b";
	struct text out = TEXT_INIT;
	char *argv[] = {path, argument, NULL};

	snprintf(path, sizeof(path), "%s/script", mkdtemp(folder));
	write_file(path, "echo \"<$1>\"; exit 3\n", 0700);
	ck_assert_int_eq(WEXITSTATUS(run(new_base(), argv, NULL, &out)), 3);
	unit_assert_text(&out, "<a b>\n");
	text_free(&out);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(the_task_s_own_path_is_searched)
{
	char folder[] = "/tmp/stint-test-XXXXXX", path[64], variable[64],
	     name[] = "stint-test-tool";
	char *argv[] = {name, NULL}, *env[] = {variable, NULL};
	struct task_context context = {.env = env};
	struct text out = TEXT_INIT;

	snprintf(path, sizeof(path), "%s/%s", mkdtemp(folder), name);
	snprintf(variable, sizeof(variable), "PATH=/nowhere:%s", folder);
	write_file(path, "#!/bin/sh\necho found\n", 0700);
	ck_assert_int_eq(run(new_base(), argv, &context, &out), 0);
	unit_assert_text(&out, "found\n");
	text_free(&out);
	unlink(path);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_command_has_exactly_three_descriptors,
	    signals_are_as_at_login,
	    a_command_leads_its_own_session,
	    a_command_has_its_environment,
	    files_are_relative_to_the_folder,
	    the_task_s_own_path_is_searched,
	    what_cannot_start_says_why,
	    a_script_without_interpreter_goes_to_the_shell,
	};

	return unit_run("spawn", tests, LENGTH(tests) - (HAS_VFORK ? 0 : 2));
}
