/* SPDX-License-Identifier: ISC */
/*
 * resume_compact: a results file is written anew beside the old one, without the records that do
 * not count any longer, and takes its place. See resume.h. In the supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/resume_state.h"

#define BATCH    ((size_t)256 << 10)
#define NAME_CUT 200 /* bytes of the file's name that its copy has in its own */

/* The copy, in the folder of the file itself, where symbolic links have been followed. */
struct copy {
	char *target;
	char *name; /* always the same: what a killed run left is found and removed */
	int fd;
};

static bool
begin_copy(struct copy *copy, int fd, const char *path)
{
	const char *base;
	struct stat info;

	copy->target = realpath(path, NULL);
	if (copy->target == NULL || fstat(fd, &info) != 0) {
		return false;
	}
	base = strrchr(copy->target, '/') + 1;
	if (asprintf(&copy->name, "%.*s.%.*s.stint-new", (int)(base - copy->target), copy->target,
		     NAME_CUT, base) < 0) {
		copy->name = NULL;
		return false;
	}
	unlink(copy->name);
	copy->fd = open(copy->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (copy->fd < 0) {
		return false;
	}
	if (fchown(copy->fd, info.st_uid, info.st_gid) != 0) {
		errno = 0; /* its owner may be somebody else, who let us write */
	}
	return fchmod(copy->fd, info.st_mode & 07777) == 0;
}

/* Whether the line, the record number `number` if it is of a former run, stays. */
static bool
stays(const struct resume *resume, const struct record_lines *lines, uint32_t *number)
{
	struct record_key record;

	if (!record_key_parse(lines->line, &record)) {
		return false;
	}
	if (lines->begin >= resume->end) {
		return true;
	}
	++*number;
	return record_index_last(resume->index, record.id) == *number;
}

static bool
copy_lines(const struct resume *resume, struct record_lines *lines, int to, struct text *batch)
{
	enum record_line kind;
	uint32_t number = 0;

	while ((kind = record_lines_next(lines)) != RECORD_END) {
		if (kind == RECORD_FAIL) {
			return false;
		}
		if (kind == RECORD_LINE && stays(resume, lines, &number)) {
			text_span(batch, lines->line);
			text_char(batch, '\n');
		}
		if (batch->len >= BATCH) {
			if (!fds_write_all(to, batch->data, batch->len)) {
				return false;
			}
			text_clear(batch);
		}
	}
	return fds_write_all(to, batch->data, batch->len) && fsync(to) == 0;
}

static bool
fill_copy(const struct resume *resume, int from, int to)
{
	struct record_lines lines;
	struct text batch = TEXT_INIT;
	bool good;

	record_lines_begin(&lines, from);
	good = copy_lines(resume, &lines, to, &batch);
	record_lines_end(&lines);
	text_free(&batch);
	return good;
}

static bool
put_in_place(const struct copy *copy, int fd)
{
	struct stat ours, there;
	char *slash;
	int folder;

	if (fstat(fd, &ours) != 0 || stat(copy->target, &there) != 0) {
		return false;
	}
	if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino) {
		errno = EBUSY; /* somebody put another file there meanwhile */
		return false;
	}
	if (rename(copy->name, copy->target) != 0) {
		return false;
	}
	slash = strrchr(copy->target, '/');
	slash[slash == copy->target] = '\0';
	folder = open(copy->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0) {
		fsync(folder);
		close(folder);
	}
	return true;
}

bool
resume_compact(const struct resume *resume, int fd, const char *path, struct text *error)
{
	struct copy copy = {.fd = -1};
	bool good;
	int why;

	if (resume->replaced + resume->damaged == 0) {
		return true;
	}
	good = begin_copy(&copy, fd, path) && fill_copy(resume, fd, copy.fd) &&
	       put_in_place(&copy, fd);
	why = errno;
	if (!good) {
		text_printf(error,
			    "%s: cannot be written anew without the records that were replaced: "
			    "%s; all records are there, the last one of a task counts",
			    path, strerror(why));
		if (copy.fd >= 0 && copy.name != NULL) {
			unlink(copy.name);
		}
	}
	fds_close(&copy.fd);
	free(copy.name);
	free(copy.target);
	return good;
}
