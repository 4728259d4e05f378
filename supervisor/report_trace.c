/* SPDX-License-Identifier: ISC */
/*
 * report_trace: trace events as Chrome's viewer and Perfetto read them: a process for each run, in
 * it a thread for each row of each worker's lane; the two measures as counters; what tasks needed
 * as arrows. In the supervisor.
 *
 * Times are in microseconds. Bars of a thread do not overlap, so each B is followed by its E; what
 * else there is to say of a bar stands between the two.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/areas.h"
#include "supervisor/bars.h"
#include "supervisor/report.h"

#define COUNTER_CELLS 4000
#define ARROWS_MOST   200000 /* viewers become slow */
#define TIDS_BEGIN    1000   /* no pid and tid are the same number */

/* Who needs a task: `of` it, and behind it, in `next`, of those before. */
struct arrows {
	uint32_t *first; /* of each task: a place in the two below, + 1; 0: nobody */
	uint32_t *next;
	uint32_t count; /* numbers of arrows, from 1 */
	uint64_t left_out;
};

struct trace {
	struct text *out;
	const struct recorded_run *run;
	struct bars bars;
	struct arrows arrows;
	unsigned pid;
	unsigned *tids; /* of each lane, the thread of its first row */
	unsigned *mine; /* of each task: its first arrow's number, of those that point to it */
	unsigned next_tid;
	unsigned arrows_before; /* numbers taken by former runs */
	bool any;
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "trace");
	}
	return memory;
}

/* ---- single events ---------------------------------------------------------------------------- */

/*
 * {"ph":"B","cat":"wait","pid":1,"tid":2: the beginning of an event, after which more members may
 * come. All have a category, and an end has its begin's name: there are viewers that want both.
 */
static void
begin(struct trace *trace, const char *phase, const char *category, unsigned tid)
{
	struct text *out = trace->out;

	text_string(out, trace->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
	trace->any = true;
	text_string(out, phase);
	text_string(out, "\",\"cat\":\"");
	text_string(out, category);
	text_string(out, "\",\"pid\":");
	text_uint(out, trace->pid);
	text_string(out, ",\"tid\":");
	text_uint(out, tid);
}

static void
put_time(struct trace *trace, int64_t at_us)
{
	text_string(trace->out, ",\"ts\":");
	text_int(trace->out, at_us);
}

static void
put_string(struct text *out, const char *key, const char *string)
{
	if (string != NULL && string[0] != '\0') {
		text_string(out, ",\"");
		text_string(out, key);
		text_string(out, "\":");
		text_json_string(out, string, strlen(string));
	}
}

/* A name, or a place in the order, of a process or thread. */
static void
put_metadata(struct trace *trace, unsigned tid, const char *what, const char *name, unsigned order)
{
	begin(trace, "M", "__metadata", tid);
	text_printf(trace->out, ",\"name\":\"%s\",\"args\":{", what);
	if (name != NULL) {
		text_string(trace->out, "\"name\":");
		text_json_string(trace->out, name, strlen(name));
	} else {
		text_printf(trace->out, "\"sort_index\":%u", order);
	}
	text_string(trace->out, "}}");
}

static void
name_thread(struct trace *trace, unsigned tid, const char *name)
{
	put_metadata(trace, tid, "thread_name", name, 0);
	put_metadata(trace, tid, "thread_sort_index", NULL, tid);
}

static void
name_all(struct trace *trace, const char *label)
{
	struct text name = TEXT_INIT;

	put_metadata(trace, 0, "process_name", label, 0);
	put_metadata(trace, 0, "process_sort_index", NULL, trace->pid);
	name_thread(trace, 0, "measures");
	for (unsigned lane = 0; lane < trace->bars.lanes; lane++) {
		trace->tids[lane] = trace->next_tid;
		for (unsigned row = 0; row < trace->bars.rows[lane]; row++) {
			text_clear(&name);
			if (trace->bars.unknown && lane == trace->bars.lanes - 1) {
				text_string(&name, "no worker known");
			} else {
				text_printf(&name, "worker %u", lane);
			}
			if (row > 0) {
				text_printf(&name, ", row %u", row + 1);
			}
			text_terminate(&name);
			name_thread(trace, trace->next_tid++, name.data);
		}
	}
	text_free(&name);
}

/* ---- arrows ----------------------------------------------------------------------------------- */

/* An arrow has two ends: its task is needed by one, and needs the other. */
static bool
has_arrow(const struct recorded_run *run, const struct recorded_task *task, unsigned need)
{
	return task->start_us >= 0 && run->tasks[task->needs[need]].start_us >= 0;
}

/* Numbers the arrows by the task that they point to. */
static void
number_arrows(struct trace *trace)
{
	const struct recorded_run *run = trace->run;
	struct arrows *arrows = &trace->arrows;

	arrows->first = check(calloc(run->count + 1, sizeof(*arrows->first)));
	trace->mine = check(calloc(run->count + 1, sizeof(*trace->mine)));
	arrows->next = check(calloc(ARROWS_MOST + 1, sizeof(*arrows->next)));
	arrows->count = 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		trace->mine[i] = arrows->count + 1;
		for (unsigned k = 0; k < task->need_count; k++) {
			uint32_t from = task->needs[k];

			if (!has_arrow(run, task, k)) {
				continue;
			}
			if (arrows->count == ARROWS_MOST) {
				arrows->left_out++;
				continue;
			}
			arrows->next[++arrows->count] = arrows->first[from];
			arrows->first[from] = arrows->count;
		}
	}
}

