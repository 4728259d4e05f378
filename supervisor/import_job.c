/* SPDX-License-Identifier: ISC */
/* import_job: see import_job.h. In the supervisor; pure. */
#include "supervisor/import_job.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/duration.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/size.h"
#include "supervisor/graph.h"
#include "supervisor/shell_quote.h"

#define TASKS_MOST   (UINT32_MAX / 2)
#define SECONDS_MOST 9e11 /* that fit into microseconds */

static double
smaller(double a, double b)
{
	return a < b ? a : b;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* Room for one more; doubles. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room) {
		return array;
	}
	*room = *room == 0 ? 64 : *room * 2;
	array = reallocarray(array, *room, size);
	if (array == NULL) {
		err(3, "import");
	}
	return array;
}

struct import_task *
import_job_add(struct import_job *job)
{
	size_t room = job->room;
	struct import_task *task;

	if (job->count == TASKS_MOST) {
		return NULL;
	}
	job->tasks = grow(job->tasks, job->count, &room, sizeof(*job->tasks));
	job->room = (uint32_t)room;
	task = &job->tasks[job->count++];
	*task = (struct import_task){.cpus = 1};
	return task;
}

void
import_job_need(struct import_job *job, uint32_t task, uint32_t need)
{
	job->needs = grow(job->needs, job->need_count, &job->need_room, sizeof(*job->needs));
	job->needs[job->need_count++] = (struct import_need){task, need};
}

bool
import_job_keep(struct import_job *job, struct span string, struct span *plain)
{
	char *bytes;
	size_t len;

	if (string.len < 2 || string.at[0] != '"') {
		return false;
	}
	*plain = (struct span){string.at + 1, string.len - 2};
	if (memchr(plain->at, '\\', plain->len) == NULL) {
		return true;
	}
	if (!json_value_string(string, &bytes, &len)) {
		return false;
	}
	job->kept = grow(job->kept, job->kept_count, &job->kept_room, sizeof(*job->kept));
	job->kept[job->kept_count++] = bytes;
	*plain = (struct span){bytes, len};
	return true;
}

/* By task, in the order in which they were said; what was said twice is left out. */
static void
sort_needs(struct import_job *job)
{
	struct import_need *sorted = calloc(job->need_count + 1, sizeof(*sorted));
	size_t *ends = calloc((size_t)job->count + 2, sizeof(*ends)), count = 0;
	uint32_t *seen = calloc((size_t)job->count + 1, sizeof(*seen));

	if (sorted == NULL || ends == NULL || seen == NULL) {
		err(3, "import");
	}
	for (size_t i = 0; i < job->need_count; i++) {
		ends[job->needs[i].task + 1]++;
	}
	for (uint32_t i = 0; i < job->count; i++) {
		ends[i + 1] += ends[i];
	}
	for (size_t i = 0; i < job->need_count; i++) {
		sorted[ends[job->needs[i].task]++] = job->needs[i];
	}
	for (size_t i = 0; i < job->need_count; i++) {
		if (seen[sorted[i].need] != sorted[i].task + 1) {
			seen[sorted[i].need] = sorted[i].task + 1;
			sorted[count++] = sorted[i];
		}
	}
	free(seen);
	free(ends);
	free(job->needs);
	job->needs = sorted;
	job->need_count = count;
}

size_t
import_job_order(struct import_job *job, uint32_t **circle)
{
	struct graph *graph = graph_new();
	size_t count;

	sort_needs(job);
	for (uint32_t i = 0; i < job->count; i++) {
		graph_add(graph, 1, false); /* its number is i + 1 */
	}
	for (size_t i = 0; i < job->need_count; i++) {
		graph_need(graph, job->needs[i].task + 1, job->needs[i].need + 1);
	}
	count = graph_cycle(graph, circle);
	for (size_t i = 0; i < count; i++) {
		(*circle)[i]--;
	}
	for (uint32_t i = 0; count == 0 && i < job->count; i++) {
		double seconds = smaller(job->tasks[i].cpu + job->tasks[i].wait, SECONDS_MOST);

		graph_expect(graph, i + 1, (int64_t)(seconds * 1e6));
	}
	graph_rank(graph, 0);
	for (uint32_t i = 0; count == 0 && i < job->count; i++) {
		job->path = larger(job->path, (double)graph_rank_us(graph, i + 1) / 1e6);
	}
	graph_free(graph);
	return count;
}

double
import_job_bound(const struct import_job *job, unsigned cores)
{
	double cpu = 0;

	for (uint32_t i = 0; i < job->count; i++) {
		cpu += job->tasks[i].cpu;
	}
	return larger(cpu / cores, job->path);
}

/* The memory of all together, so that nobody has to wait for it; 0: it is of no task known. */
static uint64_t
memory_of_all(const struct import_job *job)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < job->count && sum < SIZE_MOST; i++) {
		sum += job->tasks[i].memory;
	}
	return sum < SIZE_MOST ? sum : SIZE_MOST;
}

