/* SPDX-License-Identifier: ISC */
/* task_spec: see task_spec.h; the keys of a task. Actions are decoded in task_action.c. */
#include "ipc/task_spec.h"

#include <bsd/string.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/duration.h"
#include "ipc/nearest.h"
#include "ipc/task_action.h"

typedef bool take_key(struct task_spec *, json_t *, struct spec_error *);

static take_key take_id, take_name, take_repeat, take_timeout, take_class, take_cwd, take_env,
    take_stdin, take_stdout, take_stderr, take_max_output;

/* The keys beside the action. NULL: known, but not to this version. */
static const struct {
	const char *name;
	take_key *take;
	bool in_defaults;
} keys[] = {
    {"id", take_id, false},
    {"name", take_name, true},
    {"repeat", take_repeat, true},
    {"timeout", take_timeout, true},
    {"class", take_class, true},
    {"cwd", take_cwd, true},
    {"env", take_env, true},
    {"stdin", take_stdin, true},
    {"stdout", take_stdout, true},
    {"stderr", take_stderr, true},
    {"max_output", take_max_output, true},
    {"needs", NULL, false},
    {"needs_any_status", NULL, true},
    {"priority", NULL, true},
    {"matrix", NULL, true},
    {"grace", NULL, true},
    {"retries", NULL, true},
    {"backoff", NULL, true},
    {"retry", NULL, true},
    {"crash_limit", NULL, true},
    {"cpus", NULL, true},
    {"memory", NULL, true},
    {"uses", NULL, true},
    {"nice", NULL, true},
};

#define PATH_MOST \
	((int)(sizeof(((struct spec_error *)0)->path) / sizeof(((struct spec_error *)0)->path[0])))
#define KEYS ((int)(sizeof(keys) / sizeof(keys[0])))

/* What was cut in the middle of a character, or quotes what is not one, must not go further. */
static void
make_utf8(char *string)
{
	if (!text_is_utf8(string, strlen(string))) {
		for (; *string != '\0'; string++) {
			*string = (unsigned char)*string < 0x80 ? *string : '?';
		}
	}
}

bool
spec_fail(struct spec_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	make_utf8(error->message);
	for (int i = 0; i < error->depth; i++) {
		strlcpy(error->path[i].key, error->entered[i], sizeof(error->path[i].key));
		make_utf8(error->path[i].key);
	}
	return false;
}

void
spec_enter(struct spec_error *error, const char *key, int index)
{
	if (error->depth < PATH_MOST) {
		error->entered[error->depth] = key;
		error->path[error->depth].index = index;
		error->depth++;
	}
}

void
spec_leave(struct spec_error *error)
{
	error->depth--;
}

char *
spec_string(json_t *value, bool empty_too, struct spec_error *error)
{
	char *copy;

	if (!json_is_string(value)) {
		spec_fail(error, "must be a string");
		return NULL;
	}
	if (!empty_too && json_string_length(value) == 0) {
		spec_fail(error, "must not be empty");
		return NULL;
	}
	copy = strdup(json_string_value(value));
	if (copy == NULL) {
		spec_fail(error, "out of memory");
	}
	return copy;
}

bool
spec_duration(json_t *value, int64_t *us, struct spec_error *error)
{
	if (json_is_number(value)) {
		return duration_of_seconds(json_number_value(value), us) ||
		       spec_fail(error, "must be from 0 seconds to ten years");
	}
	if (json_is_string(value)) {
		return duration_parse(json_string_value(value), us) ||
		       spec_fail(error,
				 "not a duration; write seconds (1.5) or \"1500ms\", \"1.5s\", "
				 "\"2m\", \"1h\", \"1d\"");
	}
	return spec_fail(error, "must be a duration: seconds (1.5) or a string (\"2m\")");
}

bool
spec_whole(json_t *value, uint64_t least, uint64_t most, uint64_t *whole, struct spec_error *error)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value)) {
		return spec_fail(error, "must be a whole number");
	}
	if (number < 0 || (uint64_t)number < least || (uint64_t)number > most) {
		return spec_fail(error, "must be from %ju to %ju", (uintmax_t)least,
				 (uintmax_t)most);
	}
	*whole = (uint64_t)number;
	return true;
}

