/* SPDX-License-Identifier: ISC */
/*
 * import_wfcommons: recorded workflows in WfFormat 1.0 to 1.5, https://wfcommons.org: what of which
 * version is where is said in import_wfcommons.h. In the supervisor; pure.
 */
#include "supervisor/import_wfcommons.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/memory.h"
#include "ipc/task_spec.h"
#include "supervisor/ids.h"
#include "supervisor/jobfile_error.h"

#define SPECIFIED "workflow.specification.tasks"
#define EXECUTED  "workflow.execution.tasks"

const char *const wf_keys[WF_KEYS] = {
    [WF_ID] = "id",
    [WF_NAME] = "name",
    [WF_CATEGORY] = "category",
    [WF_PARENTS] = "parents",
    [WF_CHILDREN] = "children",
    [WF_COMMAND] = "command",
    [WF_RUNTIME] = "runtimeInSeconds",
    [WF_RUNTIME_OLD] = "runtime",
    [WF_AVG_CPU] = "avgCPU",
    [WF_CORE_COUNT] = "coreCount",
    [WF_CORES] = "cores",
    [WF_MEMORY] = "memoryInBytes",
    [WF_MEMORY_OLD] = "memory",
};

static bool
refuse_at(const struct wf_reader *reader, const char *at, const char *path, const char *format,
	  va_list args)
{
	char message[512];

	vsnprintf(message, sizeof(message), format, args);
	jobfile_complain(reader->error, reader->source->file,
			 1 + jobfile_count_lines(reader->source->bytes.at, at), path, "%s",
			 message);
	return false;
}

bool
wf_refuse(const struct wf_reader *reader, const char *at, const char *path, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse_at(reader, at, path, format, args);
	va_end(args);
	return false;
}

bool
wf_refuse_value(const struct wf_reader *reader, const struct wf_entry *entry, enum wf_key key,
		const char *format, ...)
{
	struct span value = entry->values[key];
	char path[128];
	va_list args;

	snprintf(path, sizeof(path), "%s[%" PRIu32 "].%s", entry->list, entry->index, wf_keys[key]);
	va_start(args, format);
	refuse_at(reader, value.len > 0 ? value.at : entry->text.at, path, format, args);
	va_end(args);
	return false;
}

/* A file that is not JSON: the library that can say where is asked only for this. */
static bool
refuse_syntax(const struct wf_reader *reader)
{
	struct span bytes = reader->source->bytes;
	json_error_t wrong = {.line = 1};
	json_t *value = json_loadb(bytes.at, bytes.len, JSON_DECODE_ANY, &wrong);
	char path[32];

	json_decref(value);
	if (value != NULL) { /* only we find fault with it */
		snprintf(wrong.text, sizeof(wrong.text), "not UTF-8, or nested too deep");
	}
	snprintf(path, sizeof(path), "column %d", wrong.column < 1 ? 1 : wrong.column);
	jobfile_complain(reader->error, reader->source->file,
			 wrong.line < 1 ? 1 : (uint64_t)wrong.line, path, "not valid JSON: %s",
			 wrong.text);
	return false;
}

bool
wf_members(const struct wf_reader *reader, struct span object, const char *path,
	   const char *const *keys, int count, struct span *values)
{
	struct json_members members;
	struct span key, value;

	if (!json_members_begin(&members, object)) {
		return wf_refuse(reader, object.at, path, "must be an object");
	}
	while (json_members_next(&members, &key, &value)) {
		int i = 0;

		while (i < count && !span_is(key, keys[i])) {
			i++;
		}
		if (i == count) {
			continue;
		}
		if (values[i].len > 0) {
			return wf_refuse(reader, key.at, path, "has \"%s\" twice", keys[i]);
		}
		values[i] = value;
	}
	return true;
}

bool
wf_string(const struct wf_reader *reader, const struct wf_entry *entry, enum wf_key key,
	  struct span *string)
{
	*string = SPAN_EMPTY;
	if (entry->values[key].len == 0) {
		return true;
	}
	if (!import_job_keep(reader->job, entry->values[key], string)) {
		return wf_refuse_value(reader, entry, key, "must be a string");
	}
	for (size_t i = 0; i < string->len; i++) {
		if ((unsigned char)string->at[i] < 0x20 || string->at[i] == 0x7f) {
			return wf_refuse_value(reader, entry, key,
					       "must not have control characters");
		}
	}
	return true;
}