/* Seconds, without zeros behind the last digit that says something. */
static void
put_seconds(struct text *out, int64_t us)
{
	text_seconds(out, us);
	while (out->data[out->len - 1] == '0') {
		out->len--;
	}
	if (out->data[out->len - 1] == '.') {
		out->len--;
	}
}

static bool
put_steps(struct text *out, const struct import_task *task, double scale)
{
	double cpu_us = task->cpu * scale * 1e6, wait_us = task->wait * scale * 1e6;

	if (!(cpu_us <= (double)DURATION_MOST_US && wait_us <= (double)DURATION_MOST_US)) {
		return false;
	}
	text_string(out, ",\"steps\":[{\"cpu\":{\"spin\":");
	put_seconds(out, (int64_t)(cpu_us + 0.5));
	text_string(out, "}},{\"sleep\":");
	put_seconds(out, (int64_t)(wait_us + 0.5));
	text_string(out, "}]");
	return true;
}

/* Appends what a JSON string says as a word for the shell. */
static void
put_word(struct text *line, struct span string)
{
	struct text word = TEXT_INIT;

	json_value_append(&word, string);
	shell_quote(line, (struct span){word.data, word.len});
	text_free(&word);
}

/* A program with blanks in it is a script, or a command line: the shell knows what to do with it. */
static void
put_command(struct text *out, const struct import_task *task)
{
	struct text line = TEXT_INIT;
	struct json_members arguments;
	struct span argument;
	bool script;

	json_value_append(&line, task->program);
	text_terminate(&line);
	script = strpbrk(line.data, " \t\r\n") != NULL;
	text_string(out, script ? ",\"shell\":" : ",\"exec\":[");
	if (!script) {
		text_span(out, task->program);
	}
	json_elements_begin(&arguments,
			    task->arguments.len > 0 ? task->arguments : SPAN_LITERAL("[]"));
	while (json_elements_next(&arguments, &argument)) {
		if (script) {
			text_char(&line, ' ');
			put_word(&line, argument);
		} else {
			text_char(out, ',');
			text_span(out, argument);
		}
	}
	if (script) {
		text_json_string(out, line.data, line.len);
	} else {
		text_char(out, ']');
	}
	text_free(&line);
}

static void
put_needs(struct text *out, const struct import_job *job, uint32_t task, size_t *at)
{
	const char *before = ",\"needs\":[";

	if (*at == job->need_count || job->needs[*at].task != task) {
		return;
	}
	for (; *at < job->need_count && job->needs[*at].task == task; ++*at) {
		struct span id = job->tasks[job->needs[*at].need].id;

		text_string(out, before);
		text_json_string(out, id.at, id.len);
		before = ",";
	}
	text_char(out, ']');
}

static void
put_head(struct text *out, const struct import_job *job, enum import_as as)
{
	uint64_t memory = memory_of_all(job);

	text_string(out, "{\"stint\":1");
	if (job->name.len > 0) {
		text_string(out, ",\"name\":");
		text_json_string(out, job->name.at, job->name.len);
	}
	if (as == IMPORT_STEPS && memory > 0) {
		text_string(out, ",\"resources\":{\"memory\":");
		text_uint(out, memory);
		text_char(out, '}');
	}
	text_string(out, ",\"tasks\":[");
}

bool
import_job_write(const struct import_job *job, enum import_as as, double scale, struct text *out,
		 uint32_t *task)
{
	size_t need = 0;

	put_head(out, job, as);
	for (uint32_t i = 0; i < job->count; i++) {
		const struct import_task *at = &job->tasks[i];

		text_string(out, i == 0 ? "\n{\"id\":" : ",\n{\"id\":");
		text_json_string(out, at->id.at, at->id.len);
		if (at->name.len > 0) {
			text_string(out, ",\"name\":");
			text_json_string(out, at->name.at, at->name.len);
		}
		put_needs(out, job, i, &need);
		if (at->cpus > 1) {
			text_printf(out, ",\"cpus\":%u", at->cpus);
		}
		if (as == IMPORT_STEPS && at->memory > 0) {
			text_string(out, ",\"memory\":");
			text_uint(out, at->memory);
		}
		if (as == IMPORT_EXEC) {
			put_command(out, at);
		} else if (!put_steps(out, at, scale)) {
			*task = i;
			return false;
		}
		text_char(out, '}');
	}
	text_string(out, "\n]}\n");
	return true;
}

void
import_job_clear(struct import_job *job)
{
	for (size_t i = 0; i < job->kept_count; i++) {
		free(job->kept[i]);
	}
	free(job->kept);
	free(job->needs);
	free(job->tasks);
	*job = (struct import_job){.count = 0};
}
