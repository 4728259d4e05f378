/* SPDX-License-Identifier: ISC */
/* summary: see summary.h; the measures. What is said of them is in summary_print.c. Pure. */
#include "supervisor/summary.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_value.h"

static char *
copy(const char *string)
{
	char *made = strdup(string);

	if (made == NULL) {
		err(3, "summary");
	}
	return made;
}

void
summary_init(struct summary *summary, const struct model *model, unsigned cores, const char *job)
{
	memset(summary, 0, sizeof(*summary));
	summary->model = model;
	summary->cores = cores;
	summary->workers = model->per_cpu ? cores : 1;
	summary->job = copy(job);
	timeline_init(&summary->timeline);
}

void
summary_free(struct summary *summary)
{
	free(summary->job);
	free(summary->longest);
	text_free(&summary->path);
	for (unsigned i = 0; i < summary->failure_count; i++) {
		free(summary->failures[i].id);
		free(summary->failures[i].tag);
		free(summary->failures[i].why);
	}
	memset(summary, 0, sizeof(*summary));
}

static void
add_failure(struct summary *summary, const struct summary_who *who,
	    const struct result_record *record)
{
	unsigned i = summary->failure_count;
	char *why = NULL;
	size_t len;

	if (i == SUMMARY_FAILURES) {
		return;
	}
	if (record->error.len == 0 || !json_value_string(record->error, &why, &len)) {
		why = copy("");
	}
	summary->failures[i].id = copy(who->id);
	summary->failures[i].tag = who->tag == NULL ? NULL : copy(who->tag);
	summary->failures[i].why = why;
	summary->failures[i].status = record->status;
	summary->failure_count++;
}

bool
summary_names(const struct summary *summary, const struct result_record *record)
{
	return record->wall_us > summary->longest_us ||
	       (record->status != STATUS_ok && summary->failure_count < SUMMARY_FAILURES);
}

static void
note_longest(struct summary *summary, const struct summary_who *who)
{
	free(summary->longest);
	if (who->tag == NULL) {
		summary->longest = copy(who->id);
	} else if (asprintf(&summary->longest, "%s (%s)", who->id, who->tag) < 0) {
		err(3, "summary");
	}
}

void
summary_add(struct summary *summary, const struct summary_who *who, unsigned attempt,
	    const struct result_record *record, int64_t now_us)
{
	summary->tasks++;
	summary->by_status[record->status]++;
	summary->task_wall_us += record->wall_us;
	summary->user_us += record->user_us;
	summary->sys_us += record->sys_us;
	summary->attempts += attempt > 1 ? attempt - 1 : 0;
	if (record->maxrss > summary->maxrss) {
		summary->maxrss = record->maxrss;
	}
	if (record->wall_us > summary->longest_us) {
		summary->longest_us = record->wall_us;
		note_longest(summary, who);
	}
	if (record->status != STATUS_ok) {
		add_failure(summary, who, record);
	}
	if (record->wall_us > 0) {
		timeline_add(&summary->timeline, now_us - record->wall_us, now_us,
			     record->user_us + record->sys_us);
	}
}

void
summary_end(struct summary *summary, int64_t now_us)
{
	int64_t cores_us = summary->wall_us * summary->cores;

	idle_end(&summary->idle, now_us, cores_us - summary->user_us - summary->sys_us);
}

static double
per_wall(const struct summary *summary, double us)
{
	return summary->wall_us > 0 ? us / (double)summary->wall_us : 0;
}

double
summary_parallelism(const struct summary *summary)
{
	return per_wall(summary, (double)(summary->user_us + summary->sys_us));
}

double
summary_concurrency(const struct summary *summary)
{
	return per_wall(summary, (double)summary->task_wall_us);
}

double
summary_bound(const struct summary *summary)
{
	double cpu = (double)(summary->user_us + summary->sys_us) / 1e6 / summary->cores;
	int64_t longest_us =
	    summary->longest_us > summary->path_us ? summary->longest_us : summary->path_us;

	return cpu > (double)longest_us / 1e6 ? cpu : (double)longest_us / 1e6;
}

