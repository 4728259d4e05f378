/* SPDX-License-Identifier: ISC */
/* activation: see activation.h. In the supervisor, of stintd. */
#include "supervisor/activation.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST 3 /* SD_LISTEN_FDS_START */

/* How many were passed; 0 also if they are not for us. -1: there is no telling. */
static long
count_passed(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	char *end;
	long count;

	if (fds == NULL || pid == NULL || strtol(pid, NULL, 10) != (long)getpid()) {
		return 0;
	}
	errno = 0;
	count = strtol(fds, &end, 10);
	return errno == 0 && *fds != '\0' && *end == '\0' && count >= 0 && count < 1024 ? count
											: -1;
}

static bool
has_option(int option, int expected)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(FIRST, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

static bool
has_path(char *path, size_t size)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address), begin = offsetof(struct sockaddr_un, sun_path);

	memset(&address, 0, sizeof(address));
	if (getsockname(FIRST, (struct sockaddr *)&address, &len) != 0 || len <= begin ||
	    len > sizeof(address) || address.sun_path[0] != '/') {
		return false;
	}
	/* A path of full length has no terminator. */
	if (len - begin >= size) {
		return false;
	}
	memcpy(path, address.sun_path, len - begin);
	path[len - begin] = '\0';
	return true;
}

bool
activation_take(int *fd, char *path, size_t size, struct text *error)
{
	long count = count_passed();
	int flags;

	*fd = -1;
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	if (count == 0) {
		return true;
	}
	if (count != 1 || !has_option(SO_DOMAIN, AF_UNIX) || !has_option(SO_TYPE, SOCK_STREAM) ||
	    !has_option(SO_ACCEPTCONN, 1) || !has_path(path, size)) {
		text_string(error,
			    "LISTEN_FDS: what is passed is to be one Unix stream socket with a "
			    "path, on which is listened: ListenStream=%t/stint/stintd.sock, "
			    "Accept=no");
		return false;
	}
	flags = fcntl(FIRST, F_GETFL);
	if (flags < 0 || fcntl(FIRST, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(FIRST, F_SETFD, FD_CLOEXEC) != 0) {
		text_printf(error, "LISTEN_FDS: %s", strerror(errno));
		return false;
	}
	*fd = FIRST;
	return true;
}
