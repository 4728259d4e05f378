/* SPDX-License-Identifier: ISC */
/* store_files: see store_files.h. In the store's process, and in `stintd --check`. */
#include "supervisor/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"

#define LOOK_US     10000
#define MEMORY_MOST ((uint64_t)1 << 20)
#define UNNAMED     "answer.tmp"

static bool
check_directory(int fd, const char *path, struct text *error)
{
	struct stat info;

	if (fstat(fd, &info) != 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
	} else if (info.st_uid != geteuid()) {
		text_printf(error,
			    "%s belongs to user %u, not to %u who runs this: choose another state "
			    "directory",
			    path, info.st_uid, geteuid());
	} else if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		text_printf(error, "%s is open to others (mode %04o): chmod 700 %s", path,
			    info.st_mode & 07777, path);
	} else {
		return true;
	}
	return false;
}

/* What is there under that name, if anything, must be a plain file of the user's alone. */
static bool
check_file(const struct store_files *files, const char *suffix, uint64_t *size, struct text *error)
{
	char name[sizeof(STORE_FILE) + 16] = STORE_FILE;
	const char *wrong;
	struct stat info;

	strncat(name, suffix, sizeof(name) - sizeof(STORE_FILE));
	*size = 0;
	if (fstatat(files->directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT) {
			return true;
		}
		text_printf(error, "%s%s: %s", files->path, suffix, strerror(errno));
		return false;
	}
	wrong = S_ISLNK(info.st_mode)       ? "is a symbolic link"
		: !S_ISREG(info.st_mode)    ? "is not a regular file"
		: info.st_uid != geteuid()  ? "belongs to another user"
		: info.st_nlink != 1        ? "has another name as well (a hard link)"
		: (info.st_mode & 077) != 0 ? "is open to others; chmod 600 it if it is yours"
					    : NULL;
	if (wrong != NULL) {
		text_printf(error,
			    "%s%s %s: it is not opened; see how it came there, and move it away",
			    files->path, suffix, wrong);
		return false;
	}
	*size = (uint64_t)info.st_size;
	return true;
}

static bool
check_files(struct store_files *files, struct text *error)
{
	uint64_t log, other;

	if (!check_file(files, "", &files->size, error) ||
	    !check_file(files, "-wal", &log, error) || !check_file(files, "-shm", &other, error) ||
	    !check_file(files, "-journal", &other, error)) {
		return false;
	}
	files->exists = files->size > 0;
	files->log = log > 0;
	if (files->log && !files->exists) {
		text_printf(
		    error,
		    "%s is missing or empty, but there is its log %s-wal, which may hold jobs: "
		    "put the database back, or move the log away",
		    files->path, files->path);
		return false;
	}
	return true;
}

/* The lock goes with the descriptor: it ends when we do, however. */
static bool
lock(int fd, int64_t patience_us)
{
	static const struct timespec pause = {.tv_nsec = LOOK_US * 1000L};
	int64_t until_us = clock_us() + patience_us;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || clock_us() >= until_us) {
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool
set_path(struct store_files *files, const char *directory)
{
	struct text path = TEXT_INIT;
	char *real = realpath(directory, NULL);

	if (real == NULL) {
		return false;
	}
	text_printf(&path, "%s/" STORE_FILE, real);
	text_terminate(&path);
	free(real);
	files->path = path.data;
	return true;
}

bool
store_files_open(struct store_files *files, const char *directory, int64_t patience_us,
		 struct text *error)
{
	*files = (struct store_files){
	    .directory = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
	if (files->directory < 0) {
		text_printf(error, "%s: %s", directory,
			    errno == ELOOP || errno == ENOTDIR
				? "this is not a directory, or a symbolic link to one: give the "
				  "directory itself"
				: strerror(errno));
		return false;
	}
	if (!set_path(files, directory)) {
		text_printf(error, "%s: %s", directory, strerror(errno));
	} else if (!check_directory(files->directory, directory, error)) {
		/* it is said */
	} else if (!lock(files->directory, patience_us)) {
		text_printf(error, "%s: %s", directory,
			    errno == EWOULDBLOCK
				? "another process has this store open: stop that stintd first"
				: strerror(errno));
	} else if (check_files(files, error)) {
		files->opened = true;
		return true;
	}
	store_files_close(files);
	return false;
}

/* SQLite makes a log as soon as it looks; one with nothing in it is none. */
static void
remove_empty_log(const struct store_files *files)
{
	struct stat info;

	if (fstatat(files->directory, STORE_FILE "-wal", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(info.st_mode) && info.st_size == 0) {
		unlinkat(files->directory, STORE_FILE "-wal", 0);
	}
}

void
store_files_close(struct store_files *files)
{
	if (files->opened) {
		remove_empty_log(files);
	}
	fds_close(&files->directory);
	free(files->path);
	files->path = NULL;
}

/* ---- answers ---------------------------------------------------------------------------------- */

static int
open_unnamed(int directory)
{
	int fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
		return fd;
	}
	unlinkat(directory, UNNAMED, 0); /* of one that was killed at just this point */
	fd = openat(directory, UNNAMED, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0) {
		unlinkat(directory, UNNAMED, 0);
	}
	return fd;
}

bool
store_answer_begin(struct store_answer *answer)
{
	*answer = (struct store_answer){.fd = memfd_create("stintd-answer", MFD_CLOEXEC)};
	return answer->fd >= 0;
}

static bool
move_to_disk(struct store_answer *answer, int directory)
{
	int fd = open_unnamed(directory);
	off_t from = 0;
	ssize_t sent = 1;

	if (fd < 0) {
		return false;
	}
	while (sent > 0 && (uint64_t)from < answer->size) {
		sent = sendfile(fd, answer->fd, &from, (size_t)(answer->size - (uint64_t)from));
	}
	if ((uint64_t)from < answer->size) {
		fds_close(&fd);
		return false;
	}
	close(answer->fd);
	answer->fd = fd;
	answer->on_disk = true;
	return true;
}

bool
store_answer_write(struct store_answer *answer, int directory, struct span bytes)
{
	if (!answer->on_disk && answer->size + bytes.len > MEMORY_MOST &&
	    !move_to_disk(answer, directory)) {
		return false;
	}
	answer->size += bytes.len;
	return fds_write_all(answer->fd, bytes.at, bytes.len);
}

bool
store_answer_end(struct store_answer *answer)
{
	return lseek(answer->fd, 0, SEEK_SET) == 0;
}
