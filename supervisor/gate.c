/* SPDX-License-Identifier: ISC */
/* gate: see gate.h. In the supervisor; pure. */
#include "supervisor/gate.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERED_MOST 4096 /* units of a resource that has numbers */

struct supply {
	char *name; /* NULL: memory */
	uint64_t units;
	uint64_t taken;
	bool *numbers; /* those that are taken; NULL: too many for that */
	struct ready waiting;
};

struct gate {
	struct supply *resources; /* the first is memory */
	struct supply *shared;    /* memory, too; NULL: there is none */
	unsigned count;
	unsigned next; /* that gate_opened() looks at; `count`: the shared one */
	unsigned waiting_for_shared;
	unsigned holding; /* tasks */
	char why[160];    /* gate_forbids() */
};

#define MEMORY 0

struct supply *
gate_memory_new(uint64_t bytes)
{
	struct supply *memory = calloc(1, sizeof(*memory));

	if (memory == NULL) {
		err(3, "resources");
	}
	memory->units = bytes;
	return memory;
}

void
gate_memory_set(struct supply *memory, uint64_t bytes)
{
	memory->units = bytes;
}

void
gate_memory_free(struct supply *memory)
{
	if (memory != NULL) {
		ready_free(&memory->waiting);
		free(memory);
	}
}

struct gate *
gate_new(uint64_t memory, struct supply *shared)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL || (gate->resources = calloc(1, sizeof(*gate->resources))) == NULL) {
		err(3, "resources");
	}
	gate->count = 1;
	gate->resources[MEMORY].units = memory;
	gate->shared = shared;
	return gate;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL) {
		return;
	}
	for (unsigned i = 0; i < gate->count; i++) {
		ready_free(&gate->resources[i].waiting);
		free(gate->resources[i].name);
		free(gate->resources[i].numbers);
	}
	free(gate->resources);
	free(gate);
}

void
gate_declare(struct gate *gate, const char *name, uint64_t units)
{
	struct supply *resource;

	gate->resources = reallocarray(gate->resources, gate->count + 1, sizeof(*gate->resources));
	if (gate->resources == NULL) {
		err(3, "resources");
	}
	resource = &gate->resources[gate->count++];
	*resource = (struct supply){.name = strdup(name), .units = units};
	if (units <= NUMBERED_MOST) {
		resource->numbers = calloc(units, sizeof(bool));
	}
	if (resource->name == NULL || (units <= NUMBERED_MOST && resource->numbers == NULL)) {
		err(3, "resources");
	}
}

static struct supply *
find(const struct gate *gate, const char *name)
{
	for (unsigned i = 1; i < gate->count; i++) {
		if (strcmp(gate->resources[i].name, name) == 0) {
			return &gate->resources[i];
		}
	}
	return NULL;
}

/* The n-th thing that a task uses, memory first; false: there are no more. */
static bool
use(const struct gate *gate, const struct task *task, unsigned n, struct supply **resource,
    uint64_t *units)
{
	const struct task_rules *rules = task_rules(task->text);
	unsigned memories = gate->shared == NULL ? 1 : 2;

	if (task->text->memory > 0 && n < memories) {
		*resource = n == 0 ? &gate->resources[MEMORY] : gate->shared;
		*units = task->text->memory;
		return true;
	}
	n -= task->text->memory > 0 ? memories : 0;
	if (n >= rules->use_count) {
		return false;
	}
	*resource = find(gate, rules->uses[n].resource);
	*units = rules->uses[n].units;
	return true;
}

static const char *
why_never(struct gate *gate, const struct supply *resource, uint64_t units)
{
	if (resource == NULL) {
		return "it uses a resource that the job does not have";
	}
	if (resource->name == NULL) {
		snprintf(gate->why, sizeof(gate->why),
			 "its \"memory\", %ju MiB, is more than there is for tasks, %ju MiB",
			 (uintmax_t)(units >> 20), (uintmax_t)(resource->units >> 20));
	} else {
		snprintf(gate->why, sizeof(gate->why), "it uses %ju of %s, there are only %ju",
			 (uintmax_t)units, resource->name, (uintmax_t)resource->units);
	}
	return gate->why;
}