double
summary_efficiency(const struct summary *summary)
{
	return per_wall(summary, summary_bound(summary) * 1e6);
}

uint64_t
summary_not_ok(const struct summary *summary)
{
	return summary->tasks - summary->by_status[STATUS_ok];
}

static void
put_seconds(struct text *out, const char *key, double seconds)
{
	text_printf(out, ",\"%s\":%.6f", key, seconds);
}

static void
put_string(struct text *out, const char *key, const char *string)
{
	text_printf(out, ",\"%s\":", key);
	text_json_string(out, string, strlen(string));
}

static void
put_failures(const struct summary *summary, struct text *out)
{
	text_string(out, ",\"failures\":[");
	for (unsigned i = 0; i < summary->failure_count; i++) {
		text_string(out, i == 0 ? "{\"id\":" : ",{\"id\":");
		text_json_string(out, summary->failures[i].id, strlen(summary->failures[i].id));
		if (summary->failures[i].tag != NULL) {
			put_string(out, "tag", summary->failures[i].tag);
		}
		put_string(out, "status", task_status_name(summary->failures[i].status));
		put_string(out, "error", summary->failures[i].why);
		text_char(out, '}');
	}
	text_char(out, ']');
}

/* {"start-up":0.01,"needs":2.5}: core-seconds that no task computed in. */
static void
put_idle(const struct summary *summary, struct text *out)
{
	text_string(out, ",\"idle\":{");
	for (int i = 0; i < IDLE_COUNT; i++) {
		text_printf(out, "%s\"%s\":%.6f", i == 0 ? "" : ",", idle_words((enum idle_cause)i),
			    (double)summary->idle.sums_us[i] / 1e6);
	}
	text_char(out, '}');
	if (summary->path.len > 0) {
		text_string(out, ",\"path\":");
		text_json_string(out, summary->path.data, summary->path.len);
		put_seconds(out, "path_wall", (double)summary->path_us / 1e6);
	}
}

void
summary_json(const struct summary *summary, struct text *out)
{
	struct text verdict = TEXT_INIT;

	text_string(out, "{\"job\":");
	text_json_string(out, summary->job, strlen(summary->job));
	put_string(out, "model", summary->model->name);
	text_printf(out, ",\"cores\":%u,\"workers\":%u,\"tasks\":%ju", summary->cores,
		    summary->workers, (uintmax_t)summary->tasks);
	for (int i = 0; i < STATUSES; i++) {
		text_printf(out, ",\"%s\":%ju", task_status_name((enum task_status)i),
			    (uintmax_t)summary->by_status[i]);
	}
	text_printf(out, ",\"not_started\":%ju,\"done_before\":%ju",
		    (uintmax_t)summary->not_started, (uintmax_t)summary->done_before);
	if (summary->began_us > 0) {
		put_seconds(out, "began", (double)summary->began_us / 1e6);
	}
	put_seconds(out, "wall", (double)summary->wall_us / 1e6);
	put_seconds(out, "task_wall", (double)summary->task_wall_us / 1e6);
	put_seconds(out, "user", (double)summary->user_us / 1e6);
	put_seconds(out, "sys", (double)summary->sys_us / 1e6);
	text_printf(out, ",\"parallelism\":%.4f,\"concurrency\":%.4f,\"peak\":%u",
		    summary_parallelism(summary), summary_concurrency(summary), summary->peak);
	put_seconds(out, "bound", summary_bound(summary));
	text_printf(out, ",\"efficiency\":%.4f,\"maxrss\":%ju", summary_efficiency(summary),
		    (uintmax_t)summary->maxrss);
	put_idle(summary, out);
	put_failures(summary, out);
	summary_verdict(summary, &verdict);
	text_terminate(&verdict);
	put_string(out, "verdict", verdict.data);
	text_string(out, "}\n");
	text_free(&verdict);
}
