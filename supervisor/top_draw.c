/* SPDX-License-Identifier: ISC */
/*
 * top_draw: how the view looks; see top_view.h. Above, how the run stands; then the lists, each with
 * a heading; below, what keys there are. Where rows are few, only the list that keys are for is
 * there; where columns are few, lists have fewer of them. In the supervisor.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/top_view.h"

#define LABEL       8  /* columns of "Cores" and the like */
#define SPARK       26 /* column where the sparklines begin */
#define NARROW      44 /* columns with less than which there are none */
#define TALL        18 /* rows from which on all lists are shown */
#define AIRY        36 /* rows from which on lists are parted by one */
#define HEAD        6  /* rows above the lists, where there are enough */
#define CELLS_MOST  6
#define LABEL_LEAST 40
#define SECOND      INT64_C(1000000)
#define MIDDLE_DOT  "\u00b7"

/* A column of a list; the first one takes what the others leave. */
struct column {
	const char *title;
	unsigned width;
	unsigned least; /* columns that the canvas must have for it */
	bool left;      /* its text begins at its left */
};

struct cell {
	char text[24];
	enum canvas_style style;
};

/* A row of a list. */
struct row {
	struct span label;
	enum canvas_style style; /* of the label */
	struct cell cells[CELLS_MOST];
	const char *more; /* what is behind the cells, where there is room; NULL: nothing */
};

struct list {
	const struct column *columns; /* ends with one without a title; none at all: only labels */
	const char *title;
	const char *none; /* what is said where there is no row */
	void (*row)(const struct top_view *, size_t i, struct row *);
};

void
top_view_put_duration(struct text *out, int64_t us, bool tenths)
{
	int64_t seconds = us / SECOND;
	int minutes = (int)(seconds / 60 % 60);

	if (us < 60 * SECOND) {
		int count = us < 0 ? 0 : (int)(us / (SECOND / 10));

		text_printf(out, "%d", count / 10);
		if (tenths) {
			text_printf(out, ".%d", count % 10);
		}
		text_char(out, 's');
	} else if (seconds < 3600) {
		text_printf(out, "%d:%02d", minutes, (int)(seconds % 60));
	} else if (seconds < 86400) {
		text_printf(out, "%d:%02d:%02d", (int)(seconds / 3600), minutes,
			    (int)(seconds % 60));
	} else {
		text_printf(out, "%" PRId64 "d %02d:%02d", seconds / 86400,
			    (int)(seconds / 3600 % 24), minutes);
	}
}

static void
set_duration(struct cell *cell, int64_t us)
{
	struct text text = TEXT_INIT;

	top_view_put_duration(&text, us, true);
	snprintf(cell->text, sizeof(cell->text), "%.*s", (int)text.len, text.data);
	text_free(&text);
}

/* ---- how the run stands --------------------------------------------------------------------- */

/* One character for a part of a whole, of eight. */
static wchar_t
level(bool ascii, double part)
{
	static const char plain[] = "_.:-=+*#";
	int eighths = (int)(part * 8 + 0.5);

	if (part <= 0) {
		return L' ';
	}
	eighths = eighths < 1 ? 1 : eighths > 8 ? 8 : eighths;
	return ascii ? (wchar_t)plain[eighths - 1] : (wchar_t)(L'\u2580' + eighths);
}

enum measure { CORES, TASKS };

static double
measured(const struct top_view *view, enum measure measure, unsigned ago)
{
	struct recent_second second = recent_at(&view->recent, view->status.now_us, ago);

	return measure == CORES ? second.cores : second.tasks;
}

/* The last seconds, one in each column. */
static void
draw_spark(const struct top_view *view, struct canvas *canvas, unsigned row, enum measure measure,
	   double whole)
{
	unsigned width = canvas->columns - SPARK - 1;
	int64_t seconds = (view->status.now_us - view->status.began_us) / SECOND;

	width = width < RECENT_SECONDS - 1 ? width : RECENT_SECONDS - 1;
	for (unsigned ago = 0; ago < width && ago <= seconds; ago++) {
		canvas_fill(
		    canvas, row, SPARK + width - 1 - ago, 1,
		    measure == CORES ? CANVAS_COMPUTE : CANVAS_WAIT,
		    level(canvas->ascii, whole > 0 ? measured(view, measure, ago) / whole : 0));
	}
}

