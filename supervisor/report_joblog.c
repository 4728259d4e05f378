/* SPDX-License-Identifier: ISC */
/*
 * report_joblog: a joblog as --joblog writes it, from the records alone: these do not have the
 * commands, so in their place is what else a task is known by. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/joblog_line.h"
#include "supervisor/report.h"

/* By when they ended, as the lines of --joblog; what never began comes last. */
static int
by_end(const void *a, const void *b)
{
	const struct recorded_task *left = *(const struct recorded_task *const *)a;
	const struct recorded_task *right = *(const struct recorded_task *const *)b;
	uint64_t one = (uint64_t)recorded_end_us(left), other = (uint64_t)recorded_end_us(right);

	if (one != other) {
		return one < other ? -1 : 1;
	}
	return left < right ? -1 : left > right;
}

/* Ids that were not chosen are the numbers of the tasks; 0: it is no number. */
static uint64_t
number_of(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len < 16 && id[0] != '0' && strspn(id, "0123456789") == len
		   ? strtoull(id, NULL, 10)
		   : 0;
}

static bool
numbered(const struct recorded_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		if (number_of(run->tasks[i].id) == 0) {
			return false;
		}
	}
	return true;
}

static struct span
command_of(const struct recorded_task *task)
{
	if (task->tag != NULL && task->tag[0] != '\0') {
		return span_of(task->tag);
	}
	return span_of(task->name != NULL ? task->name : task->id);
}

static void
put_task(struct text *out, const struct recorded_run *run, const struct recorded_task *task,
	 uint64_t number)
{
	struct text id = TEXT_INIT;
	struct result_record record = {
	    .status = task->status,
	    .has_exit = task->has_exit,
	    .exit = task->exit,
	    .signal = task->signal,
	    .start_us = task->start_us < 0 ? 0 : recorded_epoch_us(run, task->start_us),
	    .wall_us = task->wall_us,
	    .user_us = task->user_us,
	    .sys_us = task->sys_us};
	struct joblog_line line = {.number = number,
				   .record = &record,
				   .received = task->output_bytes[0],
				   .command = command_of(task),
				   .attempt = task->attempt};

	text_json_string(&id, task->id, strlen(task->id));
	line.id = (struct span){id.data, id.len};
	joblog_line_put(&line, out);
	text_free(&id);
}

static void
write_joblog(const struct report *report, struct text *out)
{
	const struct recorded_run *run = report->runs[0];
	const struct recorded_task **tasks = calloc(run->count + 1, sizeof(*tasks));
	bool by_id = numbered(run);

	if (tasks == NULL) {
		err(3, "joblog");
	}
	for (size_t i = 0; i < run->count; i++) {
		tasks[i] = &run->tasks[i];
	}
	qsort(tasks, run->count, sizeof(*tasks), by_end);
	text_string(out, JOBLOG_HEADER);
	for (size_t i = 0; i < run->count; i++) {
		put_task(out, run, tasks[i], by_id ? number_of(tasks[i]->id) : i + 1);
	}
	free(tasks);
}

const struct report_ops report_joblog = {
    .name = "joblog",
    .suffix = ".joblog",
    .write = write_joblog,
};
