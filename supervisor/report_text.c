/* SPDX-License-Identifier: ISC */
/*
 * report_text: a timeline for the terminal, runs one above the other on one time axis, and in words
 * what they came to. What comes from results is shown as text, whatever is in it. In the supervisor.
 */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/areas.h"
#include "supervisor/chart.h"
#include "supervisor/report.h"

#define COLUMNS       80
#define COLUMNS_LEAST 40
#define COLUMNS_MOST  1000
#define FAILED_MOST   20 /* that are named, of a run */
#define LINES_MOST    4  /* that a sentence may take: it may name a path of a thousand tasks */

struct page {
	struct chart chart;
	const struct report *report;
	struct text *out;
	unsigned columns;
	struct text scratch;
};

static void
set_up(struct page *page)
{
	const struct report *report = page->report;
	struct chart *chart = &page->chart;
	unsigned columns = report->columns == 0 ? COLUMNS : report->columns;

	columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
	page->columns = columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
	chart->style = (struct terminal_style){.ascii = report->ascii, .color = report->color};
	chart->width = page->columns - CHART_LEFT - 1; /* the last column stays free */
	chart->height = report->count > 1 ? 1 : page->columns >= 120 ? 5 : 3;
	chart->rows = page->columns >= 120 ? 32 : 16;
	for (size_t i = 0; i < report->count; i++) {
		double wall_us = (double)report->runs[i]->summary.wall_us;

		chart->span_us = wall_us > chart->span_us ? wall_us : chart->span_us;
	}
}

/* Lines of others' words, each broken where it is too long. */
static void
put_lines(struct page *page, struct text *lines)
{
	struct text line = TEXT_INIT;
	char *at, *end;

	text_terminate(lines);
	for (at = lines->data; *at != '\0'; at = end + 1) {
		end = strchrnul(at, '\n');
		if (*end == '\0') {
			break;
		}
		*end = '\0';
		text_clear(&line);
		terminal_put(&line, &page->chart.style, at, LINES_MOST * page->columns);
		text_terminate(&line);
		terminal_put_wrapped(page->out, &page->chart.style, line.data, 0, 0,
				     page->columns - 1);
	}
	text_free(&line);
}

/* ---- the words above -------------------------------------------------------------------------- */

static void
put_counts(struct page *page, const struct recorded_run *run)
{
	const struct summary *summary = &run->summary;
	struct text *out = &page->scratch;

	text_printf(out, "%ju task%s: %ju ok", (uintmax_t)summary->tasks,
		    summary->tasks == 1 ? "" : "s", (uintmax_t)summary->by_status[STATUS_ok]);
	for (int i = STATUS_ok + 1; i < STATUSES; i++) {
		if (summary->by_status[i] > 0) {
			text_printf(out, ", %ju %s", (uintmax_t)summary->by_status[i],
				    task_status_name((enum task_status)i));
		}
	}
	text_printf(out, "; %.3f s%s%s on %u core%s", (double)summary->wall_us / 1e6,
		    run->measured ? " with " : "", run->measured ? summary->model->name : "",
		    summary->cores, summary->cores == 1 ? "" : "s");
}

static void
put_heading(struct page *page, size_t number)
{
	const struct recorded_run *run = page->report->runs[number];
	const struct terminal_style *style = &page->chart.style;
	struct text name = TEXT_INIT;

	text_clear(&page->scratch);
	if (run->count == 0) {
		text_string(&page->scratch, "no records");
	} else {
		put_counts(page, run);
	}
	text_terminate(&page->scratch);
	terminal_color(page->out, style, TERMINAL_BOLD);
	terminal_put(&name, style, page->report->labels[number], page->columns / 2);
	text_string(&name, ": ");
	text_string(&name, page->scratch.data);
	text_terminate(&name);
	terminal_put_wrapped(page->out, style, name.data, 0, 0, page->columns - 1);
	page->out->len--; /* colours end with the line */
	terminal_color(page->out, style, TERMINAL_PLAIN);
	text_char(page->out, '\n');
	text_free(&name);
}

/* ---- the words below -------------------------------------------------------------------------- */

static void
put_gaps(struct page *page, const struct recorded_run *run)
{
	int64_t cut_us = 0;

	for (unsigned i = 0; i < run->gap_count; i++) {
		cut_us += run->gaps[i].cut_us;
	}
	if (run->gap_count > 0) {
		text_printf(&page->scratch,
			    "%u pause%s in which nothing ran, %.0f min in all, left out, where the "
			    "axis has %s\n",
			    run->gap_count, run->gap_count == 1 ? "" : "s", (double)cut_us / 60e6,
			    page->chart.style.ascii ? "~" : "≈");
	}
}