static void
put_arrow(struct trace *trace, const char *phase, unsigned tid, int64_t at_us, uint32_t number)
{
	begin(trace, phase, "needs", tid);
	put_time(trace, at_us);
	text_printf(trace->out, ",\"id\":%u,\"name\":\"needs\"%s}", trace->arrows_before + number,
		    phase[0] == 'f' ? ",\"bp\":\"e\"" : "");
}

/* Those that end at a task, where it begins. */
static void
put_ends(struct trace *trace, const struct bar *bar, unsigned tid)
{
	const struct recorded_task *task = &trace->run->tasks[bar->task];
	uint32_t number = trace->mine[bar->task];

	for (unsigned k = 0; k < task->need_count && number <= trace->arrows.count; k++) {
		if (has_arrow(trace->run, task, k)) {
			put_arrow(trace, "f", tid, bar->start_us, number++);
		}
	}
}

/* Those that begin at it, within its bar, so that no viewer misses to whom they belong. */
static void
put_begins(struct trace *trace, const struct bar *bar, unsigned tid)
{
	int64_t at_us = bar->end_us > bar->start_us ? bar->end_us - 1 : bar->end_us;

	for (uint32_t number = trace->arrows.first[bar->task]; number != 0;
	     number = trace->arrows.next[number]) {
		put_arrow(trace, "s", tid, at_us, number);
	}
}

/* ---- bars ------------------------------------------------------------------------------------- */

/* Names of colours are Chrome's own; Perfetto takes them by the name of the bar. */
static const char *
color_of(const char *class, const struct bar *bar)
{
	if (bar->earlier) {
		return "bad";
	}
	if (bar->status != STATUS_ok) {
		return "terrible";
	}
	return strcmp(class, "cpu") == 0    ? "thread_state_running"
	       : strcmp(class, "wait") == 0 ? "thread_state_sleeping"
					    : "thread_state_runnable";
}

/* What the record says, that a bar does not show. */
static void
put_args(struct trace *trace, const struct recorded_task *task, const struct bar *bar)
{
	struct text *out = trace->out;

	text_string(out, ",\"args\":{\"id\":");
	text_json_string(out, task->id, strlen(task->id));
	put_string(out, "name", task->name);
	put_string(out, "tag", task->tag);
	text_printf(out, ",\"status\":\"%s\",\"attempt\":%u", task_status_name(bar->status),
		    bar->attempt);
	if (!bar->earlier) {
		if (task->has_exit) {
			text_printf(out, ",\"exit\":%d", task->exit);
		}
		if (task->signal != 0) {
			text_printf(out, ",\"signal\":%d", task->signal);
		}
		text_string(out, ",\"user\":");
		text_seconds(out, task->user_us);
		text_string(out, ",\"sys\":");
		text_seconds(out, task->sys_us);
		text_string(out, ",\"maxrss\":");
		text_uint(out, task->maxrss);
		put_string(out, "error", task->error);
	}
	text_string(out, "}}");
}

static void
put_failure(struct trace *trace, const struct recorded_task *task, const char *status, unsigned tid,
	    int64_t at_us)
{
	begin(trace, "i", "failure", tid);
	put_time(trace, at_us);
	text_string(trace->out, ",\"s\":\"t\",\"name\":\"");
	text_string(trace->out, status);
	text_string(trace->out, "\",\"args\":{\"id\":");
	text_json_string(trace->out, task->id, strlen(task->id));
	put_string(trace->out, "error", task->error);
	text_string(trace->out, "}}");
}

