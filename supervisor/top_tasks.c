/* SPDX-License-Identifier: ISC */
/* top_tasks: see top_tasks.h. Of stint top. */
#include "supervisor/top_tasks.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/result_record.h"
#include "supervisor/supervisor.h"

void
top_tasks_clear(struct top_tasks *tasks)
{
	text_clear(&tasks->labels);
	tasks->count = 0;
}

void
top_tasks_free(struct top_tasks *tasks)
{
	text_free(&tasks->labels);
	free(tasks->rows);
}

/* What is said of one, running or ended; empty: nothing. */
struct said {
	struct span job, task, tag, worker, attempt, lasts, computes, use;
};

static struct said
read_said(struct span object)
{
	struct json_members members;
	struct said said = {.job = SPAN_EMPTY};
	struct span key, value;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		struct span *place = span_is(key, "job")        ? &said.job
				     : span_is(key, "task")     ? &said.task
				     : span_is(key, "id")       ? &said.task
				     : span_is(key, "tag")      ? &said.tag
				     : span_is(key, "worker")   ? &said.worker
				     : span_is(key, "attempt")  ? &said.attempt
				     : span_is(key, "for")      ? &said.lasts
				     : span_is(key, "computes") ? &said.computes
				     : span_is(key, "use")      ? &said.use
								: NULL;

		if (place != NULL) {
			*place = value;
		}
	}
	return said;
}

/* "12/sort (a.txt)": with the first part it can be named to other commands. */
static void
put_label(struct text *out, uint64_t job, const struct said *said)
{
	text_printf(out, "%" PRIu64 "/", job);
	if (said->task.len > 0) {
		json_value_append(out, said->task);
	}
	if (said->tag.len > 0) {
		text_string(out, " (");
		json_value_append(out, said->tag);
		text_char(out, ')');
	}
}

static uint64_t
number(struct span value, uint64_t otherwise)
{
	uint64_t number;

	return value.len > 0 && json_value_uint(value, &number) ? number : otherwise;
}

uint64_t
top_tasks_job(struct span object)
{
	return number(read_said(object).job, 0);
}

void
top_tasks_take(struct top_tasks *tasks, struct span running)
{
	struct said said = read_said(running);
	bool computes = span_is(said.computes, "true");
	struct top_task task = {.state = computes ? "computes" : "waits",
				.style = computes ? CANVAS_COMPUTE : CANVAS_WAIT,
				.attempt = (unsigned)number(said.attempt, 0),
				.worker = (int)number(said.worker, (uint64_t)-1),
				.use = -1,
				.ago_us = -1};
	int64_t use_us;

	if (said.lasts.len > 0) {
		json_value_us(said.lasts, &task.for_us);
	}
	if (said.use.len > 0 && json_value_us(said.use, &use_us)) {
		task.use = (int)(use_us / 1000); /* thousandths */
	}
	if (tasks->count == tasks->room) {
		tasks->room = tasks->room == 0 ? 64 : tasks->room * 2;
		tasks->rows = reallocarray(tasks->rows, tasks->room, sizeof(*tasks->rows));
		if (tasks->rows == NULL) {
			err(EXIT_SYSTEM, "the view");
		}
	}
	tasks->rows[tasks->count++] =
	    (struct top_told_task){number(said.job, 0), tasks->labels.len, task};
	put_label(&tasks->labels, number(said.job, 0), &said);
	text_char(&tasks->labels, '\0');
}

void
top_tasks_show(const struct top_tasks *tasks, struct top_view *view)
{
	for (size_t i = 0; i < tasks->count; i++) {
		struct top_task task = tasks->rows[i].task;

		task.label = span_of(tasks->labels.data + tasks->rows[i].label);
		top_view_task(view, &task);
	}
}

uint64_t
top_tasks_count(const struct top_tasks *tasks, uint64_t job)
{
	uint64_t count = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		count += tasks->rows[i].job == job;
	}
	return count;
}

/* ---- what has ended --------------------------------------------------------------------------- */

/* By which a failure is forgiven: those of a job are beside each other. */
static uint64_t
id_of(uint64_t job, struct span task)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < task.len; i++) {
		hash = (hash ^ (unsigned char)task.at[i]) * 16777619U;
	}
	return job << 32 | hash;
}

void
top_tasks_forgive(struct top_view *view, uint64_t job)
{
	top_view_forgive_all(view, job << 32, job << 32 | UINT32_MAX);
}

static void
put_error(struct text *out, const struct result_record *record)
{
	struct text said = TEXT_INIT;

	if (record->error.len > 0) {
		json_value_append(&said, record->error);
	}
	text_terminate(&said);
	top_view_put_error(out, said.data, record->has_exit ? record->exit : -1, record->signal);
	text_free(&said);
}

void
top_tasks_ended(struct top_view *view, uint64_t job, struct span line, int64_t otherwise_us)
{
	struct said said = read_said(line);
	struct text label = TEXT_INIT, error = TEXT_INIT;
	struct top_failure failure = {.id = id_of(job, said.task),
				      .attempt = (unsigned)number(said.attempt, 0),
				      .worker = (int)number(said.worker, (uint64_t)-1)};
	struct result_record record;

	if (result_record_decode(line, &record) != NULL) {
		return;
	}
	top_view_forgive(view, failure.id); /* what it came to before does not count */
	if (record.status == STATUS_ok) {
		return;
	}
	put_label(&label, job, &said);
	put_error(&error, &record);
	failure.label = (struct span){label.data, label.len};
	failure.error = (struct span){error.data, error.len};
	failure.status = task_status_name(record.status);
	failure.at_us = record.start_us > 0 ? record.start_us + record.wall_us : otherwise_us;
	top_view_failure(view, &failure);
	text_free(&label);
	text_free(&error);
}
