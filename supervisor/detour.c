/* SPDX-License-Identifier: ISC */
/* detour: see detour.h. In the supervisor. */
#include "supervisor/detour.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/spill.h"

#define PIECE   ((size_t)64 << 10)
#define MOST    ((uint64_t)256 << 20) /* bytes that are held back */
#define SHARE   4                     /* and no more than this part of what is free there */
#define EXIT_MS 1000                  /* for the terminal, when the process ends in haste */

struct detour {
	int terminal;
	int file;    /* -1: nothing is held back */
	int were[2]; /* stdout and stderr; -1: left alone, or back again */
	uint64_t most;
	uint64_t seen; /* by detour_look() */
	uint64_t out;  /* of the file, written to the terminal */
};

static struct detour *the_detour; /* for the end of the process */

/* The kernel's number of the terminal, which is not that of /dev/tty. */
static bool
is_on(int fd, int terminal)
{
	unsigned one, other;

	return ioctl(fd, TIOCGDEV, &one) == 0 && ioctl(terminal, TIOCGDEV, &other) == 0 &&
	       one == other;
}

static void
at_exit(void)
{
	if (the_detour != NULL) {
		detour_end_waiting(the_detour, EXIT_MS);
	}
}

struct detour *
detour_begin(int terminal)
{
	struct detour *detour = calloc(1, sizeof(*detour));
	struct statvfs space;
	static bool registered;

	if (detour == NULL) {
		err(3, "the view");
	}
	*detour = (struct detour){.terminal = fcntl(terminal, F_DUPFD_CLOEXEC, 3),
				  .file = -1,
				  .were = {-1, -1},
				  .most = MOST};
	if (!is_on(STDOUT_FILENO, terminal) && !is_on(STDERR_FILENO, terminal)) {
		return detour;
	}
	detour->file = spill_file();
	if (detour->file < 0 || fcntl(detour->file, F_SETFL, O_APPEND) != 0) {
		detour_free(detour);
		return NULL;
	}
	if (fstatvfs(detour->file, &space) == 0 &&
	    (uint64_t)space.f_bavail * space.f_frsize / SHARE < MOST) {
		detour->most = (uint64_t)space.f_bavail * space.f_frsize / SHARE;
	}
	fflush(NULL);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (is_on(fd, terminal)) {
			detour->were[fd - 1] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
			dup2(detour->file, fd);
		}
	}
	the_detour = detour;
	if (!registered) {
		registered = true;
		atexit(at_exit);
	}
	return detour;
}

static uint64_t
size_of(const struct detour *detour)
{
	struct stat info;

	return detour->file >= 0 && fstat(detour->file, &info) == 0 ? (uint64_t)info.st_size : 0;
}

int
detour_terminal(const struct detour *detour)
{
	return detour->terminal;
}

ssize_t
detour_look(struct detour *detour, char *bytes, size_t size)
{
	uint64_t end = size_of(detour);
	ssize_t got;

	if (detour->seen >= end) {
		return 0;
	}
	if (end - detour->seen > size) {
		detour->seen = end - size;
	}
	got = pread(detour->file, bytes, size, (off_t)detour->seen);
	detour->seen += got > 0 ? (uint64_t)got : 0;
	return got > 0 ? got : 0;
}

bool
detour_is_full(const struct detour *detour)
{
	return size_of(detour) >= detour->most;
}

static void
put_back(struct detour *detour)
{
	for (int i = 0; i < 2; i++) {
		if (detour->were[i] >= 0) {
			dup2(detour->were[i], i + 1);
			fds_close(&detour->were[i]);
		}
	}
}

/* False with EAGAIN: the terminal does not take more for now; or else it is gone. */
static bool
write_out(struct detour *detour)
{
	static char piece[PIECE];
	ssize_t got, done = 0;

	while ((got = pread(detour->file, piece, sizeof(piece), (off_t)detour->out)) > 0) {
		for (done = 0; done < got;) {
			ssize_t wrote = write(detour->terminal, piece + done, (size_t)(got - done));

			if (wrote > 0) {
				done += wrote;
				detour->out += (uint64_t)wrote;
			} else if (wrote < 0 && errno != EINTR) {
				return false;
			}
		}
	}
	return true;
}

bool
detour_end(struct detour *detour)
{
	if (detour->file < 0 || size_of(detour) == 0) {
		put_back(detour);
		return true;
	}
	if (!write_out(detour) && errno == EAGAIN) {
		return false;
	}
	put_back(detour);
	if (ftruncate(detour->file, 0) == 0) {
		detour->out = detour->seen = 0;
	}
	return true;
}

bool
detour_end_waiting(struct detour *detour, int patience_ms)
{
	struct pollfd ready = {.fd = detour->terminal, .events = POLLOUT};

	while (!detour_end(detour)) {
		if (poll(&ready, 1, patience_ms) == 0) {
			put_back(detour);
			return false;
		}
	}
	return true;
}

void
detour_free(struct detour *detour)
{
	if (detour == NULL) {
		return;
	}
	put_back(detour);
	fds_close(&detour->terminal);
	fds_close(&detour->file);
	the_detour = the_detour == detour ? NULL : the_detour;
	free(detour);
}
