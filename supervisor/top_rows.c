/* SPDX-License-Identifier: ISC */
/* top_rows: the lists of the view, their columns, and what is in a row of each; see top_parts.h. In
 * the supervisor. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/top_parts.h"

static void
set_duration(struct top_cell *cell, int64_t us)
{
	struct text text = TEXT_INIT;

	top_view_put_duration(&text, us, true);
	snprintf(cell->text, sizeof(cell->text), "%.*s", (int)text.len, text.data);
	text_free(&text);
}

static const struct top_column jobs[] = {{"state", 11, 30, true},   {"done", 14, 48, false},
					 {"", 6, 100, false},       {"failed", 8, 60, false},
					 {"running", 9, 72, false}, {"prio", 6, 66, false},
					 {"for", 11, 40, false},    {NULL, 0, 0, false}};
static const struct top_column live_workers[] = {{"for", 9, 30, false},
						 {"waiting", 9, 40, false},
						 {"queued", 8, 54, false},
						 {NULL, 0, 0, false}};
static const struct top_column past_workers[] = {
    {"ago", 9, 30, false}, {"tasks", 9, 40, false}, {"busy", 8, 54, false}, {NULL, 0, 0, false}};
static const struct top_column live_tasks[] = {{"state", 10, 36, true}, {"core", 6, 64, false},
					       {"try", 5, 54, false},   {"worker", 8, 44, false},
					       {"for", 11, 20, false},  {NULL, 0, 0, false}};
static const struct top_column past_tasks[] = {{"status", 12, 36, true}, {"core", 6, 64, false},
					       {"try", 5, 54, false},    {"worker", 8, 44, false},
					       {"took", 9, 40, false},   {"ago", 11, 20, false},
					       {NULL, 0, 0, false}};
static const struct top_column failures[] = {
    {"status", 11, 30, true}, {"try", 4, 80, false}, {"ago", 9, 40, false}, {NULL, 0, 0, false}};
static const struct top_column no_columns[] = {{NULL, 0, 0, false}};

static void
set_count(struct top_cell *cell, uint64_t count, enum canvas_style style)
{
	snprintf(cell->text, sizeof(cell->text), "%" PRIu64, count);
	cell->style = count == 0 ? CANVAS_FAINT : style;
}

static void
job_row(const struct top_view *view, size_t i, struct top_row_look *row)
{
	const struct top_job *job = &view->jobs[i].job;
	struct top_cell *cells = row->cells;

	row->label = span_of(view->arena.data + view->jobs[i].label);
	row->numbered = true;
	row->number = job->number;
	snprintf(cells[0].text, sizeof(cells[0].text), "%s", job->state);
	cells[0].style = job->style;
	if (job->total > 0) {
		snprintf(cells[1].text, sizeof(cells[1].text), "%" PRIu64 "/%s%" PRIu64, job->done,
			 job->estimated ? "~" : "", job->total);
		snprintf(cells[2].text, sizeof(cells[2].text), "%" PRIu64 " %%",
			 job->done * 100 / job->total);
	} else {
		snprintf(cells[1].text, sizeof(cells[1].text), "%" PRIu64 "/?", job->done);
	}
	set_count(&cells[3], job->failed, CANVAS_BAD);
	set_count(&cells[4], job->running, CANVAS_PLAIN);
	snprintf(cells[5].text, sizeof(cells[5].text), "%d", job->priority);
	cells[5].style = job->priority == 0 ? CANVAS_FAINT : CANVAS_PLAIN;
	set_duration(&cells[6], job->for_us);
}

static void
worker_row(const struct top_view *view, size_t i, struct top_row_look *row)
{
	const struct top_worker *worker = &view->workers[i].worker;
	const char *label = view->arena.data + view->workers[i].label;

	row->label = span_of(label[0] == '\0' ? "-" : label);
	row->style = label[0] == '\0' ? CANVAS_FAINT : CANVAS_PLAIN;
	row->numbered = true;
	row->number = worker->number;
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
task_row(const struct top_view *view, size_t i, struct top_row_look *row)
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
failed_row(const struct top_view *view, size_t i, struct top_row_look *row)
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
output_row(const struct top_view *view, size_t i, struct top_row_look *row)
{
	const char *line = top_view_output_at(view, i);

	row->label = span_of(line == NULL ? "" : line);
	row->style = strncmp(row->label.at, "stint: ", 7) == 0 ? CANVAS_NOTICE : CANVAS_PLAIN;
}

struct top_list_look
top_list_of(const struct top_view *view, enum top_list which)
{
	static const struct top_list_look lists[] = {
	    [TOP_JOBS] = {jobs, "Jobs", false, "none; stint submit makes one", job_row},
	    [TOP_WORKERS] = {live_workers, "Workers, what they compute", false, "none yet",
			     worker_row},
	    [TOP_TASKS] = {live_tasks, "Running", false, "none", task_row},
	    [TOP_FAILED] = {failures, "Failed", true, "none", failed_row},
	    [TOP_OUTPUT] = {no_columns, "Output, shown when the view ends", false, "none",
			    output_row},
	};
	struct top_list_look list = lists[which];

	if (!view->live && which == TOP_WORKERS) {
		list.title = "Workers, what ended last";
		list.columns = past_workers;
	} else if (!view->live && which == TOP_TASKS) {
		list.title = "Ended";
		list.columns = past_tasks;
	}
	return list;
}
