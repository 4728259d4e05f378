/* SPDX-License-Identifier: ISC */
/* task_context: the keys that say where and how a command runs. Pure; any process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "ipc/task_take.h"

/* The task's context, made when the first key asks for it. */
static struct task_context *
context(struct task_spec *spec)
{
	if (spec->context == NULL) {
		spec->context = memory_check(calloc(1, sizeof(*spec->context)));
		spec->context->max_output = TASK_OUTPUT_DEFAULT;
		spec->context->grace_us = TASK_GRACE_US;
		spec->context->cpus = 1;
	}
	return spec->context;
}

#define TAKE_PATH(key, member)                                                           \
	bool take_##key(struct task_spec *spec, json_t *value, struct spec_error *error) \
	{                                                                                \
		struct task_context *own = context(spec);                                \
                                                                                         \
		return (own->member = spec_string(value, false, error)) != NULL;         \
	}

TAKE_PATH(cwd, cwd)
TAKE_PATH(stdin, input)
TAKE_PATH(stdout, output)
TAKE_PATH(stderr, error)

bool
take_max_output(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	uint64_t whole = 0;

	if (!spec_whole(value, 0, TASK_OUTPUT_MAX, &whole, error)) {
		return false;
	}
	context(spec)->max_output = (uint32_t)whole;
	return true;
}

static char *
variable(const char *name, json_t *value, struct spec_error *error)
{
	char *entry = NULL;

	if (name[0] == '\0' || strchr(name, '=') != NULL) {
		spec_fail(error, "not the name of a variable");
	} else if (json_is_null(value)) {
		entry = memory_check(strdup(name));
	} else if (!json_is_string(value)) {
		spec_fail(error, "must be a string, or null to remove the variable");
	} else if (asprintf(&entry, "%s=%s", name, json_string_value(value)) < 0) {
		memory_none();
	}
	return entry;
}

bool
take_env(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	const char *name;
	json_t *member;
	char **env;

	if (!json_is_object(value)) {
		return spec_fail(error, "must be an object of strings");
	}
	env = memory_check(calloc(json_object_size(value) + 1, sizeof(*env)));
	context(spec)->env = env;
	json_object_foreach(value, name, member)
	{
		spec_enter(error, name, -1);
		if ((*env++ = variable(name, member, error)) == NULL) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

bool
take_grace(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	return spec_duration(value, &context(spec)->grace_us, error);
}

bool
take_memory(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	return spec_size(value, &context(spec)->memory, error);
}

bool
take_cpus(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	uint64_t whole = 0;

	if (!spec_whole(value, 1, TASK_CPUS_MOST, &whole, error)) {
		return false;
	}
	context(spec)->cpus = (uint16_t)whole;
	return true;
}

bool
take_nice(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	int64_t number = 0;

	if (!spec_integer(value, -20, 19, &number, error)) {
		return false;
	}
	context(spec)->nice = (int8_t)number;
	return true;
}

void
task_context_free(struct task_context *c)
{
	if (c == NULL) {
		return;
	}
	for (char **variable = c->env; variable != NULL && *variable != NULL; variable++) {
		free(*variable);
	}
	free(c->env);
	free(c->cwd);
	free(c->input);
	free(c->output);
	free(c->error);
	free(c);
}
