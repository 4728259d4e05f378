/* SPDX-License-Identifier: ISC */
/* run_defaults: see run_defaults.h. In the supervisor; pure. */
#include "supervisor/run_defaults.h"

#include <bsd/string.h>
#include <string.h>

#include "ipc/task_spec.h"

/* A number stands for itself, all else is a string. */
static void
put_value(struct text *json, const char *value)
{
	size_t digits = strspn(value + (value[0] == '-'), "0123456789");
	size_t len = strlen(value);

	if (digits > 0 && digits + (value[0] == '-') == len &&
	    (digits == 1 || value[len - digits] != '0')) {
		text_string(json, value);
	} else {
		text_json_string(json, value, len);
	}
}

/* "failed,timeout" is an array, as there is no other way to write one on a command line. */
static void
put_list(struct text *json, const char *value)
{
	const char *at = value;

	text_char(json, '[');
	while (at != NULL) {
		const char *comma = strchr(at, ',');

		text_json_string(json, at, comma == NULL ? strlen(at) : (size_t)(comma - at));
		text_string(json, comma == NULL ? "]" : ",");
		at = comma == NULL ? NULL : comma + 1;
	}
}

/* The key's own decoder judges. */
static bool
is_valid(const char *key, const struct text *value, struct spec_error *error)
{
	struct text object = TEXT_INIT;
	struct task_spec *spec;

	text_printf(&object, "{\"%s\":", key);
	text_bytes(&object, value->data, value->len);
	text_char(&object, '}');
	spec = task_spec_parse((struct span){object.data, object.len}, SPEC_DEFAULTS, error);
	task_spec_free(spec);
	text_free(&object);
	return spec != NULL;
}

const char *
run_defaults_set(struct run_defaults *defaults, const char *key, const char *value)
{
	static struct spec_error error;
	struct text json = TEXT_INIT;
	const char *wrong = NULL;
	unsigned i = 0;

	while (i < defaults->count && strcmp(defaults->set[i].key, key) != 0) {
		i++;
	}
	if (text_is_utf8(value, strlen(value))) {
		if (strcmp(key, "retry") == 0 && strchr(value, ',') != NULL) {
			put_list(&json, value);
		} else {
			put_value(&json, value);
		}
		text_terminate(&json);
	}
	if (json.len == 0 || json.len >= sizeof(defaults->set[0].value) || i == RUN_DEFAULTS_MOST) {
		wrong = "is no value for it";
	} else if (!is_valid(key, &json, &error)) {
		wrong = error.message;
	} else {
		defaults->set[i].key = key;
		strlcpy(defaults->set[i].value, json.data, sizeof(defaults->set[i].value));
		defaults->count += i == defaults->count;
	}
	text_free(&json);
	return wrong;
}
