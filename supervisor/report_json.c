/* SPDX-License-Identifier: ISC */
/*
 * report_json: all that is known of runs as one JSON value, for other tools. In the supervisor.
 *
 *	{"runs": [{"label", "summary": {...}, "measured", "gaps", "areas", "tasks": [...]}]}
 */
#include <string.h>

#include "supervisor/areas.h"
#include "supervisor/report.h"

#define AREA_CELLS 500

static void
put_string(struct text *out, const char *key, const char *string)
{
	if (string != NULL) {
		text_printf(out, ",\"%s\":", key);
		text_json_string(out, string, strlen(string));
	}
}

static void
put_seconds(struct text *out, const char *key, int64_t us)
{
	text_printf(out, ",\"%s\":", key);
	text_seconds(out, us);
}

/* How long a result took, and what. */
static void
put_measures(struct text *out, const struct recorded_task *task)
{
	struct result_record record = {
	    .wall_us = task->wall_us, .user_us = task->user_us, .sys_us = task->sys_us};

	if (task->start_us >= 0) {
		put_seconds(out, "start", task->start_us);
	}
	put_seconds(out, "wall", task->wall_us);
	put_seconds(out, "user", task->user_us);
	put_seconds(out, "sys", task->sys_us);
	if (task->maxrss > 0) {
		text_string(out, ",\"maxrss\":");
		text_uint(out, task->maxrss);
	}
	if (task->start_us >= 0) {
		put_string(out, "class", result_record_class(&record));
	}
}

static void
put_needs(struct text *out, const struct recorded_run *run, const struct recorded_task *task)
{
	for (unsigned i = 0; i < task->need_count; i++) {
		const char *id = run->tasks[task->needs[i]].id;

		text_string(out, i == 0 ? ",\"needs\":[" : ",");
		text_json_string(out, id, strlen(id));
	}
	text_string(out, task->need_count > 0 ? "]" : "");
}

static void
put_earlier(struct text *out, const struct recorded_task *task)
{
	for (unsigned i = 0; i < task->earlier_count; i++) {
		const struct recorded_attempt *attempt = &task->earlier[i];

		text_printf(out, "%s{\"status\":\"%s\"", i == 0 ? ",\"earlier\":[" : ",",
			    task_status_name(attempt->status));
		if (attempt->worker >= 0) {
			text_printf(out, ",\"worker\":%d", attempt->worker);
		}
		put_seconds(out, "start", attempt->start_us);
		put_seconds(out, "wall", attempt->wall_us);
		text_char(out, '}');
	}
	text_string(out, task->earlier_count > 0 ? "]" : "");
}

/* Whether there is less of its output here than in its record. */
static bool
is_cut(const struct recorded_task *task, int stream)
{
	const char *output = task->output[stream];

	return (output == NULL ? 0 : strlen(output)) < task->output_bytes[stream];
}

static void
put_task(struct text *out, const struct recorded_run *run, const struct recorded_task *task)
{
	text_string(out, "{\"id\":");
	text_json_string(out, task->id, strlen(task->id));
	put_string(out, "name", task->name);
	put_string(out, "tag", task->tag);
	put_string(out, "status", task_status_name(task->status));
	if (task->has_exit) {
		text_printf(out, ",\"exit\":%d", task->exit);
	}
	if (task->signal != 0) {
		text_printf(out, ",\"signal\":%d", task->signal);
	}
	if (task->attempt > 0) {
		text_printf(out, ",\"attempt\":%u", task->attempt);
	}
	if (task->worker >= 0) {
		text_printf(out, ",\"worker\":%d", task->worker);
	}
	put_measures(out, task);
	put_needs(out, run, task);
	put_earlier(out, task);
	put_string(out, "stdout", task->output[0]);
	put_string(out, "stderr", task->output[1]);
	if (task->truncated || is_cut(task, 0) || is_cut(task, 1)) {
		text_string(out, ",\"truncated\":true");
	}
	put_string(out, "error", task->error);
	text_char(out, '}');
}

/* Their means in equal intervals. */
static void
put_areas(struct text *out, const struct recorded_run *run)
{
	struct areas areas;

	areas_make(&areas, run, AREA_CELLS);
	text_printf(out, ",\"areas\":{\"interval\":%.9f,\"cores\":[", areas.cell_us / 1e6);
	for (size_t i = 0; i < areas.count; i++) {
		text_printf(out, "%s%.6g", i == 0 ? "" : ",", areas.cpu_us[i] / areas.cell_us);
	}
	text_string(out, "],\"tasks\":[");
	for (size_t i = 0; i < areas.count; i++) {
		text_printf(out, "%s%.6g", i == 0 ? "" : ",", areas.task_us[i] / areas.cell_us);
	}
	text_string(out, "]}");
	areas_free(&areas);
}

static void
put_gaps(struct text *out, const struct recorded_run *run)
{
	for (unsigned i = 0; i < run->gap_count; i++) {
		text_string(out, i == 0 ? ",\"gaps\":[{\"at\":" : ",{\"at\":");
		text_seconds(out, run->gaps[i].at_us);
		put_seconds(out, "cut", run->gaps[i].cut_us);
		text_char(out, '}');
	}
	text_string(out, run->gap_count > 0 ? "]" : "");
}

static void
put_run(struct text *out, const struct recorded_run *run, const char *label)
{
	struct summary summary = run->summary;
	struct text members = TEXT_INIT;

	summary.began_us = run->began_us;
	areas_idle(run, summary.idle.sums_us);
	summary_json(&summary, &members);
	text_string(out, "{\"label\":");
	text_json_string(out, label, strlen(label));
	text_string(out, ",\"summary\":");
	text_bytes(out, members.data, members.len - 1); /* but its newline */
	text_printf(out, ",\"measured\":%s", run->measured ? "true" : "false");
	put_gaps(out, run);
	put_areas(out, run);
	text_string(out, ",\"tasks\":[");
	text_free(&members);
}

static void
write_json(const struct report *report, struct text *out)
{
	text_string(out, "{\"runs\":[");
	for (size_t i = 0; i < report->count; i++) {
		const struct recorded_run *run = report->runs[i];

		text_string(out, i == 0 ? "\n" : ",\n");
		put_run(out, run, report->labels[i]);
		for (size_t k = 0; k < run->count; k++) {
			text_string(out, k == 0 ? "\n" : ",\n");
			put_task(out, run, &run->tasks[k]);
		}
		text_string(out, "]}");
	}
	text_string(out, "]}\n");
}

const struct report_ops report_json = {
    .name = "json",
    .suffix = ".json",
    .several = true,
    .limits = {.each = 64 << 10, .all = (size_t)256 << 20},
    .write = write_json,
};
