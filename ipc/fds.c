/* SPDX-License-Identifier: ISC */
/* fds: see fds.h. Any process. */
#include "ipc/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

bool
fds_pipe(int ends[2], int capacity)
{
	if (pipe2(ends, O_CLOEXEC) != 0) {
		return false;
	}
	if (capacity > 0) {
		fcntl(ends[1], F_SETPIPE_SZ, capacity); /* a wish: a user's share has a limit */
	}
	return true;
}

void
fds_close(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
	*fd = -1;
}

bool
fds_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t wrote = write(fd, at, len);

		if (wrote >= 0) {
			at += wrote;
			len -= (size_t)wrote;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

void
fds_fill_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2) {
		close(fd);
	}
}