static void
draw_measures(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	bool wide = canvas->columns >= NARROW;
	double most = 0;
	unsigned at;

	for (unsigned ago = 0;
	     wide && ago < canvas->columns - SPARK - 1 && ago < RECENT_SECONDS - 1; ago++) {
		double tasks = measured(view, TASKS, ago);

		most = tasks > most ? tasks : most;
	}
	canvas_string(canvas, row, 1, CANVAS_FAINT, "Cores");
	at = canvas_printf(canvas, row, 1 + LABEL, CANVAS_STRONG, "%.1f", status->computing);
	canvas_printf(canvas, row, at, CANVAS_FAINT, " of %u", status->cores);
	canvas_string(canvas, row + 1, 1, CANVAS_FAINT, "Tasks");
	at = canvas_printf(canvas, row + 1, 1 + LABEL, CANVAS_STRONG, view->live ? "%.0f" : "%.1f",
			   status->tasks);
	if (wide && most >= 1.5) {
		canvas_printf(canvas, row + 1, at, CANVAS_FAINT, " peak %.0f", most);
	}
	if (wide) {
		draw_spark(view, canvas, row, CORES, status->cores);
		draw_spark(view, canvas, row + 1, TASKS, most < 1 ? 1 : most);
	}
}

/* How much of it is done, as a bar where the total is known. */
static void
draw_done(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	unsigned width, full, good, at;

	canvas_string(canvas, row, 1, CANVAS_FAINT, "Done");
	at = canvas_printf(canvas, row, 1 + LABEL, CANVAS_STRONG, "%" PRIu64, status->done);
	if (status->total < status->done || status->total == 0) {
		return;
	}
	canvas_printf(canvas, row, at, CANVAS_FAINT, " of %" PRIu64, status->total);
	if (canvas->columns < NARROW) {
		return;
	}
	width = canvas->columns - SPARK - 7;
	width = width < RECENT_SECONDS - 7 ? width : RECENT_SECONDS - 7;
	full = (unsigned)((double)width * (double)status->done / (double)status->total);
	good = (unsigned)((double)width * (double)(status->done - status->failed) /
			  (double)status->total);
	good = status->failed > 0 && good == full && full > 0 ? full - 1 : good;
	canvas_fill(canvas, row, SPARK, good, CANVAS_GOOD, canvas->ascii ? L'#' : L'\u2501');
	canvas_fill(canvas, row, SPARK + good, full - good, CANVAS_BAD,
		    canvas->ascii ? L'x' : L'\u2501');
	canvas_fill(canvas, row, SPARK + full, width - full, CANVAS_FAINT,
		    canvas->ascii ? L'.' : L'\u2500');
	canvas_printf(canvas, row, SPARK + width + 1, CANVAS_PLAIN, "%3d %%",
		      (int)(status->done * 100 / status->total));
}

static unsigned
put_count(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
	  uint64_t count, const char *what)
{
	if (column > 1) {
		column += 2;
	}
	column = canvas_printf(canvas, row, column, style, "%" PRIu64, count);
	return canvas_printf(canvas, row, column, CANVAS_FAINT, " %s", what);
}

/* What is left, and how fast it goes. */
static void
draw_counts(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	double rate = recent_rate(&view->recent, status->began_us, status->now_us, 15);
	struct text left = TEXT_INIT;
	unsigned at = 1;

	at = put_count(canvas, row, at, status->failed > 0 ? CANVAS_BAD : CANVAS_PLAIN,
		       status->failed, "failed");
	if (view->live) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->running, "running");
	}
	if (status->notice != NULL) { /* the rest does not matter any more */
		canvas_string(canvas, row, at + 2, CANVAS_NOTICE, status->notice);
		return;
	}
	if (view->live) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->ready, "ready");
	}
	if (status->held > 0) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->held, "held back");
	}
	at = canvas_printf(canvas, row, at + 2, CANVAS_PLAIN, rate < 10 ? "%.1f" : "%.0f", rate);
	at = canvas_string(canvas, row, at, CANVAS_FAINT, "/s");
	if (status->total > status->done && rate > 0) {
		at = canvas_string(canvas, row, at + 2, CANVAS_FAINT, "ETA ");
		top_view_put_duration(
		    &left, (int64_t)((double)(status->total - status->done) / rate) * SECOND,
		    false);
		text_terminate(&left);
		at = canvas_string(canvas, row, at, CANVAS_PLAIN, left.data);
		text_free(&left);
	}
}