static void
put_bar(struct trace *trace, const struct bar *bar, struct text *label)
{
	const struct recorded_task *task = &trace->run->tasks[bar->task];
	unsigned tid = trace->tids[bar->lane] + bar->row;
	const char *class = bar->earlier ? "earlier" : bar_class(trace->run, bar);
	char category[32];

	snprintf(category, sizeof(category), "%s%s", class,
		 bar->status == STATUS_ok ? "" : ",failure");
	text_clear(label);
	bar_label(task, label);
	begin(trace, "B", category, tid);
	put_time(trace, bar->start_us);
	text_string(trace->out, ",\"name\":");
	text_json_string(trace->out, label->data, label->len);
	text_printf(trace->out, ",\"cname\":\"%s\"", color_of(class, bar));
	put_args(trace, task, bar);
	if (!bar->earlier) {
		put_ends(trace, bar, tid);
		put_begins(trace, bar, tid);
	}
	if (bar->status != STATUS_ok) {
		put_failure(trace, task, task_status_name(bar->status), tid, bar->end_us);
	}
	begin(trace, "E", category, tid);
	put_time(trace, bar->end_us);
	text_string(trace->out, ",\"name\":");
	text_json_string(trace->out, label->data, label->len);
	text_char(trace->out, '}');
}

/* Skipped, cancelled: they have no bar. They are marked at the end of the run. */
static void
put_not_begun(struct trace *trace)
{
	unsigned tid = trace->next_tid++;
	bool any = false;

	for (size_t i = 0; i < trace->run->count; i++) {
		const struct recorded_task *task = &trace->run->tasks[i];

		if (task->start_us >= 0) {
			continue;
		}
		if (!any) {
			name_thread(trace, tid, "never began");
			any = true;
		}
		put_failure(trace, task, task_status_name(task->status), tid,
			    trace->run->summary.wall_us);
	}
}

/* ---- counters --------------------------------------------------------------------------------- */

/* A mean for each interval, where it changes; 0 from the end of the run on. */
static void
put_counter(struct trace *trace, const char *name, const char *series, const double *sums_us,
	    const struct areas *areas)
{
	char value[32], before[32] = "";

	for (size_t i = 0; i <= areas->count; i++) {
		double mean = i < areas->count ? sums_us[i] / areas->cell_us : 0;

		snprintf(value, sizeof(value), "%.6g", mean);
		if (strcmp(value, before) == 0) {
			continue;
		}
		begin(trace, "C", "measures", 0);
		text_printf(trace->out, ",\"ts\":%.3f,\"name\":\"%s\",\"args\":{\"%s\":%s}}",
			    (double)i * areas->cell_us, name, series, value);
		memcpy(before, value, sizeof(before));
	}
}

static void
put_counters(struct trace *trace)
{
	struct areas areas;

	areas_make(&areas, trace->run, COUNTER_CELLS);
	put_counter(trace, "cores computing", "cores", areas.cpu_us, &areas);
	put_counter(trace, "tasks in progress", "tasks", areas.task_us, &areas);
	areas_free(&areas);
}

static void
put_run(struct trace *trace, const char *label)
{
	struct text scratch = TEXT_INIT;

	bars_make(&trace->bars, trace->run);
	trace->tids = check(calloc((size_t)trace->bars.lanes + 1, sizeof(*trace->tids)));
	number_arrows(trace);
	name_all(trace, label);
	for (size_t i = 0; i < trace->bars.count; i++) {
		put_bar(trace, &trace->bars.all[i], &scratch);
	}
	put_not_begun(trace);
	put_counters(trace);
	trace->arrows_before += trace->arrows.count;
	text_free(&scratch);
	free(trace->arrows.first);
	free(trace->arrows.next);
	free(trace->mine);
	free(trace->tids);
	bars_free(&trace->bars);
}

static void
write_trace(const struct report *report, struct text *out)
{
	struct trace trace = {.out = out, .next_tid = TIDS_BEGIN};
	struct text verdict = TEXT_INIT;

	text_string(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
	for (size_t i = 0; i < report->count; i++) {
		trace.run = report->runs[i];
		trace.pid = (unsigned)i + 1;
		put_run(&trace, report->labels[i]);
	}
	text_string(out, "],\n\"otherData\":{\"made by\":\"stint " STINT_VERSION "\"");
	for (size_t i = 0; i < report->count; i++) {
		text_clear(&verdict);
		text_printf(&verdict, "run %zu", i + 1);
		text_terminate(&verdict);
		put_string(out, verdict.data, report->runs[i]->verdict);
	}
	if (trace.arrows.left_out > 0) {
		text_printf(out, ",\"arrows left out\":\"%" PRIu64 "\"", trace.arrows.left_out);
	}
	text_string(out, "}}\n");
	text_free(&verdict);
}

const struct report_ops report_trace = {
    .name = "trace",
    .suffix = ".trace",
    .several = true,
    .write = write_trace,
};
