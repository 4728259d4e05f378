/* SPDX-License-Identifier: ISC */
/*
 * stint-worker: runs the tasks that a supervisor sends over fd 0, and answers over fd 1; its
 * stderr is its log. stint-worker(7) is the protocol.
 */
#include <bsd/unistd.h>
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "ipc/memory.h"
#include "ipc/message.h"
#include "ipc/orphans.h"
#include "worker/spawn.h"
#include "worker/worker.h"

/*
 * Ctrl-C, a hang-up or a TERM to the process group is for the supervisor, which tells us. A write
 * that fails says so.
 */
static void
ignore_signals(void)
{
	static const int numbers[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaction(numbers[i], &ignore, NULL);
	}
}

/*
 * The supervisor suspends the run, and us with it, until it sends a CONT. In a handler, for the
 * loop may be busy with a computation.
 */
static void
on_suspend(int number)
{
	int saved = errno;

	(void)number;
	clock_stop();
	raise(SIGSTOP); /* to this thread: it is not to go on before all are stopped */
	clock_continue();
	errno = saved;
}

static void
handle_suspend(void)
{
	struct sigaction action = {.sa_handler = on_suspend, .sa_flags = SA_RESTART};

	sigaction(SIGNAL_SUSPEND, &action, NULL);
}

int
main(int argc, char **argv)
{
	struct worker worker = {.model = NULL};

	if (argc > 1) {
		if (strcmp(argv[1], "--version") == 0) {
			puts("stint-worker " STINT_VERSION);
			return 0;
		}
		errx(2, "takes no arguments; stint starts it, see stint-worker(7)");
	}
	if (isatty(STDIN_FILENO)) {
		errx(2, "stdin is a terminal; stint starts this program, see stint-worker(7)");
	}
	fds_fill_standard();
	memory_insist();
	ignore_signals();
	handle_suspend();
	worker.spawn = spawn_base_new();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	worker.base = event_base_new();
	if (worker.base == NULL) {
		errx(3, "cannot make an event loop");
	}
	dispatch_start(&worker, STDIN_FILENO, STDOUT_FILENO);
	event_base_dispatch(worker.base);
	orphans_end();
	_exit(worker.stopped ? 1 : 0); /* threads may still compute; there is nothing to save */
}
