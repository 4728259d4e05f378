/* SPDX-License-Identifier: ISC */
/* results_follow: see results_follow.h. In the supervisor. */
#include "supervisor/results_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/record_lines.h"

#define RECORDS_MOST 500 /* in one go, so that keys do not wait */

static void
begin(struct results_follow *follow, const struct stat *info)
{
	follow->device = info->st_dev;
	follow->inode = info->st_ino;
	follow->at = follow->line = 0;
}

bool
results_follow_open(struct results_follow *follow, const char *path, struct text *error)
{
	struct stat info;

	*follow = (struct results_follow){.path = path};
	follow->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (follow->fd < 0 || fstat(follow->fd, &info) != 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(info.st_mode)) {
		text_printf(error, "%s: is no regular file; name the one of `stint run -o`", path);
	} else {
		begin(follow, &info);
		return true;
	}
	fds_close(&follow->fd);
	return false;
}

void
results_follow_close(struct results_follow *follow)
{
	fds_close(&follow->fd);
}

/* Is the name that of another file by now, or has the file lost what was read of it? */
static enum follow_news
look_at_name(struct results_follow *follow)
{
	struct stat info;
	int fd;

	if (stat(follow->path, &info) != 0 || !S_ISREG(info.st_mode)) {
		return FOLLOW_GONE;
	}
	if (follow->fd >= 0 && info.st_dev == follow->device && info.st_ino == follow->inode) {
		if ((uint64_t)info.st_size >= follow->at) {
			return FOLLOW_NOTHING;
		}
		begin(follow, &info);
		return FOLLOW_ANEW;
	}
	fd = open(follow->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &info) != 0) {
		fds_close(&fd);
		return FOLLOW_GONE;
	}
	fds_close(&follow->fd);
	follow->fd = fd;
	begin(follow, &info);
	return FOLLOW_ANEW;
}

/* A line that is not whole may be by the next time, and is read again then. */
static enum follow_news
read_records(struct results_follow *follow, struct recorded_run *run, struct text *error)
{
	struct record_lines lines;
	enum record_line kind = RECORD_BLANK;
	enum follow_news news = FOLLOW_NOTHING;

	record_lines_begin(&lines, follow->fd);
	lines.read_at = lines.end = follow->at;
	for (int i = 0; i < RECORDS_MOST && news != FOLLOW_FAIL; i++) {
		kind = record_lines_next(&lines);
		if (kind == RECORD_END || kind == RECORD_TORN) {
			break;
		}
		follow->line++;
		if (kind == RECORD_FAIL) {
			text_printf(error, "%s: %s", follow->path, strerror(errno));
			news = FOLLOW_FAIL;
		} else if (kind == RECORD_LINE && recorded_run_add(run, lines.line)) {
			news = FOLLOW_RECORDS;
		} else if (kind != RECORD_BLANK) {
			text_printf(error,
				    "%s:%" PRIu64 ": not a record of results, as `stint run -o "
				    "FILE` writes them",
				    follow->path, follow->line);
			news = FOLLOW_FAIL;
		}
		follow->at = lines.end;
	}
	record_lines_end(&lines);
	return news;
}

enum follow_news
results_follow_next(struct results_follow *follow, struct recorded_run **run, struct text *error)
{
	enum follow_news news = look_at_name(follow);
	struct stat info;

	*run = NULL;
	if (news != FOLLOW_NOTHING || fstat(follow->fd, &info) != 0 ||
	    (uint64_t)info.st_size == follow->at) {
		return news;
	}
	*run = recorded_run_new(NULL);
	news = read_records(follow, *run, error);
	if (news != FOLLOW_RECORDS) {
		recorded_run_free(*run);
		*run = NULL;
	}
	return news;
}

/*
 * By the kernel's list of locks: to try the lock would be to have it for a moment, in which a run
 * that begins would be told that the file is in use. The device is not looked at: stat(2) and the
 * list do not name it alike on every file system.
 */
enum follow_writer
results_follow_writer(const struct results_follow *follow)
{
	FILE *locks = fopen("/proc/locks", "re");
	enum follow_writer writer = WRITER_NONE;
	uint64_t inode;
	char line[256];

	if (locks == NULL || follow->fd < 0) {
		writer = WRITER_UNKNOWN;
	}
	while (writer == WRITER_NONE && fgets(line, sizeof(line), locks) != NULL) {
		if (sscanf(line, "%*d: FLOCK %*s WRITE %*d %*x:%*x:%" SCNu64, &inode) == 1 &&
		    inode == follow->inode) {
			writer = WRITER_THERE;
		}
	}
	if (locks != NULL) {
		fclose(locks);
	}
	return writer;
}