static void
draw_title(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	struct text elapsed = TEXT_INIT;
	unsigned at, room, taken;

	top_view_put_duration(&elapsed, status->now_us - status->began_us, false);
	text_terminate(&elapsed);
	taken = (unsigned)elapsed.len + 2;
	room = canvas->columns > taken + 1 ? canvas->columns - taken - 1 : 0;
	canvas_right(canvas, row, canvas->columns > 0 ? canvas->columns - 1 : 0, CANVAS_PLAIN,
		     elapsed.data);
	at = canvas_within(canvas, row, 1, room, CANVAS_STRONG, span_of(status->title));
	if (at + 3 < room) {
		canvas_within(canvas, row, at + 2, room - at - 1, CANVAS_FAINT,
			      span_of(status->about));
	}
	text_free(&elapsed);
}

/* How many rows it took. */
static unsigned
draw_head(const struct top_view *view, struct canvas *canvas)
{
	if (canvas->rows < 3) { /* what fits is what matters most */
		draw_counts(view, canvas, canvas->rows - 1);
		if (canvas->rows > 1) {
			draw_done(view, canvas, 0);
		}
		return canvas->rows;
	}
	draw_title(view, canvas, 0);
	if (canvas->rows < 9) {
		draw_counts(view, canvas, 1);
		return 2;
	}
	draw_done(view, canvas, 1);
	draw_measures(view, canvas, 2);
	draw_counts(view, canvas, 4);
	return canvas->rows < TALL ? HEAD - 1 : HEAD;
}

/* ---- lists ------------------------------------------------------------------------------------ */

static const struct column live_workers[] = {{"for", 9, 30, false},
					     {"waiting", 9, 40, false},
					     {"queued", 8, 54, false},
					     {NULL, 0, 0, false}};
static const struct column past_workers[] = {
    {"ago", 9, 30, false}, {"tasks", 9, 40, false}, {"busy", 8, 54, false}, {NULL, 0, 0, false}};
static const struct column live_tasks[] = {{"state", 10, 36, true}, {"core", 6, 64, false},
					   {"try", 5, 54, false},   {"worker", 8, 44, false},
					   {"for", 11, 20, false},  {NULL, 0, 0, false}};
static const struct column past_tasks[] = {{"status", 12, 36, true}, {"core", 6, 64, false},
					   {"try", 5, 54, false},    {"worker", 8, 44, false},
					   {"took", 9, 40, false},   {"ago", 11, 20, false},
					   {NULL, 0, 0, false}};
static const struct column failures[] = {
    {"status", 11, 30, true}, {"try", 4, 80, false}, {"ago", 9, 40, false}, {NULL, 0, 0, false}};
static const struct column no_columns[] = {{NULL, 0, 0, false}};

static void
worker_row(const struct top_view *view, size_t i, struct row *row)
{
	const struct top_worker *worker = &view->workers[i].worker;
	const char *label = view->arena.data + view->workers[i].label;

	row->label = span_of(label[0] == '\0' ? "-" : label);
	row->style = label[0] == '\0' ? CANVAS_FAINT : CANVAS_PLAIN;
	if (worker->for_us >= 0 && label[0] != '\0') {
		set_duration(&row->cells[0], worker->for_us);
	}
	snprintf(row->cells[1].text, sizeof(row->cells[1].text), "%" PRIu64, worker->waiting);
	snprintf(row->cells[2].text, sizeof(row->cells[2].text),
		 view->live ? "%" PRIu64 : "%" PRIu64 " %%", worker->queued);
	for (int j = 1; j < 3; j++) {
		if (row->cells[j].text[0] == '0') {
			row->cells[j].style = CANVAS_FAINT;
		}
	}
}

