/* SPDX-License-Identifier: ISC */
/* import_wfcommons_measures: of one task: times, cores, memory, command. In the supervisor; pure. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/size.h"
#include "supervisor/import_wfcommons.h"

#define FULL     100 /* percent of a core */
#define NEARLY   80  /* likewise: a core that was kept busy for that counts as one */
#define KB       1000
#define HAS(key) (entry->values[key].len > 0)

/* A number from 0 up. */
static bool
take_number(const struct wf_reader *reader, const struct wf_entry *entry, enum wf_key key,
	    double *number)
{
	struct span value = entry->values[key];
	char digits[128];

	if (value.at[0] != '-' && !isdigit((unsigned char)value.at[0])) {
		return wf_refuse_value(reader, entry, key, "must be a number");
	}
	if (value.len >= sizeof(digits)) {
		return wf_refuse_value(reader, entry, key, "a number of more than 127 digits");
	}
	memcpy(digits, value.at, value.len);
	digits[value.len] = '\0';
	*number = strtod(digits, NULL);
	if (*number < 0) {
		return wf_refuse_value(reader, entry, key, "%s: must not be below 0", digits);
	}
	return isfinite(*number) || wf_refuse_value(reader, entry, key, "%s: too large", digits);
}

/*
 * For steps the cores that it kept busy, if that is known, for the others would be held for nothing;
 * with 177 % of one it is taken to have used one. For a command those that it asked for.
 */
static bool
take_cpus(const struct wf_reader *reader, const struct wf_entry *entry, double percent,
	  struct import_task *task)
{
	enum wf_key key = HAS(WF_CORE_COUNT) ? WF_CORE_COUNT : WF_CORES;
	double busy = (double)(int64_t)((percent + FULL - NEARLY) / FULL), cores = busy;

	if (HAS(key) && !take_number(reader, entry, key, &cores)) {
		return false;
	}
	if (cores > IMPORT_CPUS_MOST) {
		return wf_refuse_value(reader, entry, key, "more than %d cores", IMPORT_CPUS_MOST);
	}
	if (reader->source->as == IMPORT_STEPS && HAS(WF_AVG_CPU)) {
		cores = busy;
	}
	task->cpus = (unsigned)cores + (cores > (unsigned)cores ? 1 : 0);
	task->cpus += task->cpus == 0;
	return true;
}

/*
 * A task without avgCPU is taken to have computed all the time. One that used several cores did so
 * for as long as it took, on each of them.
 */
static bool
take_times(const struct wf_reader *reader, const struct wf_entry *entry, struct import_task *task)
{
	enum wf_key key = HAS(WF_RUNTIME) ? WF_RUNTIME : WF_RUNTIME_OLD;
	double runtime = 0, percent = FULL;

	if (HAS(key)) {
		if (!take_number(reader, entry, key, &runtime)) {
			return false;
		}
	} else if (reader->source->as == IMPORT_STEPS) {
		return wf_refuse_value(reader, entry, WF_RUNTIME,
				       "missing; how long the task took is not known");
	}
	if (HAS(WF_AVG_CPU) && (!take_number(reader, entry, WF_AVG_CPU, &percent))) {
		return false;
	}
	if (percent > (double)FULL * IMPORT_CPUS_MOST) {
		return wf_refuse_value(reader, entry, WF_AVG_CPU, "more than %d cores",
				       IMPORT_CPUS_MOST);
	}
	task->cpu = runtime * (percent < FULL ? percent / FULL : 1);
	task->wait = runtime - task->cpu;
	return take_cpus(reader, entry, percent, task);
}

/* memoryInBytes, or memory, which is in KB. */
static bool
take_memory(const struct wf_reader *reader, const struct wf_entry *entry, struct import_task *task)
{
	enum wf_key key = HAS(WF_MEMORY) ? WF_MEMORY : WF_MEMORY_OLD;
	double bytes = 0;

	if (!HAS(key)) {
		return true;
	}
	if (!take_number(reader, entry, key, &bytes)) {
		return false;
	}
	bytes *= key == WF_MEMORY ? 1 : KB;
	if (bytes > (double)SIZE_MOST) {
		return wf_refuse_value(reader, entry, key, "more than 8192 TiB");
	}
	task->memory = (uint64_t)bytes;
	return true;
}

