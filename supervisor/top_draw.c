/* SPDX-License-Identifier: ISC */
/*
 * top_draw: how the view looks; see top_view.h. Above, how the run stands; then the lists, each with
 * a heading; below, what keys there are. Where rows are few, only the list that keys are for is
 * there; where columns are few, lists have fewer of them. In the supervisor.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/top_parts.h"

#define AIRY        36 /* rows from which on lists are parted by one */
#define CELLS_MOST  6
#define LABEL_LEAST 40 /* columns for the names of tasks, if there are as many */

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

static void
set_duration(struct cell *cell, int64_t us)
{
	struct text text = TEXT_INIT;

	top_view_put_duration(&text, us, true);
	snprintf(cell->text, sizeof(cell->text), "%.*s", (int)text.len, text.data);
	text_free(&text);
}

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
		return all < TOP_NARROW ? rest : rest * 2 / 5;
	}
	return list->columns == no_columns || rest < most ? rest : most;
}

/* Returns the column behind the last of them. */
static unsigned
draw_cells(struct canvas *canvas, unsigned row, const struct list *list, const struct cell *cells)
{
	unsigned at = 1 + label_width(list, canvas->columns);
	const struct column *columns = list->columns;

	for (int i = 0; columns[i].title != NULL; i++) {
		if (canvas->columns < columns[i].least) {
			continue;
		}
		if (columns[i].left) {
			canvas_string(canvas, row, at + 2, cells[i].style, cells[i].text);
		} else {
			canvas_right(canvas, row, at + columns[i].width, cells[i].style,
				     cells[i].text);
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
	at = draw_cells(canvas, row, &list, what.cells);
	if (what.more != NULL && at + 2 < canvas->columns) {
		canvas_within(canvas, row, at + 2, canvas->columns - at - 3, CANVAS_FAINT,
			      span_of(what.more));
	}
}

static void
draw_heading(const struct top_view *view, struct canvas *canvas, enum top_list which, unsigned row)
{
	enum canvas_style style = view->list == which ? CANVAS_BAR_ON : CANVAS_BAR;
	struct list list = list_of(view, which);
	struct cell titles[CELLS_MOST] = {{.style = style}};
	struct text heading = TEXT_INIT;

	for (int i = 0; list.columns[i].title != NULL; i++) {
		titles[i].style = style;
		snprintf(titles[i].text, sizeof(titles[i].text), "%s", list.columns[i].title);
	}
	put_heading(view, which, &heading);
	canvas_fill(canvas, row, 0, canvas->columns, style, L' ');
	draw_cells(canvas, row, &list, titles);
	canvas_within(canvas, row, 1, label_width(&list, canvas->columns), style,
		      (struct span){heading.data, heading.len});
	text_free(&heading);
}

/* The list in `rows` rows from `top`, its heading the first of them. */
static void
draw_list(struct top_view *view, struct canvas *canvas, enum top_list which, unsigned top,
	  unsigned rows)
{
	struct list list = list_of(view, which);
	size_t count = top_view_count(view, which), page = rows - 1;

	view->page[which] = page;
	if (view->first[which] > (count > page ? count - page : 0)) {
		view->first[which] = count > page ? count - page : 0;
	}
	draw_heading(view, canvas, which, top);
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
	if (canvas->rows < TOP_TALL) {
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

void
top_view_draw(struct top_view *view, struct canvas *canvas)
{
	unsigned top, rows;

	canvas_resize(canvas, canvas->rows, canvas->columns);
	if (canvas->rows == 0 || canvas->columns == 0) {
		return;
	}
	top = top_head_draw(view, canvas);
	if (top + 1 > canvas->rows) {
		return;
	}
	rows = canvas->rows - top - 1;
	if (view->help) {
		top_help_draw(view, canvas, top, rows);
	} else {
		draw_lists(view, canvas, top, rows);
	}
	top_foot_draw(view, canvas, canvas->rows - 1);
}
