/* SPDX-License-Identifier: ISC */
/*
 * recorded_run_finish: what is worked out once all records are there: order, needs, measures. See
 * recorded_run.h. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/ids.h"
#include "supervisor/recorded_parts.h"

#define SLACK_US   (2 * INT64_C(1000000)) /* by which the clock of the day may be set meanwhile */
#define STOPPED_US INT64_C(1000000)       /* so long is a stop by Ctrl-Z that is cut out */
#define PATH_SHOWN 6                      /* ids of a path, more are left out */

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "results");
	}
	return memory;
}

void
recorded_status(struct span quoted, enum task_status *status)
{
	if (quoted.len < 2) {
		return;
	}
	quoted = (struct span){quoted.at + 1, quoted.len - 2};
	for (int i = 0; i < STATUSES; i++) {
		if (span_is(quoted, task_status_name((enum task_status)i))) {
			*status = (enum task_status)i;
		}
	}
}

/* ---- order ------------------------------------------------------------------------------------ */

static int
by_start(const void *a, const void *b)
{
	const struct recorded_task *left = a, *right = b;
	uint64_t one = (uint64_t)left->start_us, other = (uint64_t)right->start_us;

	if (one != other) { /* -1, as the largest, comes last */
		return one < other ? -1 : 1;
	}
	if (left->wall_us != right->wall_us) { /* one of no length may be what the other needs */
		return left->wall_us < right->wall_us ? -1 : 1;
	}
	return left->worker != right->worker ? (left->worker < right->worker ? -1 : 1) : 0;
}

/* By start; then the table of ids is right again. */
static void
sort(struct recorded_run *run)
{
	if (run->count > 0) { /* else there is no array */
		qsort(run->tasks, run->count, sizeof(*run->tasks), by_start);
	}
	for (size_t i = 0; i < run->count; i++) {
		const char *id = run->tasks[i].id;

		id_table_set(&run->parts->places, ids_hash(id, strlen(id)), (uint32_t)i + 1);
	}
}

/* Times become those since a moment; what is said to be before it was at that moment. */
static void
shift(struct recorded_run *run, int64_t by_us)
{
	for (size_t i = 0; i < run->count; i++) {
		struct recorded_task *task = &run->tasks[i];
		struct recorded_attempt *earlier = (struct recorded_attempt *)task->earlier;

		if (task->start_us >= 0) {
			task->start_us = task->start_us < by_us ? 0 : task->start_us - by_us;
		}
		for (unsigned k = 0; k < task->earlier_count; k++) {
			earlier[k].start_us =
			    earlier[k].start_us < by_us ? 0 : earlier[k].start_us - by_us;
		}
	}
	run->began_us += by_us;
}

/* When the first attempt began; 0: none did. */
static int64_t
first_us(const struct recorded_run *run)
{
	int64_t first_us = INT64_MAX;

	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		if (task->start_us >= 0 && task->start_us < first_us) {
			first_us = task->start_us;
		}
		for (unsigned k = 0; k < task->earlier_count; k++) {
			if (task->earlier[k].start_us < first_us) {
				first_us = task->earlier[k].start_us;
			}
		}
	}
	return first_us == INT64_MAX ? 0 : first_us;
}

/* How much later the last task ended than the summary says that the run did. */
static int64_t
overrun_us(const struct recorded_run *run)
{
	int64_t last_us = 0;

	for (size_t i = 0; i < run->count; i++) {
		int64_t end_us = recorded_end_us(&run->tasks[i]);

		last_us = end_us > last_us ? end_us : last_us;
	}
	return last_us - run->parts->wall_us;
}

/* Times by the clock of the day become those since the run began. */
static void
place_times(struct recorded_run *run)
{
	struct recorded_parts *parts = run->parts;
	int64_t earliest_us = first_us(run);

	run->misfit = parts->summed && parts->began_us > 0 && earliest_us > 0 &&
		      earliest_us < parts->began_us - SLACK_US;
	if (parts->summed && !run->misfit) {
		shift(run, parts->began_us > 0 ? parts->began_us : earliest_us);
		if (overrun_us(run) > SLACK_US) {
			recorded_cut_gaps(run, STOPPED_US);
		}
		run->misfit = overrun_us(run) > SLACK_US + parts->wall_us / 20;
		earliest_us = first_us(run);
	}
	if (!parts->summed || run->misfit) {
		parts->summed = false;
		parts->peak = 0;
		shift(run, earliest_us);
		recorded_cut_gaps(run, RECORDED_GAP_US);
	}
}

