/* SPDX-License-Identifier: ISC */
/* matrix: see matrix.h. In the supervisor; pure. */
#include "supervisor/matrix.h"

#include <bsd/string.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/task_spec.h"
#include "supervisor/shell_quote.h"

struct value {
	struct span json; /* as it stands in the matrix */
	size_t at, len;   /* of its plain text, in `plain` */
};

struct axis {
	char name[64];
	struct value *values;
	size_t count;
	size_t now; /* of the combination that is next */
};

struct matrix {
	struct text source;
	struct text plain; /* of all values */
	struct text task;
	struct text id;
	uint64_t in_id;         /* a bit for each axis that the id has */
	const char *unquotable; /* matrix_unquotable() */
	bool ended;
	bool begun;
	int count;
	struct axis axes[TASK_MATRIX_KEYS];
};

static struct span
as_span(const struct text *text)
{
	return (struct span){text->data, text->len};
}

static void
add_value(struct matrix *matrix, struct axis *axis, struct span json)
{
	size_t at = matrix->plain.len;

	if ((axis->count & (axis->count - 1)) == 0) { /* doubles at powers of two */
		size_t room = axis->count == 0 ? 1 : axis->count * 2;

		axis->values = reallocarray(axis->values, room, sizeof(*axis->values));
		if (axis->values == NULL) {
			err(3, "matrix");
		}
	}
	if (json.at[0] == '"') {
		json_value_append(&matrix->plain, json);
	} else {
		text_span(&matrix->plain, json);
	}
	axis->values[axis->count++] = (struct value){json, at, matrix->plain.len - at};
}

static void
add_axis(struct matrix *matrix, struct span name, struct span values)
{
	struct axis *axis = &matrix->axes[matrix->count++];
	struct json_members elements;
	struct text plain = TEXT_INIT;
	struct span value;

	json_value_append(&plain, (struct span){name.at - 1, name.len + 2}); /* with its quotes */
	text_terminate(&plain);
	strlcpy(axis->name, plain.data, sizeof(axis->name));
	text_free(&plain);
	json_elements_begin(&elements, values);
	while (json_elements_next(&elements, &value)) {
		add_value(matrix, axis, value);
	}
}

/* A place in a string where a key stands: "{key}", or "{{key}}", which becomes "{key}". */
struct spot {
	int axis;
	bool plain;
	size_t len;
};

/* Whether there is one at the beginning. */
static bool
find_spot(const struct matrix *matrix, struct span at, struct spot *spot)
{
	size_t braces = at.len > 1 && at.at[1] == '{' ? 2 : 1;
	const char *end = at.len <= braces || at.at[0] != '{' ? NULL : memchr(at.at, '}', at.len);

	if (end == NULL) {
		return false;
	}
	*spot = (struct spot){.plain = braces == 2, .len = (size_t)(end - at.at) + braces};
	while (spot->axis < matrix->count &&
	       !span_is((struct span){at.at + braces, (size_t)(end - at.at) - braces},
			matrix->axes[spot->axis].name)) {
		spot->axis++;
	}
	return spot->axis < matrix->count &&
	       (braces == 1 || (spot->len <= at.len && end[1] == '}'));
}

static struct span
value_now(const struct matrix *matrix, int axis)
{
	const struct axis *a = &matrix->axes[axis];

	return (struct span){matrix->plain.data + a->values[a->now].at, a->values[a->now].len};
}

/* As one word, or a part of one, of a shell command. False: it cannot be one there. */
static bool
put_word(struct text *out, struct span value, const struct shell_place *place)
{
	size_t from = out->len;
	char quote;

	shell_quote(out, value);
	if (out->len - from == value.len) {
		return true; /* harmless, wherever it is */
	}
	out->len = from;
	if (!shell_place_takes(place, &quote)) {
		return false;
	}
	if (quote != '\0') {
		text_char(out, quote);
	}
	shell_quote(out, value);
	if (quote != '\0') {
		text_char(out, quote);
	}
	return true;
}

static void
put_literal(struct text *out, struct span literal, struct shell_place *place)
{
	text_span(out, literal);
	for (size_t i = 0; i < literal.len; i++) {
		shell_place_feed(place, literal.at[i]);
	}
}

