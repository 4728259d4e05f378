/* SPDX-License-Identifier: ISC */
/*
 * top_draw: how the view looks; see top_view.h, top_parts.h. Above, how the run stands; then the lists, each with
 * a heading; below, what keys there are. Where rows are few, only the list that keys are for is
 * there; where columns are few, lists have fewer of them. In the supervisor.
 */
#include <inttypes.h>
#include <stdio.h>

#include "supervisor/top_parts.h"

#define AIRY        36 /* rows from which on lists are parted by one */
#define LABEL_LEAST 40 /* columns for the names of tasks, if there are as many */

static void
put_heading(const struct top_view *view, enum top_list which, struct text *out)
{
	static const char *const sorts[] = {"time", "task", "state", "worker"};
	struct top_list_look list = top_list_of(view, which);
	size_t count = top_view_count(view, which);

	text_string(out, list.title);
	if (which == TOP_TASKS || which == TOP_FAILED || which == TOP_JOBS) {
		text_printf(out, " %zu", count);
	}
	if (which == TOP_JOBS && view->status.jobs_more > 0) {
		text_printf(out, " of %" PRIu64, view->status.jobs_more + view->job_count);
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
label_width(const struct top_list_look *list, unsigned all)
{
	unsigned taken = 2, rest, most = all / 3 > LABEL_LEAST ? all / 3 : LABEL_LEAST;

	for (const struct top_column *column = list->columns; column->title != NULL; column++) {
		taken += all >= column->least ? column->width : 0;
	}
	rest = all > taken ? all - taken : 0;
	if (list->errors) {
		return all < TOP_NARROW ? rest : rest * 2 / 5;
	}
	return list->columns[0].title == NULL || rest < most ? rest : most;
}

/* Returns the column behind the last of them. */
static unsigned
draw_cells(struct canvas *canvas, unsigned row, const struct top_list_look *list,
	   const struct top_cell *cells)
{
	unsigned at = 1 + label_width(list, canvas->columns);
	const struct top_column *columns = list->columns;

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
	struct top_list_look list = top_list_of(view, which);
	unsigned width = label_width(&list, canvas->columns), at = 1;
	struct top_row_look what = {.style = CANVAS_PLAIN};

	list.row(view, i, &what);
	if (what.numbered) {
		at = canvas_printf(canvas, row, at, CANVAS_STRONG, "%-4" PRIu64, what.number);
		at = canvas_string(canvas, row, at, CANVAS_STRONG, what.number > 999 ? " " : "");
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
	struct top_list_look list = top_list_of(view, which);
	struct top_cell titles[TOP_CELLS_MOST] = {{.style = style}};
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
	struct top_list_look list = top_list_of(view, which);
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
	if (view->queue) {
		height[TOP_JOBS] = wanted(view, TOP_JOBS, rows / 2);
	} else {
		height[TOP_WORKERS] =
		    wanted(view, TOP_WORKERS, rows / (view->list == TOP_WORKERS ? 2 : 3));
	}
	if (view->failed_count > 0 || view->list == TOP_FAILED) {
		height[TOP_FAILED] =
		    wanted(view, TOP_FAILED, rows / (view->list == TOP_FAILED ? 2 : 4));
	}
	if (top_view_has(view, TOP_OUTPUT) &&
	    (view->output_count > 0 || view->list == TOP_OUTPUT)) {
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
