/* SPDX-License-Identifier: ISC */
/* daemon_lock: see daemon_lock.h. In the supervisor, of stintd. */
#include "supervisor/daemon_lock.h"

#include <bsd/libutil.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/daemon_socket.h"

struct daemon_lock {
	int fd;
	struct pidfh *pidfile;
};

struct holder {
	int pid; /* 0: it has not said yet */
	char socket[DAEMON_PATH_MOST];
};

/* What the lock file says: "PID SOCKET". */
static void
read_holder(int fd, struct holder *holder)
{
	char line[DAEMON_PATH_MOST + 32], *space, *end;
	ssize_t len = pread(fd, line, sizeof(line) - 1, 0);

	*holder = (struct holder){.pid = 0};
	line[len < 0 ? 0 : len] = '\0';
	space = strchr(line, ' ');
	end = strchr(line, '\n');
	if (space != NULL && end != NULL && end > space) {
		*end = '\0';
		holder->pid = (int)strtol(line, NULL, 10);
		snprintf(holder->socket, sizeof(holder->socket), "%s", space + 1);
	}
}

static void
say_taken(const struct holder *holder, const struct daemon_config *config,
	  enum daemon_answer answer, struct text *error)
{
	static const char *const ways[] = {[DAEMON_SILENT] = "which does not answer at",
					   [DAEMON_ENDING] =
					       "which ends as soon as what runs has ended, at",
					   [DAEMON_ANSWERS] = "which listens at"};

	text_printf(error, "another stintd has the queue in %s", config->state_directory);
	if (holder->pid > 0) {
		text_printf(error, ": process %d, %s %s", holder->pid, ways[answer],
			    holder->socket);
	}
	if (holder->pid > 0 && answer == DAEMON_SILENT) {
		text_printf(error, "; `kill %d` ends it, what is queued stays", holder->pid);
	}
}

/*
 * Of one that was killed a moment ago a child may still have the lock, and the socket that answers
 * nobody: until it has closed them.
 */
static bool
lives(int pid)
{
	struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	bool alive = ended.fd >= 0 ? poll(&ended, 1, 0) == 0 : errno != ESRCH;

	fds_close(&ended.fd);
	return alive;
}

static bool
lock_file(int fd, const struct daemon_config *config, struct text *error)
{
	struct daemon_patience patience = {.last_us = 0};
	enum daemon_answer answer = DAEMON_SILENT;
	struct holder holder;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			text_printf(error, "%s/lock: cannot be locked: %s", config->state_directory,
				    strerror(errno));
			return false;
		}
		read_holder(fd, &holder);
		answer = holder.pid > 0 && lives(holder.pid) ? daemon_socket_ask(holder.socket)
							     : DAEMON_SILENT;
		if (!daemon_patience(&patience, answer)) {
			say_taken(&holder, config, answer, error);
			return false;
		}
	}
	return true;
}

static bool
write_holder(int fd, const struct daemon_config *config, struct text *error)
{
	struct text line = TEXT_INIT;
	bool good;

	text_printf(&line, "%d %s\n", (int)getpid(), config->socket);
	good = ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	       fds_write_all(fd, line.data, line.len);
	if (!good) {
		text_printf(error, "%s/lock: %s", config->state_directory, strerror(errno));
	}
	text_free(&line);
	return good;
}

/* pidfile(3) follows links and truncates what it finds: so we look first, in a directory of ours. */
static struct pidfh *
open_pidfile(const struct daemon_config *config, struct text *error)
{
	const char *path = config->pidfile;
	struct daemon_patience patience = {.last_us = 0};
	int fd = daemon_paths_open(path, O_WRONLY | O_CREAT, error);
	struct pidfh *file = NULL;
	pid_t other = 0;

	if (fd < 0) {
		return NULL;
	}
	close(fd);
	while ((file = pidfile_open(path, 0600, &other)) == NULL && errno == EEXIST) {
		if (!daemon_patience(&patience, daemon_socket_ask(config->socket))) {
			text_printf(error, "%s: is held by another process, which calls itself %d",
				    path, (int)other);
			return NULL;
		}
	}
	if (file == NULL || pidfile_write(file) != 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
		pidfile_close(file);
		file = NULL;
	} else {
		fcntl(pidfile_fileno(file), F_SETFD, FD_CLOEXEC);
	}
	return file;
}

static int
open_lock(const struct daemon_config *config, int flags, struct text *error)
{
	char path[DAEMON_PATH_MOST];

	snprintf(path, sizeof(path), "%s/lock", config->state_directory);
	return daemon_paths_open(path, flags, error);
}

struct daemon_lock *
daemon_lock_take(const struct daemon_config *config, struct text *error)
{
	struct daemon_lock *lock = calloc(1, sizeof(*lock));

	if (lock == NULL) {
		err(3, "lock");
	}
	lock->fd = open_lock(config, O_RDWR | O_CREAT, error);
	if (lock->fd >= 0 && lock_file(lock->fd, config, error) &&
	    write_holder(lock->fd, config, error)) {
		lock->pidfile = open_pidfile(config, error);
	}
	if (lock->pidfile == NULL) {
		daemon_lock_free(lock);
		return NULL;
	}
	return lock;
}

void
daemon_lock_free(struct daemon_lock *lock)
{
	if (lock != NULL) {
		if (lock->pidfile != NULL) {
			pidfile_remove(lock->pidfile);
		}
		fds_close(&lock->fd);
		free(lock);
	}
}

pid_t
daemon_lock_holder(const struct daemon_config *config)
{
	struct text ignored = TEXT_INIT;
	int fd = open_lock(config, O_RDWR, &ignored);
	struct holder holder = {.pid = 0};

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		read_holder(fd, &holder);
		holder.pid = holder.pid > 0 ? holder.pid : -1;
	}
	fds_close(&fd);
	text_free(&ignored);
	return holder.pid;
}
