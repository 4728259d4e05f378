/* SPDX-License-Identifier: ISC */
/* jobfile_defaults: see jobfile_defaults.h. In the supervisor; pure. */
#include "supervisor/jobfile_defaults.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"

static struct span
as_span(const struct text *text)
{
	return (struct span){text->data, text->len};
}

struct span
jobfile_plain_keys(struct span object, struct text *plain)
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
append_member(struct text *out, struct span name, struct span value)
{
	text_string(out, out->len == 0 ? "{\"" : ",\"");
	text_span(out, name);
	text_string(out, "\":");
	json_compact(out, value);
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

	if (spec == NULL ||
	    !resources_suffice(&defaults->resources, spec->rules,
			       spec->context == NULL ? 0 : spec->context->memory, &wrong)) {
		task_spec_free(spec);
		jobfile_describe(piece, &wrong, error);
		return false;
	}
	task_spec_free(defaults->spec);
	defaults->spec = spec;
	json_members_begin(&members, jobfile_plain_keys(piece->text, &plain));
	while (json_members_next(&members, &name, &value)) {
		add_default(defaults, name, value);
	}
	text_free(&plain);
	return true;
}

/* Decodes anew what is there: each of it was decoded before, so it is valid. */
static void
decode_again(struct defaults *defaults)
{
	struct text object = TEXT_INIT;
	struct spec_error wrong;

	for (int i = 0; i < defaults->count; i++) {
		append_member(&object, as_span(&defaults->name[i]), as_span(&defaults->value[i]));
	}
	text_char(&object, '}');
	task_spec_free(defaults->spec);
	defaults->spec = task_spec_parse(as_span(&object), SPEC_DEFAULTS, &wrong);
	text_free(&object);
}

void
defaults_add(struct defaults *defaults, const struct run_defaults *more)
{
	for (unsigned i = 0; more != NULL && i < more->count; i++) {
		if (defaults_find(defaults, more->set[i].key) == NULL) {
			add_default(defaults, span_of(more->set[i].key),
				    span_of(more->set[i].value));
		}
	}
	if (more != NULL && more->count > 0) {
		decode_again(defaults);
	}
}

void
defaults_clear(struct defaults *defaults)
{
	for (int i = 0; i < DEFAULTS_MOST; i++) {
		text_free(&defaults->name[i]);
		text_free(&defaults->value[i]);
	}
	task_spec_free(defaults->spec);
	resources_clear(&defaults->resources);
	defaults->spec = NULL;
	defaults->count = 0;
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
const struct text *
defaults_find(const struct defaults *defaults, const char *key)
{
	for (int i = 0; i < defaults->count; i++) {
		if (span_is(as_span(&defaults->name[i]), key)) {
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

static bool
is_wanted(enum merged merged, struct span key, struct span value)
{
	return merged == MERGED_FOR_WORKERS ? goes_to_workers(key, value)
					    : !span_is(key, "id") && !span_is(key, "matrix");
}

void
defaults_merge(const struct defaults *defaults, struct span task, uint32_t keys, enum merged merged,
	       struct text *out)
{
	const struct text *env = defaults_find(defaults, "env");
	struct json_members members;
	struct span name, value;

	if (keys == 0 && defaults->count == 0) {
		json_compact(out, task);
		return;
	}
	json_members_begin(&members, task);
	while (json_members_next(&members, &name, &value)) {
		if (!is_wanted(merged, name, value)) {
			continue;
		}
		if (env != NULL && span_is(name, "env") && value.at[0] == '{') {
			append_merged_env(out, value, as_span(env));
		} else {
			append_member(out, name, value);
		}
	}
	for (int i = 0; i < defaults->count; i++) {
		struct span key = as_span(&defaults->name[i]);

		if ((keys & (UINT32_C(1) << defaults->key[i])) == 0 &&
		    is_wanted(merged, key, as_span(&defaults->value[i]))) {
			append_member(out, key, as_span(&defaults->value[i]));
		}
	}
	text_string(out, out->len == 0 ? "{}" : "}");
}