/* The plain string with the values in it; `shell`: as words of a command. */
static void
put_filled(struct matrix *matrix, struct text *out, struct span string, bool shell)
{
	struct shell_place place = {.depth = 0};
	struct spot spot;

	for (size_t i = 0; i < string.len; i += spot.len) {
		struct span here = {string.at + i, string.len - i};

		if ((shell && i > 0 && here.at[-1] == '$') || !find_spot(matrix, here, &spot)) {
			spot.len = 1;
			put_literal(out, (struct span){here.at, 1}, &place);
		} else if (spot.plain) {
			put_literal(out, (struct span){here.at + 1, spot.len - 2}, &place);
		} else if (!shell) {
			text_span(out, value_now(matrix, spot.axis));
		} else {
			if (!put_word(out, value_now(matrix, spot.axis), &place)) {
				matrix->unquotable = matrix->axes[spot.axis].name;
			}
			shell_place_feed(&place, 'x');
		}
	}
}

/* A bit for each key that stands in the plain string. */
static uint64_t
keys_in(const struct matrix *matrix, struct span string)
{
	struct spot spot;
	uint64_t keys = 0;

	for (size_t i = 0; i < string.len; i += spot.len) {
		if (!find_spot(matrix, (struct span){string.at + i, string.len - i}, &spot)) {
			spot = (struct spot){.plain = true, .len = 1};
		}
		keys |= spot.plain ? 0 : UINT64_C(1) << spot.axis;
	}
	return keys;
}

struct matrix *
matrix_new(struct span values, struct span task, struct span id)
{
	struct matrix *matrix = calloc(1, sizeof(*matrix));
	struct json_members members;
	struct span name, array;

	if (matrix == NULL) {
		err(3, "matrix");
	}
	json_compact(&matrix->source, values);
	text_span(&matrix->task, task);
	text_span(&matrix->id, id);
	json_members_begin(&members, as_span(&matrix->source));
	while (json_members_next(&members, &name, &array)) {
		add_axis(matrix, name, array);
	}
	matrix->in_id = keys_in(matrix, id);
	return matrix;
}

void
matrix_free(struct matrix *matrix)
{
	if (matrix == NULL) {
		return;
	}
	for (int i = 0; i < matrix->count; i++) {
		free(matrix->axes[i].values);
	}
	text_free(&matrix->source);
	text_free(&matrix->plain);
	text_free(&matrix->task);
	text_free(&matrix->id);
	free(matrix);
}

const char *
matrix_missing_key(const struct matrix *matrix)
{
	for (int i = 0; matrix->in_id != 0 && i < matrix->count; i++) {
		if ((matrix->in_id & UINT64_C(1) << i) == 0) {
			return matrix->axes[i].name;
		}
	}
	return NULL;
}

const char *
matrix_unquotable(const struct matrix *matrix)
{
	return matrix->unquotable;
}

bool
matrix_is_group(const struct matrix *matrix)
{
	return matrix->in_id == 0;
}

void
matrix_put_group(struct matrix *matrix, struct text *out)
{
	put_filled(matrix, out, as_span(&matrix->id), false);
}

void
matrix_put_values(const struct matrix *matrix, struct text *out)
{
	for (int i = 0; i < matrix->count; i++) {
		text_printf(out, "%s%s=", i == 0 ? "" : ",", matrix->axes[i].name);
		text_span(out, value_now(matrix, i));
	}
}

/*
 * What a place of the task holds: TEXT in which values are inserted, a SHELL's; what is not text,
 * a number or true, so that a whole "{key}" there is the VALUE as JSON; STEPS, or a STEP, in which
 * the keys say what there is, as in the task itself.
 */
enum place { TEXT, SHELL, VALUE, STEPS, STEP };

static enum place
place_of(struct span key)
{
	static const char *const values[] = {
	    "sleep",      "cpu",     "timeout",          "grace", "backoff",
	    "priority",   "retries", "crash_limit",      "cpus",  "memory",
	    "max_output", "repeat",  "needs_any_status", "nice",  "uses"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (span_is(key, values[i])) {
			return VALUE;
		}
	}
	return span_is(key, "shell") ? SHELL : span_is(key, "steps") ? STEPS : TEXT;
}

