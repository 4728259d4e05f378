/* SPDX-License-Identifier: ISC */
/* spawn: see spawn.h. In stint-worker, the loop thread. */
#include "worker/spawn.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "worker/environment.h"

struct spawn_base {
	struct environment *environment;
	struct rlimit files; /* RLIMIT_NOFILE as it was */
	sigset_t ignored;    /* signals that a command would find ignored, were they not reset */
	int nice;
	int null; /* /dev/null, to read from */
	pid_t self;
};

/* What the child does; it shares the parent's memory until it execs. */
struct plan {
	const struct spawn_base *base;
	const struct spawn *spawn;
	const char *program;
	char *const *argv;
	char *const *env;
	int cwd; /* a folder, or -1 */
	int in;
	int out;
	int err;
	int nice;
	bool grouped;
	const char *what; /* went wrong; NULL: executing the program */
	int failed;       /* errno of it */
};

/*
 * posix_spawn(3) in glibc leaves its two internal signals, 32 and 33, ignored in the child, and
 * sigaction(3) does not touch them: they would be ignored in every command.
 */
static void
reset_internal_signals(void)
{
	const struct { /* the kernel's struct sigaction: handler, flags, restorer, mask */
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} standard = {NULL, 0, NULL, 0};

	for (int i = 32; i < SIGRTMIN; i++) {
		syscall(SYS_rt_sigaction, i, &standard, NULL, sizeof(standard.mask));
	}
}

static void
note_ignored(sigset_t *ignored)
{
	struct sigaction action;

	sigemptyset(ignored);
	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
			sigaddset(ignored, i);
		}
	}
}

struct spawn_base *
spawn_base_new(void)
{
	struct spawn_base *base = calloc(1, sizeof(*base));
	struct rlimit raised;

	if (base == NULL) {
		err(3, "spawn");
	}
	base->self = getpid();
	base->nice = getpriority(PRIO_PROCESS, 0);
	base->null = open(_PATH_DEVNULL, O_RDONLY | O_CLOEXEC);
	if (base->null < 0) {
		err(3, _PATH_DEVNULL);
	}
	reset_internal_signals();
	note_ignored(&base->ignored);
	getrlimit(RLIMIT_NOFILE, &base->files);
	raised = base->files;
	raised.rlim_cur = raised.rlim_max;
	setrlimit(RLIMIT_NOFILE, &raised);
	return base;
}

void
spawn_base_set(struct spawn_base *base, const char *job, unsigned worker)
{
	environment_free(base->environment);
	base->environment = environment_new(job, worker);
}

static void
reset_signals(const struct spawn_base *base)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
		if (sigismember(&base->ignored, i) == 1) {
			sigaction(i, &standard, NULL);
		}
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child, of what it does before it is the command. */
static _Noreturn void
give_up(struct plan *plan, const char *what)
{
	plan->failed = errno;
	plan->what = what;
	_exit(127);
}

/* In the child: calls only what is safe after vfork(2), and never returns. */
static _Noreturn void
become_command(struct plan *plan)
{
	setsid();
	if (plan->spawn->group > 0) {
		plan->grouped = write(plan->spawn->group, "0", 1) == 1; /* or else without */
	}
	if (plan->nice != 0 && setpriority(PRIO_PROCESS, 0, plan->base->nice + plan->nice) != 0) {
		give_up(plan, "nice");
	}
	if ((plan->cwd >= 0 && fchdir(plan->cwd) != 0) || dup2(plan->in, 0) < 0 ||
	    dup2(plan->out, 1) < 0 || dup2(plan->err, 2) < 0) {
		give_up(plan, NULL);
	}
	close_range(3, ~0U, 0);
	setrlimit(RLIMIT_NOFILE, &plan->base->files);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != plan->base->self) {
		_exit(127);
	}
	reset_signals(plan->base);
	execve(plan->program, plan->argv, plan->env);
	give_up(plan, NULL);
}

/*
 * vfork(2), not posix_spawn(3): that has neither PR_SET_PDEATHSIG nor the check behind it. All
 * signals are blocked meanwhile, so that no handler of ours runs in the child.
 */
