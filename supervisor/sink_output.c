/* SPDX-License-Identifier: ISC */
/*
 * sink_output: what the tasks print, to our stdout and stderr. It is held back while it is not its
 * turn: with -k, in the order of the file; without, when a large output of another task is
 * being shown in one piece; and always while who reads us is slow. What is held back is in memory
 * up to a limit, then in a file (ipc/spill). In the supervisor.
 */
#include <bsd/sys/queue.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/spill.h"
#include "supervisor/outlet.h"
#include "supervisor/sink.h"
#include "supervisor/sink_progress.h"

#define HELD_MEMORY ((size_t)4 << 20)  /* bytes of what is held back */
#define LEFT_MOST   ((size_t)16 << 20) /* bytes that wait to be written */
#define PASS_MOST   ((size_t)64 << 20) /* bytes of what was held back that a pass writes */
#define HURRY_MS    1000

/* What a task says that is held back, or that is to be shown in one piece. */
struct group {
	TAILQ_ENTRY(group) link;
	uint64_t number; /* of the task */
	struct spill held[2];
	uint64_t shown[2]; /* bytes of `held` */
	bool open;         /* more belongs to it */
	bool midline[2];   /* the last line of it is not finished */
};

TAILQ_HEAD(groups, group);

/* A task whose turn is still to come, with -k. */
struct turn {
	struct group *group; /* NULL: it said nothing yet */
	bool done;
};

struct printer {
	bool keep_order;
	bool tag;
	bool whole_lines; /* an unfinished last line is finished */
	bool hurry;
	struct outlet *outlet;
	struct text line; /* as it is to be shown */
	int failed;       /* errno */
	bool failed_held; /* what failed is to hold output back */
	bool again;       /* a pass wrote as much as one may, there is more */

	struct group *current; /* whose output is shown; NULL: whoever comes */
	struct groups growing; /* without -k: that are held back, and not complete */
	struct groups ready;   /* likewise, complete */

	struct turn *turns; /* with -k: of the task numbers from `turn`, modulo `room` */
	uint64_t room;      /* a power of two */
	uint64_t turn;
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
	TAILQ_INIT(&printer->growing);
	TAILQ_INIT(&printer->ready);
	printer->outlet = outlet_new();
	spill_limits(HELD_MEMORY, 0);
	*sink = printer;
	return true;
}

/* The place of a task whose turn is, or is still to come. */
static struct turn *
turn_of(struct printer *printer, uint64_t number)
{
	if (number - printer->turn >= printer->room) {
		uint64_t room = printer->room == 0 ? 64 : printer->room;
		struct turn *more;

		while (number - printer->turn >= room) {
			room *= 2;
		}
		more = calloc(room, sizeof(*more));
		if (more == NULL) {
			err(3, "output");
		}
		for (uint64_t i = printer->turn; i < printer->turn + printer->room; i++) {
			more[i % room] = printer->turns[i & (printer->room - 1)];
		}
		free(printer->turns);
		printer->turns = more;
		printer->room = room;
	}
	return &printer->turns[number % printer->room];
}

/* The group of the task, if it has one. */
static struct group *
find(struct printer *printer, uint64_t number)
{
	struct group *group;

	if (printer->current != NULL && printer->current->number == number) {
		return printer->current;
	}
	if (printer->keep_order) {
		return turn_of(printer, number)->group;
	}
	TAILQ_FOREACH(group, &printer->growing, link)
	{
		if (group->number == number) {
			return group;
		}
	}
	return NULL;
}

static struct group *
make(struct printer *printer, uint64_t number)
{
	struct group *group = calloc(1, sizeof(*group));

	if (group == NULL) {
		err(3, "output");
	}
	group->number = number;
	if (printer->keep_order && number != printer->turn) {
		turn_of(printer, number)->group = group;
	} else if (printer->current == NULL && TAILQ_EMPTY(&printer->ready)) {
		printer->current = group;
	} else {
		TAILQ_INSERT_TAIL(&printer->growing, group, link);
	}
	return group;
}

static void
free_group(struct group *group)
{
	if (group != NULL) {
		spill_free(&group->held[0]);
		spill_free(&group->held[1]);
		free(group);
	}
}

static bool
all_shown(const struct group *group)
{
	return group == NULL ||
	       (group->shown[0] == group->held[0].len && group->shown[1] == group->held[1].len);
}

static bool
has_room(const struct printer *printer)
{
	return outlet_left(printer->outlet) < LEFT_MOST;
}

