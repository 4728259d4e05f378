/* SPDX-License-Identifier: ISC */
/* top_view: what it holds; see top_view.h. In the supervisor. */
#include "supervisor/top_view.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MOST 200 /* bytes of a label, an error or a line that are kept */
#define LINE_MOST  400

static void *
grow(void *rows, size_t count, size_t *room, size_t size)
{
	if (count < *room) {
		return rows;
	}
	*room = *room == 0 ? 64 : *room * 2;
	rows = reallocarray(rows, *room, size);
	if (rows == NULL) {
		err(3, "the view");
	}
	return rows;
}

void
top_view_free(struct top_view *view)
{
	for (size_t i = 0; i < TOP_KEPT; i++) {
		free(view->failed[i].label);
		free(view->failed[i].error);
		free(view->output[i]);
	}
	free(view->jobs);
	free(view->workers);
	free(view->tasks);
	text_free(&view->arena);
	text_free(&view->line);
	text_free(&view->filter);
}

void
top_view_begin(struct top_view *view)
{
	text_clear(&view->arena);
	view->job_count = view->worker_count = view->task_count = 0;
}

/* Its place in the arena, where it is terminated. */
static size_t
keep_label(struct top_view *view, struct span label)
{
	size_t at = view->arena.len;

	text_bytes(&view->arena, label.at, text_cut(label, LABEL_MOST));
	text_char(&view->arena, '\0');
	return at;
}

void
top_view_job(struct top_view *view, const struct top_job *job)
{
	view->jobs = grow(view->jobs, view->job_count, &view->job_room, sizeof(*view->jobs));
	view->jobs[view->job_count] =
	    (struct top_job_row){keep_label(view, job->label), view->job_count, *job};
	view->job_count++;
}

void
top_view_worker(struct top_view *view, const struct top_worker *worker)
{
	view->workers =
	    grow(view->workers, view->worker_count, &view->worker_room, sizeof(*view->workers));
	view->workers[view->worker_count++] =
	    (struct top_worker_row){keep_label(view, worker->label), *worker};
}

void
top_view_task(struct top_view *view, const struct top_task *task)
{
	view->tasks = grow(view->tasks, view->task_count, &view->task_room, sizeof(*view->tasks));
	view->tasks[view->task_count++] = (struct top_row){keep_label(view, task->label), *task};
}

static bool
passes(const struct top_view *view, const char *text)
{
	return view->filter.len == 0 || strcasestr(text, view->filter.data) != NULL;
}

/* Numbers by their value: 9 comes before 10. */
static int
compare_labels(const char *a, const char *b)
{
	return strverscmp(a, b);
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_rows(const void *one, const void *other, void *arg)
{
	const struct top_view *view = arg;
	const struct top_row *a = one, *b = other;
	int order = 0;

	switch (view->sort) {
	case TOP_BY_TIME: /* the longest first; of those that have ended, the last */
	case TOP_SORTS:
		break;
	case TOP_BY_TASK:
		order = compare_labels(view->arena.data + a->label, view->arena.data + b->label);
		break;
	case TOP_BY_STATE:
		order = strcmp(a->task.state, b->task.state);
		break;
	case TOP_BY_WORKER:
		order = compare_numbers(a->task.worker, b->task.worker);
		break;
	}
	if (order == 0) {
		order = view->live ? compare_numbers(b->task.for_us, a->task.for_us)
				   : compare_numbers(a->task.ago_us, b->task.ago_us);
	}
	if (order == 0) {
		order = compare_labels(view->arena.data + a->label, view->arena.data + b->label);
	}
	return view->reverse ? -order : order;
}

static bool
job_passes(const struct top_view *view, const struct top_job_row *row)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, row->job.number);
	return passes(view, view->arena.data + row->label) || passes(view, row->job.state) ||
	       passes(view, number);
}

static int
compare_jobs(const void *one, const void *other)
{
	const struct top_job_row *a = one, *b = other;

	return (a->order > b->order) - (a->order < b->order);
}

static void
filter_jobs(struct top_view *view)
{
	size_t shown = 0;

	for (size_t i = 0; i < view->job_count; i++) {
		struct top_job_row row = view->jobs[i];

		if (job_passes(view, &row)) {
			view->jobs[i] = view->jobs[shown];
			view->jobs[shown++] = row;
		}
	}
	view->jobs_shown = shown;
	if (shown > 1) {
		qsort(view->jobs, shown, sizeof(*view->jobs), compare_jobs);
	}
}

void
top_view_resort(struct top_view *view)
{
	size_t shown = 0;

	filter_jobs(view);

	for (size_t i = 0; i < view->task_count; i++) {
		struct top_row row = view->tasks[i];

		if (passes(view, view->arena.data + row.label) || passes(view, row.task.state)) {
			view->tasks[i] = view->tasks[shown];
			view->tasks[shown++] = row;
		}
	}
	view->tasks_shown = shown;
	if (shown > 1) {
		qsort_r(view->tasks, shown, sizeof(*view->tasks), compare_rows, view);
	}
}