static pid_t
start_child(struct plan *plan)
{
	sigset_t all, old;
	pid_t pid;

	plan->failed = 0;
	plan->what = NULL;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0) {
		become_command(plan);
	}
	if (pid < 0) {
		plan->failed = errno;
	} else if (plan->failed != 0) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static pid_t
fail(struct spawn_error *error, int number, int status, const char *what, const char *why)
{
	error->number = number;
	error->exit = status;
	snprintf(error->message, sizeof(error->message), "%s: %s", what, why);
	return -1;
}

/* Of the nice value, say which: it is the only one of these that a task asks for. */
static pid_t
fail_before(struct spawn_error *error, const struct plan *plan)
{
	char what[32];

	if (strcmp(plan->what, "nice") != 0) {
		return fail(error, plan->failed, -1, plan->what, strerror(plan->failed));
	}
	snprintf(what, sizeof(what), "nice %d", plan->nice);
	return fail(error, plan->failed, -1, what,
		    plan->failed == EACCES
			? "not permitted; it takes CAP_SYS_NICE, or a higher ulimit -e"
			: strerror(plan->failed));
}

static pid_t
fail_command(struct spawn_error *error, int number, const char *command)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return fail(error, number, 127, command,
			    strchr(command, '/') == NULL ? "command not found" : strerror(number));
	case EAGAIN:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return fail(error, number, -1, command, strerror(number));
	default:
		return fail(error, number, 126, command, strerror(number));
	}
}

/* What is more than execve(2) takes: one argument, or all of them together. */
static void
fail_too_long(struct spawn_error *error, char *const *argv)
{
	size_t most = 32 * (size_t)sysconf(_SC_PAGESIZE) - 1, longest = 0, all = 0;
	char why[160];

	for (char *const *arg = argv; *arg != NULL; arg++) {
		size_t len = strlen(*arg);

		longest = len > longest ? len : longest;
		all += len + 1;
	}
	if (longest > most) {
		snprintf(why, sizeof(why),
			 "Argument list too long: one of %zu bytes, the system takes %zu; give it "
			 "in a file",
			 longest, most);
	} else {
		snprintf(why, sizeof(why),
			 "Argument list too long: %zu bytes, with the environment more than the "
			 "system takes; give fewer",
			 all);
	}
	fail(error, E2BIG, 126, argv[0], why);
}

