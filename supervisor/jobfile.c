/* SPDX-License-Identifier: ISC */
/*
 * jobfile: see jobfile.h; opening, streams. Documents are in jobfile_document.c. In the
 * supervisor.
 */
#include "supervisor/jobfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/frame.h"
#include "ipc/json_scan.h"
#include "ipc/message.h"
#include "supervisor/jobfile_document.h"
#include "supervisor/jobfile_task.h"

#define READ_SIZE ((size_t)64 << 10)
#define LINE_MOST (MESSAGE_LINE_MAX - 4096) /* a task must fit into a message */

struct jobfile {
	const char *file; /* as messages name it */
	char *shown;      /* what that is, but for stdin */
	char *name;
	int fd;
	bool regular;
	bool stream;
	bool ended;    /* no more bytes will come */
	bool skipping; /* the rest of a line that was too long */
	struct frame frame;
	uint64_t size;  /* of a regular file */
	uint64_t taken; /* bytes of the lines that were handed out */
	uint64_t line;
	uint64_t ordinal;
	uint64_t number; /* of the last task handed out */
	struct defaults defaults;
	struct ids *ids;
	struct text error;

	struct task_text **texts; /* of a document */
	size_t text_count;
	size_t text_next;
	struct task_text *text; /* the one whose repeats are being handed out */
	uint32_t index;         /* the last repeat that was */
};

static bool
fail(struct jobfile *jobfile, const char *why)
{
	jobfile_complain(&jobfile->error, jobfile->file, 0, "", "%s", why);
	return false;
}

/* Reads once; a pipe that has nothing now is left alone unless `wait`. False on an error. */
static bool
fill(struct jobfile *jobfile, bool wait, bool *got_some)
{
	struct pollfd ready = {.fd = jobfile->fd, .events = POLLIN};
	ssize_t got;

	*got_some = false;
	if (jobfile->ended || (!jobfile->regular && poll(&ready, 1, wait ? -1 : 0) == 0)) {
		return true;
	}
	got = read(jobfile->fd, frame_room(&jobfile->frame, READ_SIZE), READ_SIZE);
	if (got < 0) {
		return errno == EINTR || errno == EAGAIN || fail(jobfile, strerror(errno));
	}
	jobfile->ended = got == 0;
	*got_some = true;
	frame_filled(&jobfile->frame, (size_t)got);
	return true;
}

static bool
is_blank(struct span line)
{
	return line.len == 0 || strspn(line.at, " \t\r\n") >= line.len;
}

/* Reads on until a line that is not blank is there, or what there is of it. */
static bool
first_line(struct jobfile *jobfile, struct span *line)
{
	bool got_some;

	for (;;) {
		enum frame_state state = frame_next(&jobfile->frame, line);

		if (state == FRAME_LINE) {
			jobfile->line++;
			if (!is_blank(*line)) {
				return true;
			}
			continue;
		}
		if (jobfile->ended || state == FRAME_TOO_LONG) {
			*line = frame_rest(&jobfile->frame);
			jobfile->line++;
			return true;
		}
		if (!fill(jobfile, true, &got_some)) {
			return false;
		}
	}
}

enum shape { SHAPE_DOCUMENT, SHAPE_HEADER, SHAPE_TASK };

/* What the first line says the input is. An object that goes on in the next is a document. */
static enum shape
shape_of(struct span line)
{
	bool tasks = false, header = false, named = false, other = false;
	struct json_members members;
	struct span key, value;

	json_members_begin(&members, line);
	while (json_members_next(&members, &key, &value)) {
		tasks |= span_is(key, "tasks");
		header |= span_is(key, "stint") || span_is(key, "defaults");
		named |= span_is(key, "name") || span_is(key, "resources");
		other |= !span_is(key, "name") && !span_is(key, "resources");
	}
	if (members.failed || tasks) {
		return SHAPE_DOCUMENT;
	}
	return header || (named && !other) ? SHAPE_HEADER : SHAPE_TASK;
}

/* Takes over what a document, or the header of a stream, says of the job. */
static void
take_head(struct jobfile *jobfile, struct document *document)
{
	if (document->name != NULL) {
		free(jobfile->name);
		jobfile->name = document->name;
		document->name = NULL;
	}
	jobfile->texts = document->texts;
	jobfile->text_count = document->count;
	document->texts = NULL;
	document->count = 0;
}

static bool
open_header(struct jobfile *jobfile, struct span line, const char *timeout)
{
	struct document document = {.file = jobfile->file, .line = jobfile->line};
	bool good = document_header(&document, line, &jobfile->defaults, &jobfile->error);

	take_head(jobfile, &document);
	document_clear(&document);
	if (good && timeout != NULL) {
		defaults_add_timeout(&jobfile->defaults, timeout);
	}
	return good;
}

