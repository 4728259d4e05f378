/* SPDX-License-Identifier: ISC */
/* line_file: see line_file.h. In the supervisor. */
#include "supervisor/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"

#define BATCH_US   US_PER_SECOND
#define SYNC_SHARE 50 /* syncs take no more than this part of the time */

static bool
complain(struct text *error, const char *path, const char *why)
{
	text_printf(error, "%s: %s", path, why);
	return false;
}

/* Whoever had it locked may have put another file in its place meanwhile. */
static bool
is_still(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Where locks are not to be had, as on some network file systems, it goes on without. */
static bool
lock(struct line_file *file, struct text *error)
{
	if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		return complain(error, file->path,
				"is in use by another stint, or named twice; wait, or name "
				"another file");
	}
	return true;
}

static bool
open_once(struct line_file *file, int flags, struct text *error)
{
	struct stat info;

	file->fd = open(file->path, flags | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (file->fd < 0 || fstat(file->fd, &info) != 0) {
		complain(error, file->path, strerror(errno));
		fds_close(&file->fd);
		return false;
	}
	file->regular = S_ISREG(info.st_mode);
	if (file->regular && !lock(file, error)) {
		fds_close(&file->fd);
		return false;
	}
	return true;
}

bool
line_file_open(struct line_file *file, const char *path, enum sync sync, enum line_file_begin begin,
	       struct text *error)
{
	bool append = begin == LINE_FILE_APPEND;

	*file = (struct line_file){
	    .path = path, .sync = sync, .fd = -1, .sync_due_us = clock_us() + BATCH_US};
	if (strcmp(path, "-") == 0) {
		file->fd = STDOUT_FILENO;
		return !append || complain(error, "-", "stdout cannot be appended to; name a file");
	}
	do {
		fds_close(&file->fd);
		if (!open_once(file, append ? O_RDWR : O_WRONLY, error)) {
			return false;
		}
	} while (file->regular && !is_still(file->fd, path));
	if (append && !file->regular) {
		complain(error, path, "is no regular file, nothing can be read back from it");
	} else if (append || !file->regular || line_file_cut(file, 0, error)) {
		return true;
	}
	fds_close(&file->fd);
	return false;
}

bool
line_file_cut(struct line_file *file, uint64_t end, struct text *error)
{
	file->end = end;
	return ftruncate(file->fd, (off_t)end) == 0 || complain(error, file->path, strerror(errno));
}

/* Of a batch that was written in part, only the whole lines stay. */
static void
cut_back(struct line_file *file)
{
	struct stat info;
	size_t wrote;
	const char *newline;

	if (!file->regular || fstat(file->fd, &info) != 0 || (uint64_t)info.st_size < file->end ||
	    (uint64_t)info.st_size - file->end > file->buffer.len) {
		return;
	}
	wrote = (size_t)((uint64_t)info.st_size - file->end);
	newline = wrote == 0 ? NULL : memrchr(file->buffer.data, '\n', wrote);
	file->end += newline == NULL ? 0 : (uint64_t)(newline - file->buffer.data) + 1;
	if (ftruncate(file->fd, (off_t)file->end) == 0) {
		fdatasync(file->fd);
	}
}

static bool
write_lines(struct line_file *file)
{
	if (file->buffer.len == 0) {
		return true;
	}
	if (!fds_write_all(file->fd, file->buffer.data, file->buffer.len)) {
		file->failed = errno;
		cut_back(file);
		return false;
	}
	file->end += file->buffer.len;
	file->unsynced = true;
	return true;
}

/* A new file is lost in a power cut, whole as it may be, if its folder does not know of it. */
static bool
sync_folder(struct line_file *file)
{
	char *copy = strdup(file->path);
	int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	if (fd >= 0) { /* a folder that may not be read is left alone */
		file->failed = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
		close(fd);
	}
	file->named = true;
	return file->failed == 0;
}

static bool
sync_lines(struct line_file *file, bool last)
{
	int64_t began_us, took_us;

	if (!file->unsynced || !file->regular || file->sync == SYNC_NONE) {
		return true;
	}
	began_us = clock_us();
	if (file->sync == SYNC_BATCH && !last && began_us < file->sync_due_us) {
		return true;
	}
	if (fdatasync(file->fd) != 0) {
		file->failed = errno;
		return false;
	}
	if (!file->named && !sync_folder(file)) {
		return false;
	}
	file->unsynced = false;
	took_us = clock_us() - began_us;
	file->sync_due_us =
	    began_us + (took_us * SYNC_SHARE > BATCH_US ? took_us * SYNC_SHARE : BATCH_US);
	return true;
}

static bool
flush(struct line_file *file, bool last, struct text *error)
{
	if (file->failed == 0 && write_lines(file)) {
		sync_lines(file, last);
	}
	text_clear(&file->buffer);
	if (file->failed == 0) {
		return true;
	}
	complain(error, file->path, strerror(file->failed));
	if (file->regular && file->hint != NULL) {
		text_printf(error, "; %s", file->hint);
	}
	errno = file->failed;
	return false;
}

bool
line_file_flush(struct line_file *file, struct text *error)
{
	return flush(file, false, error);
}

bool
line_file_finish(struct line_file *file, struct text *error)
{
	return flush(file, true, error);
}

bool
line_file_close(struct line_file *file, struct text *error)
{
	bool good = file->fd == STDOUT_FILENO || close(file->fd) == 0;

	if (!good && error != NULL) {
		complain(error, file->path, strerror(errno));
	}
	file->fd = -1;
	text_free(&file->buffer);
	return good;
}
