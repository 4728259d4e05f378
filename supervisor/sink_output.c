/* SPDX-License-Identifier: ISC */
/*
 * sink_output: what the tasks print, to our stdout and stderr: with tags and whole lines where that
 * is asked for, when its turn has come (stage.c), as fast as it is read (outlet.c). In the
 * supervisor.
 */
#include <bsd/sys/queue.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/spill.h"
#include "supervisor/outlet.h"
#include "supervisor/sink.h"
#include "supervisor/sink_progress.h"
#include "supervisor/stage.h"

#define PASS_MOST ((size_t)64 << 20) /* bytes of what was held back that a pass writes */
#define HURRY_MS  1000

/* A task that is in the middle of something that it says in several parts. */
struct unfinished {
	LIST_ENTRY(unfinished) link;
	const struct task *task;
	bool midline[2]; /* its last line on the stream is not finished */
};

struct printer {
	struct outlet *outlet;
	struct stage *stage;
	bool tag;
	bool whole_lines; /* an unfinished last line is finished */
	bool hurry;
	bool again;                         /* a pass wrote as much as one may, there is more */
	int failed;                         /* errno of a write */
	struct text line;                   /* as it is to be shown */
	LIST_HEAD(, unfinished) unfinished; /* where it matters: if whole_lines */
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
	printer->tag = options->tag;
	printer->whole_lines = options->output == OUTPUT_LINE || options->tag;
	printer->outlet = outlet_new();
	printer->stage = stage_new(printer->outlet, options->keep_order);
	LIST_INIT(&printer->unfinished);
	*sink = printer;
	return true;
}

/* Each line with the tag in front, but for a line that has begun already. */
static void
add_tags(struct text *out, const struct task *task, struct span bytes, bool begun)
{
	struct text tag = TEXT_INIT;

	task_put_tag(task, &tag);
	text_char(&tag, '\t');
	while (bytes.len > 0) {
		const char *newline = memchr(bytes.at, '\n', bytes.len);
		size_t len = newline == NULL ? bytes.len : (size_t)(newline - bytes.at) + 1;

		if (!begun) {
			text_bytes(out, tag.data, tag.len);
		}
		begun = false;
		text_bytes(out, bytes.at, len);
		bytes.at += len;
		bytes.len -= len;
	}
	text_free(&tag);
}

/* With the tag and the end of the last line that the options ask for; until the next call. */
static struct span
as_shown(struct printer *printer, const struct task *task, const struct task_output *output,
	 bool begun)
{
	struct span bytes = output->bytes;
	bool ends = !printer->whole_lines || output->more || bytes.at[bytes.len - 1] == '\n';

	if (!printer->tag && ends) {
		return bytes;
	}
	text_clear(&printer->line);
	if (printer->tag) {
		add_tags(&printer->line, task, bytes, begun);
	} else {
		text_span(&printer->line, bytes);
	}
	if (!ends) {
		text_char(&printer->line, '\n');
	}
	return (struct span){printer->line.data, printer->line.len};
}

static struct unfinished *
find_unfinished(const struct printer *printer, const struct task *task)
{
	struct unfinished *unfinished;

	LIST_FOREACH(unfinished, &printer->unfinished, link)
	{
		if (unfinished->task == task) {
			return unfinished;
		}
	}
	return NULL;
}

static struct unfinished *
add_unfinished(struct printer *printer, const struct task *task)
{
	struct unfinished *unfinished = calloc(1, sizeof(*unfinished));

	if (unfinished == NULL) {
		err(3, "output");
	}
	unfinished->task = task;
	LIST_INSERT_HEAD(&printer->unfinished, unfinished, link);
	return unfinished;
}

static void
finish_line(struct printer *printer, struct unfinished *unfinished, int stream)
{
	if (unfinished != NULL && unfinished->midline[stream - 1]) {
		unfinished->midline[stream - 1] = false;
		stage_say(printer->stage, unfinished->task->number, stream, SPAN_LITERAL("\n"),
			  true);
	}
}

static void
forget_unfinished(struct unfinished *unfinished)
{
	if (unfinished != NULL) {
		LIST_REMOVE(unfinished, link);
		free(unfinished);
	}
}