/* All of the input is one document, which begins in `line`. */
static bool
open_document(struct jobfile *jobfile, struct span line, const char *timeout)
{
	struct document document = {.file = jobfile->file, .line = jobfile->line};
	bool good = true, got_some;
	struct span rest;

	if (line.at != NULL && line.at != frame_rest(&jobfile->frame).at) {
		good = document_feed(&document, line, &jobfile->error) &&
		       document_feed(&document, SPAN_LITERAL("\n"), &jobfile->error);
	}
	while (good) {
		rest = frame_rest(&jobfile->frame);
		good = document_feed(&document, rest, &jobfile->error);
		frame_free(&jobfile->frame);
		frame_init(&jobfile->frame, LINE_MOST);
		if (!good || jobfile->ended) {
			break;
		}
		good = fill(jobfile, true, &got_some);
	}
	good = good && document_parse(&document, &jobfile->defaults, timeout, jobfile->ids,
				      &jobfile->error);
	take_head(jobfile, &document);
	document_clear(&document);
	return good;
}

static bool
read_head(struct jobfile *jobfile, const char *timeout)
{
	struct span line;

	if (!first_line(jobfile, &line)) {
		return false;
	}
	if (is_blank(line)) {
		return fail(jobfile,
			    "no tasks: the input is empty; stint-jobs(5) shows what it may hold");
	}
	if (line.len >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0) {
		return fail(jobfile, "begins with a byte order mark; save it as UTF-8 without one");
	}
	switch (shape_of(line)) {
	case SHAPE_DOCUMENT:
		return open_document(jobfile, line, timeout);
	case SHAPE_HEADER:
		jobfile->stream = true;
		if (line.at == frame_rest(&jobfile->frame).at) {
			frame_take_rest(&jobfile->frame); /* it has no newline */
		}
		return open_header(jobfile, line, timeout);
	case SHAPE_TASK:
		break;
	}
	jobfile->stream = true;
	if (timeout != NULL) {
		defaults_add_timeout(&jobfile->defaults, timeout);
	}
	/* Back in front of the line, to be read as a task. */
	jobfile->frame.begin = jobfile->frame.scanned =
	    (size_t)(line.at - jobfile->frame.bytes.data);
	jobfile->line--;
	return true;
}