/* The id, or the name where older recordings have no id. */
static bool
take_id(const struct wf_reader *reader, const struct wf_entry *entry, struct span *id)
{
	enum wf_key key = entry->values[WF_ID].len > 0 ? WF_ID : WF_NAME;

	if (entry->values[key].len == 0 || (key == WF_NAME && !reader->old)) {
		return wf_refuse_value(reader, entry, WF_ID, "missing; every task has one");
	}
	if (!wf_string(reader, entry, key, id)) {
		return false;
	}
	if (id->len == 0 || id->len > TASK_ID_MAX) {
		return wf_refuse_value(reader, entry, key, "must have 1 to %d bytes", TASK_ID_MAX);
	}
	return true;
}

/* Room for so many tasks. */
static void
reserve(struct wf_reader *reader, uint32_t count)
{
	if (count <= reader->room) {
		return;
	}
	reader->room = count * 2;
	reader->tasks =
	    memory_check(reallocarray(reader->tasks, reader->room, sizeof(*reader->tasks)));
}

/* A task, but for how it went. */
static bool
take_task(struct wf_reader *reader, const struct wf_entry *entry)
{
	struct span id = SPAN_EMPTY;
	struct import_task *task;
	struct wf_task *more;
	uint32_t *place;
	bool is_new;

	if (!take_id(reader, entry, &id)) {
		return false;
	}
	task = import_job_add(reader->job);
	if (task == NULL) {
		return wf_refuse(reader, entry->text.at, entry->list, "too many tasks");
	}
	task->id = id;
	reserve(reader, reader->job->count);
	more = &reader->tasks[reader->job->count - 1];
	*more = (struct wf_task){.text = entry->text,
				 .parents = entry->values[WF_PARENTS],
				 .children = entry->values[WF_CHILDREN]};
	place = id_table_put(&reader->ids, ids_hash(id.at, id.len), &is_new);
	if (!is_new) {
		return wf_refuse_value(
		    reader, entry, entry->values[WF_ID].len > 0 ? WF_ID : WF_NAME,
		    "\"%.*s\" is that of %s[%" PRIu32 "], too; must be unique",
		    (int)(id.len < 200 ? id.len : 200), id.at, entry->list, *place - 1);
	}
	*place = reader->job->count;
	return wf_string(reader, entry, WF_NAME, &more->name) &&
	       wf_string(reader, entry, WF_CATEGORY, &more->category);
}

/* How the task went whose id this is. */
static bool
take_execution(struct wf_reader *reader, const struct wf_entry *entry)
{
	struct span id;
	uint32_t place;

	if (!take_id(reader, entry, &id)) {
		return false;
	}
	place = id_table_get(&reader->ids, ids_hash(id.at, id.len));
	if (place == 0) {
		return wf_refuse_value(reader, entry, WF_ID, "\"%.*s\" is of no task in " SPECIFIED,
				       (int)(id.len < 200 ? id.len : 200), id.at);
	}
	if (reader->tasks[place - 1].ran) {
		return wf_refuse_value(reader, entry, WF_ID, "\"%.*s\" is here for the second time",
				       (int)(id.len < 200 ? id.len : 200), id.at);
	}
	reader->tasks[place - 1].ran = true;
	return wf_measures(reader, entry, &reader->job->tasks[place - 1],
			   &reader->tasks[place - 1]);
}

/* All in one, as up to 1.4. */
static bool
take_both(struct wf_reader *reader, const struct wf_entry *entry)
{
	uint32_t place = reader->job->count;

	return take_task(reader, entry) &&
	       wf_measures(reader, entry, &reader->job->tasks[place], &reader->tasks[place]);
}

static bool
take_list(struct wf_reader *reader, struct span array, const char *list,
	  bool (*take)(struct wf_reader *, const struct wf_entry *))
{
	struct wf_entry entry = {.list = list};
	struct json_members elements;
	char path[64];

	if (!json_elements_begin(&elements, array)) {
		return wf_refuse(reader, array.at, list, "must be an array of tasks");
	}
	for (entry.index = 0; json_elements_next(&elements, &entry.text); entry.index++) {
		memset(entry.values, 0, sizeof(entry.values));
		snprintf(path, sizeof(path), "%s[%" PRIu32 "]", list, entry.index);
		if (!wf_members(reader, entry.text, path, wf_keys, WF_KEYS, entry.values) ||
		    !take(reader, &entry)) {
			return false;
		}
	}
	return true;
}

static bool
take_old(struct wf_reader *reader, struct span array, const char *list)
{
	reader->old = true;
	if (!take_list(reader, array, list, take_both)) {
		return false;
	}
	return reader->job->count > 0 ? wf_needs(reader, list)
				      : wf_refuse(reader, array.at, list, "has no tasks");
}

/* The array `tasks` of one of the two parts of a workflow. */
static bool
tasks_of(const struct wf_reader *reader, struct span part, const char *path, struct span *array)
{
	static const char *const keys[] = {"tasks"};

	*array = SPAN_EMPTY;
	if (!wf_members(reader, part, path, keys, 1, array)) {
		return false;
	}
	return array->len > 0 || wf_refuse(reader, part.at, path, "has no \"tasks\"");
}