static void
task_row(const struct top_view *view, size_t i, struct row *row)
{
	const struct top_task *task = &view->tasks[i].task;

	row->label = span_of(view->arena.data + view->tasks[i].label);
	snprintf(row->cells[0].text, sizeof(row->cells[0].text), "%s", task->state);
	row->cells[0].style = task->style;
	if (task->use >= 0) {
		snprintf(row->cells[1].text, sizeof(row->cells[1].text), "%.2f",
			 task->use / 1000.0);
	}
	if (task->attempt > 0) {
		snprintf(row->cells[2].text, sizeof(row->cells[2].text), "%u", task->attempt);
	}
	row->cells[2].style = task->attempt > 1 ? CANVAS_NOTICE : CANVAS_FAINT;
	if (task->worker >= 0) {
		snprintf(row->cells[3].text, sizeof(row->cells[3].text), "%d", task->worker);
	}
	if (task->for_us >= 0) {
		set_duration(&row->cells[4], task->for_us);
	}
	if (!view->live) {
		set_duration(&row->cells[5], task->ago_us);
	}
}

static void
failed_row(const struct top_view *view, size_t i, struct row *row)
{
	const struct top_kept *kept = top_view_failed_at(view, i);

	if (kept == NULL) {
		return;
	}
	row->label = span_of(kept->label);
	snprintf(row->cells[0].text, sizeof(row->cells[0].text), "%s", kept->failure.status);
	row->cells[0].style = CANVAS_BAD;
	if (kept->failure.attempt > 0) {
		snprintf(row->cells[1].text, sizeof(row->cells[1].text), "%u",
			 kept->failure.attempt);
	}
	set_duration(&row->cells[2], view->status.now_us - kept->failure.at_us);
	row->more = kept->error;
}

static void
output_row(const struct top_view *view, size_t i, struct row *row)
{
	const char *line = top_view_output_at(view, i);

	row->label = span_of(line == NULL ? "" : line);
	row->style = strncmp(row->label.at, "stint: ", 7) == 0 ? CANVAS_NOTICE : CANVAS_PLAIN;
}

static struct list
list_of(const struct top_view *view, enum top_list which)
{
	switch (which) {
	case TOP_WORKERS:
		return (struct list){view->live ? live_workers : past_workers,
				     view->live ? "Workers, what they compute"
						: "Workers, what ended last",
				     "none yet", worker_row};
	case TOP_TASKS:
		return (struct list){view->live ? live_tasks : past_tasks,
				     view->live ? "Running" : "Ended", "none", task_row};
	case TOP_FAILED:
		return (struct list){failures, "Failed", "none", failed_row};
	case TOP_OUTPUT:
	case TOP_LISTS:
		break;
	}
	return (struct list){no_columns, "Output, shown when the view ends", "none", output_row};
}

static void
put_heading(const struct top_view *view, enum top_list which, struct text *out)
{
	static const char *const sorts[] = {"time", "task", "state", "worker"};
	struct list list = list_of(view, which);
	size_t count = top_view_count(view, which);

	text_string(out, list.title);
	if (which == TOP_TASKS || which == TOP_FAILED) {
		text_printf(out, " %zu", count);
	}
	if (which == TOP_TASKS && view->tasks_more > 0) {
		text_printf(out, " of %" PRIu64, view->tasks_more + view->task_count);
	}
	if (view->filter.len > 0 && which != TOP_WORKERS) {
		text_string(out, " with \"");
		text_bytes(out, view->filter.data, view->filter.len);
		text_char(out, '"');
	}
	if (which == TOP_TASKS && (view->sort != TOP_BY_TIME || view->reverse)) {
		text_printf(out, ", by %s%s", sorts[view->sort], view->reverse ? " backwards" : "");
	}
}

/*
 * Columns for the label: what the others leave, but no more than a third of many, so that what
 * belongs together is near each other; of a failure its error is to have more.
 */
static unsigned
label_width(const struct list *list, unsigned all)
{
	unsigned taken = 2, rest, most = all / 3 > LABEL_LEAST ? all / 3 : LABEL_LEAST;

	for (const struct column *column = list->columns; column->title != NULL; column++) {
		taken += all >= column->least ? column->width : 0;
	}
	rest = all > taken ? all - taken : 0;
	if (list->columns == failures) {
		return all < NARROW ? rest : rest * 2 / 5;
	}
	return list->columns == no_columns || rest < most ? rest : most;
}