/* Nothing can be shown any more. */
static bool
is_broken(const struct printer *printer)
{
	return printer->failed != 0 && !printer->failed_held;
}

/* Whether what this task says can be shown at once. */
static bool
goes_through(const struct printer *printer, uint64_t number, const struct group *group)
{
	if (!has_room(printer) || !all_shown(group)) {
		return false;
	}
	if (printer->keep_order) {
		return number == printer->turn;
	}
	return group == printer->current && (group != NULL || TAILQ_EMPTY(&printer->ready));
}

static void
put(struct printer *printer, uint64_t number, struct group *group, int stream, struct span bytes)
{
	if (is_broken(printer)) {
		return;
	}
	if (goes_through(printer, number, group)) {
		outlet_put(printer->outlet, stream, bytes);
		return;
	}
	if (group == NULL) {
		group = make(printer, number);
	}
	if (printer->failed == 0 && !spill_append(&group->held[stream - 1], bytes.at, bytes.len)) {
		printer->failed = errno;
		printer->failed_held = true;
	}
}

/* Each line with the tag in front, but for a line that has begun already. */
static void
add_tags(struct text *out, const struct task *task, struct span bytes, bool begun)
{
	struct text tag = TEXT_INIT;

	task_put_plain_id(task, &tag);
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

/* Finishes the last line of a group on a stream. */
static void
finish_line(struct printer *printer, struct group *group, int stream)
{
	if (group->midline[stream - 1]) {
		group->midline[stream - 1] = false;
		put(printer, group->number, group, stream, SPAN_LITERAL("\n"));
	}
}

/* Nothing more belongs to the group. */
static void
complete(struct printer *printer, struct group *group)
{
	group->open = false;
	finish_line(printer, group, 1);
	finish_line(printer, group, 2);
	if (!printer->keep_order && group != printer->current) {
		TAILQ_REMOVE(&printer->growing, group, link);
		TAILQ_INSERT_TAIL(&printer->ready, group, link);
	} else if (group == printer->current && all_shown(group)) {
		printer->current = NULL;
		free_group(group);
	}
}

static void
take_output(void *sink, const struct task *task, const struct task_output *output)
{
	struct printer *printer = sink;
	struct group *group = find(printer, task->number);
	struct span bytes = output->bytes;
	int other = 3 - output->stream;
	bool begun;

	if (bytes.len == 0) {
		return;
	}
	if (group == NULL && (output->more || !goes_through(printer, task->number, NULL))) {
		group = make(printer, task->number);
	}
	begun = group != NULL && group->midline[output->stream - 1];
	if (group != NULL) {
		group->open = output->more;
		finish_line(printer, group, other);
	}
	bytes = as_shown(printer, task, output, begun);
	put(printer, task->number, group, output->stream, bytes);
	if (group != NULL) {
		group->midline[output->stream - 1] =
		    printer->whole_lines && bytes.at[bytes.len - 1] != '\n';
	}
	if (group != NULL && !output->more) {
		complete(printer, group);
	}
}

/* Shows a part of what is held back of the current group. */
static void
show_held(struct printer *printer)
{
	static char chunk[256 << 10];
	struct group *group = printer->current;
	int stream = group->shown[0] < group->held[0].len ? 1 : 2;
	ssize_t got =
	    spill_read(&group->held[stream - 1], group->shown[stream - 1], chunk, sizeof(chunk));

	if (got < 0) {
		printer->failed = printer->failed == 0 ? errno : printer->failed;
		printer->failed_held = true;
		group->shown[stream - 1] = group->held[stream - 1].len;
		return;
	}
	group->shown[stream - 1] += (uint64_t)got;
	outlet_put(printer->outlet, stream, (struct span){chunk, (size_t)got});
	if (all_shown(group)) {
		for (int i = 0; i < 2; i++) {
			spill_free(&group->held[i]);
			group->shown[i] = 0;
		}
	}
}

/* The turn passes to the next. False: it cannot yet. */
static bool
next_turn(struct printer *printer)
{
	struct turn *turn = turn_of(printer, printer->turn);

	if (!turn->done) {
		return false;
	}
	free_group(printer->current);
	*turn = (struct turn){.group = NULL};
	printer->turn++;
	turn = turn_of(printer, printer->turn);
	printer->current = turn->group;
	turn->group = NULL;
	return true;
}

static bool
next_group(struct printer *printer)
{
	struct groups *from = TAILQ_EMPTY(&printer->ready) ? &printer->growing : &printer->ready;

	if (printer->current != NULL && printer->current->open) {
		return false;
	}
	free_group(printer->current);
	printer->current = TAILQ_FIRST(from);
	if (printer->current == NULL) {
		return false;
	}
	TAILQ_REMOVE(from, printer->current, link);
	return true;
}

/* Moves on what is held back, as far as it may be shown and there is room for it. */
static void
move_on(struct printer *printer)
{
	while (has_room(printer)) {
		if (!all_shown(printer->current)) {
			show_held(printer);
		} else if (!(printer->keep_order ? next_turn(printer) : next_group(printer))) {
			return;
		}
	}
}

static void
lost(void *sink, const struct task *task)
{
	struct printer *printer = sink;
	struct group *group = find(printer, task->number);

	if (group != NULL && group->open) {
		complete(printer, group);
	}
}

/* Nothing more comes from this task. */
static void
passed(void *sink, const struct task *task)
{
	struct printer *printer = sink;

	lost(sink, task);
	if (printer->keep_order) {
		turn_of(printer, task->number)->done = true;
	}
	move_on(printer);
}

static void
record(void *sink, const struct finished *finished)
{
	passed(sink, finished->task);
}

static bool
complain(const struct printer *printer, struct text *error)
{
	if (printer->failed_held) {
		text_printf(error, "output that is not shown yet, in a file in %s (TMPDIR): %s",
			    spill_place(), strerror(printer->failed));
	} else {
		text_printf(error, "%s: %s",
			    outlet_stream(printer->outlet) == 1 ? "stdout" : "stderr",
			    strerror(printer->failed));
	}
	errno = printer->failed;
	return false;
}

static bool
flush(void *sink, struct text *error)
{
	struct printer *printer = sink;
	size_t most = PASS_MOST, left;

	if (is_broken(printer)) {
		return complain(printer, error);
	}
	do {
		move_on(printer);
		left = outlet_left(printer->outlet);
		if (left > 0) {
			progress_hide();
		}
		if (!outlet_flush(printer->outlet)) {
			printer->failed = errno;
			printer->failed_held = false;
			return complain(printer, error);
		}
		most -= left < most ? left : most;
	} while (left > 0 && outlet_left(printer->outlet) == 0 && most > 0);
	printer->again = most == 0;
	return printer->failed == 0 || complain(printer, error);
}

static void
wait_for(void *sink, struct sink_wait *wait)
{
	struct printer *printer = sink;

	if (is_broken(printer)) {
		return;
	}
	if (outlet_left(printer->outlet) > 0) {
		wait->fd = outlet_waits(printer->outlet);
		wait->full |= !has_room(printer);
	} else {
		wait->again |= printer->again;
	}
}

static void
hurry(void *sink)
{
	((struct printer *)sink)->hurry = true;
}

/* Writes all that is left, however long it takes, unless the run was told to end. */
static void
drain(struct printer *printer)
{
	size_t left;

	do {
		move_on(printer);
		left = outlet_left(printer->outlet);
		if (left > 0) {
			progress_hide();
		}
		if (!outlet_drain(printer->outlet, printer->hurry ? HURRY_MS : -1)) {
			printer->failed = errno;
			printer->failed_held = false;
			return;
		}
	} while (left > 0);
}

/* Whatever is held back may be shown: all tasks have ended, or never will. */
static void
let_go(struct printer *printer)
{
	for (uint64_t i = 0; i < printer->room; i++) {
		printer->turns[i].done = true;
	}
	while (!TAILQ_EMPTY(&printer->growing)) {
		complete(printer, TAILQ_FIRST(&printer->growing));
	}
	if (printer->current != NULL) {
		printer->current->open = false;
	}
}

static void
free_printer(struct printer *printer)
{
	struct group *group;

	for (uint64_t i = 0; i < printer->room; i++) {
		free_group(printer->turns[i].group);
	}
	while ((group = TAILQ_FIRST(&printer->ready)) != NULL) {
		TAILQ_REMOVE(&printer->ready, group, link);
		free_group(group);
	}
	free_group(printer->current);
	outlet_free(printer->outlet);
	free(printer->turns);
	text_free(&printer->line);
	free(printer);
}

static bool
close_output(void *sink, struct text *error)
{
	struct printer *printer = sink;
	bool good;

	let_go(printer);
	if (!is_broken(printer)) {
		drain(printer);
	}
	if (printer->failed == EAGAIN) {
		warnx("nobody reads the output: the rest of it is lost");
	}
	good = printer->failed == 0 || complain(printer, error);
	free_printer(printer);
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
