/* SPDX-License-Identifier: ISC */
/*
 * plan_jobfile: a plan of what a job file says: sleeps and spins as they are; other steps as long as
 * earlier runs took with tasks of the same name, or with the same program. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/history.h"
#include "supervisor/id_table.h"
#include "supervisor/ids.h"
#include "supervisor/jobfile.h"
#include "supervisor/machine.h"
#include "supervisor/plan_parts.h"

#define LATE_US 35 /* that a sleep lasts beyond its time: the timer's slack, and a wake-up */
#define OVER_US 14 /* that a spin goes on: half of what is done between two looks at the clock */
#define MATRIX  (UINT32_C(1) << 31)

struct reading {
	struct plan *plan;
	struct jobfile *jobfile;
	double factor;
	struct id_table rows; /* of an id: its task + 1; of a matrix: MATRIX | its last task + 1 */
	uint32_t *matrix;     /* of each task: the one before it in its matrix, + 1; 0: none */
	uint64_t *numbers;    /* of each task: its place in the file */
	size_t room;
	struct text needed; /* of the task that is being read: tasks + 1, uint32_t */
	struct text id;
	double known_us; /* the sum, of those that are known */
	uint64_t known;
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "tasks");
	}
	return memory;
}

/* ---- how long it takes ------------------------------------------------------------------------ */

/* How long one of its kind takes, and what part of a core it uses, thousandths. */
struct lesson {
	int64_t wall_us; /* -1: not known */
	uint32_t use;
};

static struct lesson
look_up(const struct kind *kind, bool command)
{
	struct lesson lesson = {.wall_us = kind_median_us(kind), .use = ADMISSION_CORE};
	int64_t cpu_us;

	if (command && kind_alone(kind, &lesson.wall_us, &cpu_us)) {
		lesson.use = lesson.wall_us == 0
				 ? ADMISSION_CORE
				 : (uint32_t)(cpu_us * ADMISSION_CORE / lesson.wall_us);
	} else if (command && kind != NULL && kind->ended > 0) {
		lesson.use = kind->use;
	}
	return lesson;
}

/* What is known of tasks like it; `kind` is the one that the scheduler would go by. */
static struct lesson
recall(struct plan *plan, const struct task *task, struct kind **kind)
{
	struct span name = task_name(task), program = task_program(task->text);
	bool command = program.len > 0;
	struct kind *named = NULL, *runs = NULL;
	struct lesson lesson;

	if (command) {
		runs = kinds_get(plan->kinds, program, true);
	}
	if (name.len > 0) {
		named = kinds_get(plan->kinds, name, false);
		if (named != NULL && runs != NULL) {
			kind_set_program(named, runs);
		}
	}
	*kind = named == NULL ? runs : named;
	lesson = look_up(named, command);
	return lesson.wall_us >= 0 ? lesson : look_up(runs, command);
}

static bool
is_known(const struct action *action)
{
	return action->type == ACTION_sleep || action->type == ACTION_print ||
	       (action->type == ACTION_cpu && action->op == OP_spin);
}

/* The steps, those that nobody knows as long as is left of `unknown_us`. */
static void
take_steps(struct plan *plan, struct plan_task *task, const struct task_spec *spec,
	   int64_t unknown_us, uint32_t use)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		const struct action *action = &spec->actions[i];

		if (action->type == ACTION_sleep) {
			plan_phase(plan, task, action->us > 0 ? action->us + LATE_US : 0, 0);
		} else if (!is_known(action)) {
			plan_phases(plan, task, unknown_us * use / ADMISSION_CORE, unknown_us);
		} else if (action->type == ACTION_cpu && action->arg > 0) {
			plan_phase(plan, task, (int64_t)action->arg + OVER_US, 1);
		}
	}
}

static uint32_t
count_unknown(const struct task_spec *spec)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < spec->count; i++) {
		count += !is_known(&spec->actions[i]);
	}
	return count;
}

static uint32_t
use_of(const struct plan_task *task, const struct lesson *lesson)
{
	return task->hint == TASK_CLASS_CPU && lesson->wall_us < 0    ? ADMISSION_CORE
	       : task->hint == TASK_CLASS_WAIT && lesson->wall_us < 0 ? 0
								      : lesson->use;
}

static void
take_work(struct reading *reading, struct plan_task *task, const struct task *from)
{
	struct span text = task_spec_text(from);
	struct spec_error error;
	struct task_spec *spec = task_spec_parse(text, SPEC_TASK, &error);
	uint32_t unknown = spec == NULL ? 0 : count_unknown(spec);
	struct lesson lesson = {.wall_us = 0};
	int64_t wall_us, cpu_us;

	if (spec == NULL) {
		return; /* it was parsed before */
	}
	task_spec_expected(spec, &wall_us, &cpu_us);
	if (unknown > 0) {
		lesson = recall(reading->plan, from, &task->kind);
		task->command = spec->count == 1 && task_begins_with_command(from);
		wall_us = (lesson.wall_us - wall_us) / unknown;
		task->unknown = lesson.wall_us < 0;
	}
	if (task->unknown) {
		reading->plan->unknown += task->repeat;
	} else {
		take_steps(reading->plan, task, spec, wall_us, use_of(task, &lesson));
		reading->known_us += (double)task->wall_us;
		reading->known++;
	}
	task_spec_free(spec);
}

