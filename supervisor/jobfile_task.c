/* SPDX-License-Identifier: ISC */
/* jobfile_task: see jobfile_task.h. In the supervisor; pure. */
#include "supervisor/jobfile_task.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"

#define ID_QUOTED 100 /* bytes of an id in a message */

static struct span
as_span(const struct text *text)
{
	return (struct span){text->data, text->len};
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
	int64_t wall_us, cpu_us, grace_us;

	text->repeat = EITHER(spec, under, repeat, repeat, 1);
	text->memory = EITHER(spec, under, memory, context->memory, 0);
	text->cpus = EITHER(spec, under, cpus, context->cpus, 1);
	grace_us = EITHER(spec, under, grace, context->grace_us, TASK_GRACE_US);
	text->grace_s = (uint32_t)((grace_us + US_PER_SECOND - 1) / US_PER_SECOND);
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

/* What it needs, for its record: the ids themselves are dropped when they are resolved. */
static void
put_needs(const struct task_rules *rules, struct text *out)
{
	for (char **id = rules == NULL ? NULL : rules->needs; id != NULL && *id != NULL; id++) {
		if (id != rules->needs) {
			text_char(out, ',');
		}
		text_json_string(out, *id, strlen(*id));
	}
}

/* All that is to be known of a task whose spec is good; takes the spec's rules. */
static struct task_text *
make_text(struct span task, struct task_spec *spec, const struct defaults *defaults)
{
	struct text built = TEXT_INIT, id = TEXT_INIT, name = TEXT_INIT, program = TEXT_INIT;
	struct text needs = TEXT_INIT;
	const struct text *default_name = defaults_find(defaults, "name");
	struct task_parts parts;
	struct task_text *text;
	const char *tag;

	defaults_merge(defaults, task, spec->keys, MERGED_FOR_WORKERS, &built);
	parts = (struct task_parts){.spec = as_span(&built),
				    .id = unquoted(&id, spec->id),
				    .name = unquoted(&name, spec->name),
				    .program = program_of(spec, &program)};
	tag = spec->tag == NULL && defaults->spec != NULL ? defaults->spec->tag : spec->tag;
	if (tag != NULL) {
		parts.tag = span_of(tag);
	}
	put_needs(spec->rules, &needs);
	parts.needs = as_span(&needs);
	if (parts.name.len == 0 && default_name != NULL) {
		parts.name = (struct span){default_name->data + 1, default_name->len - 2};
	}
	text = task_text_make(&parts);
	take_knowledge(text, spec, defaults->spec);
	text_free(&built);
	text_free(&id);
	text_free(&name);
	text_free(&program);
	text_free(&needs);
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

bool
jobfile_take_id(struct ids *ids, const char *id, uint64_t ordinal, uint32_t repeat,
		struct spec_error *error)
{
	if (id == NULL ? ids_take_number(ids, ordinal, repeat)
		       : ids_take(ids, id, strlen(id), repeat)) {
		return true;
	}
	fail_used_before(id, error);
	return false;
}

struct task_text *
jobfile_task(struct span task, uint64_t ordinal, const struct defaults *defaults, struct ids *ids,
	     struct spec_error *error)
{
	struct task_spec *spec = task_spec_parse(task, SPEC_TASK, error);
	struct text plain = TEXT_INIT;
	struct task_text *text;

	if (spec == NULL) {
		return NULL;
	}
	text = make_text(jobfile_plain_keys(task, &plain), spec, defaults);
	text->ordinal = ordinal;
	text_free(&plain);
	if (!resources_suffice(&defaults->resources, text->rules, text->memory, error) ||
	    !jobfile_take_id(ids, spec->id, ordinal, text->repeat, error)) {
		task_text_release(text);
		text = NULL;
	}
	task_spec_free(spec);
	return text;
}
