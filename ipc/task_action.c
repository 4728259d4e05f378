/* SPDX-License-Identifier: ISC */
/* task_action: see task_action.h. Pure; any process. */
#include "ipc/task_action.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/json_value.h"
#include "ipc/memory.h"
#include "ipc/nearest.h"
#include "ipc/task_value.h"

#define STEPS_MAX 10000

enum load { WAIT, COMPUTE, INSTANT, COMMAND };

typedef bool take_shape(struct task_spec *, struct action *, json_t *, struct spec_error *);

static take_shape take_DURATION, take_STRING, take_TEXT, take_STRINGS, take_OPERATION, take_STEPS;

static const struct {
	const char *name;
	take_shape *take;
	enum load load;
} actions[ACTION_TYPES] = {
#define ACTION(name, shape, load) {#name, take_##shape, load},
#include "ipc/actions.def"
#undef ACTION
};

enum argument { DURATION, COUNT };

static const struct {
	const char *name;
	enum argument argument;
	uint64_t most;
} ops[CPU_OPS] = {
#define CPU_OP(name, argument, most) {#name, argument, most},
#include "ipc/cpu_ops.def"
#undef CPU_OP
};

const char *
action_name(enum action_type type)
{
	return actions[type].name;
}

const char *
cpu_op_name(enum cpu_op op)
{
	return ops[op].name;
}

int
task_action_find(const char *name)
{
	for (int i = 0; i < ACTION_TYPES; i++) {
		if (strcmp(name, actions[i].name) == 0) {
			return i;
		}
	}
	return -1;
}

bool
task_spec_computes(const struct task_spec *spec, uint32_t step)
{
	enum load load = actions[spec->actions[step].type].load;

	return load == COMPUTE || (load == COMMAND && spec->hint != TASK_CLASS_WAIT);
}

bool
task_spec_commands(const struct task_spec *spec)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		if (actions[spec->actions[i].type].load == COMMAND) {
			return true;
		}
	}
	return false;
}

bool
task_spec_expected(const struct task_spec *spec, int64_t *wall_us, int64_t *cpu_us)
{
	bool known = true;

	*wall_us = *cpu_us = 0;
	for (uint32_t i = 0; i < spec->count; i++) {
		const struct action *action = &spec->actions[i];

		if (action->type == ACTION_sleep) {
			*wall_us += action->us;
		} else if (action->type == ACTION_cpu && ops[action->op].argument == DURATION) {
			*wall_us += (int64_t)action->arg;
			*cpu_us += (int64_t)action->arg;
		} else {
			known &= actions[action->type].load == INSTANT;
		}
	}
	return known;
}

static bool
take_DURATION(struct task_spec *spec, struct action *action, json_t *value,
	      struct spec_error *error)
{
	(void)spec;
	return spec_duration(value, &action->us, error);
}

static bool
take_STRING(struct task_spec *spec, struct action *action, json_t *value, struct spec_error *error)
{
	(void)spec;
	return (action->string = spec_string(value, false, error)) != NULL;
}

static bool
take_TEXT(struct task_spec *spec, struct action *action, json_t *value, struct spec_error *error)
{
	(void)spec;
	return (action->string = spec_string(value, true, error)) != NULL;
}

/* {"base64": "…"}, for what is not UTF-8, as file names may be. */
static char *
bytes_of_base64(json_t *value, struct spec_error *error)
{
	json_t *encoded = json_object_get(value, "base64");
	struct text quoted = TEXT_INIT;
	char *bytes = NULL;
	size_t len = 0;

	if (json_object_size(value) != 1 || !json_is_string(encoded)) {
		spec_fail(error, "must be a string, or {\"base64\": \"…\"} for what is not UTF-8");
		return NULL;
	}
	text_json_string(&quoted, json_string_value(encoded), json_string_length(encoded));
	if (!json_value_base64((struct span){quoted.data, quoted.len}, &bytes, &len)) {
		spec_fail(error, "not base64");
		bytes = NULL;
	} else if (memchr(bytes, '\0', len) != NULL) {
		spec_fail(error, "must not have NUL bytes");
		free(bytes);
		bytes = NULL;
	}
	text_free(&quoted);
	return bytes;
}