/* ---- measures --------------------------------------------------------------------------------- */

static int
by_moment(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Most tasks in progress at once. */
static unsigned
peak(const struct recorded_run *run)
{
	int64_t *begins = check(calloc(2 * run->count + 1, sizeof(*begins)));
	int64_t *ends = begins + run->count;
	int64_t now = 0, most = 0; /* one of no length ends before it begins */
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (run->tasks[i].start_us >= 0) {
			begins[count] = run->tasks[i].start_us;
			ends[count++] =
			    recorded_over_us(run->tasks[i].start_us, run->tasks[i].wall_us);
		}
	}
	qsort(ends, count, sizeof(*ends), by_moment);
	for (size_t i = 0, ended = 0; i < count; i++) {
		for (; ended < count && ends[ended] <= begins[i]; ended++) {
			now--;
		}
		most = ++now > most ? now : most;
	}
	free(begins);
	return (unsigned)(most == 0 && count > 0 ? 1 : most);
}

/* The chain, its end first; a long one is named by its ends, as a run names it. */
static void
keep_path(struct recorded_run *run, const uint32_t *chain, size_t length)
{
	uint32_t *path = recorded_keep(run->parts, chain, length * sizeof(*chain));
	struct text *words = &run->summary.path;

	for (size_t i = 0; i < length; i++) {
		path[i] = chain[length - 1 - i];
	}
	for (size_t i = 0; i < length; i++) {
		text_string(words, i == 0 ? "" : " -> ");
		text_string(words, run->tasks[path[i]].id);
		if (length > PATH_SHOWN && i == 1) {
			text_string(words, " -> ...");
			i = length - 2;
		}
	}
	run->path = path;
	run->path_count = length;
}

/* The longest chain of needs, by walls: its end for each task, in an order in which needs end first. */
static void
find_path(struct recorded_run *run)
{
	int64_t *ends = check(calloc(run->count + 1, sizeof(*ends)));
	uint32_t *before = check(calloc(run->count + 1, sizeof(*before)));
	size_t last = run->count, length = 0;
	uint32_t *chain;

	for (size_t i = 0; i < run->count; i++) { /* what a task needs began before it */
		const struct recorded_task *task = &run->tasks[i];

		before[i] = UINT32_MAX;
		for (unsigned k = 0; k < task->need_count; k++) {
			if (task->needs[k] < i && ends[task->needs[k]] > ends[i]) {
				ends[i] = ends[task->needs[k]];
				before[i] = task->needs[k];
			}
		}
		ends[i] += task->wall_us;
		if (last == run->count || ends[i] > ends[last]) {
			last = i;
		}
	}
	if (last < run->count && before[last] != UINT32_MAX) {
		run->summary.path_us = ends[last];
		chain = check(calloc(run->count, sizeof(*chain)));
		for (uint32_t at = (uint32_t)last; at != UINT32_MAX; at = before[at]) {
			chain[length++] = at;
		}
		keep_path(run, chain, length);
		free(chain);
	}
	free(before);
	free(ends);
}

static void
note_worker(struct recorded_run *run, int worker)
{
	if (worker >= 0 && (unsigned)worker >= run->lanes) {
		run->lanes = (unsigned)worker + 1;
	}
}

static void
add_all(struct recorded_run *run)
{
	struct text *why = &run->parts->plain;

	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		struct result_record record = {.status = task->status,
					       .wall_us = task->wall_us,
					       .user_us = task->user_us,
					       .sys_us = task->sys_us,
					       .maxrss = task->maxrss};
		struct summary_who who = {.id = task->id, .tag = task->tag};
		int64_t end_us = recorded_end_us(task);

		text_clear(why);
		if (task->error != NULL && summary_names(&run->summary, &record)) {
			text_json_string(why, task->error, strlen(task->error));
			record.error = (struct span){why->data, why->len};
		}

		summary_add(&run->summary, &who, task->attempt, &record, end_us < 0 ? 0 : end_us);
		if (end_us > run->summary.wall_us) {
			run->summary.wall_us = end_us;
		}
		note_worker(run, task->worker);
		for (unsigned k = 0; k < task->earlier_count; k++) {
			note_worker(run, task->earlier[k].worker);
		}
	}
}