const char *
gate_forbids(struct gate *gate, const struct task *task)
{
	struct supply *resource;
	uint64_t units;

	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		if (resource == NULL || units > resource->units) {
			return why_never(gate, resource, units);
		}
	}
	return NULL;
}

/* Nothing is free any more of what has become less: it has the units when nobody else has any. */
static bool
has_free(const struct supply *resource, uint64_t units)
{
	return resource->taken == 0 ||
	       (resource->taken <= resource->units && units <= resource->units - resource->taken);
}

/* The first resource that lacks what the task wants, or has others waiting; NULL: none does. */
static struct supply *
lacking(const struct gate *gate, const struct task *task, const struct supply *served)
{
	struct supply *resource;
	uint64_t units;

	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		if (resource != NULL && /* see gate_forbids() */
		    (!has_free(resource, units) ||
		     (resource != served && resource->waiting.count > 0))) {
			return resource;
		}
	}
	return NULL;
}

/* Takes the lowest numbers that are free, and notes them. */
static void
take_units(struct supply *resource, uint64_t units, uint32_t **numbers)
{
	resource->taken += units;
	for (uint64_t i = 0; resource->numbers != NULL && i < resource->units && units > 0; i++) {
		if (!resource->numbers[i]) {
			resource->numbers[i] = true;
			*(*numbers)++ = (uint32_t)i;
			units--;
		}
	}
}

static uint64_t
numbered_units(const struct gate *gate, const struct task *task)
{
	struct supply *resource;
	uint64_t units, sum = 0;

	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		sum += resource->numbers != NULL ? units : 0;
	}
	return sum;
}

static void
take_all(struct gate *gate, struct task *task)
{
	uint64_t count = numbered_units(gate, task), units;
	struct task_extra *extra = task_extra(task);
	struct supply *resource;
	uint32_t *numbers;

	extra->granted = calloc(count + 1, sizeof(*extra->granted));
	if (extra->granted == NULL) {
		err(3, "resources");
	}
	numbers = extra->granted;
	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		take_units(resource, units, &numbers);
	}
	extra->holds = true;
	gate->holding++;
}

/* It waits for that. */
static void
wait_for(struct gate *gate, struct supply *resource, struct task *task)
{
	task_extra(task)->gate = gate;
	ready_add(&resource->waiting, &task->sched);
	gate->waiting_for_shared += resource == gate->shared;
}

static void
stop_waiting(struct gate *gate, struct supply *resource, struct task *task)
{
	ready_remove(&resource->waiting, &task->sched);
	gate->waiting_for_shared -= resource == gate->shared;
}

bool
gate_pass(struct gate *gate, struct task *task)
{
	const struct task_rules *rules = task_rules(task->text);
	struct supply *resource;

	if (task->text->memory == 0 && (rules->use_count == 0)) {
		return true;
	}
	resource = lacking(gate, task, NULL);
	if (resource == NULL) {
		take_all(gate, task);
		return true;
	}
	wait_for(gate, resource, task);
	return false;
}

void
gate_look_again(struct gate *gate)
{
	gate->next = 0;
}

void
gate_give_back(struct gate *gate, struct task *task)
{
	struct supply *resource;
	const uint32_t *number;
	uint64_t units;

	if (task->sched.more == NULL || !task_extra(task)->holds) {
		return;
	}
	number = task_extra(task)->granted;
	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		resource->taken -= units;
		for (uint64_t i = 0; resource->numbers != NULL && i < units; i++) {
			resource->numbers[*number++] = false;
		}
	}
	free(task_extra(task)->granted);
	task_extra(task)->granted = NULL;
	task_extra(task)->holds = false;
	gate->holding--;
	gate->next = 0;
}

