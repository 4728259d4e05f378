/* SPDX-License-Identifier: ISC */
/*
 * The raw limit of starting commands: J processes, each of which runs vfork, exec and wait4 of
 * /bin/true in a loop and reads the command's stdout and stderr to their ends. A benchmark's
 * yardstick; it belongs to no program of the project and prints nothing.
 *
 * Usage: spawn_loop N [-j J] [--no-capture] [--argument ARG]
 *
 * With an argument, as xargs and its like give it one, /bin/true takes longer: it loads locales.
 */

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static char *argument; /* NULL: it gets none */

/* Runs in the vforked child, on the parent's memory: only system calls, and never returns. */
static _Noreturn void
exec_true(const int *out, const int *error)
{
	char *const argv[] = {"true", argument, NULL};

	if (out && (dup2(out[1], STDOUT_FILENO) < 0 || dup2(error[1], STDERR_FILENO) < 0))
		_exit(126);
	execve("/bin/true", argv, environ);
	_exit(127);
}

/* One pipe after the other is enough here, as /bin/true cannot fill the second. */
static void
read_to_end(int fd)
{
	char buffer[4096];
	ssize_t n;

	do
		n = read(fd, buffer, sizeof(buffer));
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err(1, "read");
	close(fd);
}

static void
reap(pid_t pid)
{
	struct rusage usage;
	int status;

	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			err(1, "wait4");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "/bin/true did not end well");
}

static void
spawn_captured(void)
{
	int out[2], error[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(error, O_CLOEXEC) < 0)
		err(1, "pipe2");
	pid = vfork();
	if (pid == 0)
		exec_true(out, error);
	if (pid < 0)
		err(1, "vfork");
	close(out[1]);
	close(error[1]);
	read_to_end(out[0]);
	read_to_end(error[0]);
	reap(pid);
}

static void
spawn_plain(void)
{
	pid_t pid;

	pid = vfork();
	if (pid == 0)
		exec_true(NULL, NULL);
	if (pid < 0)
		err(1, "vfork");
	reap(pid);
}

static long
usable_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		err(1, "sched_getaffinity");
	return CPU_COUNT(&set);
}

static long
count_of(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 1)
		errx(2,
		     "%s: not a count; usage: spawn_loop N [-j J] [--no-capture] [--argument ARG]",
		     text);
	return n;
}

static void
start_loop(long n, bool capture)
{
	pid_t pid;

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid > 0)
		return;
	while (n-- > 0) {
		if (capture)
			spawn_captured();
		else
			spawn_plain();
	}
	_exit(0);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"no-capture", no_argument, NULL, 'n'},
	    {"argument", required_argument, NULL, 'a'},
	    {NULL, 0, NULL, 0},
	};
	long jobs = 0, n;
	bool capture = true, good = true;
	int ch, status;

	while ((ch = getopt_long(argc, argv, "j:", options, NULL)) != -1) {
		if (ch == 'j')
			jobs = count_of(optarg);
		else if (ch == 'n')
			capture = false;
		else if (ch == 'a')
			argument = optarg;
		else
			return 2;
	}
	if (argc - optind != 1)
		errx(2, "usage: spawn_loop N [-j J] [--no-capture] [--argument ARG]");
	n = count_of(argv[optind]);
	if (jobs == 0)
		jobs = usable_cores();
	for (long i = 0; i < jobs; i++)
		start_loop(n / jobs + (i < n % jobs), capture);
	for (long i = 0; i < jobs; i++)
		if (wait(&status) < 0 || status != 0)
			good = false;
	return good ? 0 : 1;
}