static bool
take_parts(struct wf_reader *reader, struct span specification, struct span execution)
{
	struct span tasks;
	char path[64];

	if (!tasks_of(reader, specification, "workflow.specification", &tasks) ||
	    !take_list(reader, tasks, SPECIFIED, take_task)) {
		return false;
	}
	if (reader->job->count == 0) {
		return wf_refuse(reader, tasks.at, SPECIFIED, "has no tasks");
	}
	if (execution.len == 0) {
		return wf_refuse(reader, specification.at, "workflow.execution",
				 "missing; how long the tasks took is not known");
	}
	if (!tasks_of(reader, execution, "workflow.execution", &tasks) ||
	    !take_list(reader, tasks, EXECUTED, take_execution)) {
		return false;
	}
	for (uint32_t i = 0; i < reader->job->count; i++) {
		if (!reader->tasks[i].ran) {
			snprintf(path, sizeof(path), SPECIFIED "[%" PRIu32 "]", i);
			return wf_refuse(reader, reader->tasks[i].text.at, path,
					 "its id is not in " EXECUTED
					 "; how long it took is not known");
		}
	}
	return wf_needs(reader, SPECIFIED);
}

static bool
take_workflow(struct wf_reader *reader, struct span workflow)
{
	static const char *const keys[] = {"specification", "execution", "tasks", "jobs"};
	struct span values[4] = {SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY};

	if (!wf_members(reader, workflow, "workflow", keys, 4, values)) {
		return false;
	}
	if (values[0].len > 0) {
		return take_parts(reader, values[0], values[1]);
	}
	if (values[2].len > 0) {
		return take_old(reader, values[2], "workflow.tasks");
	}
	if (values[3].len > 0) {
		return take_old(reader, values[3], "workflow.jobs");
	}
	return wf_refuse(reader, workflow.at, "workflow",
			 "has none of \"specification\", \"tasks\" and \"jobs\"");
}

static bool
check_version(const struct wf_reader *reader, struct span version)
{
	static const char *const known[] = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"};
	struct span plain;

	if (!import_job_keep(reader->job, version, &plain)) {
		return wf_refuse(reader, version.at, "schemaVersion",
				 "must be a string, as \"1.5\"");
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (span_is(plain, known[i])) {
			return true;
		}
	}
	return wf_refuse(reader, version.at, "schemaVersion",
			 "\"%.*s\" is not known; 1.0 to 1.5 are",
			 (int)(plain.len < 32 ? plain.len : 32), plain.at);
}

static bool
take_document(struct wf_reader *reader)
{
	static const char *const keys[] = {"schemaVersion", "workflow", "name"};
	struct span values[3] = {SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY}, all = SPAN_EMPTY;
	struct span bytes = reader->source->bytes;
	ptrdiff_t taken = json_scan_value(bytes, &all);
	struct span name = SPAN_EMPTY;

	if (strspn(bytes.at, " \t\r\n") == bytes.len) {
		return wf_refuse(reader, bytes.at, "", "not WfFormat: empty");
	}
	if (taken < 0 || strspn(bytes.at + taken, " \t\r\n") != bytes.len - (size_t)taken) {
		return refuse_syntax(reader);
	}
	if (all.at[0] != '{') {
		return wf_refuse(reader, all.at, "", "not WfFormat: must be an object");
	}
	if (!wf_members(reader, all, "", keys, 3, values)) {
		return false;
	}
	if (values[0].len == 0 || values[1].len == 0) {
		return wf_refuse(reader, all.at, "", "not WfFormat: \"%s\" is missing",
				 keys[values[0].len == 0 ? 0 : 1]);
	}
	if (values[2].len > 0 && (!import_job_keep(reader->job, values[2], &name) ||
				  (name.len > 0 && memchr(name.at, '\0', name.len) != NULL))) {
		return wf_refuse(reader, values[2].at, "name", "must be a string without \\u0000");
	}
	reader->job->name = name;
	return check_version(reader, values[0]) && take_workflow(reader, values[1]);
}

static bool
read_wfcommons(const struct import_source *source, struct import_job *job, struct text *error)
{
	struct wf_reader reader = {.source = source,
				   .job = job,
				   .error = error,
				   .ids = {.value_words = 1},
				   .names = {.value_words = 1}};
	bool good;

	reserve(&reader, 64);
	good = take_document(&reader);
	id_table_free(&reader.ids);
	id_table_free(&reader.names);
	free(reader.tasks);
	return good;
}

const struct import_ops import_wfcommons = {.name = "wfcommons", .read = read_wfcommons};