char *
task_action_argument(json_t *value, bool empty_too, struct spec_error *error)
{
	char *bytes;

	if (!json_is_object(value)) {
		return spec_string(value, empty_too, error);
	}
	bytes = bytes_of_base64(value, error);
	if (bytes != NULL && bytes[0] == '\0' && !empty_too) {
		spec_fail(error, "must not be empty");
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

static bool
take_STRINGS(struct task_spec *spec, struct action *action, json_t *value, struct spec_error *error)
{
	size_t count = json_array_size(value);

	(void)spec;
	if (!json_is_array(value)) {
		return spec_fail(error, "must be an array: the command and its arguments");
	}
	if (count == 0) {
		return spec_fail(error, "must hold the command and its arguments");
	}
	action->strings = memory_check(calloc(count + 1, sizeof(char *)));
	for (size_t i = 0; i < count; i++) {
		spec_enter(error, "", (int)i);
		action->strings[i] = task_action_argument(json_array_get(value, i), i > 0, error);
		if (action->strings[i] == NULL) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

static bool
fail_unknown_op(const char *name, struct spec_error *error)
{
	struct nearest nearest = NEAREST_INIT(name);

	for (int i = 0; i < CPU_OPS; i++) {
		nearest_offer(&nearest, ops[i].name);
	}
	if (nearest.word != NULL) {
		return spec_fail(error, "unknown operation, did you mean \"%s\"?", nearest.word);
	}
	return spec_fail(error, "unknown operation; there are spin, primes, pi, matmul, loop");
}

static bool
take_argument(struct action *action, json_t *value, struct spec_error *error)
{
	uint64_t least = action->op == OP_pi ? 1 : 0;
	int64_t us = 0;

	if (ops[action->op].argument == COUNT) {
		return spec_whole(value, least, ops[action->op].most, &action->arg, error);
	}
	if (!spec_duration(value, &us, error)) {
		return false;
	}
	action->arg = (uint64_t)us;
	return true;
}

static bool
take_OPERATION(struct task_spec *spec, struct action *action, json_t *value,
	       struct spec_error *error)
{
	const char *name;
	json_t *argument;

	(void)spec;
	if (!json_is_object(value) || json_object_size(value) != 1) {
		return spec_fail(error,
				 "must be an object with one of spin, primes, pi, matmul, loop");
	}
	name = json_object_iter_key(json_object_iter(value));
	argument = json_object_get(value, name);
	spec_enter(error, name, -1);
	for (int i = 0; i < CPU_OPS; i++) {
		if (strcmp(name, ops[i].name) == 0) {
			action->op = (enum cpu_op)i;
			if (!take_argument(action, argument, error)) {
				return false;
			}
			spec_leave(error);
			return true;
		}
	}
	return fail_unknown_op(name, error);
}

static bool
fail_unknown_step(const char *name, struct spec_error *error)
{
	struct nearest nearest = NEAREST_INIT(name);

	spec_enter(error, name, -1);
	for (int i = 0; i < ACTION_TYPES; i++) {
		nearest_offer(&nearest, actions[i].name);
	}
	if (nearest.word != NULL) {
		return spec_fail(error, "unknown key, did you mean \"%s\"?", nearest.word);
	}
	return spec_fail(error, "unknown key; a step is one of sleep, cpu, exec, shell, print");
}

static bool
take_step(struct task_spec *spec, struct action *action, json_t *value, struct spec_error *error)
{
	const char *name = json_object_iter_key(json_object_iter(value));
	int type = name == NULL ? -1 : task_action_find(name);

	if (json_is_object(value) && json_object_size(value) > 1) {
		return spec_fail(error, "a step is one action and nothing else");
	}
	if (name != NULL && type < 0) {
		return fail_unknown_step(name, error);
	}
	if (name == NULL || type == ACTION_steps) {
		return spec_fail(error, "a step must be one of {\"sleep\": …}, {\"cpu\": …}, "
					"{\"exec\": …}, {\"shell\": …}, {\"print\": …}");
	}
	action->type = (enum action_type)type;
	spec_enter(error, name, -1);
	if (!actions[type].take(spec, action, json_object_get(value, name), error)) {
		return false;
	}
	spec_leave(error);
	return true;
}

static bool
take_STEPS(struct task_spec *spec, struct action *action, json_t *value, struct spec_error *error)
{
	size_t count = json_array_size(value);
	struct action *steps;

	(void)action;
	if (!json_is_array(value) || count == 0 || count > STEPS_MAX) {
		return spec_fail(error, "must be an array of 1 to %d actions", STEPS_MAX);
	}
	steps = memory_check(calloc(count, sizeof(*steps)));
	spec->count = 0;
	spec->actions = steps;
	for (size_t i = 0; i < count; i++) {
		spec_enter(error, "", (int)i);
		spec->count = (uint32_t)i + 1;
		if (!take_step(spec, &spec->actions[i], json_array_get(value, i), error)) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

bool
task_action_take(struct task_spec *spec, const char *name, json_t *value, struct spec_error *error)
{
	enum action_type type = (enum action_type)task_action_find(name);

	spec->actions = &spec->single;
	spec->count = 1;
	spec->actions[0].type = type;
	return actions[type].take(spec, &spec->actions[0], value, error);
}

void
task_action_clear(struct action *action)
{
	take_shape *shape = actions[action->type].take;

	if (shape == take_STRING || shape == take_TEXT) {
		free(action->string);
	} else if (shape == take_STRINGS && action->strings != NULL) {
		for (char **s = action->strings; *s != NULL; s++) {
			free(*s);
		}
		free(action->strings);
	}
}
