/* SPDX-License-Identifier: ISC */
/*
 * sink_output: what the tasks print, to our stdout and stderr. With -k it is held back until the
 * turn of its task in the order of the file has come. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/sink.h"
#include "supervisor/sink_progress.h"

/* A task whose turn has not come. */
struct held {
	struct text text[2];
	bool done;
};

struct printer {
	bool keep_order;
	bool tag;
	bool whole_lines; /* an unfinished last line is finished */
	struct text buffer;
	int stream; /* that the buffer is for */
	int failed; /* errno of a write */

	struct held *held; /* of the task numbers from `turn`, modulo `room` */
	uint64_t room;     /* a power of two */
	uint64_t turn;     /* whose output goes straight through */
};

static bool
open_output(const struct run_options *options, void **sink, struct text *error)
{
	struct printer *printer;

	(void)error;
	*sink = NULL;
	if (options->output == OUTPUT_NONE || options->json ||
	    (options->results != NULL && strcmp(options->results, "-") == 0)) {
		return true;
	}
	printer = calloc(1, sizeof(*printer));
	if (printer == NULL) {
		err(3, "output");
	}
	printer->keep_order = options->keep_order;
	printer->tag = options->tag;
	printer->whole_lines = options->output == OUTPUT_LINE || options->tag;
	printer->turn = 1;
	printer->stream = 1;
	*sink = printer;
	return true;
}

static void
write_out(struct printer *printer)
{
	if (printer->buffer.len == 0) {
		return;
	}
	progress_hide();
	if (printer->failed == 0 &&
	    !fds_write_all(printer->stream, printer->buffer.data, printer->buffer.len)) {
		printer->failed = errno;
	}
	text_clear(&printer->buffer);
}

static void
put_tagged(struct text *out, const struct task *task, struct span bytes)
{
	struct text tag = TEXT_INIT;

	task_put_plain_id(task, &tag);
	text_char(&tag, '\t');
	while (bytes.len > 0) {
		const char *newline = memchr(bytes.at, '\n', bytes.len);
		size_t len = newline == NULL ? bytes.len : (size_t)(newline - bytes.at) + 1;

		text_bytes(out, tag.data, tag.len);
		text_bytes(out, bytes.at, len);
		bytes.at += len;
		bytes.len -= len;
	}
	text_free(&tag);
}

static void
put(struct printer *printer, struct text *out, const struct task *task, struct span bytes)
{
	if (printer->tag) {
		put_tagged(out, task, bytes);
	} else {
		text_span(out, bytes);
	}
	if (printer->whole_lines && bytes.at[bytes.len - 1] != '\n') {
		text_char(out, '\n');
	}
}

/* Changes to the stream: what is there for the other one is written first, to keep the order. */
static struct text *
buffer_for(struct printer *printer, int stream)
{
	if (printer->stream != stream) {
		write_out(printer);
		printer->stream = stream;
	}
	return &printer->buffer;
}

/* The place of a task whose turn is still to come. */
static struct held *
held(struct printer *printer, uint64_t number)
{
	if (number - printer->turn >= printer->room) {
		uint64_t room = printer->room == 0 ? 64 : printer->room;
		struct held *more;

		while (number - printer->turn >= room) {
			room *= 2;
		}
		more = calloc(room, sizeof(*more));
		if (more == NULL) {
			err(3, "output");
		}
		for (uint64_t i = printer->turn; i < printer->turn + printer->room; i++) {
			more[i % room] = printer->held[i & (printer->room - 1)];
		}
		free(printer->held);
		printer->held = more;
		printer->room = room;
	}
	return &printer->held[number % printer->room];
}

static void
take_output(void *sink, const struct task *task, int stream, struct span bytes)
{
	struct printer *printer = sink;

	if (bytes.len == 0) {
		return;
	}
	if (printer->keep_order && task->number != printer->turn) {
		put(printer, &held(printer, task->number)->text[stream - 1], task, bytes);
	} else {
		put(printer, buffer_for(printer, stream), task, bytes);
	}
}

/* The turn passes to the next; those that have ended meanwhile are shown and passed over. */
static void
pass_on(struct printer *printer)
{
	for (bool done = true; done;) {
		struct held *next;

		printer->turn++;
		next = held(printer, printer->turn);
		for (int stream = 1; stream <= 2; stream++) {
			struct text *text = &next->text[stream - 1];

			if (text->len > 0) {
				text_bytes(buffer_for(printer, stream), text->data, text->len);
			}
			text_free(text);
		}
		done = next->done;
		next->done = false;
	}
}

/* Nothing more comes from this task. */
static void
take_end(struct printer *printer, uint64_t number)
{
	if (!printer->keep_order) {
		return;
	}
	if (number == printer->turn) {
		pass_on(printer);
	} else {
		held(printer, number)->done = true;
	}
}

static void
record(void *sink, const struct finished *finished)
{
	take_end(sink, finished->task->number);
}

static void
passed(void *sink, const struct task *task)
{
	take_end(sink, task->number);
}

static bool
flush(void *sink, struct text *error)
{
	struct printer *printer = sink;

	write_out(printer);
	if (printer->failed != 0) {
		text_printf(error, "%s: %s", printer->stream == 1 ? "stdout" : "stderr",
			    strerror(printer->failed));
		errno = printer->failed;
		return false;
	}
	return true;
}

/* What is still held back belongs to tasks behind one that never ended: it is shown all the same. */
static bool
close_output(void *sink, struct text *error)
{
	struct printer *printer = sink;
	bool good;

	for (uint64_t i = 0; i < printer->room; i++) {
		struct held *late = &printer->held[(printer->turn + i) % printer->room];

		for (int stream = 1; stream <= 2; stream++) {
			struct text *text = &late->text[stream - 1];

			text_bytes(buffer_for(printer, stream), text->data, text->len);
			text_free(text);
		}
	}
	good = flush(printer, error);
	free(printer->held);
	text_free(&printer->buffer);
	free(printer);
	return good;
}

const struct sink_ops sink_output = {
    .name = "output",
    .open = open_output,
    .output = take_output,
    .record = record,
    .passed = passed,
    .flush = flush,
    .close = close_output,
};
