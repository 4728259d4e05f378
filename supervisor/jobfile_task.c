/* SPDX-License-Identifier: ISC */
/* jobfile_task: see jobfile_task.h. In the supervisor; pure. */
#include "supervisor/jobfile_task.h"

#include <err.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

#define ID_QUOTED 100 /* bytes of an id in a message */

static struct span
as_span(const struct text *text)
{
	return (struct span){text->data, text->len};
}

/*
 * Keys are looked for in the text as it stands. Where one is spelled with escapes, the text is
 * printed anew, into `plain`, without them.
 */
static struct span
with_plain_keys(struct span object, struct text *plain)
{
	struct json_members members;
	struct span name, value;
	bool escaped = false;
	json_t *tree;
	char *dumped;

	if (memchr(object.at, '\\', object.len) == NULL) {
		return object;
	}
	json_members_begin(&members, object);
	while (json_members_next(&members, &name, &value)) {
		escaped |= memchr(name.at, '\\', name.len) != NULL;
	}
	if (!escaped) {
		return object;
	}
	tree = json_loadb(object.at, object.len, 0, NULL);
	dumped = json_dumps(tree, JSON_COMPACT);
	if (dumped != NULL) {
		text_string(plain, dumped);
	}
	free(dumped);
	json_decref(tree);
	return as_span(plain);
}

static void
add_default(struct defaults *defaults, struct span name, struct span value)
{
	int number = task_key_find(name);

	if (number < 0 || defaults->count == DEFAULTS_MOST) {
		return;
	}
	defaults->key[defaults->count] = number;
	text_span(&defaults->name[defaults->count], name);
	json_compact(&defaults->value[defaults->count], value);
	defaults->count++;
}

bool
defaults_set(struct defaults *defaults, const struct piece *piece, struct text *error)
{
	struct json_members members;
	struct spec_error wrong;
	struct span name, value;
	struct task_spec *spec = task_spec_parse(piece->text, SPEC_DEFAULTS, &wrong);
	struct text plain = TEXT_INIT;

	if (spec == NULL) {
		jobfile_describe(piece, &wrong, error);
		return false;
	}
	task_spec_free(defaults->spec);
	defaults->spec = spec;
	json_members_begin(&members, with_plain_keys(piece->text, &plain));
	while (json_members_next(&members, &name, &value)) {
		add_default(defaults, name, value);
	}
	text_free(&plain);
	return true;
}

void
defaults_add_timeout(struct defaults *defaults, const char *duration)
{
	struct text value = TEXT_INIT;
	int number = task_key_find(SPAN_LITERAL("timeout"));

	for (int i = 0; i < defaults->count; i++) {
		if (defaults->key[i] == number) {
			return;
		}
	}
	text_json_string(&value, duration, strlen(duration));
	add_default(defaults, SPAN_LITERAL("timeout"), as_span(&value));
	text_free(&value);
}

void
defaults_clear(struct defaults *defaults)
{
	for (int i = 0; i < DEFAULTS_MOST; i++) {
		text_free(&defaults->name[i]);
		text_free(&defaults->value[i]);
	}
	task_spec_free(defaults->spec);
	defaults->spec = NULL;
	defaults->count = 0;
}

static void
append_member(struct text *out, struct span name, struct span value)
{
	text_string(out, out->len == 0 ? "{\"" : ",\"");
	text_span(out, name);
	text_string(out, "\":");
	json_compact(out, value);
}

/* The variables of the task over those of the defaults. */
static void
append_merged_env(struct text *out, struct span task, struct span defaults)
{
	json_t *merged = json_loadb(task.at, task.len, 0, NULL);
	json_t *under = json_loadb(defaults.at, defaults.len, 0, NULL);
	char *dumped;

	json_object_update_missing(merged, under);
	dumped = json_dumps(merged, JSON_COMPACT);
	if (dumped != NULL) {
		append_member(out, SPAN_LITERAL("env"), span_of(dumped));
	}
	free(dumped);
	json_decref(merged);
	json_decref(under);
}

/* The value of a default; NULL: there is none for that key. */
static const struct text *
find_default(const struct defaults *defaults, const char *name)
{
	for (int i = 0; i < defaults->count; i++) {
		if (span_is(as_span(&defaults->name[i]), name)) {
			return &defaults->value[i];
		}
	}
	return NULL;
}

/* A timeout in percent is for the supervisor, which knows of what. */
static bool
goes_to_workers(struct span key, struct span value)
{
	return task_key_is_for_workers(key) &&
	       !(span_is(key, "timeout") && memchr(value.at, '%', value.len) != NULL);
}

/*
 * The text that workers get: compact, without what only the supervisor uses, with the defaults
 * that the task does not override.
 */
static void
build_spec(struct text *out, struct span task, uint32_t keys, const struct defaults *defaults)
{
	const struct text *env = find_default(defaults, "env");
	struct json_members members;
	struct span name, value;

	if (keys == 0 && defaults->count == 0) {
		json_compact(out, task);
		return;
	}
	json_members_begin(&members, task);
	while (json_members_next(&members, &name, &value)) {
		if (!goes_to_workers(name, value)) {
			continue;
		}
		if (env != NULL && span_is(name, "env")) {
			append_merged_env(out, value, as_span(env));
		} else {
			append_member(out, name, value);
		}
	}
	for (int i = 0; i < defaults->count; i++) {
		struct span key = as_span(&defaults->name[i]);

		if ((keys & (UINT32_C(1) << defaults->key[i])) == 0 &&
		    goes_to_workers(key, as_span(&defaults->value[i]))) {
			append_member(out, key, as_span(&defaults->value[i]));
		}
	}
	text_char(out, '}');
}