static bool
take_id(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	spec->id = spec_string(value, false, error);
	if (spec->id == NULL) {
		return false;
	}
	if (strlen(spec->id) > TASK_ID_MAX) {
		return spec_fail(error, "longer than %d bytes", TASK_ID_MAX);
	}
	for (const char *c = spec->id; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			return spec_fail(error, "must not have control characters");
		}
	}
	return true;
}

static bool
take_name(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	return (spec->name = spec_string(value, false, error)) != NULL;
}

static bool
take_repeat(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	uint64_t whole = 0;

	if (!spec_whole(value, 1, 1000000000, &whole, error)) {
		return false;
	}
	spec->repeat = (uint32_t)whole;
	return true;
}

static bool
take_timeout(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	if (!spec_duration(value, &spec->timeout_us, error)) {
		return false;
	}
	return spec->timeout_us > 0 || spec_fail(error, "must be more than 0");
}

static bool
take_class(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	const char *class = json_string_value(value);

	if (class == NULL || (strcmp(class, "cpu") != 0 && strcmp(class, "wait") != 0)) {
		return spec_fail(error, "must be \"cpu\" or \"wait\"");
	}
	spec->hint = class[0] == 'c' ? TASK_CLASS_CPU : TASK_CLASS_WAIT;
	return true;
}

/* The task's context, made when the first key asks for it. */
static struct task_context *
context(struct task_spec *spec)
{
	if (spec->context == NULL) {
		spec->context = calloc(1, sizeof(*spec->context));
		if (spec->context != NULL) {
			spec->context->max_output = TASK_OUTPUT_DEFAULT;
			spec->context->grace_us = TASK_GRACE_US;
			spec->context->cpus = 1;
		}
	}
	return spec->context;
}

static bool
take_path(struct task_spec *spec, char **place, json_t *value, struct spec_error *error)
{
	(void)spec;
	return (*place = spec_string(value, false, error)) != NULL;
}

#define TAKE_PATH(key, member)                                                                  \
	static bool take_##key(struct task_spec *spec, json_t *value, struct spec_error *error) \
	{                                                                                       \
		return context(spec) != NULL &&                                                 \
		       take_path(spec, &spec->context->member, value, error);                   \
	}

TAKE_PATH(cwd, cwd)
TAKE_PATH(stdin, input)
TAKE_PATH(stdout, output)
TAKE_PATH(stderr, error)

static bool
take_max_output(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	uint64_t whole = 0;

	if (!spec_whole(value, 0, TASK_OUTPUT_MAX, &whole, error) || context(spec) == NULL) {
		return false;
	}
	spec->context->max_output = (uint32_t)whole;
	return true;
}

static char *
variable(const char *name, json_t *value, struct spec_error *error)
{
	char *entry = NULL;

	if (name[0] == '\0' || strchr(name, '=') != NULL) {
		spec_fail(error, "not the name of a variable");
	} else if (json_is_null(value)) {
		entry = strdup(name);
	} else if (!json_is_string(value)) {
		spec_fail(error, "must be a string, or null to remove the variable");
	} else if (asprintf(&entry, "%s=%s", name, json_string_value(value)) < 0) {
		entry = NULL;
	}
	return entry;
}

