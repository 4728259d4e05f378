/* SPDX-License-Identifier: ISC */
/*
 * report_csv: a line a task, as RFC 4180 has it, under a line of headings. In the supervisor.
 */
#include <string.h>

#include "supervisor/report.h"

/* Quoted where that is needed; what a spreadsheet would take for a formula stays text. */
static void
put_field(struct text *out, const char *string)
{
	bool formula;

	if (string == NULL || string[0] == '\0') {
		return;
	}
	formula = strchr("=+-@\t", string[0]) != NULL;
	if (!formula && strpbrk(string, ",\"\r\n") == NULL) {
		text_string(out, string);
		return;
	}
	text_string(out, formula ? "\"'" : "\"");
	for (; *string != '\0'; string++) {
		if (*string == '"') {
			text_char(out, '"');
		}
		text_char(out, *string);
	}
	text_char(out, '"');
}

static void
put_task(struct text *out, const char *label, const struct recorded_task *task)
{
	struct result_record record = {
	    .wall_us = task->wall_us, .user_us = task->user_us, .sys_us = task->sys_us};

	put_field(out, label);
	text_char(out, ',');
	put_field(out, task->id);
	text_char(out, ',');
	put_field(out, task->name);
	text_char(out, ',');
	put_field(out, task->tag);
	text_printf(out, ",%s,", task_status_name(task->status));
	if (task->has_exit) {
		text_int(out, task->exit);
	}
	text_char(out, ',');
	if (task->signal != 0) {
		text_int(out, task->signal);
	}
	text_printf(out, ",%u,", task->attempt);
	if (task->worker >= 0) {
		text_int(out, task->worker);
	}
	text_char(out, ',');
	if (task->start_us >= 0) {
		text_seconds(out, task->start_us);
	}
	text_char(out, ',');
	text_seconds(out, task->wall_us);
	text_char(out, ',');
	text_seconds(out, task->user_us);
	text_char(out, ',');
	text_seconds(out, task->sys_us);
	text_printf(out, ",%ju,%s,", (uintmax_t)task->maxrss,
		    task->start_us < 0 ? "" : result_record_class(&record));
	put_field(out, task->error);
	text_string(out, "\r\n");
}

static void
write_csv(const struct report *report, struct text *out)
{
	text_string(out, "run,id,name,tag,status,exit,signal,attempt,worker,start,wall,user,sys,"
			 "maxrss,class,error\r\n");
	for (size_t i = 0; i < report->count; i++) {
		for (size_t k = 0; k < report->runs[i]->count; k++) {
			put_task(out, report->labels[i], &report->runs[i]->tasks[k]);
		}
	}
}

const struct report_ops report_csv = {
    .name = "csv",
    .suffix = ".csv",
    .several = true,
    .write = write_csv,
};
