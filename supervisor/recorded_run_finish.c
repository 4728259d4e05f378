/* SPDX-License-Identifier: ISC */
/*
 * recorded_run_finish: what is worked out once all records are there: order, needs, measures. See
 * recorded_run.h. In the supervisor.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/ids.h"
#include "supervisor/recorded_parts.h"

#define PATH_SHOWN 6 /* ids of a path, more are left out */

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

/* ---- needs: ids become places ----------------------------------------------------------------- */

/* A count, then two words of hash for each id. */
const uint32_t *
recorded_keep_needs(struct recorded_parts *parts, struct span array)
{
	struct json_members elements;
	struct span value;
	uint32_t count = 0, *kept;

	text_clear(&parts->list);
	text_bytes(&parts->list, &count, sizeof(count));
	json_elements_begin(&elements, array);
	while (!elements.failed && json_elements_next(&elements, &value)) {
		uint64_t hash;

		text_clear(&parts->plain);
		if (value.at[0] != '"' || !json_value_append(&parts->plain, value) ||
		    parts->plain.len == 0) {
			continue;
		}
		hash = ids_hash(parts->plain.data, parts->plain.len);
		text_bytes(&parts->list, &hash, sizeof(hash));
		count++;
	}
	kept = recorded_keep(parts, parts->list.data, parts->list.len);
	kept[0] = count;
	return kept;
}

/*
 * What an id stands for that no task has: all tasks whose ids begin with it and a point, as those
 * of `repeat` and `matrix` do.
 */
struct families {
	struct id_table first; /* of the beginning of an id: the first of its members, + 1 */
	uint32_t *next;        /* of each place: the next of the same family, + 1 */
};

static void
families_make(struct families *families, const struct recorded_run *run)
{
	struct id_table last = {.value_words = 1};

	families->first.value_words = 1;
	families->next = check(calloc(run->count + 1, sizeof(uint32_t)));
	for (size_t i = 0; i < run->count; i++) {
		const char *id = run->tasks[i].id, *point = strchr(id, '.');
		uint64_t hash;
		uint32_t before;

		if (point == NULL || point == id) {
			continue;
		}
		hash = ids_hash(id, (size_t)(point - id));
		before = id_table_get(&last, hash);
		if (before == 0) {
			id_table_set(&families->first, hash, (uint32_t)i + 1);
		} else {
			families->next[before - 1] = (uint32_t)i + 1;
		}
		id_table_set(&last, hash, (uint32_t)i + 1);
	}
	id_table_free(&last);
}

static void
resolve_needs(struct recorded_run *run)
{
	struct recorded_parts *parts = run->parts;
	struct families families = {.next = NULL};

	for (size_t i = 0; i < run->count; i++) {
		struct recorded_task *task = &run->tasks[i];
		const uint32_t *hashes = task->needs;

		text_clear(&parts->list);
		for (uint32_t k = 0; hashes != NULL && k < hashes[0]; k++) {
			uint64_t hash;
			uint32_t place;

			memcpy(&hash, (const char *)(hashes + 1) + k * sizeof(hash), sizeof(hash));
			place = id_table_get(&parts->places, hash);
			if (place != 0) {
				place--;
				text_bytes(&parts->list, &place, sizeof(place));
				task->need_count++;
				continue;
			}
			if (families.next == NULL) {
				families_make(&families, run);
			}
			for (place = id_table_get(&families.first, hash); place != 0;
			     place = families.next[place]) {
				place--;
				text_bytes(&parts->list, &place, sizeof(place));
				task->need_count++;
			}
		}
		task->needs = task->need_count == 0
				  ? NULL
				  : recorded_keep(parts, parts->list.data, parts->list.len);
	}
	if (families.next != NULL) {
		free(families.next);
		id_table_free(&families.first);
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
	return left->worker != right->worker ? (left->worker < right->worker ? -1 : 1) : 0;
}

/* By start; then the table of ids is right again. */
static void
sort(struct recorded_run *run)
{
	qsort(run->tasks, run->count, sizeof(*run->tasks), by_start);
	for (size_t i = 0; i < run->count; i++) {
		const char *id = run->tasks[i].id;

		id_table_set(&run->parts->places, ids_hash(id, strlen(id)), (uint32_t)i + 1);
	}
}

/* Times become those since the run began. */
static void
shift(struct recorded_run *run)
{
	int64_t began_us = run->began_us;

	for (size_t i = 0; i < run->count; i++) {
		struct recorded_task *task = &run->tasks[i];
		struct recorded_attempt *earlier = (struct recorded_attempt *)task->earlier;

		task->start_us = task->start_us < 0          ? -1
				 : task->start_us < began_us ? 0
							     : task->start_us - began_us;
		for (unsigned k = 0; k < task->earlier_count; k++) {
			earlier[k].start_us =
			    earlier[k].start_us < began_us ? 0 : earlier[k].start_us - began_us;
		}
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
	unsigned now = 0, most = 0;
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (run->tasks[i].start_us >= 0) {
			begins[count] = run->tasks[i].start_us;
			ends[count++] = recorded_end_us(&run->tasks[i]);
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
	return most;
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
add_all(struct recorded_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		struct result_record record = {.status = task->status,
					       .wall_us = task->wall_us,
					       .user_us = task->user_us,
					       .sys_us = task->sys_us,
					       .maxrss = task->maxrss};
		struct summary_who who = {.id = task->id, .tag = task->tag};
		int64_t end_us = recorded_end_us(task);

		summary_add(&run->summary, &who, task->attempt, &record, end_us < 0 ? 0 : end_us);
		if (end_us > run->summary.wall_us) {
			run->summary.wall_us = end_us;
		}
		if (task->worker >= 0 && (unsigned)task->worker >= run->lanes) {
			run->lanes = (unsigned)task->worker + 1;
		}
	}
}

/* Where nobody says: a core a worker, but no fewer than were busy. */
static unsigned
guess_cores(const struct recorded_run *run)
{
	double busy = ceil(summary_parallelism(&run->summary) - 0.1);
	unsigned cores = run->lanes == 0 ? 1 : run->lanes;

	return busy > cores ? (unsigned)busy : cores;
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

	run->began_us = parts->summed && parts->began_us > 0 ? parts->began_us
			: parts->earliest_us == INT64_MAX    ? 0
							     : parts->earliest_us;
	shift(run);
	sort(run);
	resolve_needs(run);
	add_all(run);
	find_path(run);
	summary->peak = parts->peak > 0 ? parts->peak : peak(run);
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