/* Where tasks may wait: the n-th resource, after the last the shared memory; NULL: there are no more. */
static struct supply *
waiting_place(const struct gate *gate, unsigned n)
{
	return n < gate->count ? &gate->resources[n] : n == gate->count ? gate->shared : NULL;
}

static struct task *
of_sched(struct sched_task *sched)
{
	return (struct task *)(void *)sched;
}

struct task *
gate_opened(struct gate *gate)
{
	struct supply *resource;

	while ((resource = waiting_place(gate, gate->next)) != NULL) {
		struct task *task = of_sched(ready_first(&resource->waiting));
		struct gate *its = task == NULL ? NULL : task_extra(task)->gate;
		struct supply *other = task == NULL ? NULL : lacking(its, task, resource);

		if (task == NULL || other == resource) {
			gate->next++;
			continue;
		}
		stop_waiting(its, resource, task);
		if (other == NULL) {
			take_all(its, task);
			return task;
		}
		wait_for(its, other, task);
	}
	return NULL;
}

/* One of this gate's: those of a gate have a share of their own. */
static struct task *
take_from_shared(struct gate *gate)
{
	struct ready *waiting = &gate->shared->waiting;

	for (unsigned i = 0; i < waiting->lane_count; i++) {
		struct task *task = of_sched(ready_lane_first(waiting->lanes[i]));

		if (task != NULL && task_extra(task)->gate == gate) {
			stop_waiting(gate, gate->shared, task);
			return task;
		}
	}
	return NULL;
}

struct task *
gate_take_any(struct gate *gate)
{
	for (unsigned i = 0; i < gate->count; i++) {
		struct task *task = of_sched(ready_first(&gate->resources[i].waiting));

		if (task != NULL) {
			stop_waiting(gate, &gate->resources[i], task);
			return task;
		}
	}
	return gate->waiting_for_shared == 0 ? NULL : take_from_shared(gate);
}

void
gate_forget(struct gate *gate, struct task *task)
{
	struct supply *resource;

	for (unsigned i = 0; (resource = waiting_place(gate, i)) != NULL; i++) {
		if (ready_has(&resource->waiting, &task->sched)) {
			stop_waiting(gate, resource, task);
			return;
		}
	}
}

unsigned
gate_waiting(const struct gate *gate)
{
	unsigned count = gate->waiting_for_shared;

	for (unsigned i = 0; i < gate->count; i++) {
		count += gate->resources[i].waiting.count;
	}
	return count;
}

bool
gate_waiting_for_memory(const struct gate *gate)
{
	return gate->resources[MEMORY].waiting.count + gate->waiting_for_shared ==
	       gate_waiting(gate);
}

unsigned
gate_holding(const struct gate *gate)
{
	return gate->holding;
}

const struct task *
gate_memory_next(struct supply *memory)
{
	return of_sched(ready_first(&memory->waiting));
}

static void
put_variable(struct text *out, const struct supply *resource, const uint32_t *numbers,
	     uint64_t units)
{
	text_string(out, out->data[out->len - 1] == '{' ? "\"STINT_" : ",\"STINT_");
	for (const char *c = resource->name; *c != '\0'; c++) {
		text_char(out, (char)toupper((unsigned char)*c));
	}
	text_string(out, "\":\"");
	for (uint64_t i = 0; i < units; i++) {
		text_string(out, i == 0 ? "" : ",");
		text_uint(out, numbers[i]);
	}
	text_char(out, '"');
}

void
gate_put_grants(const struct gate *gate, const struct task *task, struct text *out)
{
	const struct task_extra *extra = (const struct task_extra *)(const void *)task->sched.more;
	struct supply *resource;
	const uint32_t *numbers;
	uint64_t units;

	if (extra == NULL || !extra->holds || task_rules(task->text)->use_count == 0) {
		return;
	}
	numbers = extra->granted;
	text_char(out, '{');
	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		if (resource->numbers != NULL) {
			put_variable(out, resource, numbers, units);
			numbers += units;
		}
	}
	text_char(out, '}');
}
