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
	uint64_t free;
	bool *taken; /* by number; NULL: too many for that */
	struct ready waiting;
};

struct gate {
	struct supply *resources; /* the first is memory */
	unsigned count;
	unsigned next; /* that gate_opened() looks at */
	char why[160]; /* gate_forbids() */
};

#define MEMORY 0

struct gate *
gate_new(uint64_t memory)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL || (gate->resources = calloc(1, sizeof(*gate->resources))) == NULL) {
		err(3, "resources");
	}
	gate->count = 1;
	gate->resources[MEMORY].units = gate->resources[MEMORY].free = memory;
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
		free(gate->resources[i].taken);
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
	*resource = (struct supply){.name = strdup(name), .units = units, .free = units};
	if (units <= NUMBERED_MOST) {
		resource->taken = calloc(units, sizeof(bool));
	}
	if (resource->name == NULL || (units <= NUMBERED_MOST && resource->taken == NULL)) {
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

	if (task->text->memory > 0 && n-- == 0) {
		*resource = &gate->resources[MEMORY];
		*units = task->text->memory;
		return true;
	}
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

/* The first resource that lacks what the task wants, or has others waiting; NULL: none does. */
static struct supply *
lacking(const struct gate *gate, const struct task *task, const struct supply *served)
{
	struct supply *resource;
	uint64_t units;

	for (unsigned n = 0; use(gate, task, n, &resource, &units); n++) {
		/* cppcheck-suppress nullPointerRedundantCheck ; see gate_forbids() */
		if (units > resource->free || (resource != served && resource->waiting.count > 0)) {
			return resource;
		}
	}
	return NULL;
}

/* Takes the lowest numbers that are free, and notes them. */
static void
take_units(struct supply *resource, uint64_t units, uint32_t **numbers)
{
	resource->free -= units;
	for (uint64_t i = 0; resource->taken != NULL && i < resource->units && units > 0; i++) {
		if (!resource->taken[i]) {
			resource->taken[i] = true;
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
		sum += resource->taken != NULL ? units : 0;
	}
	return sum;
}

static void
take_all(const struct gate *gate, struct task *task)
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
	ready_add(&resource->waiting, &task->sched);
	return false;
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
		resource->free += units;
		for (uint64_t i = 0; resource->taken != NULL && i < units; i++) {
			resource->taken[*number++] = false;
		}
	}
	free(task_extra(task)->granted);
	task_extra(task)->granted = NULL;
	task_extra(task)->holds = false;
	gate->next = 0;
}

struct task *
gate_opened(struct gate *gate)
{
	while (gate->next < gate->count) {
		struct supply *resource = &gate->resources[gate->next], *other;
		struct sched_task *first = ready_first(&resource->waiting);
		struct task *task = (struct task *)(void *)first;

		if (first == NULL || (other = lacking(gate, task, resource)) == resource) {
			gate->next++;
			continue;
		}
		ready_remove(&resource->waiting, first);
		if (other == NULL) {
			take_all(gate, task);
			return task;
		}
		ready_add(&other->waiting, first); /* it waits for that one now */
	}
	return NULL;
}

struct task *
gate_take_any(struct gate *gate)
{
	for (unsigned i = 0; i < gate->count; i++) {
		struct sched_task *first = ready_first(&gate->resources[i].waiting);

		if (first != NULL) {
			ready_remove(&gate->resources[i].waiting, first);
			return (struct task *)(void *)first;
		}
	}
	return NULL;
}

void
gate_forget(struct gate *gate, struct task *task)
{
	for (unsigned i = 0; i < gate->count; i++) {
		if (ready_has(&gate->resources[i].waiting, &task->sched)) {
			ready_remove(&gate->resources[i].waiting, &task->sched);
			return;
		}
	}
}

unsigned
gate_waiting(const struct gate *gate)
{
	unsigned count = 0;

	for (unsigned i = 0; i < gate->count; i++) {
		count += gate->resources[i].waiting.count;
	}
	return count;
}

bool
gate_waiting_for_memory(const struct gate *gate)
{
	return gate->resources[MEMORY].waiting.count == gate_waiting(gate);
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
		if (resource->taken != NULL) {
			put_variable(out, resource, numbers, units);
			numbers += units;
		}
	}
	text_char(out, '}');
}
