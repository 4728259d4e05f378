/* SPDX-License-Identifier: ISC */
/* orphans: see orphans.h. Supervisor and worker, in the main thread. */
#include "ipc/orphans.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/pids.h"

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

void
orphans_end(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	for (int i = 0; i < 1000 && orphans_kill(NULL, NULL) > 0; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		nanosleep(&moment, NULL); /* what was killed needs one to be gone */
	}
}