void
top_view_end(struct top_view *view, uint64_t tasks_more)
{
	view->tasks_more = tasks_more;
	top_view_resort(view);
}

void
top_view_forget(struct top_view *view)
{
	for (size_t i = 0; i < TOP_KEPT; i++) {
		free(view->failed[i].label);
		view->failed[i].label = NULL;
	}
	view->failed_count = 0;
	view->recent = (struct recent){.newest = 0};
	top_view_begin(view);
	top_view_end(view, 0);
}

void
top_view_put_error(struct text *out, const char *error, int exit, int signal)
{
	if (error != NULL && error[0] != '\0') {
		text_string(out, error);
	} else if (signal > 0) {
		text_printf(out, "signal %d (%s)", signal, strsignal(signal));
	} else if (exit >= 0) {
		text_printf(out, "exit status %d", exit);
	}
}

static char *
copy(struct span text, size_t most)
{
	char *string = strndup(text.len == 0 ? "" : text.at, text_cut(text, most));

	if (string == NULL) {
		err(3, "the view");
	}
	return string;
}

void
top_view_failure(struct top_view *view, const struct top_failure *failure)
{
	struct top_kept *kept = &view->failed[view->failed_count % TOP_KEPT];

	free(kept->label);
	free(kept->error);
	kept->label = copy(failure->label, LABEL_MOST);
	kept->error = copy(failure->error, LINE_MOST);
	kept->failure = *failure;
	view->failed_count++;
}

static uint64_t
kept(uint64_t count)
{
	return count < TOP_KEPT ? count : TOP_KEPT;
}

void
top_view_forgive(struct top_view *view, uint64_t id)
{
	top_view_forgive_all(view, id, id);
}

void
top_view_forgive_all(struct top_view *view, uint64_t first, uint64_t last)
{
	for (uint64_t i = 0; i < kept(view->failed_count); i++) {
		struct top_kept *at = &view->failed[i];

		if (at->label != NULL && at->failure.id >= first && at->failure.id <= last) {
			free(at->label);
			at->label = NULL; /* its place is passed over */
		}
	}
}

static bool
failure_passes(const struct top_view *view, const struct top_kept *at)
{
	return at->label != NULL && (passes(view, at->label) || passes(view, at->error) ||
				     passes(view, at->failure.status));
}

const struct top_kept *
top_view_failed_at(const struct top_view *view, size_t i)
{
	for (uint64_t back = 1; back <= kept(view->failed_count); back++) {
		const struct top_kept *at = &view->failed[(view->failed_count - back) % TOP_KEPT];

		if (failure_passes(view, at) && i-- == 0) {
			return at;
		}
	}
	return NULL;
}

static void
end_line(struct top_view *view)
{
	char **place = &view->output[view->output_count++ % TOP_KEPT];

	free(*place);
	*place = copy((struct span){view->line.data, view->line.len}, LINE_MOST);
	text_clear(&view->line);
}

void
top_view_output(struct top_view *view, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			end_line(view);
		} else if (bytes[i] == '\t') {
			text_char(&view->line, ' ');
		} else if (view->line.len < LINE_MOST + 4) {
			text_char(&view->line, bytes[i]);
		}
	}
}

const char *
top_view_output_at(const struct top_view *view, size_t i)
{
	for (uint64_t back = 1; back <= kept(view->output_count); back++) {
		const char *line = view->output[(view->output_count - back) % TOP_KEPT];

		if (passes(view, line) && i-- == 0) {
			return line;
		}
	}
	return NULL;
}

bool
top_view_has(const struct top_view *view, enum top_list list)
{
	switch (list) {
	case TOP_JOBS:
		return view->queue;
	case TOP_WORKERS:
		return !view->queue;
	case TOP_OUTPUT:
		return view->live && !view->queue;
	case TOP_TASKS:
	case TOP_FAILED:
	case TOP_LISTS:
		break;
	}
	return list != TOP_LISTS;
}

size_t
top_view_count(const struct top_view *view, enum top_list list)
{
	size_t count = 0;

	switch (list) {
	case TOP_JOBS:
		return view->jobs_shown;
	case TOP_WORKERS:
		return view->worker_count;
	case TOP_TASKS:
		return view->tasks_shown;
	case TOP_FAILED:
		for (uint64_t i = 0; i < kept(view->failed_count); i++) {
			count += failure_passes(view, &view->failed[i]);
		}
		return count;
	case TOP_OUTPUT:
		for (uint64_t i = 0; i < kept(view->output_count); i++) {
			count += passes(view, view->output[i]);
		}
		return count;
	case TOP_LISTS:
		break;
	}
	return 0;
}