/* Where nobody says: a core a worker, but no fewer than were busy. */
static unsigned
guess_cores(const struct recorded_run *run)
{
	unsigned busy = (unsigned)(summary_parallelism(&run->summary) + 0.9);
	unsigned cores = run->lanes == 0 ? 1 : run->lanes;

	return busy > cores ? busy : cores;
}

static void
heed_summary(struct recorded_run *run)
{
	struct recorded_parts *parts = run->parts;
	struct summary *summary = &run->summary;

	if (parts->wall_us > 0) {
		summary->wall_us = parts->wall_us;
	}
	if (parts->path_us > 0) {
		summary->path_us = parts->path_us;
		text_clear(&summary->path);
		text_bytes(&summary->path, parts->path.data, parts->path.len);
	}
	if (parts->job.len > 0) {
		text_terminate(&parts->job);
		free(summary->job);
		summary->job = check(strdup(parts->job.data));
	}
	memcpy(summary->idle.sums_us, parts->idle_us, sizeof(parts->idle_us));
	run->measured = true;
}

void
recorded_run_finish(struct recorded_run *run, unsigned cores)
{
	struct recorded_parts *parts = run->parts;
	struct summary *summary = &run->summary;
	struct text verdict = TEXT_INIT;

	place_times(run);
	sort(run);
	recorded_resolve_needs(run);
	add_all(run);
	find_path(run);
	summary->peak = parts->summed && parts->peak > 0 ? parts->peak : peak(run);
	summary->cores = cores > 0 ? cores : parts->cores > 0 ? parts->cores : guess_cores(run);
	summary->workers = summary->model->per_cpu ? summary->cores : 1;
	if (parts->summed) {
		heed_summary(run);
	}
	summary_verdict(summary, &verdict);
	text_terminate(&verdict);
	run->verdict = verdict.data;
}

/* ---- what the run has said of itself ---------------------------------------------------------- */

static void
take_idle(struct recorded_parts *parts, struct span object)
{
	struct json_members members;
	struct span key, value;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		for (int i = 0; i < IDLE_COUNT; i++) {
			if (span_is(key, idle_words((enum idle_cause)i))) {
				json_value_us(value, &parts->idle_us[i]);
			}
		}
	}
}

static void
take_model(struct recorded_run *run, struct span quoted)
{
	for (int i = 0; i < model_count && quoted.len > 2; i++) {
		if (span_is((struct span){quoted.at + 1, quoted.len - 2}, models[i].name)) {
			run->summary.model = &models[i];
		}
	}
}

bool
recorded_run_summary(struct recorded_run *run, struct span object)
{
	struct recorded_parts *parts = run->parts;
	struct json_members members;
	struct span key, value;
	uint64_t number;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "job") && value.at[0] == '"') {
			text_clear(&parts->job);
			json_value_append(&parts->job, value);
		} else if (span_is(key, "model")) {
			take_model(run, value);
		} else if (span_is(key, "cores") && json_value_uint(value, &number) &&
			   number <= 1000000) {
			parts->cores = (unsigned)number;
		} else if (span_is(key, "peak") && json_value_uint(value, &number)) {
			parts->peak = (unsigned)number;
		} else if (span_is(key, "began")) {
			json_value_us(value, &parts->began_us);
		} else if (span_is(key, "wall")) {
			json_value_us(value, &parts->wall_us);
		} else if (span_is(key, "path_wall")) {
			json_value_us(value, &parts->path_us);
		} else if (span_is(key, "path") && value.at[0] == '"') {
			text_clear(&parts->path);
			json_value_append(&parts->path, value);
		} else if (span_is(key, "idle") && value.at[0] == '{') {
			take_idle(parts, value);
		}
	}
	parts->summed = !members.failed && parts->cores > 0 && parts->wall_us > 0;
	return parts->summed;
}