static bool
take_env(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	const char *name;
	json_t *member;
	char **env;

	if (!json_is_object(value)) {
		return spec_fail(error, "must be an object of strings");
	}
	if (context(spec) == NULL ||
	    (env = calloc(json_object_size(value) + 1, sizeof(*env))) == NULL) {
		return spec_fail(error, "out of memory");
	}
	spec->context->env = env;
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

static bool
fail_unknown_key(const char *key, enum spec_kind kind, struct spec_error *error)
{
	struct nearest nearest = NEAREST_INIT(key);

	for (int i = 0; i < KEYS; i++) {
		if (kind == SPEC_TASK || keys[i].in_defaults) {
			nearest_offer(&nearest, keys[i].name);
		}
	}
	for (int i = 0; kind == SPEC_TASK && i < ACTION_TYPES; i++) {
		nearest_offer(&nearest, action_name((enum action_type)i));
	}
	if (nearest.word != NULL) {
		return spec_fail(error, "unknown key, did you mean \"%s\"?", nearest.word);
	}
	return spec_fail(error, "unknown key; stint-jobs(5) lists them");
}

static bool
take_member(struct task_spec *spec, const char *key, json_t *value, enum spec_kind kind,
	    struct spec_error *error)
{
	if (kind == SPEC_TASK && task_action_find(key) >= 0) {
		if (spec->actions != NULL) {
			return spec_fail(error,
					 "a second action; a task has one (`steps` holds several)");
		}
		return task_action_take(spec, key, value, error);
	}
	for (int i = 0; i < KEYS; i++) {
		if (strcmp(key, keys[i].name) != 0) {
			continue;
		}
		if (keys[i].take == NULL) {
			return spec_fail(error, "not supported by this version of stint");
		}
		if (kind == SPEC_DEFAULTS && !keys[i].in_defaults) {
			return spec_fail(error, "cannot be a default");
		}
		spec->keys |= UINT32_C(1) << i;
		return keys[i].take(spec, value, error);
	}
	if (task_action_find(key) >= 0) {
		return spec_fail(error, "cannot be a default");
	}
	return fail_unknown_key(key, kind, error);
}

static bool
take_members(struct task_spec *spec, json_t *object, enum spec_kind kind, struct spec_error *error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object)) {
		return spec_fail(error, kind == SPEC_TASK ? "a task must be a JSON object"
							  : "must be a JSON object");
	}
	json_object_foreach(object, key, value)
	{
		spec_enter(error, key, -1);
		if (!take_member(spec, key, value, kind, error)) {
			return false;
		}
		spec_leave(error);
	}
	if (kind == SPEC_TASK && spec->actions == NULL) {
		return spec_fail(
		    error, "no action; a task needs one of sleep, cpu, exec, shell, print, steps");
	}
	return true;
}

/* jansson takes a NUL byte behind the value for its end. */
static void
fail_nul(struct span text, struct spec_error *error)
{
	const char *nul = memchr(text.at, '\0', text.len), *line = text.at, *newline;

	error->line = 1;
	while ((newline = memchr(line, '\n', (size_t)(nul - line))) != NULL) {
		error->line++;
		line = newline + 1;
	}
	error->column = (int)(nul - line) + 1;
	spec_fail(error, "not valid JSON: a NUL byte");
}

struct task_spec *
task_spec_parse(struct span text, enum spec_kind kind, struct spec_error *error)
{
	struct task_spec *spec;
	json_error_t wrong;
	json_t *object;

	error->depth = error->line = error->column = 0;
	error->message[0] = '\0';
	if (text.len > 0 && memchr(text.at, '\0', text.len) != NULL) {
		fail_nul(text, error);
		return NULL;
	}
	object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
	if (object == NULL) {
		error->line = wrong.line < 1 ? 1 : wrong.line;
		error->column = wrong.column < 1 ? 1 : wrong.column;
		spec_fail(error, "not valid JSON: %s", wrong.text);
		return NULL;
	}
	spec = calloc(1, sizeof(*spec));
	if (spec != NULL) {
		spec->repeat = 1;
		if (!take_members(spec, object, kind, error)) {
			task_spec_free(spec);
			spec = NULL;
		}
	}
	json_decref(object);
	return spec;
}

static void
free_strings(char **strings)
{
	for (char **s = strings; s != NULL && *s != NULL; s++) {
		free(*s);
	}
	free(strings);
}

void
task_spec_free(struct task_spec *spec)
{
	struct task_context *c;

	if (spec == NULL) {
		return;
	}
	for (uint32_t i = 0; i < spec->count; i++) {
		task_action_clear(&spec->actions[i]);
	}
	if ((c = spec->context) != NULL) {
		free_strings(c->env);
		free(c->cwd);
		free(c->input);
		free(c->output);
		free(c->error);
		free(c);
	}
	if (spec->actions != &spec->single) {
		free(spec->actions);
	}
	free(spec->id);
	free(spec->name);
	free(spec);
}

int
task_key_find(struct span key)
{
	for (int i = 0; i < KEYS; i++) {
		if (keys[i].in_defaults && span_is(key, keys[i].name)) {
			return i;
		}
	}
	return -1;
}

void
spec_error_path(const struct spec_error *error, struct text *out)
{
	for (int i = 0; i < error->depth; i++) {
		if (error->path[i].index >= 0) {
			text_printf(out, "[%d]", error->path[i].index);
		} else {
			text_printf(out, "%s%s", i == 0 ? "" : ".", error->path[i].key);
		}
	}
}