static bool
open_input(struct jobfile *jobfile, const char *path)
{
	struct stat info;

	jobfile->shown = strdup(path);
	if (jobfile->shown == NULL) {
		return fail(jobfile, "out of memory");
	}
	jobfile->file = text_printable(jobfile->shown);
	if (strcmp(path, "-") == 0) {
		jobfile->file = "stdin";
		jobfile->fd = STDIN_FILENO;
	} else {
		jobfile->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (jobfile->fd < 0 || fstat(jobfile->fd, &info) != 0) {
		return fail(jobfile, strerror(errno));
	}
	if (S_ISDIR(info.st_mode)) {
		return fail(jobfile, "is a directory; name a job file in it");
	}
	jobfile->regular = S_ISREG(info.st_mode);
	jobfile->size = jobfile->regular ? (uint64_t)info.st_size : 0;
	return true;
}

/* The name of a job that has none: its file's, without folder and ending. */
static char *
name_of_file(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = strdup(base == NULL ? path : base + 1), *dot;

	if (name != NULL && (dot = strrchr(name, '.')) != NULL && dot != name) {
		*dot = '\0';
	}
	return name;
}

struct jobfile *
jobfile_open(const char *path, const char *timeout, struct text *error)
{
	struct jobfile *jobfile = calloc(1, sizeof(*jobfile));

	if (jobfile == NULL) {
		text_string(error, "out of memory");
		return NULL;
	}
	jobfile->fd = -1;
	jobfile->ids = ids_new();
	frame_init(&jobfile->frame, LINE_MOST);
	if (open_input(jobfile, path)) {
		jobfile->name = name_of_file(strcmp(path, "-") == 0 ? jobfile->file : path);
		if (read_head(jobfile, timeout)) {
			return jobfile;
		}
	}
	text_bytes(error, jobfile->error.data, jobfile->error.len);
	jobfile_free(jobfile);
	return NULL;
}

void
jobfile_free(struct jobfile *jobfile)
{
	if (jobfile == NULL) {
		return;
	}
	if (jobfile->fd > STDERR_FILENO) {
		close(jobfile->fd);
	}
	for (size_t i = jobfile->text_next; i < jobfile->text_count; i++) {
		task_text_release(jobfile->texts[i]);
	}
	free(jobfile->texts);
	task_text_release(jobfile->text);
	frame_free(&jobfile->frame);
	defaults_clear(&jobfile->defaults);
	ids_free(jobfile->ids);
	text_free(&jobfile->error);
	free(jobfile->name);
	free(jobfile->shown);
	free(jobfile);
}

/* The next line of a stream, as far as it is there; its last line may lack its newline. */
static enum frame_state
cut_line(struct jobfile *jobfile, struct span *line)
{
	enum frame_state state;

	if (jobfile->skipping) {
		jobfile->skipping = !frame_skip(&jobfile->frame);
	}
	state = jobfile->skipping ? FRAME_MORE : frame_next(&jobfile->frame, line);
	if (state == FRAME_MORE && jobfile->ended && !jobfile->skipping) {
		*line = frame_take_rest(&jobfile->frame);
		state = line->len > 0 ? FRAME_LINE : FRAME_MORE;
	}
	jobfile->line += state != FRAME_MORE;
	return state;
}

/* The next line of a stream that is not blank. */
static enum jobfile_state
next_line(struct jobfile *jobfile, struct span *line)
{
	bool got_some;

	for (;;) {
		switch (cut_line(jobfile, line)) {
		case FRAME_TOO_LONG:
			jobfile->skipping = true;
			jobfile_complain(&jobfile->error, jobfile->file, jobfile->line, "",
					 "a line longer than 16 MiB");
			return JOBFILE_BAD;
		case FRAME_LINE:
			jobfile->taken += line->len + 1;
			if (!is_blank(*line)) {
				return JOBFILE_TASK;
			}
			break;
		case FRAME_MORE:
			if (jobfile->ended) {
				return JOBFILE_END;
			}
			if (!fill(jobfile, false, &got_some)) {
				return JOBFILE_FAIL;
			}
			if (!got_some) {
				return JOBFILE_WAIT;
			}
			break;
		}
	}
}

/* The next task's text from a stream. */
static enum jobfile_state
next_from_stream(struct jobfile *jobfile)
{
	struct piece piece = {.file = jobfile->file, .prefix = ""};
	enum jobfile_state state = next_line(jobfile, &piece.text);

	if (state == JOBFILE_TASK || state == JOBFILE_BAD) {
		jobfile->ordinal++;
	}
	if (state != JOBFILE_TASK) {
		return state;
	}
	piece.line = jobfile->line;
	jobfile->text = jobfile_task(&piece, jobfile->ordinal, &jobfile->defaults, jobfile->ids,
				     &jobfile->error);
	return jobfile->text == NULL ? JOBFILE_BAD : JOBFILE_TASK;
}

static enum jobfile_state
next_from_document(struct jobfile *jobfile)
{
	if (jobfile->text_next == jobfile->text_count) {
		return JOBFILE_END;
	}
	jobfile->text = jobfile->texts[jobfile->text_next++];
	return JOBFILE_TASK;
}

enum jobfile_state
jobfile_next(struct jobfile *jobfile, struct task **task)
{
	enum jobfile_state state = JOBFILE_TASK;
	struct task_text *text;

	if (jobfile->text == NULL) {
		text_clear(&jobfile->error);
		state = jobfile->stream ? next_from_stream(jobfile) : next_from_document(jobfile);
		jobfile->index = 0;
	}
	if (state != JOBFILE_TASK) {
		text_terminate(&jobfile->error);
		jobfile->number += state == JOBFILE_BAD;
		return state;
	}
	text = jobfile->text;
	jobfile->index++;
	*task = task_new(text, ++jobfile->number, text->repeat > 1 ? jobfile->index : 0);
	if (jobfile->index == text->repeat) {
		jobfile->text = NULL;
		task_text_release(text);
	}
	return JOBFILE_TASK;
}

const char *
jobfile_error(const struct jobfile *jobfile)
{
	return jobfile->error.data;
}

uint64_t
jobfile_number(const struct jobfile *jobfile)
{
	return jobfile->ordinal;
}

const char *
jobfile_name(const struct jobfile *jobfile)
{
	return jobfile->name;
}

bool
jobfile_is_stream(const struct jobfile *jobfile)
{
	return jobfile->stream;
}

int
jobfile_fd(const struct jobfile *jobfile)
{
	return jobfile->fd;
}

uint64_t
jobfile_total(const struct jobfile *jobfile, uint64_t handed_out)
{
	uint64_t total = handed_out;

	if (jobfile->text != NULL) {
		total += jobfile->text->repeat - jobfile->index;
	}
	if (!jobfile->stream) {
		for (size_t i = jobfile->text_next; i < jobfile->text_count; i++) {
			total += jobfile->texts[i]->repeat;
		}
		return total;
	}
	if (jobfile->ended) {
		return total; /* all but what is in the buffer */
	}
	if (jobfile->taken == 0 || jobfile->size == 0) {
		return 0;
	}
	return (uint64_t)((double)handed_out * (double)jobfile->size / (double)jobfile->taken);
}

void
jobfile_wait(const struct jobfile *jobfile)
{
	struct pollfd ready = {.fd = jobfile->fd, .events = POLLIN};

	poll(&ready, 1, -1);
}

uint64_t
jobfile_skip_repeats(struct jobfile *jobfile)
{
	uint64_t left = 0;

	if (jobfile->text != NULL) {
		left = jobfile->text->repeat - jobfile->index;
		jobfile->number += left;
		task_text_release(jobfile->text);
		jobfile->text = NULL;
	}
	return left;
}

bool
jobfile_is(const struct jobfile *jobfile, const char *path)
{
	struct stat ours, other;

	return jobfile->regular && stat(path, &other) == 0 && fstat(jobfile->fd, &ours) == 0 &&
	       ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}
