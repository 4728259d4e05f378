/* SPDX-License-Identifier: ISC */
/* task_rules: the keys that only the supervisor heeds. Pure; any process. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "ipc/nearest.h"
#include "ipc/task_take.h"

const struct task_rules task_rules_none = {.retry = RETRY_ALWAYS, .crash_limit = TASK_CRASHES};

struct task_rules *
task_spec_rules(struct task_spec *spec)
{
	if (spec->rules == NULL) {
		spec->rules = memory_check(malloc(sizeof(*spec->rules)));
		*spec->rules = task_rules_none;
	}
	return spec->rules;
}

/* A whole number stands for the default id of a task, which is one. */
static char *
id_needed(json_t *value, struct spec_error *error)
{
	char *id = NULL;

	if (json_is_integer(value)) {
		if (json_integer_value(value) < 1) {
			spec_fail(error, "no task has this number; they begin with 1");
		} else if (asprintf(&id, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0) {
			memory_none();
		}
		return id;
	}
	if (!json_is_string(value)) {
		spec_fail(error, "must be the id of a task, a string");
		return NULL;
	}
	return spec_string(value, false, error);
}

static int
compare_ids(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static bool
has_twins(char **ids, size_t count, struct spec_error *error)
{
	char **sorted = memory_check(calloc(count + 1, sizeof(*sorted)));
	bool found = false;

	memcpy(sorted, ids, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_ids);
	for (size_t i = 1; i < count && !found; i++) {
		if (strcmp(sorted[i - 1], sorted[i]) == 0) {
			spec_fail(error, "has \"%.100s\" twice", sorted[i]);
			found = true;
		}
	}
	free(sorted);
	return found;
}

bool
take_needs(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	size_t count = json_array_size(value);

	if (!json_is_array(value)) {
		return spec_fail(error, "must be an array of ids");
	}
	if (count > TASK_NEEDS_MOST) {
		return spec_fail(error, "more than %d ids", TASK_NEEDS_MOST);
	}
	if (count == 0) {
		return true;
	}
	rules->needs = memory_check(calloc(count + 1, sizeof(*rules->needs)));
	for (size_t i = 0; i < count; i++) {
		spec_enter(error, "", (int)i);
		rules->needs[i] = id_needed(json_array_get(value, i), error);
		if (rules->needs[i] == NULL) {
			return false;
		}
		spec_leave(error);
	}
	return count == 1 || !has_twins(rules->needs, count, error);
}

bool
take_needs_any_status(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);

	return spec_bool(value, &rules->needs_any_status, error);
}

bool
take_priority(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	int64_t number = 0;

	if (!spec_integer(value, -TASK_PRIORITY_MOST, TASK_PRIORITY_MOST, &number, error)) {
		return false;
	}
	rules->priority = (int16_t)number;
	return true;
}

bool
take_retries(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	uint64_t whole = 0;

	if (!spec_whole(value, 0, TASK_RETRIES_MOST, &whole, error)) {
		return false;
	}
	rules->retries = (uint16_t)whole;
	return true;
}

bool
take_backoff(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);

	return spec_duration(value, &rules->backoff_us, error);
}

static const struct {
	const char *word;
	uint8_t bits;
} reasons[] = {{"failed", RETRY_FAILED},
	       {"timeout", RETRY_TIMEOUT},
	       {"crash", RETRY_CRASH},
	       {"always", RETRY_ALWAYS},
	       {"never", 0}};

#define REASONS 5
#define CAUSES  3 /* the first, of which there may be several */

/* The reason's row; -1, with `error` filled, if it is none of the first `count`. */
static int
find_reason(json_t *value, int count, struct spec_error *error)
{
	const char *word = json_is_string(value) ? json_string_value(value) : "";
	struct nearest nearest = NEAREST_INIT(word);

	for (int i = 0; i < count; i++) {
		if (strcmp(word, reasons[i].word) == 0) {
			return i;
		}
		nearest_offer(&nearest, reasons[i].word);
	}
	if (nearest.word != NULL) {
		spec_fail(error, "unknown word, did you mean \"%s\"?", nearest.word);
	} else if (count == CAUSES) {
		spec_fail(error, "must be \"failed\", \"timeout\" or \"crash\"");
	} else {
		spec_fail(error,
			  "must be \"always\", \"failed\", \"timeout\", \"crash\", \"never\", "
			  "or an array of failed, timeout, crash");
	}
	return -1;
}

static bool
take_causes(struct task_rules *rules, json_t *causes, struct spec_error *error)
{
	size_t count = json_array_size(causes);

	if (count == 0) {
		return spec_fail(error, "must have a word in it; \"never\" is one of its own");
	}
	rules->retry = 0;
	for (size_t i = 0; i < count; i++) {
		int row;

		spec_enter(error, "", (int)i);
		row = find_reason(json_array_get(causes, i), CAUSES, error);
		if (row < 0) {
			return false;
		}
		if ((rules->retry & reasons[row].bits) != 0) {
			return spec_fail(error, "is there twice");
		}
		rules->retry |= reasons[row].bits;
		spec_leave(error);
	}
	return true;
}

