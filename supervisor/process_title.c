/* SPDX-License-Identifier: ISC */
/* process_title: see process_title.h. In the process that is named. */
#include "supervisor/process_title.h"

#include <bsd/string.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ipc/fds.h"

static bool has_room;

void
process_title_init(int argc, char **argv, char **envp)
{
	setproctitle_init(argc, argv, envp);
	has_room = true;
}

/* The old arguments lie one behind the other. */
static void
overwrite_arguments(const char *title)
{
	char arguments[4096];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, arguments, sizeof(arguments));

	if (len > 0) {
		memset(program_invocation_name, 0, (size_t)len);
		strlcpy(program_invocation_name, title, (size_t)len);
	}
	fds_close(&fd);
}

void
process_title(const char *title, const char *name)
{
	if (has_room) {
		setproctitle("-%s", title);
	} else {
		overwrite_arguments(title);
	}
	prctl(PR_SET_NAME, name);
}
