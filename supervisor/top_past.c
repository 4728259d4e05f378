/* SPDX-License-Identifier: ISC */
/* top_past: see top_past.h. In the supervisor. */
#include "supervisor/top_past.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/id_table.h"
#include "supervisor/ids.h"

#define TASKS_KEPT   1000 /* that have ended last */
#define WORKERS_MOST 4096
#define SMOOTH       5 /* seconds that "now" is, of what is known only afterwards */

enum { KNOWN_OK = 1, KNOWN_BAD }; /* of a task, by its id */

struct past_task {
	char *label; /* NULL: none yet, or it was run again since */
	uint64_t id;
	enum task_status status;
	unsigned attempt;
	int worker;
	int64_t wall_us;
	int64_t cpu_us;
	int64_t end_us;
};

struct past_worker {
	char *label; /* of what ended last */
	int64_t end_us;
	uint64_t tasks;
	int64_t cpu_us;
};

struct top_past {
	struct id_table known; /* one word: KNOWN_... */
	uint64_t done, failed;
	int64_t began_us;                   /* the first task; 0: none yet */
	int64_t last_us;                    /* when one ended last */
	struct past_task tasks[TASKS_KEPT]; /* a ring */
	uint64_t ended;                     /* that were put there */
	struct past_worker *workers;
	unsigned worker_count;
};

struct top_past *
top_past_new(void)
{
	struct top_past *past = calloc(1, sizeof(*past));

	if (past == NULL) {
		err(3, "the view");
	}
	past->known.value_words = 1;
	return past;
}

void
top_past_free(struct top_past *past)
{
	if (past == NULL) {
		return;
	}
	for (size_t i = 0; i < TASKS_KEPT; i++) {
		free(past->tasks[i].label);
	}
	for (unsigned i = 0; i < past->worker_count; i++) {
		free(past->workers[i].label);
	}
	free(past->workers);
	id_table_free(&past->known);
	free(past);
}

/* Counts each task once, by what was said of it last. */
static void
count(struct top_past *past, struct top_view *view, const struct recorded_task *task, uint64_t id)
{
	bool is_new, ok = task->status == STATUS_ok;
	uint32_t *known = id_table_put(&past->known, id, &is_new);

	past->done += is_new;
	if (!is_new && *known == KNOWN_BAD) {
		past->failed--;
		top_view_forgive(view, id);
	}
	for (size_t i = 0; i < TASKS_KEPT && !is_new; i++) {
		if (past->tasks[i].id == id) {
			free(past->tasks[i].label);
			past->tasks[i].label = NULL;
		}
	}
	past->failed += !ok;
	*known = ok ? KNOWN_OK : KNOWN_BAD;
}

/* One that never began ended when something else did. */
static int64_t
end_of(const struct top_past *past, const struct recorded_task *task)
{
	return task->start_us < 0 ? past->last_us : recorded_end_us(task);
}

static void
put_label(const struct recorded_task *task, struct text *out)
{
	text_clear(out);
	text_string(out, task->id);
	if (task->tag != NULL) {
		text_printf(out, " (%s)", task->tag);
	}
	text_terminate(out);
}

static char *
copy(const char *string)
{
	char *new = strdup(string);

	if (new == NULL) {
		err(3, "the view");
	}
	return new;
}

static void
keep_task(struct top_past *past, const struct recorded_task *task, const char *label, uint64_t id)
{
	struct past_task *kept = &past->tasks[past->ended++ % TASKS_KEPT];

	free(kept->label);
	*kept = (struct past_task){.label = copy(label),
				   .id = id,
				   .status = task->status,
				   .attempt = task->attempt,
				   .worker = task->worker,
				   .wall_us = task->start_us < 0 ? -1 : task->wall_us,
				   .cpu_us = task->user_us + task->sys_us,
				   .end_us = end_of(past, task)};
}

static void
note_worker(struct top_past *past, const struct recorded_task *task, const char *label)
{
	unsigned number = (unsigned)task->worker;
	struct past_worker *worker;

	if (task->worker < 0 || number >= WORKERS_MOST || task->start_us < 0) {
		return;
	}
	if (number >= past->worker_count) {
		past->workers = reallocarray(past->workers, number + 1, sizeof(*past->workers));
		if (past->workers == NULL) {
			err(3, "the view");
		}
		for (unsigned i = past->worker_count; i <= number; i++) {
			past->workers[i] = (struct past_worker){.label = NULL};
		}
		past->worker_count = number + 1;
	}
	worker = &past->workers[number];
	worker->tasks++;
	worker->cpu_us += task->user_us + task->sys_us;
	if (recorded_end_us(task) >= worker->end_us) {
		free(worker->label);
		worker->label = copy(label);
		worker->end_us = recorded_end_us(task);
	}
}

