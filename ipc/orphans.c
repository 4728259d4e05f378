/* SPDX-License-Identifier: ISC */
/* orphans: see orphans.h. Supervisor and worker, in the main thread. */
#include "ipc/orphans.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

void
orphans_kill(bool (*is_ours)(void *context, pid_t), void *context)
{
	char path[64];
	FILE *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	if (children == NULL) {
		return;
	}
	while (fscanf(children, "%d", &pid) == 1) {
		if ((is_ours == NULL || !is_ours(context, pid)) && getsid(pid) != getsid(0)) {
			kill(pid, SIGKILL);
		}
	}
	fclose(children);
}
