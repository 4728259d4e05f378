/* SPDX-License-Identifier: ISC */
/* daemon_paths: see daemon_paths.h. In the supervisor: of stintd, and of clients. */
#include "supervisor/daemon_paths.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/daemon_config.h"

/* What systemd has given us; empty: nothing. */
enum given { GIVEN_RUNTIME, GIVEN_STATE, GIVEN_CONFIGURATION, GIVENS };
static char given[GIVENS][DAEMON_PATH_MOST];

/* ---- names ------------------------------------------------------------------------------------ */

static bool
join(char path[DAEMON_PATH_MOST], const char *directory, const char *name)
{
	int len = snprintf(path, DAEMON_PATH_MOST, "%s/%s", directory, name);

	return len > 0 && len < DAEMON_PATH_MOST;
}

void
daemon_paths_take(void)
{
	static const char *const variables[GIVENS] = {"RUNTIME_DIRECTORY", "STATE_DIRECTORY",
						      "CONFIGURATION_DIRECTORY"};

	for (size_t i = 0; i < GIVENS; i++) {
		const char *value = getenv(variables[i]);
		size_t len = value == NULL ? 0 : strcspn(value, ":"); /* there may be several */

		given[i][0] = '\0';
		if (len > 0 && value[0] == '/' && len < DAEMON_PATH_MOST) {
			memcpy(given[i], value, len);
			given[i][len] = '\0';
		}
		unsetenv(variables[i]);
	}
}

static bool
of_service(enum given which, char path[DAEMON_PATH_MOST])
{
	return strlcpy(path, given[which], DAEMON_PATH_MOST) > 0;
}

/* $XDG_..., or that folder in the home directory. */
static bool
of_user(const char *variable, const char *folder, const char *name, char path[DAEMON_PATH_MOST],
	struct text *error)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	const struct passwd *user;
	char below[64];

	if (base != NULL && base[0] == '/') {
		return join(path, base, name);
	}
	if (home == NULL || home[0] != '/') {
		user = getpwuid(geteuid());
		home = user == NULL ? NULL : user->pw_dir;
	}
	snprintf(below, sizeof(below), "%s/%s", folder, name);
	if (home == NULL || home[0] != '/' || !join(path, home, below)) {
		text_printf(error, "there is no place for files: set HOME or %s to a directory",
			    variable);
		return false;
	}
	return true;
}

static bool
is_own_directory(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid();
}

static bool
find_runtime(char path[DAEMON_PATH_MOST], bool service, struct text *error)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char usual[64];

	if (service && of_service(GIVEN_RUNTIME, path)) {
		return true;
	}
	if (base != NULL && base[0] == '/') {
		return join(path, base, "stint");
	}
	snprintf(usual, sizeof(usual), "/run/user/%u", (unsigned)geteuid());
	if (is_own_directory(
		usual)) { /* of a cron job, say: then the daemon of the session is found */
		return join(path, usual, "stint");
	}
	return of_user("XDG_STATE_HOME", ".local/state", "stint/run", path, error);
}

bool
daemon_paths_config(char path[DAEMON_PATH_MOST], bool service, struct text *error)
{
	char directory[DAEMON_PATH_MOST];

	if (service && of_service(GIVEN_CONFIGURATION, directory)) {
		return join(path, directory, "stintd.json");
	}
	return of_user("XDG_CONFIG_HOME", ".config", "stint/stintd.json", path, error);
}

bool
daemon_paths_resolve(struct daemon_config *config, bool service, struct text *error)
{
	char path[DAEMON_PATH_MOST];

	if (config->state_directory == NULL &&
	    !((service && of_service(GIVEN_STATE, path)) ||
	      of_user("XDG_STATE_HOME", ".local/state", "stint/queue", path, error))) {
		return false;
	}
	if (config->state_directory == NULL &&
	    !daemon_config_set(config, "state_directory", path, error)) {
		return false;
	}
	if (config->runtime_directory == NULL &&
	    (!find_runtime(path, service, error) ||
	     !daemon_config_set(config, "runtime_directory", path, error))) {
		return false;
	}
	if (config->socket == NULL && (!join(path, config->runtime_directory, "stintd.sock") ||
				       !daemon_config_set(config, "socket", path, error))) {
		return false;
	}
	return config->pidfile != NULL || (join(path, config->runtime_directory, "stintd.pid") &&
					   daemon_config_set(config, "pidfile", path, error));
}