/* ---- needs ------------------------------------------------------------------------------------ */

static size_t
add(struct reading *reading, struct span id, uint32_t repeat, uint64_t number)
{
	size_t task = reading->plan->count;

	plan_add(reading->plan, id.at, id.len, repeat);
	if (task >= reading->room) {
		reading->room = reading->room == 0 ? 64 : reading->room * 2;
		reading->matrix =
		    check(reallocarray(reading->matrix, reading->room, sizeof(*reading->matrix)));
		reading->numbers =
		    check(reallocarray(reading->numbers, reading->room, sizeof(*reading->numbers)));
	}
	reading->matrix[task] = 0;
	reading->numbers[task] = number;
	return task;
}

/* What is needed by this id: all that is was read before. A matrix gets a task that stands for it. */
static void
need(struct reading *reading, uint64_t hash)
{
	uint32_t row = id_table_get(&reading->rows, hash);

	if ((row & MATRIX) != 0) {
		uint32_t at = row & ~MATRIX;

		row = (uint32_t)add(reading, SPAN_EMPTY, 0, 0) + 1;
		for (; at != 0; at = reading->matrix[at - 1]) {
			plan_need(reading->plan, row - 1, at - 1);
		}
		id_table_set(&reading->rows, hash, row);
	}
	if (row != 0) {
		text_bytes(&reading->needed, &row, sizeof(row));
	}
}

static void
take_needs(struct reading *reading, const struct task *task)
{
	struct span needs = task_needs(task), value;
	struct json_members elements;
	struct text array = TEXT_INIT, plain = TEXT_INIT;

	text_clear(&reading->needed);
	text_char(&array, '[');
	text_span(&array, needs);
	text_char(&array, ']');
	json_elements_begin(&elements, (struct span){array.data, array.len});
	while (json_elements_next(&elements, &value)) {
		text_clear(&plain);
		json_value_append(&plain, value);
		need(reading, ids_hash(plain.data, plain.len));
	}
	text_free(&array);
	text_free(&plain);
}

/* Of a matrix: what its id begins with stands for all of it. */
static void
take_group(struct reading *reading, const struct task_text *text, size_t task)
{
	struct text quoted = TEXT_INIT, plain = TEXT_INIT;
	uint64_t hash;

	if (text->group_len == 0) {
		return;
	}
	text_char(&quoted, '"');
	text_bytes(&quoted, text->bytes + text->spec_len, text->group_len);
	text_char(&quoted, '"');
	json_value_append(&plain, (struct span){quoted.data, quoted.len});
	hash = ids_hash(plain.data, plain.len);
	reading->matrix[task] = id_table_get(&reading->rows, hash) & ~MATRIX;
	id_table_set(&reading->rows, hash, MATRIX | (uint32_t)(task + 1));
	text_free(&quoted);
	text_free(&plain);
}

/* ---- tasks ------------------------------------------------------------------------------------ */

static void
take_task(struct reading *reading, const struct task *from)
{
	struct task whole = *from;
	struct task_text *text = from->text;
	const struct task_rules *rules = task_rules(text);
	struct plan_task *task;
	size_t at;

	take_needs(reading, from);
	whole.index = 0;
	text_clear(&reading->id);
	task_put_plain_id(&whole, &reading->id);
	at = add(reading, (struct span){reading->id.data, reading->id.len}, text->repeat,
		 from->number);
	id_table_set(&reading->rows, ids_hash(reading->id.data, reading->id.len), (uint32_t)at + 1);
	take_group(reading, text, at);
	for (size_t i = 0; i < reading->needed.len; i += sizeof(uint32_t)) {
		uint32_t row;

		memcpy(&row, reading->needed.data + i, sizeof(row));
		plan_need(reading->plan, at, row - 1);
	}
	task = &reading->plan->tasks[at];
	task->order = ready_order(rules->priority, jobfile_rank(reading->jobfile));
	task->computes = text->computes;
	task->cpus = text->cpus;
	task->hint = text->hint;
	if (text->memory > 0 || rules->use_count > 0) {
		task->limits = text;
		text->references++;
	}
	take_work(reading, task, from);
}

/* It and its repeats; all of them have ended well, so that those that need them come. */
static void
take_all(struct reading *reading, struct task *task)
{
	uint64_t repeat = task->text->repeat;

	take_task(reading, task);
	jobfile_skip_repeats(reading->jobfile);
	for (uint64_t i = 0; i < repeat; i++) {
		jobfile_ended(reading->jobfile, task, STATUS_ok, 0);
	}
	task_free(task);
}