bool
take_retry(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	int row;

	if (json_is_array(value)) {
		return take_causes(rules, value, error);
	}
	row = find_reason(value, REASONS, error);
	if (row >= 0) {
		rules->retry = reasons[row].bits;
	}
	return row >= 0;
}

bool
take_crash_limit(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	uint64_t whole = 0;

	if (!spec_whole(value, 1, TASK_CRASHES_MOST, &whole, error)) {
		return false;
	}
	rules->crash_limit = (uint8_t)whole;
	return true;
}

bool
task_resource_is_name(const char *name)
{
	size_t len =
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len <= 64 && name[len] == '\0' && strchr("0123456789_", name[0]) == NULL;
}

static bool
add_use(struct task_rules *rules, const char *name, uint64_t units, struct spec_error *error)
{
	if (strcmp(name, "memory") == 0 || strcmp(name, "cpus") == 0) {
		return spec_fail(error, "write it as the key \"%s\" of the task", name);
	}
	if (!task_resource_is_name(name)) {
		return spec_fail(error, "not the name of a resource: a letter, then letters, "
					"digits and _, at most 64");
	}
	for (uint32_t i = 0; i < rules->use_count; i++) {
		if (strcmp(rules->uses[i].resource, name) == 0) {
			return spec_fail(error, "is there twice; write {\"%s\": 2} for two units",
					 name);
		}
	}
	rules->uses[rules->use_count].resource = memory_check(strdup(name));
	rules->uses[rules->use_count++].units = (uint32_t)units;
	return true;
}

static bool
use_object(struct task_rules *rules, json_t *object, struct spec_error *error)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		uint64_t units = 0;

		spec_enter(error, name, -1);
		if (!spec_whole(value, 1, TASK_UNITS_MOST, &units, error) ||
		    !add_use(rules, name, units, error)) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

static bool
use_array(struct task_rules *rules, json_t *array, struct spec_error *error)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *value = json_array_get(array, i);

		spec_enter(error, "", (int)i);
		if (!json_is_string(value)) {
			return spec_fail(error, "must be the name of a resource, a string");
		}
		if (!add_use(rules, json_string_value(value), 1, error)) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

#define USES_MOST 1000 /* resources of a task */

bool
take_uses(struct task_spec *spec, json_t *value, struct spec_error *error)
{
	struct task_rules *rules = task_spec_rules(spec);
	size_t count = json_is_string(value)  ? 1
		       : json_is_array(value) ? json_array_size(value)
					      : json_object_size(value);

	if (!json_is_string(value) && !json_is_array(value) && !json_is_object(value)) {
		return spec_fail(error, "must be \"gpu\", [\"gpu\",\"net\"] or {\"gpu\":2}");
	}
	if (count > USES_MOST) {
		return spec_fail(error, "more than %d resources", USES_MOST);
	}
	if (count == 0) {
		return true;
	}
	rules->use_count = 0;
	rules->uses = memory_check(calloc(count, sizeof(*rules->uses)));
	if (json_is_string(value)) {
		return add_use(rules, json_string_value(value), 1, error);
	}
	return json_is_array(value) ? use_array(rules, value, error)
				    : use_object(rules, value, error);
}

static void
copy_uses(struct task_rules *to, const struct task_rules *from)
{
	if (from->use_count == 0) {
		return;
	}
	to->uses = memory_check(calloc(from->use_count, sizeof(*to->uses)));
	for (uint32_t i = 0; i < from->use_count; i++) {
		to->uses[i] = from->uses[i];
		to->uses[i].resource = memory_check(strdup(from->uses[i].resource));
		to->use_count = i + 1;
	}
}

struct task_rules *
task_rules_merge(struct task_rules *own, uint32_t keys, const struct task_rules *defaults)
{
	if (defaults == NULL) {
		return own;
	}
	if (own == NULL) {
		own = memory_check(malloc(sizeof(*own)));
		*own = task_rules_none;
	}
#define INHERIT(key, statement)                              \
	if ((keys & (UINT32_C(1) << TASK_KEY_##key)) == 0) { \
		statement;                                   \
	}
	INHERIT(needs_any_status, own->needs_any_status = defaults->needs_any_status)
	INHERIT(priority, own->priority = defaults->priority)
	INHERIT(retries, own->retries = defaults->retries)
	INHERIT(backoff, own->backoff_us = defaults->backoff_us)
	INHERIT(retry, own->retry = defaults->retry)
	INHERIT(crash_limit, own->crash_limit = defaults->crash_limit)
	INHERIT(timeout, own->timeout_percent = defaults->timeout_percent)
	INHERIT(uses, copy_uses(own, defaults))
#undef INHERIT
	return own;
}

void
task_rules_free(struct task_rules *rules)
{
	if (rules == NULL) {
		return;
	}
	for (char **id = rules->needs; id != NULL && *id != NULL; id++) {
		free(*id);
	}
	for (uint32_t i = 0; i < rules->use_count; i++) {
		free(rules->uses[i].resource);
	}
	free(rules->needs);
	free(rules->uses);
	free(rules);
}