/* Returns the column behind the last of them. */
static unsigned
draw_cells(struct canvas *canvas, unsigned row, const struct list *list, const struct cell *cells,
	   const enum canvas_style *heading)
{
	unsigned at = 1 + label_width(list, canvas->columns);
	const struct column *columns = list->columns;

	for (int i = 0; columns[i].title != NULL; i++) {
		const char *text = heading != NULL ? columns[i].title : cells[i].text;
		enum canvas_style style = heading != NULL ? *heading : cells[i].style;

		if (canvas->columns < columns[i].least) {
			continue;
		}
		if (columns[i].left) {
			canvas_string(canvas, row, at + 2, style, text);
		} else {
			canvas_right(canvas, row, at + columns[i].width, style, text);
		}
		at += columns[i].width;
	}
	return at;
}

static void
draw_row(const struct top_view *view, struct canvas *canvas, unsigned row, enum top_list which,
	 size_t i)
{
	struct list list = list_of(view, which);
	unsigned width = label_width(&list, canvas->columns), at = 1;
	struct row what = {.style = CANVAS_PLAIN};

	list.row(view, i, &what);
	if (which == TOP_WORKERS) {
		at = canvas_printf(canvas, row, at, CANVAS_STRONG, "%-4u",
				   view->workers[i].worker.number);
	}
	if (at < 1 + width) {
		canvas_within(canvas, row, at, 1 + width - at, what.style, what.label);
	}
	at = draw_cells(canvas, row, &list, what.cells, NULL);
	if (what.more != NULL && at + 2 < canvas->columns) {
		canvas_within(canvas, row, at + 2, canvas->columns - at - 3, CANVAS_FAINT,
			      span_of(what.more));
	}
}

/* The list in `rows` rows from `top`, its heading the first of them. */
static void
draw_list(struct top_view *view, struct canvas *canvas, enum top_list which, unsigned top,
	  unsigned rows)
{
	struct list list = list_of(view, which);
	size_t count = top_view_count(view, which), page = rows - 1;
	enum canvas_style style = view->list == which ? CANVAS_BAR_ON : CANVAS_BAR;
	struct text heading = TEXT_INIT;

	view->page[which] = page;
	if (view->first[which] > (count > page ? count - page : 0)) {
		view->first[which] = count > page ? count - page : 0;
	}
	put_heading(view, which, &heading);
	canvas_fill(canvas, top, 0, canvas->columns, style, L' ');
	draw_cells(canvas, top, &list, NULL, &style);
	canvas_within(canvas, top, 1, label_width(&list, canvas->columns), style,
		      (struct span){heading.data, heading.len});
	text_free(&heading);
	page = count - view->first[which] < page ? count - view->first[which] : page;
	for (size_t i = 0; i < page; i++) {
		size_t place = which == TOP_OUTPUT ? page - 1 - i : i; /* the newest is below */

		draw_row(view, canvas, top + 1 + (unsigned)place, which, view->first[which] + i);
	}
	if (count == 0 && rows > 1) {
		canvas_string(canvas, top + 1, 1, CANVAS_FAINT, list.none);
	}
}

/* As many rows as it has to show, with the heading, but no more than `most`. */
static unsigned
wanted(const struct top_view *view, enum top_list which, unsigned most)
{
	size_t count = top_view_count(view, which) + 1;

	count = count < 2 ? 2 : count;
	return count < most ? (unsigned)count : most;
}