static bool
read_tasks(struct reading *reading, struct text *error)
{
	struct task *task = NULL;

	for (;;) {
		switch (jobfile_next(reading->jobfile, &task)) {
		case JOBFILE_TASK:
			take_all(reading, task);
			break;
		case JOBFILE_SKIP:
			task_free(task);
			break;
		case JOBFILE_WAIT:
			jobfile_wait(reading->jobfile);
			break;
		case JOBFILE_HELD:
		case JOBFILE_END:
			return true;
		case JOBFILE_BAD:
		case JOBFILE_FAIL:
			text_string(error, jobfile_error(reading->jobfile));
			return false;
		}
	}
}

/* ---- what was read ---------------------------------------------------------------------------- */

/* Those that nobody knows take as long as the others do on average. */
static bool
assume(struct reading *reading, struct text *error)
{
	struct plan *plan = reading->plan;

	if (plan->unknown == 0) {
		return true;
	}
	if (reading->known == 0) {
		text_printf(error,
			    "nothing is known of how long the tasks take; run them once: stint run "
			    "-o results FILE, then stint whatif results");
		return false;
	}
	plan->assumed_us = (int64_t)(reading->known_us / (double)reading->known);
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_task *task = &plan->tasks[i];

		if (task->unknown) {
			plan_phase(plan, task,
				   (int64_t)((double)plan->assumed_us / reading->factor),
				   task->hint == TASK_CLASS_WAIT ? 0 : 1);
		}
	}
	return true;
}

static int
by_number(const void *a, const void *b, void *context)
{
	const uint64_t *numbers = context;
	uint64_t left = numbers[*(const uint32_t *)a], right = numbers[*(const uint32_t *)b];

	return (left > right) - (left < right);
}

static void
sort_turns(struct reading *reading)
{
	struct plan *plan = reading->plan;
	bool sorted = true;

	plan->turns = check(calloc(plan->count + 1, sizeof(*plan->turns)));
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->tasks[i].repeat > 0) {
			plan->turns[plan->turn_count++] = (uint32_t)i;
			sorted =
			    sorted && (plan->turn_count == 1 ||
				       reading->numbers[i] >=
					   reading->numbers[plan->turns[plan->turn_count - 2]]);
		}
	}
	if (!sorted) {
		qsort_r(plan->turns, plan->turn_count, sizeof(*plan->turns), by_number,
			reading->numbers);
	}
}

static void
scale(void *context, struct kind *kind)
{
	for (int i = 0; i < KIND_WALLS; i++) {
		kind->walls_us[i] = (int64_t)((double)kind->walls_us[i] * *(double *)context);
		kind->cpus_us[i] = (int64_t)((double)kind->cpus_us[i] * *(double *)context);
	}
}

static void
take_resources(struct plan *plan, const struct resources *resources)
{
	plan->memory = machine_memory();
	plan->resources.list = check(calloc(resources->count + 1, sizeof(*resources->list)));
	for (uint32_t i = 0; i < resources->count; i++) {
		const struct resource *resource = &resources->list[i];

		if (strcmp(resource->name, "memory") == 0) {
			plan->memory = resource->units;
			continue;
		}
		plan->resources.list[plan->resources.count++] = (struct resource){
		    .name = check(strdup(resource->name)), .units = resource->units};
	}
}

/* How long a task takes, as earlier ones of its kind did; for the order, as in a run. */
static int64_t
expect(void *context, const struct task_text *text)
{
	const struct task task = {.text = (struct task_text *)(uintptr_t)text};
	struct reading *reading = context;
	struct kind *kind;

	recall(reading->plan, &task, &kind);
	return kind == NULL || kind->wall_count == 0 ? -1 : kind_median_us(kind);
}

struct plan *
plan_of_jobfile(struct jobfile *jobfile, double factor, struct text *error)
{
	struct reading reading = {.plan = plan_new(factor),
				  .jobfile = jobfile,
				  .factor = factor,
				  .rows = {.value_words = 1}};
	bool good;

	history_load(reading.plan->kinds);
	jobfile_set_expect(jobfile, expect, &reading);
	take_resources(reading.plan, jobfile_resources(jobfile));
	good = read_tasks(&reading, error) && assume(&reading, error);
	if (good) {
		sort_turns(&reading);
		plan_finish(reading.plan, NULL);
		kinds_each(reading.plan->kinds, scale, &factor);
	} else {
		plan_free(reading.plan);
		reading.plan = NULL;
	}
	id_table_free(&reading.rows);
	text_free(&reading.needed);
	text_free(&reading.id);
	free(reading.matrix);
	free(reading.numbers);
	return reading.plan;
}