static void
put_string(struct matrix *matrix, struct text *out, struct span json, enum place place)
{
	struct text plain = TEXT_INIT, filled = TEXT_INIT;
	struct spot spot;

	if (memchr(json.at, '{', json.len) == NULL && memchr(json.at, '\\', json.len) == NULL) {
		text_span(out, json);
		return;
	}
	json_value_append(&plain, json);
	if (place == VALUE && find_spot(matrix, as_span(&plain), &spot) && !spot.plain &&
	    spot.len == plain.len) {
		const struct axis *axis = &matrix->axes[spot.axis];

		text_span(out, axis->values[axis->now].json);
	} else {
		put_filled(matrix, &filled, as_span(&plain), place == SHELL);
		text_json_string(out, filled.len == 0 ? "" : filled.data, filled.len);
	}
	text_free(&plain);
	text_free(&filled);
}

static void put_value(struct matrix *, struct text *out, struct span json, enum place);

static void
put_member(struct matrix *matrix, struct text *out, struct span key, struct span value,
	   enum place place)
{
	struct text plain = TEXT_INIT;

	json_value_append(&plain, (struct span){key.at - 1, key.len + 2}); /* with its quotes */
	text_json_string(out, plain.len == 0 ? "" : plain.data, plain.len);
	text_char(out, ':');
	put_value(matrix, out, value, place == STEP ? place_of(as_span(&plain)) : place);
	text_free(&plain);
}

static void
put_object(struct matrix *matrix, struct text *out, struct span object, enum place place)
{
	struct json_members members;
	struct span key, value;

	text_char(out, '{');
	json_members_begin(&members, object);
	for (bool first = true; json_members_next(&members, &key, &value); first = false) {
		if (!first) {
			text_char(out, ',');
		}
		put_member(matrix, out, key, value, place);
	}
	text_char(out, '}');
}

static void
put_array(struct matrix *matrix, struct text *out, struct span array, enum place place)
{
	struct json_members elements;
	struct span value;

	text_char(out, '[');
	json_elements_begin(&elements, array);
	for (bool first = true; json_elements_next(&elements, &value); first = false) {
		if (!first) {
			text_char(out, ',');
		}
		put_value(matrix, out, value, place);
	}
	text_char(out, ']');
}

static void
put_value(struct matrix *matrix, struct text *out, struct span json, enum place place)
{
	switch (json.at[0]) {
	case '"':
		put_string(matrix, out, json, place);
		break;
	case '{':
		put_object(matrix, out, json, place);
		break;
	case '[':
		put_array(matrix, out, json, place == STEPS ? STEP : place);
		break;
	default:
		text_span(out, json);
		break;
	}
}

static void
put_id(struct matrix *matrix, struct text *out)
{
	struct text id = TEXT_INIT;

	if (matrix_is_group(matrix)) {
		put_filled(matrix, &id, as_span(&matrix->id), false);
		text_char(&id, '.');
		matrix_put_values(matrix, &id);
	} else {
		put_filled(matrix, &id, as_span(&matrix->id), false);
	}
	text_string(out, "\"id\":");
	text_json_string(out, id.data, id.len);
	text_free(&id);
}

/* Goes on to the next combination, as a counter does; its last place is the last key. */
static void
count_on(struct matrix *matrix)
{
	int i = matrix->count;

	while (i-- > 0) {
		if (++matrix->axes[i].now < matrix->axes[i].count) {
			return;
		}
		matrix->axes[i].now = 0;
	}
	matrix->ended = true;
}

bool
matrix_next(struct matrix *matrix, struct text *task)
{
	struct text filled = TEXT_INIT;

	if (matrix->begun) {
		count_on(matrix);
	}
	matrix->begun = true;
	matrix->unquotable = NULL;
	if (matrix->ended) {
		return false;
	}
	put_value(matrix, &filled, as_span(&matrix->task), STEP);
	text_clear(task);
	text_char(task, '{');
	put_id(matrix, task);
	text_string(task, filled.len > 2 ? "," : "");
	text_bytes(task, filled.data + 1, filled.len - 1);
	text_free(&filled);
	return true;
}