static bool
is_program(const char *path)
{
	struct stat info;

	return access(path, X_OK) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* As execvp(3) finds it, but in the task's own PATH. False with errno. */
static bool
find_program(const char *command, char *const *env, char *found, size_t size)
{
	const char *path = environment_get(env, "PATH");
	bool denied = false;

	if (strchr(command, '/') != NULL) {
		return snprintf(found, size, "%s", command) < (int)size ||
		       (errno = ENAMETOOLONG, 0);
	}
	for (path = path == NULL ? _PATH_DEFPATH : path; path != NULL;) {
		size_t len = strcspn(path, ":");

		if (snprintf(found, size, "%.*s%s%s", (int)len, path, len > 0 ? "/" : "", command) <
		    (int)size) {
			if (is_program(found)) {
				return true;
			}
			denied = denied || errno == EACCES;
		}
		path = path[len] == ':' ? path + len + 1 : NULL;
	}
	errno = denied ? EACCES : ENOENT;
	return false;
}

/* Opens a task's stdin, stdout or stderr, relative to its folder. -1 with `error`. */
static int
open_file(const struct plan *plan, const char *path, int flags, struct spawn_error *error)
{
	int at = plan->cwd >= 0 ? plan->cwd : AT_FDCWD;
	int fd = openat(at, path, flags | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0) {
		fail(error, errno, -1, path, strerror(errno));
	}
	return fd;
}

/* The folder that it runs in: `path`, relative to the one before. */
static bool
enter(struct plan *plan, const char *path, struct spawn_error *error)
{
	int at = plan->cwd >= 0 ? plan->cwd : AT_FDCWD;
	int fd = openat(at, path, O_DIRECTORY | O_PATH | O_CLOEXEC);

	if (fd < 0) {
		fail(error, errno, -1, path, strerror(errno));
		return false;
	}
	fds_close(&plan->cwd);
	plan->cwd = fd;
	return true;
}

/* Opens what the task's context names; the plan's own descriptors stand where it is silent. */
static bool
open_context(struct plan *plan, const struct task_context *context, struct spawn_error *error)
{
	const int write = O_WRONLY | O_CREAT | O_TRUNC;

	if (context->cwd != NULL && !enter(plan, context->cwd, error)) {
		return false;
	}
	if (context->input != NULL &&
	    (plan->in = open_file(plan, context->input, O_RDONLY, error)) < 0) {
		return false;
	}
	if (context->output != NULL &&
	    (plan->out = open_file(plan, context->output, write, error)) < 0) {
		return false;
	}
	if (context->error != NULL && strcmp(context->error, "stdout") == 0) {
		plan->err = plan->out;
	} else if (context->error != NULL &&
		   (plan->err = open_file(plan, context->error, write, error)) < 0) {
		return false;
	}
	return true;
}

static void
close_context(struct plan *plan, const struct spawn *spawn)
{
	fds_close(&plan->cwd);
	if (plan->in != plan->base->null) {
		fds_close(&plan->in);
	}
	if (plan->err != spawn->err && plan->err != plan->out) {
		fds_close(&plan->err);
	}
	if (plan->out != spawn->out) {
		fds_close(&plan->out);
	}
}

/* A script without `#!` goes to the shell, as with execvp(3). */
static pid_t
start_script(struct plan *plan)
{
	size_t count = 0;
	char **argv;
	pid_t pid;

	while (plan->argv[count] != NULL) {
		count++;
	}
	argv = calloc(count + 2, sizeof(*argv));
	if (argv == NULL) {
		plan->failed = ENOMEM;
		return -1;
	}
	argv[0] = (char *)_PATH_BSHELL;
	argv[1] = (char *)plan->program;
	memcpy(argv + 2, plan->argv + 1, (count - 1) * sizeof(*argv));
	plan->program = _PATH_BSHELL;
	plan->argv = argv;
	pid = start_child(plan);
	free(argv);
	return pid;
}

pid_t
spawn(const struct spawn_base *base, const struct spawn *spawn, struct spawn_error *error)
{
	struct plan plan = {.base = base,
			    .spawn = spawn,
			    .argv = spawn->argv,
			    .cwd = -1,
			    .in = base->null,
			    .out = spawn->out,
			    .err = spawn->err};
	const struct task_context *context = spawn->context;
	struct task_variables variables = {.id = spawn->id,
					   .mark = spawn->mark,
					   .attempt = spawn->attempt,
					   .place = spawn->place,
					   .grants = spawn->grants};
	char program[4096];
	char **env;
	pid_t pid = -1;

	if (context != NULL) {
		variables.changes = context->env;
		variables.cpus = context->cpus;
		plan.nice = (int)context->nice;
	}
	env = environment_for(base->environment, &variables);
	plan.env = env;
	plan.program = program;
	if ((spawn->directory != NULL && !enter(&plan, spawn->directory, error)) ||
	    (context != NULL && !open_context(&plan, context, error))) {
		goto out;
	}
	if (!find_program(spawn->argv[0], env, program, sizeof(program))) {
		fail_command(error, errno, spawn->argv[0]);
		goto out;
	}
	pid = start_child(&plan);
	if (pid < 0 && plan.failed == ENOEXEC) {
		pid = start_script(&plan);
	}
	if (pid < 0 && plan.what != NULL) {
		fail_before(error, &plan);
	} else if (pid < 0 && plan.failed == E2BIG) {
		fail_too_long(error, spawn->argv);
	} else if (pid < 0) {
		fail_command(error, plan.failed, spawn->argv[0]);
	}
out:
	close_context(&plan, spawn);
	environment_for_free(env);
	return pid;
}
