/* SPDX-License-Identifier: ISC */
/*
 * jobfile: see jobfile.h; opening, and what is known of the whole. Its tasks are handed out by
 * jobfile_next.c. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/json_scan.h"
#include "ipc/memory.h"
#include "ipc/message.h"
#include "supervisor/jobfile_document.h"
#include "supervisor/jobfile_parts.h"

#define LINE_MOST (MESSAGE_LINE_MAX - 4096) /* a task must fit into a message */

bool
jobfile_fail(struct jobfile *jobfile, const char *why)
{
	jobfile_complain(&jobfile->error, jobfile->file, 0, "", "%s", why);
	return false;
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

bool
jobfile_begins_stream(struct span line)
{
	return shape_of(line) != SHAPE_DOCUMENT;
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
	for (size_t i = 0; i < document->count; i++) {
		jobfile->left += document->texts[i]->repeat;
	}
	if (document->needs != NULL) {
		needs_free(jobfile->needs);
		jobfile->needs = document->needs;
	}
	document->texts = NULL;
	document->count = 0;
	document->needs = NULL;
}

static bool
open_header(struct jobfile *jobfile, struct span line, const struct run_defaults *more)
{
	struct document document = {.file = jobfile->file, .line = jobfile->source.line};
	bool good = document_header(&document, line, &jobfile->defaults, &jobfile->error);

	take_head(jobfile, &document);
	document_clear(&document);
	if (good) {
		defaults_add(&jobfile->defaults, more);
	}
	return good;
}

/* All of the input is one document, which begins in `line`; `whole`: that ended with a newline. */
static bool
open_document(struct jobfile *jobfile, struct span line, bool whole,
	      const struct run_defaults *more)
{
	struct document document = {.file = jobfile->file, .line = jobfile->source.line};
	struct span rest;
	bool good;

	good = document_feed(&document, line, &jobfile->error);
	while (good) {
		if (!line_source_rest(&jobfile->source, &rest)) {
			good = jobfile_fail(jobfile, strerror(errno));
		}
		if (!good || rest.len == 0) {
			break;
		}
		if (whole) {
			document_feed(&document, SPAN_LITERAL("\n"), &jobfile->error);
			whole = false;
		}
		good = document_feed(&document, rest, &jobfile->error);
	}
	good = good &&
	       document_parse(&document, &jobfile->defaults, more, jobfile->ids, &jobfile->error);
	take_head(jobfile, &document);
	document_clear(&document);
	return good;
}

static void
make_stream(struct jobfile *jobfile)
{
	jobfile->stream = true;
	jobfile->needs = needs_new(jobfile->ids);
}

static bool
read_head(struct jobfile *jobfile, const struct run_defaults *more)
{
	struct span line;
	enum line_state state = line_source_first(&jobfile->source, &line);

	if (state == LINE_FAIL) {
		return jobfile_fail(jobfile, strerror(errno));
	}
	if (state == LINE_END) {
		return jobfile_fail(
		    jobfile, "no tasks: the input is empty; stint-jobs(5) shows what it may hold");
	}
	if (line.len >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0) {
		return jobfile_fail(jobfile,
				    "begins with a byte order mark; save it as UTF-8 without one");
	}
	switch (shape_of(line)) {
	case SHAPE_DOCUMENT:
		return open_document(jobfile, line, state == LINE_TAKEN, more);
	case SHAPE_HEADER:
		make_stream(jobfile);
		return open_header(jobfile, line, more);
	case SHAPE_TASK:
		break;
	}
	make_stream(jobfile);
	defaults_add(&jobfile->defaults, more);
	line_source_put_back(&jobfile->source, line);
	return true;
}

/* The name of a job that has none: its file's, without folder and ending. */
static char *
name_of_file(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = memory_check(strdup(base == NULL ? path : base + 1)),
	     *dot = strrchr(name, '.');

	if (dot != NULL && dot != name) {
		*dot = '\0';
	}
	return name;
}

static void
make_reader(struct jobfile *jobfile)
{
	jobfile->ids = ids_new();
	jobfile->reader.defaults = &jobfile->defaults;
	jobfile->reader.ids = jobfile->ids;
	/* It may be long, and others like it can be learned from. */
	jobfile->unknown_us = INT64_MAX;
}

/* Reads its beginning; NULL: that cannot be, and it is freed. */
static struct jobfile *
begin(struct jobfile *jobfile, const char *why, const char *name, const struct run_defaults *more,
      struct text *error)
{
	jobfile->file = jobfile->source.shown;
	if (why != NULL) {
		jobfile_fail(jobfile, why);
	} else {
		jobfile->name = name_of_file(name == NULL ? jobfile->file : name);
		if (read_head(jobfile, more)) {
			return jobfile;
		}
	}
	text_bytes(error, jobfile->error.data, jobfile->error.len);
	jobfile_free(jobfile);
	return NULL;
}

struct jobfile *
jobfile_open(const char *path, const struct run_defaults *more, struct text *error)
{
	struct jobfile *jobfile = memory_check(calloc(1, sizeof(*jobfile)));

	make_reader(jobfile);
	return begin(jobfile, line_source_open(&jobfile->source, path, LINE_MOST),
		     strcmp(path, "-") == 0 ? NULL : path, more, error);
}

struct jobfile *
jobfile_open_fd(int fd, const char *name, const struct run_defaults *more, struct text *error)
{
	struct jobfile *jobfile = memory_check(calloc(1, sizeof(*jobfile)));

	make_reader(jobfile);
	return begin(jobfile, line_source_take(&jobfile->source, fd, name, LINE_MOST), name, more,
		     error);
}

struct jobfile *
jobfile_open_lines(const struct line_maker *maker, const char *name,
		   const struct run_defaults *more)
{
	struct jobfile *jobfile = calloc(1, sizeof(*jobfile));

	if (jobfile == NULL || (jobfile->name = strdup(name)) == NULL) {
		err(3, "tasks");
	}
	make_reader(jobfile);
	make_stream(jobfile);
	jobfile->file = jobfile->name;
	line_source_make(&jobfile->source, maker);
	defaults_add(&jobfile->defaults, more);
	return jobfile;
}

void
jobfile_close(struct jobfile *jobfile)
{
	line_source_shut(&jobfile->source);
	task_reader_clear(&jobfile->reader);
}

void
jobfile_free(struct jobfile *jobfile)
{
	if (jobfile == NULL) {
		return;
	}
	line_source_close(&jobfile->source);
	task_reader_clear(&jobfile->reader);
	for (size_t i = jobfile->text_next; i < jobfile->text_count; i++) {
		task_text_release(jobfile->texts[i]);
	}
	free(jobfile->texts);
	task_text_release(jobfile->text);
	defaults_clear(&jobfile->defaults);
	needs_free(jobfile->needs);
	ids_free(jobfile->ids);
	text_free(&jobfile->longest);
	text_free(&jobfile->error);
	free(jobfile->name);
	free(jobfile);
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

uint64_t
jobfile_bad_number(const struct jobfile *jobfile)
{
	return jobfile->number;
}

const struct resources *
jobfile_resources(const struct jobfile *jobfile)
{
	return &jobfile->defaults.resources;
}

bool
jobfile_is_stream(const struct jobfile *jobfile)
{
	return jobfile->stream;
}

bool
jobfile_is_read(const struct jobfile *jobfile)
{
	return !jobfile->stream || jobfile->at_end;
}

int
jobfile_fd(const struct jobfile *jobfile)
{
	return jobfile->source.fd;
}

void
jobfile_wait(const struct jobfile *jobfile)
{
	line_source_wait(&jobfile->source);
}

bool
jobfile_is(const struct jobfile *jobfile, const char *path)
{
	struct stat ours, other;

	return jobfile->source.regular && stat(path, &other) == 0 &&
	       fstat(jobfile->source.fd, &ours) == 0 && ours.st_dev == other.st_dev &&
	       ours.st_ino == other.st_ino;
}