static void
note_times(struct top_past *past, struct top_view *view, const struct recorded_task *task)
{
	int64_t end_us = recorded_end_us(task);
	double cores =
	    task->wall_us <= 0 ? 0 : (double)(task->user_us + task->sys_us) / (double)task->wall_us;

	if (task->start_us < 0) {
		return;
	}
	if (past->began_us == 0 || task->start_us < past->began_us) {
		past->began_us = task->start_us;
	}
	past->last_us = end_us > past->last_us ? end_us : past->last_us;
	recent_add(&view->recent, task->start_us, end_us, cores, 1);
	recent_ended(&view->recent, end_us, 1);
}

static void
note_failure(const struct top_past *past, struct top_view *view, const struct recorded_task *task,
	     const char *label, uint64_t id)
{
	struct text error = TEXT_INIT;
	struct top_failure failure = {.label = span_of(label),
				      .status = task_status_name(task->status),
				      .attempt = task->attempt,
				      .worker = task->worker,
				      .at_us = end_of(past, task),
				      .id = id};

	top_view_put_error(&error, task->error, task->has_exit ? task->exit : -1, task->signal);
	failure.error = (struct span){error.data, error.len};
	top_view_failure(view, &failure);
	text_free(&error);
}

void
top_past_add(struct top_past *past, struct top_view *view, const struct recorded_run *run)
{
	struct text label = TEXT_INIT;

	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		uint64_t id = ids_hash(task->id, strlen(task->id));

		put_label(task, &label);
		count(past, view, task, id);
		note_times(past, view, task);
		note_worker(past, task, label.data);
		keep_task(past, task, label.data, id);
		if (task->status != STATUS_ok) {
			note_failure(past, view, task, label.data, id);
		}
	}
	text_free(&label);
}

/* ---- telling ---------------------------------------------------------------------------------- */

static void
show_workers(const struct top_past *past, struct top_view *view, int64_t now_us)
{
	int64_t elapsed_us = now_us - past->began_us;

	for (unsigned i = 0; i < past->worker_count; i++) {
		const struct past_worker *from = &past->workers[i];
		struct top_worker worker = {
		    .number = i,
		    .label = from->label == NULL ? SPAN_EMPTY : span_of(from->label),
		    .for_us = now_us - from->end_us,
		    .waiting = from->tasks,
		    .queued = elapsed_us <= 0 ? 0 : (uint64_t)(from->cpu_us * 100 / elapsed_us)};

		if (from->label != NULL) {
			top_view_worker(view, &worker);
		}
	}
}

static void
show_tasks(const struct top_past *past, struct top_view *view, int64_t now_us)
{
	for (size_t i = 0; i < TASKS_KEPT; i++) {
		const struct past_task *from = &past->tasks[i];
		struct top_task task = {
		    .label = from->label == NULL ? SPAN_EMPTY : span_of(from->label),
		    .state = task_status_name(from->status),
		    .style = from->status == STATUS_ok ? CANVAS_GOOD : CANVAS_BAD,
		    .attempt = from->attempt,
		    .worker = from->worker,
		    .use = from->wall_us > 0 ? (int)(from->cpu_us * 1000 / from->wall_us) : -1,
		    .for_us = from->wall_us,
		    .ago_us = now_us - from->end_us};

		if (from->label != NULL) {
			top_view_task(view, &task);
		}
	}
}

/* Over some seconds: of the last one, what runs is not known yet. */
static void
measure(const struct top_view *view, int64_t now_us, double *cores, double *tasks)
{
	*cores = *tasks = 0;
	for (unsigned ago = 0; ago < SMOOTH; ago++) {
		struct recent_second second = recent_at(&view->recent, now_us, ago);

		*cores += second.cores / SMOOTH;
		*tasks += second.tasks / SMOOTH;
	}
}

void
top_past_show(const struct top_past *past, struct top_view *view, int64_t now_us, unsigned cores)
{
	now_us = now_us == 0 ? past->last_us : now_us;
	view->status.now_us = now_us;
	view->status.began_us = past->began_us == 0 ? now_us : past->began_us;
	view->status.done = past->done;
	view->status.failed = past->failed;
	view->status.cores = cores > 0 ? cores : past->worker_count;
	measure(view, now_us, &view->status.computing, &view->status.tasks);
	top_view_begin(view);
	show_workers(past, view, now_us);
	show_tasks(past, view, now_us);
	top_view_end(view, 0);
}
