/* SPDX-License-Identifier: ISC */
/* daemon_background: see daemon_background.h. In the supervisor, of stintd. */
#include "supervisor/daemon_background.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/supervisor.h"

static _Noreturn void
wait_for(pid_t child, int ready)
{
	ssize_t got;
	char byte;
	int status;

	do {
		got = read(ready, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 1) {
		_exit(EXIT_ALL_OK);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (WIFSIGNALED(status)) {
		warnx("was killed by signal %d while it started", WTERMSIG(status));
	}
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_SYSTEM);
}

static void
become(int fd, int target)
{
	if (dup2(fd, target) < 0) {
		err(EXIT_SYSTEM, "descriptor %d", target);
	}
}

int
daemon_background_begin(void)
{
	int ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child;

	if (null < 0 || !fds_pipe(ends, 0)) {
		err(EXIT_SYSTEM, "cannot go into the background");
	}
	child = fork();
	if (child < 0) {
		err(EXIT_SYSTEM, "cannot go into the background");
	}
	if (child > 0) {
		close(ends[1]);
		wait_for(child, ends[0]);
	}
	close(ends[0]);
	setsid();
	become(null, STDIN_FILENO);
	close(null);
	if (chdir("/") != 0) {
		err(EXIT_SYSTEM, "/");
	}
	return ends[1];
}

void
daemon_background_ready(int handle, int log)
{
	int null = -1;

	if (handle < 0) {
		return;
	}
	if (log < 0) {
		log = null = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	if (log >= 0) {
		become(log, STDOUT_FILENO);
		become(log, STDERR_FILENO);
	}
	fds_close(&null);
	fds_write_all(handle, "", 1);
	close(handle);
}
