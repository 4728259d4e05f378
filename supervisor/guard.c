/* SPDX-License-Identifier: ISC */
/* guard: see guard.h. In the process of that name, and in the supervisor. */
#include "supervisor/guard.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/cgroup.h"
#include "ipc/clock.h"
#include "ipc/fds.h"
#include "ipc/pids.h"
#include "supervisor/process_title.h"

#define TITLE         "stint: guard"
#define MARK_MOST     4096
#define PAUSE_US      (5 * INT64_C(1000))
#define WORKERS_US    (500 * INT64_C(1000)) /* workers that live clean up better than we can */
#define BOMB          64 /* with more processes than this they are stopped before they are killed */
#define STOPS         20
#define RESTARTS_MOST 100
#define GIVE_UP_US    (30 * US_PER_SECOND)

static int lifeline = -1; /* open as long as the supervisor lives; terminals are written to it */
static struct guard_terminal told; /* the last one; without a path: none */
static pid_t guard_pid;

/* Signals what carries the mark, the workers only at last; how many do. */
static unsigned
signal_marked(const char *run, bool workers_too, int signal)
{
	struct pids all = {.at = NULL};
	size_t len = strlen(run);
	char mark[MARK_MOST];
	unsigned count = 0;

	pids_add_all(&all);
	for (size_t i = 0; i < all.count; i++) {
		if (!pids_variable(all.at[i], "STINT_RUN", mark, sizeof(mark)) ||
		    strncmp(mark, run, len) != 0 || (mark[len] != ':' && mark[len] != '\0')) {
			continue;
		}
		count++;
		if (mark[len] == ':' || workers_too) {
			kill(all.at[i], signal);
		}
	}
	pids_free(&all);
	return count;
}

/* True while something is there. What is many may fork faster than it is killed, unless stopped. */
static bool
kill_marked(const char *run, bool workers_too)
{
	unsigned count = signal_marked(run, workers_too, SIGKILL), most = BOMB;

	for (int i = 0; i < STOPS && count > most; i++) {
		most = count;
		count = signal_marked(run, workers_too, SIGSTOP);
	}
	return (most > BOMB ? signal_marked(run, workers_too, SIGKILL) : count) > 0;
}

static void
clean_up(const char *run)
{
	int64_t began_us = clock_us(), now_us = began_us, took_us, pause_us;
	struct timespec pause = {.tv_sec = 0};

	while (now_us - began_us < GIVE_UP_US &&
	       kill_marked(run, now_us - began_us >= WORKERS_US)) {
		took_us = clock_us() - now_us;
		pause_us = took_us > PAUSE_US ? took_us : PAUSE_US;
		pause.tv_sec = pause_us / US_PER_SECOND;
		pause.tv_nsec = pause_us % US_PER_SECOND * 1000;
		nanosleep(&pause, NULL);
		now_us = clock_us();
	}
}

/* The shell may have it by now: what others have set stays. */
static void
restore_terminal(const struct guard_terminal *terminal)
{
	int fd = terminal->path[0] == '\0'
		     ? -1
		     : open(terminal->path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct termios now;

	if (fd >= 0 && tcgetattr(fd, &now) == 0) {
		bool ours = now.c_lflag == terminal->during.c_lflag &&
			    now.c_oflag == terminal->during.c_oflag;
		struct termios flowing = now; /* also if Ctrl-S has stopped it */

		flowing.c_iflag &= ~(tcflag_t)IXON;
		tcsetattr(fd, TCSANOW, &flowing);
		fds_write_all(fd, terminal->leave, strlen(terminal->leave));
		tcsetattr(fd, TCSANOW, ours ? &terminal->before : &now);
	}
	fds_close(&fd);
}

static _Noreturn void
guard(int watched, const char *run)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct guard_terminal terminal = {.path = ""}, next;
	ssize_t got;

	setpgid(0, 0); /* what is sent to the group of stint is not for us */
	for (int i = 1; i < NSIG; i++) {
		sigaction(i, &ignore, NULL);
	}
	dup2(watched, 3);
	closefrom(4);
	for (int fd = 0; fd < 3; fd++) {
		close(fd);
	}
	fds_fill_standard();
	if (chdir("/") != 0) {
		_exit(1);
	}
	process_title(TITLE, "stint-guard");
	while ((got = read(3, &next, sizeof(next))) > 0 || (got < 0 && errno == EINTR)) {
		if (got == (ssize_t)sizeof(next)) {
			terminal = next;
		}
	}
	restore_terminal(&terminal);
	clean_up(run);
	cgroup_remove_left(run);
	_exit(0);
}

/* Sets STINT_RUN and returns it. */
static const char *
make_mark(void)
{
	const char *outer = getenv("STINT_RUN");
	char *mark;

	if (outer != NULL && strlen(outer) > MARK_MOST / 2) {
		outer = NULL;
	}
	if (asprintf(&mark, "%s%s%08x%08x", outer == NULL ? "" : outer, outer == NULL ? "" : "/",
		     arc4random(), arc4random()) < 0 ||
	    setenv("STINT_RUN", mark, 1) != 0) {
		err(3, "guard");
	}
	free(mark);
	return getenv("STINT_RUN");
}

static void
end_guard(void)
{
	if (guard_pid > 0 && waitpid(guard_pid, NULL, WNOHANG) == 0) {
		kill(guard_pid, SIGKILL);
		waitpid(guard_pid, NULL, 0);
	}
	guard_pid = 0;
	fds_close(&lifeline);
}

_Static_assert(sizeof(struct guard_terminal) <= PIPE_BUF, "it is not written whole");

/* It is written whole. The guard reads at once, the pipe is never full. */
static void
tell(void)
{
	if (lifeline >= 0) {
		fds_write_all(lifeline, &told, sizeof(told));
	}
}

static void
start_process(const char *run)
{
	int ends[2];
	pid_t pid;

	if (!fds_pipe(ends, 0)) {
		return;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		guard(ends[0], run);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return;
	}
	guard_pid = pid;
	lifeline = ends[1];
	if (told.path[0] != '\0') {
		tell();
	}
}

void
guard_terminal(const struct guard_terminal *terminal)
{
	memset(&told, 0, sizeof(told));
	if (terminal != NULL) {
		told = *terminal;
	}
	tell();
}

void
guard_start(void)
{
	static bool tried;

	if (!tried) {
		tried = true;
		start_process(make_mark());
		atexit(end_guard);
	}
}

void
guard_reaped(pid_t pid)
{
	static unsigned restarts;

	if (pid != guard_pid) {
		return;
	}
	guard_pid = 0;
	fds_close(&lifeline);
	if (++restarts <= RESTARTS_MOST) {
		start_process(getenv("STINT_RUN"));
	}
}

pid_t
guard_process(void)
{
	return guard_pid;
}
