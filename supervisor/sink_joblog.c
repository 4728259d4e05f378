/* SPDX-License-Identifier: ISC */
/*
 * sink_joblog: a line for each task, in the nine columns of GNU parallel's --joblog and then those
 * that only we have. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/command_text.h"
#include "supervisor/joblog_line.h"
#include "supervisor/line_file.h"
#include "supervisor/sink.h"

#define TAIL 4096 /* bytes that are looked at in one go */

/* Where the whole lines end: behind the last newline. */
static bool
find_end(int fd, uint64_t *end)
{
	char tail[TAIL];
	off_t at = lseek(fd, 0, SEEK_END);

	while (at > 0) {
		size_t want = at < TAIL ? (size_t)at : TAIL;
		ssize_t got = pread(fd, tail, want, at - (off_t)want);
		const char *newline = got <= 0 ? NULL : memrchr(tail, '\n', (size_t)got);

		at -= (off_t)want;
		if (got != (ssize_t)want) {
			return false;
		}
		if (newline != NULL) {
			*end = (uint64_t)(at + (newline - tail) + 1);
			return true;
		}
	}
	*end = 0;
	return at == 0;
}

/* Only what is a joblog, ours or theirs, is appended to. A line that was cut short goes. */
static bool
go_on(struct line_file *file, struct text *error)
{
	char begin[sizeof(JOBLOG_THEIRS) - 1];
	ssize_t got = pread(file->fd, begin, sizeof(begin), 0);
	uint64_t end;

	if (got < 0 || !find_end(file->fd, &end)) {
		text_printf(error, "%s: %s", file->path, strerror(errno));
		return false;
	}
	if (memcmp(begin, JOBLOG_THEIRS, (size_t)got) != 0) {
		text_printf(error, "%s: is no joblog; name another file, nothing was changed",
			    file->path);
		return false;
	}
	return line_file_cut(file, end, error);
}

static bool
open_joblog(const struct run_options *options, void **sink, struct text *error)
{
	bool append =
	    options->resume && options->joblog != NULL && strcmp(options->joblog, "-") != 0;
	struct line_file *file;

	*sink = NULL;
	if (options->joblog == NULL) {
		return true;
	}
	file = calloc(1, sizeof(*file));
	if (file == NULL) {
		err(3, "joblog");
	}
	if (!line_file_open(file, options->joblog, options->sync,
			    append ? LINE_FILE_APPEND : LINE_FILE_EMPTY, error)) {
		free(file);
		return false;
	}
	if (append && !go_on(file, error)) {
		line_file_close(file, NULL);
		free(file);
		return false;
	}
	if (file->end == 0) {
		text_string(&file->buffer, JOBLOG_HEADER);
	}
	*sink = file;
	return true;
}

static void
record(void *sink, const struct finished *finished)
{
	struct text command = TEXT_INIT, id = TEXT_INIT;
	const struct result_record *record = finished->record;
	const struct task *task = finished->task;
	struct joblog_line line = {.number = task->number,
				   .record = record,
				   .received = task_received(task, 1),
				   .attempt = (unsigned)task->attempt};

	command_text_put(&command, task_spec_text(task));
	task_put_id(task, &id);
	line.command = (struct span){command.data, command.len};
	line.id = (struct span){id.data, id.len};
	joblog_line_put(&line, &((struct line_file *)sink)->buffer);
	text_free(&command);
	text_free(&id);
}

static bool
flush(void *sink, struct text *error)
{
	return line_file_flush(sink, error);
}

static bool
close_joblog(void *sink, struct text *error)
{
	bool good = line_file_finish(sink, error);

	good = line_file_close(sink, good ? error : NULL) && good;
	free(sink);
	return good;
}

const struct sink_ops sink_joblog = {
    .name = "joblog",
    .open = open_joblog,
    .record = record,
    .flush = flush,
    .close = close_joblog,
};
