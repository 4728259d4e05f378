/* SPDX-License-Identifier: ISC */
/*
 * sink_dir: a folder for each task that ran, with its stdout, its stderr and its record. Output is
 * written as it comes, all of it; nothing is kept open from one piece to the next. In the
 * supervisor.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/safe_name.h"
#include "supervisor/sink.h"

struct dir {
	const char *path;
	int fd;
	int failed;        /* errno */
	struct text where; /* the file that failed, below `path` */
};

static const char *const streams[] = {"stdout", "stderr"};

/* With its parents, as mkdir -p does. */
static bool
make_folder(const char *path)
{
	char *copy = strdup(path), *slash = copy;
	bool good = copy != NULL;

	if (path[0] == '\0') {
		errno = ENOENT;
		good = false;
	}
	while (good && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		good = mkdir(copy, 0777) == 0 || errno == EEXIST || errno == EISDIR ||
		       errno == EROFS || errno == EACCES;
		*slash = '/';
	}
	good = good && (mkdir(path, 0777) == 0 || errno == EEXIST);
	free(copy);
	return good;
}

static bool
open_dir(const struct run_options *options, void **sink, struct text *error)
{
	struct dir *dir;
	int fd;

	*sink = NULL;
	if (options->results_dir == NULL) {
		return true;
	}
	fd = make_folder(options->results_dir)
		 ? open(options->results_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		 : -1;
	if (fd < 0) {
		text_printf(error, "--results-dir: %s: %s", options->results_dir, strerror(errno));
		return false;
	}
	dir = calloc(1, sizeof(*dir));
	if (dir == NULL) {
		err(3, "results-dir");
	}
	dir->path = options->results_dir;
	dir->fd = fd;
	*sink = dir;
	return true;
}

/* The first failure is kept; it ends the run. */
static void
fail(struct dir *dir, const char *folder, const char *file)
{
	if (dir->failed == 0) {
		dir->failed = errno;
		text_printf(&dir->where, "%s%s%s", folder, file[0] == '\0' ? "" : "/", file);
		text_terminate(&dir->where);
	}
}

/* The folder of a task, made if it is not there. -1: it cannot be. */
static int
open_task(struct dir *dir, const struct task *task, struct text *name)
{
	struct text id = TEXT_INIT;
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd = -1;

	task_put_plain_id(task, &id);
	safe_name_put(name, (struct span){id.data, id.len});
	text_terminate(name);
	text_free(&id);
	if (mkdirat(dir->fd, name->data, 0777) == 0 || errno == EEXIST) {
		fd = openat(dir->fd, name->data, flags);
	}
	if (fd < 0) {
		fail(dir, name->data, "");
	}
	return fd;
}

static bool
write_file(int folder, const char *name, int flags, struct span bytes)
{
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0666);
	bool good = fd >= 0 && fds_write_all(fd, bytes.at, bytes.len);

	if (fd >= 0 && close(fd) != 0) {
		good = false;
	}
	return good;
}

static void
output(void *sink, const struct task *task, const struct task_output *output)
{
	struct dir *dir = sink;
	int stream = output->stream;
	struct text name = TEXT_INIT;
	int folder = dir->failed != 0 ? -1 : open_task(dir, task, &name);

	if (folder >= 0) {
		int flags = task_received(task, stream) == 0 ? O_TRUNC : O_APPEND;

		if (!write_file(folder, streams[stream - 1], flags, output->bytes)) {
			fail(dir, name.data, streams[stream - 1]);
		}
		close(folder);
	}
	text_free(&name);
}

/* A stream that nothing came on is an empty file, also when a former attempt left one. */
static void
empty_rest(struct dir *dir, const struct task *task, int folder, const char *name)
{
	for (int stream = 1; stream <= 2; stream++) {
		if (task_received(task, stream) == 0 &&
		    !write_file(folder, streams[stream - 1], O_TRUNC, SPAN_EMPTY)) {
			fail(dir, name, streams[stream - 1]);
		}
	}
}

/* It is there whole, or that of a former run is. */
static void
put_record(struct dir *dir, const struct finished *finished, int folder, const char *name)
{
	struct text line = TEXT_INIT;

	finished_encode(finished, &line);
	unlinkat(folder, ".record.json", 0);
	if (!write_file(folder, ".record.json", O_EXCL, (struct span){line.data, line.len}) ||
	    renameat(folder, ".record.json", folder, "record.json") != 0) {
		fail(dir, name, "record.json");
		unlinkat(folder, ".record.json", 0);
	}
	text_free(&line);
}

static void
record(void *sink, const struct finished *finished)
{
	struct dir *dir = sink;
	struct text name = TEXT_INIT;
	int folder;

	if (finished->task->attempt == 0 || dir->failed != 0) {
		return; /* it did not run */
	}
	folder = open_task(dir, finished->task, &name);
	if (folder >= 0) {
		empty_rest(dir, finished->task, folder, name.data);
		put_record(dir, finished, folder, name.data);
		close(folder);
	}
	text_free(&name);
}

static bool
flush(void *sink, struct text *error)
{
	const struct dir *dir = sink;

	if (dir->failed != 0) {
		text_printf(error, "%s/%s: %s", dir->path, dir->where.data, strerror(dir->failed));
		errno = dir->failed;
		return false;
	}
	return true;
}

static bool
close_dir(void *sink, struct text *error)
{
	struct dir *dir = sink;
	bool good = flush(dir, error);

	close(dir->fd);
	text_free(&dir->where);
	free(dir);
	return good;
}

const struct sink_ops sink_dir = {
    .name = "dir",
    .open = open_dir,
    .output = output,
    .record = record,
    .flush = flush,
    .close = close_dir,
};