/* A plain string as JSON without its quotes; empty for NULL. */
static struct span
unquoted(struct text *json, const char *string)
{
	if (string == NULL) {
		return SPAN_EMPTY;
	}
	text_json_string(json, string, strlen(string));
	return (struct span){json->data + 1, json->len - 2};
}

/* The decoded value of the task, or of the defaults where it does not say. */
#define EITHER(spec, under, key, member, nothing)                    \
	(TASK_HAS(spec, key)                       ? (spec)->member  \
	 : (under) != NULL && TASK_HAS(under, key) ? (under)->member \
						   : (nothing))

/* What the supervisor itself is to know of the task. */
static void
take_knowledge(struct task_text *text, struct task_spec *spec, const struct task_spec *under)
{
	int64_t wall_us, cpu_us;

	text->repeat = EITHER(spec, under, repeat, repeat, 1);
	text->memory = EITHER(spec, under, memory, context->memory, 0);
	text->cpus = EITHER(spec, under, cpus, context->cpus, 1);
	spec->hint = EITHER(spec, under, class, hint, TASK_CLASS_NONE);
	text->hint = (uint8_t)spec->hint;
	text->computes = task_spec_computes(spec, 0);
	text->commands = task_spec_commands(spec);
	if (task_spec_expected(spec, &wall_us, &cpu_us)) {
		text->expected_us = wall_us;
	}
	if (spec->rules != NULL || (under != NULL && under->rules != NULL)) {
		text->rules =
		    task_rules_merge(spec->rules, spec->keys, under == NULL ? NULL : under->rules);
		spec->rules = NULL;
		if (text->rules == NULL) {
			err(3, "tasks");
		}
	}
}

/* The program of its first command, as JSON without quotes; what does not fit is cut off. */
static struct span
program_of(const struct task_spec *spec, struct text *json)
{
	struct text plain = TEXT_INIT;
	size_t len;

	task_spec_program(spec, &plain);
	len = plain.len;
	for (bool fits = plain.len == 0; !fits; len--) {
		text_clear(json);
		if (text_is_utf8(plain.data, len)) {
			text_json_string(json, plain.data, len);
			fits = json->len - 2 <= UINT8_MAX;
		}
	}
	text_free(&plain);
	return json->len == 0 ? SPAN_EMPTY : (struct span){json->data + 1, json->len - 2};
}

/* All that is to be known of a task whose spec is good; takes the spec's rules. */
static struct task_text *
make_text(struct span task, struct task_spec *spec, const struct defaults *defaults)
{
	struct text built = TEXT_INIT, id = TEXT_INIT, name = TEXT_INIT, program = TEXT_INIT;
	const struct text *default_name = find_default(defaults, "name");
	struct task_parts parts;
	struct task_text *text;

	build_spec(&built, task, spec->keys, defaults);
	parts = (struct task_parts){.spec = as_span(&built),
				    .id = unquoted(&id, spec->id),
				    .name = unquoted(&name, spec->name),
				    .program = program_of(spec, &program)};
	if (parts.name.len == 0 && default_name != NULL) {
		parts.name = (struct span){default_name->data + 1, default_name->len - 2};
	}
	text = task_text_make(&parts);
	take_knowledge(text, spec, defaults->spec);
	text_free(&built);
	text_free(&id);
	text_free(&name);
	text_free(&program);
	return text;
}

static void
fail_used_before(const char *id, struct spec_error *error)
{
	size_t len = id == NULL ? 0 : strlen(id);

	error->depth = 0;
	spec_enter(error, "id", -1);
	if (id == NULL) {
		spec_fail(error,
			  "none given, and its number was used as an id before; give it one");
		return;
	}
	if (len > ID_QUOTED) { /* cut between two characters */
		len = ID_QUOTED;
		while (((unsigned char)id[len] & 0xc0) == 0x80) {
			len--;
		}
	}
	spec_fail(error, "\"%.*s\" was used before; ids must be unique", (int)len, id);
}

struct task_text *
jobfile_task(const struct piece *piece, uint64_t ordinal, const struct defaults *defaults,
	     struct ids *ids, struct text *error)
{
	struct text plain = TEXT_INIT;
	struct task_text *text;
	struct spec_error wrong;
	struct task_spec *spec = task_spec_parse(piece->text, SPEC_TASK, &wrong);
	bool is_new;

	if (spec == NULL) {
		jobfile_describe(piece, &wrong, error);
		return NULL;
	}
	text = make_text(with_plain_keys(piece->text, &plain), spec, defaults);
	text->ordinal = ordinal;
	text_free(&plain);
	if (spec->id != NULL) {
		is_new = ids_take(ids, spec->id, strlen(spec->id), text->repeat);
	} else {
		is_new = ids_take_number(ids, ordinal, text->repeat);
	}
	if (!is_new) {
		fail_used_before(spec->id, &wrong);
		jobfile_describe(piece, &wrong, error);
		task_text_release(text);
		text = NULL;
	}
	task_spec_free(spec);
	return text;
}