static void
take_output(void *sink, const struct task *task, const struct task_output *output)
{
	struct printer *printer = sink;
	struct unfinished *unfinished = find_unfinished(printer, task);
	struct span bytes = output->bytes;

	if (bytes.len == 0 || printer->failed != 0) {
		return;
	}
	finish_line(printer, unfinished, 3 - output->stream);
	bytes = as_shown(printer, task, output,
			 unfinished != NULL && unfinished->midline[output->stream - 1]);
	stage_say(printer->stage, task->number, output->stream, bytes, output->more);
	if (!printer->whole_lines || !output->more) {
		forget_unfinished(unfinished);
		return;
	}
	if (unfinished == NULL) {
		unfinished = add_unfinished(printer, task);
	}
	unfinished->midline[output->stream - 1] = bytes.at[bytes.len - 1] != '\n';
}

/* Nothing follows what the task said last. */
static void
lost(void *sink, const struct task *task)
{
	struct printer *printer = sink;
	struct unfinished *unfinished = find_unfinished(printer, task);

	finish_line(printer, unfinished, 1);
	finish_line(printer, unfinished, 2);
	forget_unfinished(unfinished);
	stage_end(printer->stage, task->number);
}

/* Nothing more comes from this task. */
static void
passed(void *sink, const struct task *task)
{
	struct printer *printer = sink;

	lost(sink, task);
	stage_done(printer->stage, task->number);
	stage_move_on(printer->stage);
}

static void
record(void *sink, const struct finished *finished)
{
	passed(sink, finished->task);
}

static bool
complain(const struct printer *printer, struct text *error)
{
	int number = printer->failed;

	if (number != 0) {
		text_printf(error, "%s: %s",
			    outlet_stream(printer->outlet) == 1 ? "stdout" : "stderr",
			    strerror(number));
	} else {
		number = stage_failed(printer->stage);
		text_printf(error,
			    "output that is not to be shown yet, in a file in %s: %s; "
			    "set TMPDIR to a folder with more room",
			    spill_place(), strerror(number));
	}
	errno = number;
	return false;
}

static bool
is_good(const struct printer *printer)
{
	return printer->failed == 0 && stage_failed(printer->stage) == 0;
}

/* Hands on what may be shown. False: there is nothing to write. */
static bool
prepare(struct printer *printer)
{
	stage_move_on(printer->stage);
	if (outlet_left(printer->outlet) == 0) {
		return false;
	}
	progress_hide();
	return true;
}

static bool
flush(void *sink, struct text *error)
{
	struct printer *printer = sink;
	size_t most = PASS_MOST;

	printer->again = false;
	while (printer->failed == 0 && !printer->again && prepare(printer)) {
		size_t left = outlet_left(printer->outlet);

		if (!outlet_flush(printer->outlet)) {
			printer->failed = errno;
		} else if (outlet_left(printer->outlet) > 0) {
			break;
		}
		printer->again = left >= most;
		most -= left;
	}
	return is_good(printer) || complain(printer, error);
}

static void
wait_for(void *sink, struct sink_wait *wait)
{
	struct printer *printer = sink;

	if (printer->failed == 0 && outlet_left(printer->outlet) > 0) {
		wait->fd = outlet_waits(printer->outlet);
		wait->full |= !stage_has_room(printer->stage);
	}
	wait->again |= printer->again;
}

static void
hurry(void *sink)
{
	((struct printer *)sink)->hurry = true;
}

static bool
close_output(void *sink, struct text *error)
{
	struct printer *printer = sink;
	struct unfinished *unfinished, *next;
	bool good;

	stage_let_go(printer->stage);
	while (printer->failed == 0 && prepare(printer)) {
		if (!outlet_drain(printer->outlet, printer->hurry ? HURRY_MS : -1)) {
			printer->failed = errno;
		}
	}
	if (printer->failed == EAGAIN) {
		warnx("nobody reads the output: the rest of it is lost");
	}
	good = is_good(printer) || complain(printer, error);
	LIST_FOREACH_SAFE(unfinished, &printer->unfinished, link, next)
	{
		forget_unfinished(unfinished);
	}
	stage_free(printer->stage);
	outlet_free(printer->outlet);
	text_free(&printer->line);
	free(printer);
	return good;
}

const struct sink_ops sink_output = {
    .name = "output",
    .open = open_output,
    .output = take_output,
    .lost = lost,
    .record = record,
    .passed = passed,
    .flush = flush,
    .wait = wait_for,
    .hurry = hurry,
    .close = close_output,
};
