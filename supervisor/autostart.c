/* SPDX-License-Identifier: ISC */
/* autostart: see autostart.h. In the supervisor, of a client. */
#include "supervisor/autostart.h"

#include <bsd/string.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/daemon_socket.h"

#define NAME        "stintd"
#define SAID_MOST   4096
#define SOCKET_MOST 108

/* ---- where it is ------------------------------------------------------------------------------ */

static bool
take_socket(const char *path, const char *from, char socket[SOCKET_MOST], struct text *error)
{
	if (strlcpy(socket, path, SOCKET_MOST) < SOCKET_MOST) {
		return true;
	}
	text_printf(error, "%s: %.40s...: is too long for a socket, which may have %d bytes", from,
		    path, SOCKET_MOST - 1);
	return false;
}

/* STINT_SOCKET; NULL: it says nothing. */
static const char *
find_variable(void)
{
	const char *variable = getenv("STINT_SOCKET");

	return variable == NULL || variable[0] == '\0' ? NULL : variable;
}

/* `may_start` stays true only where the configuration has nothing against it. */
static bool
find(const char *given, char socket[SOCKET_MOST], bool *may_start, struct text *error)
{
	const char *variable = find_variable();
	struct daemon_config *config;
	bool found;

	if (given == NULL && variable != NULL) {
		*may_start = false;
		return take_socket(variable, "STINT_SOCKET", socket, error);
	}
	config = daemon_config_load(NULL, false, error);
	found = config != NULL && daemon_paths_resolve(config, false, error);
	if (found) {
		*may_start = *may_start && config->autostart;
		found =
		    take_socket(given != NULL ? given : config->socket, "--socket", socket, error);
	}
	daemon_config_free(config);
	return found;
}

/* ---- how it is started ------------------------------------------------------------------------ */

static const char *
find_program(char path[DAEMON_PATH_MOST])
{
	const char *env = getenv("STINTD");
	char *slash;
	ssize_t len;

	if (env != NULL && env[0] != '\0') {
		return env;
	}
	len = readlink("/proc/self/exe", path, DAEMON_PATH_MOST - sizeof(NAME) - 1);
	if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
		memcpy(slash + 1, NAME, sizeof(NAME));
		if (access(path, X_OK) == 0) {
			return path;
		}
	}
	return STINT_BINDIR "/" NAME;
}

/* In the child. stintd closes what else there is, and leaves our session, when it goes its way. */
static _Noreturn void
become_daemon(const char *program, const char *socket, int said)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
	    dup2(said, STDERR_FILENO) >= 0) {
		closefrom(STDERR_FILENO + 1);
		execl(program, NAME, "--socket", socket, (char *)NULL);
		dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
	}
	_exit(127);
}

/* What it says until it is ready, or ends. */
static void
read_said(int fd, struct text *said)
{
	char bytes[1024];
	ssize_t got;

	while ((got = read(fd, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno != EINTR) {
			return;
		}
		if (got > 0 && said->len < SAID_MOST) {
			text_bytes(said, bytes, (size_t)got);
		}
	}
}

static void
say_failed(const char *program, struct text *said, struct text *error)
{
	while (said->len > 0 && said->data[said->len - 1] == '\n') {
		said->len--;
	}
	text_terminate(said);
	text_printf(error, "stintd could not be started: %s",
		    said->len > 0 ? text_printable(said->data) : program);
}

static bool
start(const char *socket, struct text *error)
{
	char path[DAEMON_PATH_MOST];
	const char *program = find_program(path);
	struct text said = TEXT_INIT;
	int ends[2], status = 0;
	pid_t child;
	bool good;

	if (!fds_pipe(ends, 0) || (child = fork()) < 0) {
		text_printf(error, "stintd could not be started: %s", strerror(errno));
		return false;
	}
	if (child == 0) {
		become_daemon(program, socket, ends[1]);
	}
	close(ends[1]);
	read_said(ends[0], &said);
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!good) {
		say_failed(program, &said, error);
	}
	text_free(&said);
	return good;
}

/* ---- both ------------------------------------------------------------------------------------- */

/* Of all who find nobody at the same moment, one starts it; -1: it cannot be told who. */
static int
wait_for_turn(const char *socket, struct text *error)
{
	char path[DAEMON_PATH_MOST];
	int fd;

	daemon_paths_parent(socket, path);
	if (!daemon_paths_make(path, DIRECTORY_READABLE, error)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s.start", socket);
	fd = daemon_paths_open(path, O_RDWR | O_CREAT, error);
	while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		if (errno != EINTR) {
			text_printf(error, "%s: %s", path, strerror(errno));
			fds_close(&fd);
		}
	}
	return fd;
}

static int
start_and_connect(const char *socket, struct text *error)
{
	int turn = wait_for_turn(socket, error), fd;

	if (turn < 0) {
		return -1;
	}
	fd = daemon_socket_connect(socket);
	if (fd < 0 && start(socket, error)) {
		fd = daemon_socket_connect(socket);
		if (fd < 0) {
			text_printf(error, "stintd was started, and does not answer at %s: %s",
				    socket, strerror(errno));
		}
	}
	close(turn);
	return fd;
}

/* The remedy is for where the socket is from: a stintd by itself listens at the usual place. */
static void
say_nobody(const char *socket, const char *given, struct text *error)
{
	if (given != NULL) {
		text_printf(error,
			    "no stintd listens at %s; `stintd --socket FILE` starts one there",
			    socket);
	} else if (find_variable() != NULL) {
		text_printf(error, "no stintd listens at %s, which STINT_SOCKET names", socket);
	} else {
		text_printf(error,
			    "no stintd runs here, nothing listens at %s; `stintd` starts one, and "
			    "goes on with what is queued",
			    socket);
	}
}

/* Nobody listens there. */
static int
connect_anyway(const char *socket, const char *given, bool may_start, struct text *error)
{
	if (!may_start) {
		say_nobody(socket, given, error);
		return -1;
	}
	if (getenv("STINT_TASK_ID") != NULL) {
		text_printf(
		    error,
		    "no stintd listens at %s, and one that a task starts would end with it: "
		    "start stintd before",
		    socket);
		return -1;
	}
	return start_and_connect(socket, error);
}

int
autostart_connect(const char *given, bool may_start, struct text *error)
{
	char socket[SOCKET_MOST];
	int fd = -1;

	if (find(given, socket, &may_start, error)) {
		fd = daemon_socket_connect(socket);
		if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)) {
			fd = connect_anyway(socket, given, may_start, error);
		} else if (fd < 0) {
			text_printf(error, "%s: %s", socket, strerror(errno));
		}
	}
	if (fd < 0) {
		text_terminate(error);
	}
	return fd;
}