static void
put_measures(struct page *page, const struct recorded_run *run)
{
	struct summary summary = run->summary;

	areas_idle(run, summary.idle.sums_us);
	text_clear(&page->scratch);
	summary_print_details(&summary, &page->scratch);
	put_gaps(page, run);
	put_lines(page, &page->scratch);
}

static void
put_failure(struct page *page, const struct recorded_task *task)
{
	const struct terminal_style *style = &page->chart.style;
	struct text line = TEXT_INIT, label = TEXT_INIT;
	const char *status = task_status_name(task->status);

	bar_label(task, &label);
	text_terminate(&label);
	terminal_color(page->out, style, TERMINAL_RED);
	text_string(page->out, status);
	terminal_color(page->out, style, TERMINAL_PLAIN);
	text_char(page->out, ' ');
	terminal_put(&line, style, label.data, page->columns);
	if (task->start_us >= 0) {
		text_printf(&line, ", %.3f s to %.3f s", (double)task->start_us / 1e6,
			    (double)recorded_end_us(task) / 1e6);
	}
	if (task->attempt > 1) {
		text_printf(&line, ", attempt %u", task->attempt);
	}
	if (task->error != NULL) {
		text_string(&line, ": ");
		terminal_put(&line, style, task->error, page->columns * (LINES_MOST - 1));
	}
	text_terminate(&line);
	terminal_put_wrapped(page->out, style, line.data, (unsigned)strlen(status) + 1, 2,
			     page->columns - 1);
	text_free(&line);
	text_free(&label);
}

static void
put_failures(struct page *page, const struct recorded_run *run)
{
	uint64_t all = summary_not_ok(&run->summary);
	unsigned named = 0;

	for (size_t i = 0; i < run->count && named < FAILED_MOST; i++) {
		if (run->tasks[i].status != STATUS_ok) {
			put_failure(page, &run->tasks[i]);
			named++;
		}
	}
	if (all > named) {
		text_printf(page->out, "and %ju more that did not end ok\n",
			    (uintmax_t)(all - named));
	}
}

static void
put_words(struct page *page, size_t number)
{
	const struct recorded_run *run = page->report->runs[number];
	const struct terminal_style *style = &page->chart.style;

	if (run->count == 0) {
		return;
	}
	text_char(page->out, '\n');
	if (page->report->count > 1) {
		terminal_color(page->out, style, TERMINAL_BOLD);
		terminal_put(page->out, style, page->report->labels[number], page->columns - 1);
		terminal_color(page->out, style, TERMINAL_PLAIN);
		text_char(page->out, '\n');
	}
	put_measures(page, run);
	put_failures(page, run);
}

/* What is not as sure as it looks. */
static void
put_estimates(struct page *page)
{
	for (size_t i = 0; i < page->report->count; i++) {
		const struct recorded_run *run = page->report->runs[i];

		if (run->count > 0 && run->summary.wall_us > 0 && !run->measured) {
			text_clear(&page->scratch);
			text_string(
			    &page->scratch,
			    "(Cores and idle time are estimates from the records; a summary "
			    "of the run has them, see --summary.)\n");
			put_lines(page, &page->scratch);
			return;
		}
	}
}

static void
write_text(const struct report *report, struct text *out)
{
	struct page page = {.report = report, .out = out};
	bool any = false;

	set_up(&page);
	for (size_t i = 0; i < report->count; i++) {
		const struct recorded_run *run = report->runs[i];

		text_string(out, i > 0 ? "\n" : "");
		put_heading(&page, i);
		if (run->summary.wall_us > 0) {
			chart_lanes(&page.chart, run, out);
			chart_areas(&page.chart, run, out);
			any = true;
			if (report->count == 1 || run->gap_count > 0 || i == report->count - 1) {
				chart_axis(&page.chart, run, out);
			}
		}
	}
	if (any) {
		chart_legend(&page.chart, out);
	}
	for (size_t i = 0; i < report->count; i++) {
		put_words(&page, i);
	}
	put_estimates(&page);
	text_free(&page.scratch);
}

const struct report_ops report_text = {
    .name = "text",
    .suffix = ".txt",
    .several = true,
    .write = write_text,
};