void
daemon_paths_parent(const char *path, char parent[DAEMON_PATH_MOST])
{
	char *slash;

	strlcpy(parent, path, DAEMON_PATH_MOST);
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent) {
		strlcpy(parent, "/", DAEMON_PATH_MOST);
	} else {
		*slash = '\0';
	}
}

/* ---- directories ------------------------------------------------------------------------------ */

static bool
make_directories(const char *path, struct text *error)
{
	char part[DAEMON_PATH_MOST];
	char *slash = part;
	mode_t mask;
	bool made = true;
	int why = 0;

	if (strlcpy(part, path, sizeof(part)) >= sizeof(part)) {
		text_printf(error, "%.40s...: is too long a path", path);
		return false;
	}
	mask = umask(077);
	while (made && slash != NULL) {
		slash = strchr(slash + 1, '/');
		if (slash != NULL) {
			*slash = '\0';
		}
		made = mkdir(part, 0700) == 0 || errno == EEXIST || errno == EISDIR;
		why = errno;
		if (!made && slash != NULL && access(part, F_OK) == 0) {
			made = true; /* on a file system that is only read, say */
		}
		if (!made) {
			text_printf(error, "%s: cannot make the directory: %s", part,
				    strerror(why));
		}
		if (slash != NULL) {
			*slash = '/';
		}
	}
	umask(mask);
	return made;
}

static bool
judge_directory(const char *path, const struct stat *info, enum daemon_directory kind,
		struct text *error)
{
	static const mode_t forbidden[] = {077, 067, 022};
	static const char *const remedy[] = {"700", "710", "go-w"};
	bool ours = info->st_uid == geteuid() || (kind == DIRECTORY_READABLE && info->st_uid == 0);

	if (!ours) {
		text_printf(error,
			    "%s: belongs to user %u, and is to be of user %u: name another one",
			    path, (unsigned)info->st_uid, (unsigned)geteuid());
	} else if ((info->st_mode & forbidden[kind]) != 0) {
		text_printf(
		    error,
		    "%s: is open to others, mode %04o: look whether all in it is yours, then "
		    "chmod %s %s",
		    path, (unsigned)info->st_mode & 07777, remedy[kind], path);
	} else {
		return true;
	}
	return false;
}

bool
daemon_paths_make(const char *path, enum daemon_directory kind, struct text *error)
{
	struct stat info;
	bool good = false;
	int fd;

	if (!make_directories(path, error)) {
		return false;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
		text_printf(error,
			    "%s: is no directory, or a symbolic link to one: name the "
			    "directory itself",
			    path);
	} else if (fd < 0 || fstat(fd, &info) != 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
	} else {
		good = judge_directory(path, &info, kind, error);
	}
	if (fd >= 0) {
		close(fd);
	}
	return good;
}

/* ---- files ------------------------------------------------------------------------------------ */

/* NULL: it is a file as it should be. */
static const char *
judge_file(const struct stat *info, bool only_read)
{
	if (!S_ISREG(info->st_mode)) {
		return "is no regular file";
	}
	if (info->st_uid != geteuid() && !(only_read && info->st_uid == 0)) {
		return "belongs to another user";
	}
	if (info->st_nlink != 1) {
		return "has another name, a hard link: remove that one";
	}
	if ((info->st_mode & 022) != 0) {
		return "may be written to by others: chmod go-w";
	}
	return NULL;
}

int
daemon_paths_open(const char *path, int flags, struct text *error)
{
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	const char *wrong;
	struct stat info;

	if (fd < 0 && errno == ELOOP) {
		text_printf(error, "%s: is a symbolic link: name the file itself", path);
		return -1;
	}
	if (fd < 0 && errno == ENXIO) {
		text_printf(error, "%s: is no regular file", path);
		return -1;
	}
	if (fd < 0 || fstat(fd, &info) != 0) {
		int saved = errno;

		text_printf(error, "%s: %s", path, strerror(errno));
		if (fd >= 0) {
			close(fd);
		}
		errno = saved;
		return -1;
	}
	wrong = judge_file(&info, (flags & O_ACCMODE) == O_RDONLY);
	if (wrong != NULL) {
		text_printf(error, "%s: %s", path, wrong);
		close(fd);
		errno = 0;
		return -1;
	}
	return fd;
}
