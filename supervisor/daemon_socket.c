/* SPDX-License-Identifier: ISC */
/* daemon_socket: see daemon_socket.h. In the supervisor: of stintd, and of clients. */
#include "supervisor/daemon_socket.h"

#include <bsd/string.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"

#define HELLO_MS  200
#define PAUSE_MS  20
#define SILENT_US (5 * US_PER_SECOND)
#define ENDING_US (15 * US_PER_SECOND) /* by default what runs has 10 */

static bool
set_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlcpy(address->sun_path, path, sizeof(address->sun_path)) >=
	    sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	return true;
}

int
daemon_socket_connect(const char *path)
{
	struct sockaddr_un address;
	int fd;

	if (!set_address(&address, path)) {
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* -1: nobody listens. A full backlog is somebody, too. */
static int
knock(const char *path, bool *full)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*full = false;
	if (fd >= 0 && (!set_address(&address, path) ||
			connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)) {
		*full = errno == EAGAIN;
		fds_close(&fd);
	}
	return fd;
}

enum daemon_answer
daemon_socket_ask(const char *path)
{
	static const char ending[] = "\"ending\":true";
	bool full;
	int fd = knock(path, &full);
	struct pollfd hello = {.fd = fd, .events = POLLIN};
	char bytes[512];
	ssize_t got = 0;

	if (fd >= 0 && poll(&hello, 1, HELLO_MS) == 1) {
		got = recv(fd, bytes, sizeof(bytes), 0);
	}
	fds_close(&fd);
	if (got <= 0) {
		return full ? DAEMON_ANSWERS : DAEMON_SILENT;
	}
	return memmem(bytes, (size_t)got, ending, sizeof(ending) - 1) != NULL ? DAEMON_ENDING
									      : DAEMON_ANSWERS;
}

bool
daemon_patience(struct daemon_patience *patience, enum daemon_answer answer)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int64_t now_us = clock_us();

	if (patience->last_us == 0) {
		patience->last_us = now_us + ENDING_US;
		patience->until_us = now_us + SILENT_US;
	}
	if (answer == DAEMON_ENDING) {
		patience->until_us = now_us + SILENT_US;
	}
	if (answer == DAEMON_ANSWERS || now_us > patience->until_us || now_us > patience->last_us) {
		return false;
	}
	nanosleep(&pause, NULL);
	return true;
}

/* Somebody listens, and goes on to, though it may not be a daemon. */
static bool
is_alive(const char *path)
{
	struct daemon_patience patience = {.last_us = 0};
	bool full;
	int fd;

	while ((fd = knock(path, &full)) >= 0 || full) {
		fds_close(&fd);
		if (!daemon_patience(&patience, daemon_socket_ask(path))) {
			return true;
		}
	}
	return false;
}

/* Makes room for ours. False: what is there is not for us to take away. */
static bool
remove_stale(const char *path, struct text *error)
{
	struct stat info;

	if (lstat(path, &info) != 0) {
		if (errno != ENOENT) {
			text_printf(error, "%s: %s", path, strerror(errno));
		}
		return errno == ENOENT;
	}
	if (!S_ISSOCK(info.st_mode) || info.st_uid != geteuid() || info.st_nlink != 1) {
		text_printf(error,
			    "%s: is there, and is no socket that a stintd of this user has left: "
			    "look what it is, and remove it",
			    path);
		return false;
	}
	if (is_alive(path)) {
		text_printf(error,
			    "%s: another process listens there: stint ping asks it, "
			    "\"socket\" sets another path",
			    path);
		return false;
	}
	if (unlink(path) != 0) {
		text_printf(error, "%s: is stale, and cannot be removed: %s", path,
			    strerror(errno));
		return false;
	}
	return true;
}

static bool
give_to_group(const char *path, const char *name, struct text *error)
{
	const struct group *group = name == NULL ? NULL : getgrnam(name);

	if (name == NULL) {
		return true;
	}
	if (group == NULL) {
		text_printf(error, "socket_group: there is no group \"%s\"", name);
		return false;
	}
	if (lchown(path, (uid_t)-1, group->gr_gid) != 0 || chmod(path, 0660) != 0) {
		text_printf(error, "%s: cannot be given to the group \"%s\": %s", path, name,
			    strerror(errno));
		return false;
	}
	return true;
}

/* Bound, so that there is a file, but not listened on: whoever connects is still refused. */
static bool
bind_file(struct daemon_socket *sock, const char *group, struct text *error)
{
	struct sockaddr_un address;
	mode_t mask;
	bool bound;

	if (!set_address(&address, sock->path)) {
		text_printf(error, "%s: %s", sock->path, strerror(errno));
		return false;
	}
	mask = umask(0177);
	bound = bind(sock->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	umask(mask);
	if (!bound) {
		text_printf(error, "%s: %s", sock->path, strerror(errno));
		return false;
	}
	bound = give_to_group(sock->path, group, error);
	sock->made = lstat(sock->path, &sock->file) == 0;
	return bound;
}

bool
daemon_socket_listen(struct daemon_socket *sock, const struct daemon_config *config,
		     struct text *error)
{
	*sock = (struct daemon_socket){.fd = -1};
	strlcpy(sock->path, config->socket, sizeof(sock->path));
	if (!remove_stale(sock->path, error)) {
		return false;
	}
	sock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock->fd < 0) {
		text_printf(error, "%s: %s", sock->path, strerror(errno));
		return false;
	}
	if (bind_file(sock, config->socket_group, error)) {
		if (listen(sock->fd, SOMAXCONN) == 0) {
			return true;
		}
		text_printf(error, "%s: %s", sock->path, strerror(errno));
	}
	daemon_socket_close(sock);
	return false;
}

void
daemon_socket_given(struct daemon_socket *sock, int fd, const char *path)
{
	*sock = (struct daemon_socket){.fd = fd};
	strlcpy(sock->path, path, sizeof(sock->path));
}

/* Inode numbers are given again, and soon: the time tells the file from one that has it now. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void
daemon_socket_close(struct daemon_socket *sock)
{
	struct stat now;

	if (sock->made && lstat(sock->path, &now) == 0 && is_same(&now, &sock->file)) {
		unlink(sock->path);
	}
	sock->made = false;
	fds_close(&sock->fd);
}
