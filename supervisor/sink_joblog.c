/* SPDX-License-Identifier: ISC */
/*
 * sink_joblog: a line for each task, in the nine columns of GNU parallel's --joblog and then those
 * that only we have. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/command_text.h"
#include "supervisor/line_file.h"
#include "supervisor/sink.h"

#define THEIRS "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand"
#define HEADER THEIRS "\tId\tStatus\tAttempt\tClass\tUser\tSys\n"
#define TAIL   4096 /* bytes that are looked at in one go */

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
	char begin[sizeof(THEIRS) - 1];
	ssize_t got = pread(file->fd, begin, sizeof(begin), 0);
	uint64_t end;

	if (got < 0 || !find_end(file->fd, &end)) {
		text_printf(error, "%s: %s", file->path, strerror(errno));
		return false;
	}
	if (memcmp(begin, THEIRS, (size_t)got) != 0) {
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
		text_string(&file->buffer, HEADER);
	}
	*sink = file;
	return true;
}

/* GNU parallel has -1 for what did not come to an end by itself; 0 is for success alone. */
static int
exit_value(const struct result_record *record)
{
	if (record->status == STATUS_ok || (record->status == STATUS_failed && record->has_exit)) {
		return record->exit;
	}
	return record->status == STATUS_failed && record->signal != 0 ? 0 : -1;
}

/* As GNU parallel writes a command of several lines: each newline is a NUL. */
static void
put_command(struct text *out, const struct task *task)
{
	size_t begin = out->len;
	char *newline;

	command_text_put(out, task_spec_text(task));
	while (out->len > begin &&
	       (newline = memchr(out->data + begin, '\n', out->len - begin)) != NULL) {
		*newline = '\0';
	}
}

static void
record(void *sink, const struct finished *finished)
{
	struct text *out = &((struct line_file *)sink)->buffer;
	struct text id = TEXT_INIT;
	const struct result_record *record = finished->record;
	const struct task *task = finished->task;

	text_printf(out, "%" PRIu64 "\t:\t%.3f\t%10.3f\t0\t%" PRIu64 "\t%d\t%d\t", task->number,
		    (double)record->start_us / 1e6, (double)record->wall_us / 1e6,
		    task_received(task, 1), exit_value(record), record->signal);
	put_command(out, task);
	task_put_id(task, &id); /* with JSON's escapes: no tab or newline is in it */
	text_char(out, '\t');
	text_bytes(out, id.data + 1, id.len - 2);
	text_printf(out, "\t%s\t%u\t%s\t%.3f\t%.3f\n", task_status_name(record->status),
		    (unsigned)task->attempt,
		    record->start_us == 0 ? "-" : result_record_class(record),
		    (double)record->user_us / 1e6, (double)record->sys_us / 1e6);
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