static void
draw_lists(struct top_view *view, struct canvas *canvas, unsigned top, unsigned rows)
{
	unsigned height[TOP_LISTS] = {0}, left = rows, gap = canvas->rows >= AIRY;

	if (rows < 2) {
		return;
	}
	if (canvas->rows < TALL) {
		draw_list(view, canvas, view->list, top, rows);
		return;
	}
	height[TOP_WORKERS] = wanted(view, TOP_WORKERS, rows / (view->list == TOP_WORKERS ? 2 : 3));
	if (view->failed_count > 0 || view->list == TOP_FAILED) {
		height[TOP_FAILED] =
		    wanted(view, TOP_FAILED, rows / (view->list == TOP_FAILED ? 2 : 4));
	}
	if (view->live && (view->output_count > 0 || view->list == TOP_OUTPUT)) {
		height[TOP_OUTPUT] =
		    wanted(view, TOP_OUTPUT, rows / (view->list == TOP_OUTPUT ? 3 : 5));
	}
	for (int i = 0; i < TOP_LISTS; i++) {
		left -= height[i] == 0 ? 0 : height[i] + gap;
	}
	height[TOP_TASKS] = left;
	for (int i = 0; i < TOP_LISTS; i++) {
		if (height[i] > 1) {
			draw_list(view, canvas, (enum top_list)i, top, height[i]);
			top += height[i] + gap;
		}
	}
}

/* ---- below ------------------------------------------------------------------------------------ */

static unsigned
draw_key(struct canvas *canvas, unsigned row, unsigned at, const char *key, const char *what)
{
	unsigned width = (unsigned)(strlen(key) + strlen(what)) + 3;

	if (at + width > canvas->columns + 2) {
		return at;
	}
	canvas_string(canvas, row, at, CANVAS_STRONG, key);
	canvas_string(canvas, row, at + (unsigned)strlen(key) + 1, CANVAS_FAINT, what);
	return at + width;
}

static void
draw_foot(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	unsigned at = 1;

	if (view->typing) {
		at = canvas_string(canvas, row, at, CANVAS_STRONG, "Filter: ");
		at = canvas_put(canvas, row, at, CANVAS_PLAIN,
				(struct span){view->filter.data, view->filter.len});
		canvas_fill(canvas, row, at, 1, CANVAS_BAR_ON, L' ');
		if (at + 32 < canvas->columns) {
			canvas_string(canvas, row, at + 3, CANVAS_FAINT,
				      "Enter keeps it, Esc clears it");
		}
		return;
	}
	at = draw_key(canvas, row, at, "q", view->stays ? "quit" : "leave, the run goes on");
	at = draw_key(canvas, row, at, "Tab", "list");
	at = draw_key(canvas, row, at, "s", "sort");
	at = draw_key(canvas, row, at, "/", "filter");
	draw_key(canvas, row, at, "?", "help");
}

static void
draw_help(const struct top_view *view, struct canvas *canvas, unsigned top, unsigned rows)
{
	const char *const lines[][2] = {
	    {"q", view->stays ? "quit; the run goes on" : "leave the view; the run goes on"},
	    {"Tab", "another list is the one that keys are for"},
	    {"Up Down", "move in it; also k j, PgUp PgDn, Home End"},
	    {"s", "sort tasks by time, name, state or worker; also arrows"},
	    {"r", "the other way round"},
	    {"/ f", "show only what has a text in it; Esc shows all again"},
	    {"Ctrl-C", view->stays ? "quit" : "start no more tasks; again: end them; again: kill"},
	    {"Ctrl-Z", view->stays ? "stop the view; fg goes on" : "stop the run; fg goes on"},
	    {"Ctrl-L", "draw anew"},
	};
	const char *const words[] = {
	    "Cores: tasks that compute now, of the cores that there are.",
	    "Tasks: all in progress, those that wait as well. A column is a second.",
	};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]) && i < rows; i++) {
		canvas_string(canvas, top + i, 1, CANVAS_STRONG, lines[i][0]);
		canvas_string(canvas, top + i, 10, CANVAS_PLAIN, lines[i][1]);
	}
	for (unsigned i = 0; i < 2 && i + 10 < rows; i++) {
		canvas_string(canvas, top + 10 + i, 1, CANVAS_FAINT, words[i]);
	}
}

void
top_view_draw(struct top_view *view, struct canvas *canvas)
{
	unsigned top, rows;

	canvas_resize(canvas, canvas->rows, canvas->columns);
	if (canvas->rows == 0 || canvas->columns == 0) {
		return;
	}
	top = draw_head(view, canvas);
	if (top + 1 > canvas->rows) {
		return;
	}
	rows = canvas->rows - top - 1;
	if (view->help) {
		draw_help(view, canvas, top, rows);
	} else {
		draw_lists(view, canvas, top, rows);
	}
	draw_foot(view, canvas, canvas->rows - 1);
}
