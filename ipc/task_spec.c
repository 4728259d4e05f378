/* SPDX-License-Identifier: ISC */
/* task_spec: see task_spec.h; the keys of a task. Actions are decoded in task_action.c. */
#include "ipc/task_spec.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "ipc/nearest.h"
#include "ipc/task_action.h"
#include "ipc/task_take.h"

enum place { OF_TASK, ANYWHERE };
enum reader { WORKER, LIMIT, RULES, SUPERVISOR };

static const struct {
	const char *name;
	take_key *take;
	enum place place;
	enum reader reader;
} keys[TASK_KEYS] = {
#define KEY(name, place, reader) {#name, take_##name, place, reader},
#include "ipc/task_keys.def"
#undef KEY
};

bool
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

bool
take_name(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	return (spec->name = spec_string(value, false, error)) != NULL;
}

bool
take_tag(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	spec->tag = task_action_argument(value, true, error);
	if (spec->tag != NULL && strlen(spec->tag) > TASK_ID_MAX) {
		return spec_fail(error, "longer than %d bytes", TASK_ID_MAX);
	}
	return spec->tag != NULL;
}

bool
take_repeat(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	uint64_t whole = 0;

	if (!spec_whole(value, 1, 1000000000, &whole, error)) {
		return false;
	}
	spec->repeat = (uint32_t)whole;
	return true;
}

/* "300%" of what tasks of its name took so far. */
static bool
take_percent(struct task_spec *spec, const char *string, struct spec_error *error)
{
	size_t digits = strspn(string, "0123456789");
	uint64_t percent = strtoull(string, NULL, 10);

	if (digits == 0 || strcmp(string + digits, "%") != 0 || percent < 1 ||
	    percent > TASK_PERCENT_MOST) {
		return spec_fail(error, "must be from \"1%%\" to \"%d%%\", a whole number",
				 TASK_PERCENT_MOST);
	}
	task_spec_rules(spec)->timeout_percent = (uint32_t)percent;
	return true;
}

bool
take_timeout(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	const char *string = json_string_value(value);

	if (string != NULL && strchr(string, '%') != NULL) {
		return take_percent(spec, string, error);
	}
	if (!spec_duration(value, &spec->timeout_us, error)) {
		return false;
	}
	return spec->timeout_us > 0 || spec_fail(error, "must be more than 0");
}

bool
take_class(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	const char *class = json_string_value(value);

	if (class == NULL || (strcmp(class, "cpu") != 0 && strcmp(class, "wait") != 0)) {
		return spec_fail(error, "must be \"cpu\" or \"wait\"");
	}
	spec->hint = class[0] == 'c' ? TASK_CLASS_CPU : TASK_CLASS_WAIT;
	return true;
}

/* Whether `{NAME}` can stand for it. */
static bool
is_identifier(const char *name)
{
	size_t len =
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len <= 63 && name[len] == '\0' && strchr("0123456789", name[0]) == NULL;
}

/* One key's values. They are inserted from the text as it stands, so none is kept. */
static bool
check_values(const char *name, json_t *values, uint64_t *product, struct spec_error *error)
{
	size_t count = json_array_size(values);

	if (!is_identifier(name)) {
		return spec_fail(error, "not a name for {NAME}; letters, digits and _, no digit "
					"first, at most 63");
	}
	if (!json_is_array(values) || count == 0) {
		return spec_fail(error, "must be an array of one or more values");
	}
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_array_get(values, i);

		spec_enter(error, "", (int)i);
		if (!json_is_string(value) && !json_is_number(value) && !json_is_boolean(value)) {
			return spec_fail(error, "must be a string, a number, true or false");
		}
		spec_leave(error);
	}
	*product = count > TASK_MATRIX_MOST ? TASK_MATRIX_MOST + 1 : *product * count;
	return *product <= TASK_MATRIX_MOST ||
	       spec_fail(error, "makes more than %d tasks of one", TASK_MATRIX_MOST);
}

bool
take_matrix(struct task_spec *spec, json_t *matrix, struct spec_error *error)
{
	uint64_t product = 1;
	const char *name;
	json_t *values;

	(void)spec;
	if (!json_is_object(matrix) || json_object_size(matrix) == 0) {
		return spec_fail(
		    error, "must be an object of arrays, as {\"lr\":[0.1,0.01],\"seed\":[1,2]}");
	}
	if (json_object_size(matrix) > TASK_MATRIX_KEYS) {
		return spec_fail(error, "more than %d keys", TASK_MATRIX_KEYS);
	}
	json_object_foreach(matrix, name, values)
	{
		spec_enter(error, name, -1);
		if (!check_values(name, values, &product, error)) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

/* What other programs call it. */
static const char *
by_another_name(const char *key)
{
	static const char *const names[][2] = {
	    {"cmd", "shell"},       {"command", "shell"},    {"run", "shell"},
	    {"script", "shell"},    {"args", "exec"},        {"argv", "exec"},
	    {"deps", "needs"},      {"depends_on", "needs"}, {"dependencies", "needs"},
	    {"after", "needs"},     {"dir", "cwd"},          {"workdir", "cwd"},
	    {"environment", "env"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(key, names[i][0]) == 0) {
			return names[i][1];
		}
	}
	return NULL;
}

static bool
fail_unknown_key(const char *key, enum spec_kind kind, struct spec_error *error)
{
	struct nearest nearest = NEAREST_INIT(key);
	const char *other = kind == SPEC_TASK ? by_another_name(key) : NULL;

	if (other != NULL) {
		return spec_fail(error, "unknown key, did you mean \"%s\"?", other);
	}
	for (int i = 0; i < TASK_KEYS; i++) {
		if (kind == SPEC_TASK || keys[i].place == ANYWHERE) {
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
	for (int i = 0; i < TASK_KEYS; i++) {
		if (strcmp(key, keys[i].name) != 0) {
			continue;
		}
		if (kind == SPEC_DEFAULTS && keys[i].place != ANYWHERE) {
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
	spec = memory_check(calloc(1, sizeof(*spec)));
	spec->repeat = 1;
	if (!take_members(spec, object, kind, error)) {
		task_spec_free(spec);
		spec = NULL;
	}
	json_decref(object);
	return spec;
}

void
task_spec_free(struct task_spec *spec)
{
	if (spec == NULL) {
		return;
	}
	for (uint32_t i = 0; i < spec->count; i++) {
		task_action_clear(&spec->actions[i]);
	}
	task_context_free(spec->context);
	task_rules_free(spec->rules);
	if (spec->actions != &spec->single) {
		free(spec->actions);
	}
	free(spec->id);
	free(spec->name);
	free(spec->tag);
	free(spec);
}

static enum reader
reader_of(struct span key)
{
	for (int i = 0; i < TASK_KEYS; i++) {
		if (span_is(key, keys[i].name)) {
			return keys[i].reader;
		}
	}
	return WORKER; /* an action */
}

bool
task_key_is_for_workers(struct span key)
{
	return reader_of(key) <= LIMIT;
}

bool
task_key_is_limit(struct span key)
{
	return reader_of(key) == LIMIT;
}

int
task_key_find(struct span key)
{
	for (int i = 0; i < TASK_KEYS; i++) {
		if (keys[i].place == ANYWHERE && span_is(key, keys[i].name)) {
			return i;
		}
	}
	return -1;
}