/* For a command a NUL would be its end. */
static bool
is_word(const struct wf_reader *reader, struct span string)
{
	struct span plain;

	return string.at[0] == '"' &&
	       (reader->source->as == IMPORT_STEPS ||
		(import_job_keep(reader->job, string, &plain) &&
		 (plain.len == 0 || memchr(plain.at, '\0', plain.len) == NULL)));
}

static bool
check_arguments(const struct wf_reader *reader, const struct wf_entry *entry, struct span array)
{
	struct json_members elements;
	struct span element;

	if (!json_elements_begin(&elements, array)) {
		return wf_refuse_value(reader, entry, WF_COMMAND,
				       "its arguments must be an array of strings");
	}
	for (unsigned i = 0; json_elements_next(&elements, &element); i++) {
		if (!is_word(reader, element)) {
			return wf_refuse_value(reader, entry, WF_COMMAND,
					       "its arguments[%u] must be a string without \\u0000",
					       i);
		}
	}
	return true;
}

static bool
take_command(const struct wf_reader *reader, const struct wf_entry *entry, struct import_task *task)
{
	static const char *const keys[] = {"program", "arguments"};
	struct span values[2] = {SPAN_EMPTY, SPAN_EMPTY};

	if (HAS(WF_COMMAND)) {
		if (entry->values[WF_COMMAND].at[0] != '{') {
			return wf_refuse_value(reader, entry, WF_COMMAND,
					       "must be an object: {\"program\", \"arguments\"}");
		}
		if (!wf_members(reader, entry->values[WF_COMMAND], "command", keys, 2, values) ||
		    (values[1].len > 0 && !check_arguments(reader, entry, values[1]))) {
			return false;
		}
	}
	if (values[0].len > 0 && !is_word(reader, values[0])) {
		return wf_refuse_value(reader, entry, WF_COMMAND,
				       "its program must be a string without \\u0000");
	}
	if (reader->source->as == IMPORT_EXEC && values[0].len <= 2) {
		return wf_refuse_value(reader, entry, WF_COMMAND,
				       "%s; without --as exec the task is replayed by its times",
				       HAS(WF_COMMAND) ? "names no program" : "missing");
	}
	if (values[0].len > 2) {
		task->program = values[0];
		task->arguments = values[1];
	}
	return true;
}

/* Without "_" and its digits, "_ID" and its digits, at the end. */
static struct span
without_number(struct span name, bool only_ids)
{
	size_t len = name.len;

	while (len > 0 && isdigit((unsigned char)name.at[len - 1])) {
		len--;
	}
	if (len == name.len) {
		return name;
	}
	if (len > 3 && memcmp(name.at + len - 3, "_ID", 3) == 0) {
		return (struct span){name.at, len - 3};
	}
	return !only_ids && len > 1 && name.at[len - 1] == '_' ? (struct span){name.at, len - 1}
							       : name;
}

static bool
same(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/*
 * What tasks of its kind are called, so that what is learned of one holds for the others. Most
 * recordings have the kind with a number behind it for a name.
 */
static struct span
kind_of(const struct wf_reader *reader, const struct import_task *task, const struct wf_task *more)
{
	struct span name = more->name, program;
	size_t len = task->id.len;

	if (more->category.len > 0) {
		return more->category;
	}
	if (!same(name, task->id) && name.len > 0) {
		if (name.len > len + 1 && name.at[name.len - len - 1] == '_' &&
		    same((struct span){name.at + name.len - len, len}, task->id)) {
			return (struct span){name.at, name.len - len - 1};
		}
		return without_number(name, true);
	}
	if (task->program.len > 0 && memchr(task->program.at, ' ', task->program.len) == NULL &&
	    memchr(task->program.at, '\\', task->program.len) == NULL &&
	    import_job_keep(reader->job, task->program, &program)) {
		return program;
	}
	return without_number(task->id, false);
}

bool
wf_measures(const struct wf_reader *reader, const struct wf_entry *entry, struct import_task *task,
	    const struct wf_task *more)
{
	if (!take_times(reader, entry, task) || !take_memory(reader, entry, task) ||
	    !take_command(reader, entry, task)) {
		return false;
	}
	task->name = kind_of(reader, task, more);
	return true;
}
