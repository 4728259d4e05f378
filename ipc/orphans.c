/* SPDX-License-Identifier: ISC */
/* orphans: see orphans.h. Supervisor and worker, in the main thread. */
#include "ipc/orphans.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/pids.h"

#define STOPS 30 /* looks for what was forked meanwhile, at most */
#define STILL 2  /* and so many that show no more are enough */

unsigned
orphans_kill(bool (*is_ours)(void *context, pid_t), void *context)
{
	struct pids children = {.at = NULL};
	unsigned count = 0;

	pids_add_own(&children);
	for (size_t i = 0; i < children.count; i++) {
		pid_t pid = children.at[i];

		if ((is_ours == NULL || !is_ours(context, pid)) && getsid(pid) != getsid(0)) {
			count += kill(pid, SIGKILL) == 0;
		}
	}
	pids_free(&children);
	return count;
}

/* To all that has left our session, and what descends from it. */
static unsigned
signal_all(int signal)
{
	struct pids children = {.at = NULL}, all = {.at = NULL};
	unsigned count;

	pids_add_own(&children);
	for (size_t i = 0; i < children.count; i++) {
		if (getsid(children.at[i]) != getsid(0)) {
			pids_add(&all, children.at[i]);
		}
	}
	pids_add_descendants(&all);
	for (size_t i = 0; i < all.count; i++) {
		kill(all.at[i], signal);
	}
	count = (unsigned)all.count;
	pids_free(&children);
	pids_free(&all);
	return count;
}

/* Of what is stopped first nothing forks while the others are killed. */
static bool
kill_all(void)
{
	unsigned most = 0, still = 0, count = 0;

	for (int i = 0; i < STOPS && still < STILL; i++) {
		count = signal_all(SIGSTOP);
		if (count == 0 && i == 0) {
			return false;
		}
		still = count > most ? 0 : still + 1;
		most = count > most ? count : most;
	}
	return signal_all(SIGKILL) > 0;
}

void
orphans_end(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	for (int i = 0; i < 1000 && kill_all(); i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		nanosleep(&moment, NULL); /* what was killed needs one to be gone */
	}
}
