/* SPDX-License-Identifier: ISC */
/* task_reader: see task_reader.h. In the supervisor; pure. */
#include "supervisor/task_reader.h"

#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/matrix.h"

static struct span
as_span(const struct text *text)
{
	return (struct span){text->data, text->len};
}

/* A matrix is told by its key, which few files have anywhere. */
static bool
may_have_matrix(const struct task_reader *reader)
{
	struct span task = reader->piece.text;

	return defaults_find(reader->defaults, "matrix") != NULL ||
	       memmem(task.at, task.len, "\"matrix\"", strlen("\"matrix\"")) != NULL ||
	       memchr(task.at, '\\', task.len) != NULL;
}

static struct span
find_matrix(const struct task_reader *reader, struct span task)
{
	struct span own = json_member(task, "matrix");
	const struct text *inherited = defaults_find(reader->defaults, "matrix");

	return own.len > 0 || inherited == NULL ? own : as_span(inherited);
}

/* Whether the matrix is good, and the task JSON: only then can values be put into it. */
static bool
check_matrix(const struct task_reader *reader, struct span matrix, struct spec_error *error)
{
	struct task_spec *spec = task_spec_parse(reader->piece.text, SPEC_TASK, error);
	struct text alone = TEXT_INIT;

	task_spec_free(spec);
	if (spec == NULL && error->line > 0) {
		return false;
	}
	text_string(&alone, "{\"matrix\":");
	text_span(&alone, matrix);
	text_char(&alone, '}');
	spec = task_spec_parse(as_span(&alone), SPEC_DEFAULTS, error);
	text_free(&alone);
	task_spec_free(spec);
	return spec != NULL;
}

/* The id as it stands in the task, with `{key}` in it, or the task's number. */
static bool
put_base_id(const struct task_reader *reader, struct span task, struct text *id,
	    struct spec_error *error)
{
	struct span own = json_member(task, "id");

	if (own.len == 0) {
		text_uint(id, reader->ordinal);
		return true;
	}
	error->depth = error->line = 0;
	spec_enter(error, "id", -1);
	if (own.at[0] != '"') {
		return spec_fail(error, "must be a string");
	}
	return (own.len > 2 && json_value_append(id, own)) || spec_fail(error, "must not be empty");
}

/* The task as it is for all combinations: the job's defaults in it, the matrix and the id not. */
static void
make_template(const struct task_reader *reader, struct span task, struct text *out)
{
	uint32_t keys = UINT32_C(1) << TASK_KEY_matrix;
	struct json_members members;
	struct span name, value;

	json_members_begin(&members, task);
	while (json_members_next(&members, &name, &value)) {
		int key = task_key_find(name);

		keys |= key < 0 ? 0 : UINT32_C(1) << key;
	}
	defaults_merge(reader->defaults, task, keys, MERGED_FOR_MATRIX, out);
}

/* The id that stands for all combinations, which nothing else may have. */
static bool
take_group(struct task_reader *reader, bool own_id, struct spec_error *error)
{
	struct text group = TEXT_INIT, quoted = TEXT_INIT;
	bool good;

	matrix_put_group(reader->matrix, &group);
	text_json_string(&quoted, group.data, group.len);
	text_terminate(&group);
	reader->group_len = (uint16_t)(quoted.len - 2);
	good = jobfile_take_id(reader->ids, own_id ? group.data : NULL, reader->ordinal, 1, error);
	reader->group_hash = good ? ids_hash(group.data, group.len) : 0;
	text_free(&group);
	text_free(&quoted);
	return good;
}

/* All keys of the matrix are in the id, or it stands for the group of them. */
static bool
take_base_id(struct task_reader *reader, bool own_id, struct spec_error *error)
{
	const char *missing = matrix_missing_key(reader->matrix);

	if (matrix_is_group(reader->matrix)) {
		return take_group(reader, own_id, error);
	}
	error->depth = error->line = 0;
	spec_enter(error, "id", -1);
	return missing == NULL ||
	       spec_fail(error, "must have {%s}, too: all keys of the matrix, or none", missing);
}

/* Finds the matrix, if there is one. False: `error` is filled. */
static bool
begin_matrix(struct task_reader *reader, struct spec_error *error)
{
	struct text plain = TEXT_INIT, id = TEXT_INIT, template = TEXT_INIT;
	struct span task = jobfile_plain_keys(reader->piece.text, &plain);
	struct span matrix = SPAN_EMPTY;
	bool good = true;

	if (task.len > 0 && task.at[0] == '{') { /* it may be no JSON at all */
		matrix = find_matrix(reader, task);
	}
	if (matrix.len > 0) {
		good = check_matrix(reader, matrix, error) && put_base_id(reader, task, &id, error);
		if (good) {
			make_template(reader, task, &template);
			reader->matrix = matrix_new(matrix, as_span(&template), as_span(&id));
			good = take_base_id(reader, json_member(task, "id").len > 0, error);
		}
	}
	text_free(&plain);
	text_free(&id);
	text_free(&template);
	return good;
}

void
task_reader_begin(struct task_reader *reader, const struct piece *piece, uint64_t ordinal)
{
	task_reader_clear(reader);
	reader->piece = *piece;
	reader->ordinal = ordinal;
	reader->group_hash = 0;
	reader->open = true;
}

void
task_reader_clear(struct task_reader *reader)
{
	matrix_free(reader->matrix);
	reader->matrix = NULL;
	reader->group_len = 0;
	reader->open = false;
}

static void
fail_unquotable(const char *key, struct spec_error *error)
{
	error->depth = error->line = 0;
	spec_fail(error,
		  "{%s} cannot be quoted where its shell command has it; write $VALUE there and "
		  "give it \"env\": {\"VALUE\": \"{%s}\"}",
		  key, key);
}

/* The next combination, which has the defaults in it already. */
static struct task_text *
next_of_matrix(struct task_reader *reader, struct spec_error *error)
{
	const struct defaults rest = {.resources = reader->defaults->resources};
	struct text task = TEXT_INIT, values = TEXT_INIT;
	struct task_text *text = NULL;

	if (!matrix_next(reader->matrix, &task)) {
		reader->open = false;
		return NULL;
	}
	if (matrix_unquotable(reader->matrix) != NULL) {
		fail_unquotable(matrix_unquotable(reader->matrix), error);
	} else {
		text = jobfile_task(as_span(&task), reader->ordinal, &rest, reader->ids, error);
	}
	if (text != NULL) {
		text->group_len = reader->group_len;
	} else {
		matrix_put_values(reader->matrix, &values);
		spec_error_add(error, " (%.*s)", (int)values.len, values.data);
	}
	text_free(&task);
	text_free(&values);
	return text;
}

static bool
fail(struct task_reader *reader, const struct spec_error *wrong, struct text *error)
{
	jobfile_describe(&reader->piece, wrong, error);
	task_reader_clear(reader);
	return false;
}

bool
task_reader_next(struct task_reader *reader, struct task_text **text, struct text *error)
{
	struct spec_error wrong;

	*text = NULL;
	if (!reader->open) {
		return true;
	}
	if (reader->matrix == NULL && may_have_matrix(reader) && !begin_matrix(reader, &wrong)) {
		return fail(reader, &wrong, error);
	}
	if (reader->matrix != NULL) {
		*text = next_of_matrix(reader, &wrong);
	} else {
		reader->open = false;
		*text = jobfile_task(reader->piece.text, reader->ordinal, reader->defaults,
				     reader->ids, &wrong);
	}
	if (*text == NULL && (reader->open || reader->matrix == NULL)) {
		return fail(reader, &wrong, error);
	}
	return true;
}
