/* SPDX-License-Identifier: ISC */
/* jobfile_document: see jobfile_document.h. In the supervisor; pure. */
#include "supervisor/jobfile_document.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/memory.h"
#include "ipc/message.h"
#include "ipc/nearest.h"
#include "supervisor/task_reader.h"

#define VERSION    "1" /* of the format: the value of "stint" */
#define VALUE_MOST (MESSAGE_LINE_MAX - 4096)

static const char *const keys[] = {"stint", "name", "defaults", "tasks", "resources"};

enum { KEY_STINT, KEY_NAME, KEY_DEFAULTS, KEY_TASKS, KEY_RESOURCES, KEYS };

static bool
refuse(const struct document *document, const char *at, const char *path, const char *message,
       struct text *error)
{
	uint64_t line = document->line + jobfile_count_lines(document->bytes.data, at);

	jobfile_complain(error, document->file, line, path, "%s", message);
	return false;
}

/* One byte outside strings. False: it cannot belong to a job file. */
static bool
scan_byte(struct document *document, char c, size_t at)
{
	switch (c) {
	case '"':
		document->in_string = true;
		break;
	case '{':
	case '[':
		document->depth++;
		if (document->depth <= 2) {
			document->value = at;
		}
		break;
	case '}':
	case ']':
		document->depth -= document->depth > 0;
		break;
	case ',':
		if (document->depth <= 2) {
			document->value = at;
		}
		break;
	default:
		break;
	}
	return document->depth <= JSON_SCAN_DEPTH;
}

bool
document_feed(struct document *document, struct span bytes, struct text *error)
{
	size_t from = document->bytes.len;

	text_span(&document->bytes, bytes);
	for (size_t at = from; at < document->bytes.len; at++) {
		char c = document->bytes.data[at];

		if (document->in_string) {
			document->in_string = document->escaped || c != '"';
			document->escaped = !document->escaped && c == '\\';
		} else if (!scan_byte(document, c, at)) {
			return refuse(document, document->bytes.data + at, "",
				      "nested deeper than 2048 levels", error);
		}
	}
	if (document->bytes.len - document->value > VALUE_MOST) {
		return refuse(document, document->bytes.data + document->value, "",
			      "a value longer than 16 MiB; no task is that long", error);
	}
	return true;
}

static bool
begins_with_word(const struct document *document)
{
	return document->bytes.len > 0 && isalpha((unsigned char)document->bytes.data[0]);
}

/* Says where the bytes stop being JSON; the library that knows is asked only for this. */
static bool
refuse_syntax(const struct document *document, struct text *error)
{
	json_error_t wrong;
	json_t *value = json_loadb(document->bytes.data, document->bytes.len,
				   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
	char path[32] = "", message[sizeof(wrong.text) + 96];

	if (value != NULL) { /* only we find fault with it */
		json_decref(value);
		return refuse(document, document->bytes.data, "",
			      "must be a JSON object: {\"tasks\": [...]}, or one task a line",
			      error);
	}
	snprintf(path, sizeof(path), "column %d", wrong.column < 1 ? 1 : wrong.column);
	snprintf(message, sizeof(message), "not valid JSON: %s%s", wrong.text,
		 begins_with_word(document)
		     ? "; commands, one a line, are for stint map with them on stdin"
		     : "");
	jobfile_complain(error, document->file,
			 document->line + (wrong.line < 1 ? 0 : (uint64_t)wrong.line - 1), path,
			 "%s", message);
	return false;
}

static bool
refuse_key(const struct document *document, struct span key, struct text *error)
{
	char name[64], message[128];
	struct nearest nearest = NEAREST_INIT(name);
	json_t *value = json_loadb(document->bytes.data, document->bytes.len, 0, NULL);

	if (value == NULL) { /* several lines, say, with a comma between them */
		return refuse_syntax(document, error);
	}
	json_decref(value);
	snprintf(name, sizeof(name), "%.*s", (int)key.len, key.at);
	for (int i = 0; i < KEYS; i++) {
		nearest_offer(&nearest, keys[i]);
	}
	if (nearest.word != NULL) {
		snprintf(message, sizeof(message), "unknown key, did you mean \"%s\"?",
			 nearest.word);
	} else {
		snprintf(message, sizeof(message),
			 "unknown key; a job has stint, name, defaults, resources, tasks");
	}
	return refuse(document, key.at, name, message, error);
}

/* The members of the object by their keys. */
static bool
take_members(struct document *document, struct span values[KEYS], struct text *error)
{
	struct span all = {document->bytes.data, document->bytes.len}, key, value;
	struct json_members members;

	json_members_begin(&members, all);
	while (json_members_next(&members, &key, &value)) {
		int i = 0;

		while (i < KEYS && !span_is(key, keys[i])) {
			i++;
		}
		if (i == KEYS) {
			return refuse_key(document, key, error);
		}
		if (values[i].len > 0) {
			return refuse(document, key.at, keys[i], "a key that is there twice",
				      error);
		}
		values[i] = value;
	}
	return !members.failed || refuse_syntax(document, error);
}

static bool
take_name(struct document *document, struct span value, struct text *error)
{
	size_t len;

	if (value.len <= 2 || value.at[0] != '"') {
		return refuse(document, value.at, "name", "must be a string that is not empty",
			      error);
	}
	return json_value_string(value, &document->name, &len) ||
	       refuse(document, value.at, "name", "must not have \\u0000", error);
}

static struct piece
piece_of(const struct document *document, const char *prefix, struct span value)
{
	return (struct piece){.file = document->file,
			      .prefix = prefix,
			      .text = value,
			      .line = document->line +
				      jobfile_count_lines(document->bytes.data, value.at)};
}

/* All but the tasks. */
static bool
take_head(struct document *document, struct span values[KEYS], struct defaults *defaults,
	  struct text *error)
{
	struct piece piece;

	if (values[KEY_STINT].len > 0 && !span_is(values[KEY_STINT], VERSION)) {
		return refuse(document, values[KEY_STINT].at, "stint",
			      "must be " VERSION ", the version of the format", error);
	}
	if (values[KEY_NAME].len > 0 && !take_name(document, values[KEY_NAME], error)) {
		return false;
	}
	if (values[KEY_RESOURCES].len > 0) {
		piece = piece_of(document, "resources", values[KEY_RESOURCES]);
		if (!resources_set(&defaults->resources, &piece, error)) {
			return false;
		}
	}
	if (values[KEY_DEFAULTS].len > 0) {
		piece = piece_of(document, "defaults", values[KEY_DEFAULTS]);
		return defaults_set(defaults, &piece, error);
	}
	return true;
}

static void
append_text(struct document *document, struct task_text *text)
{
	if ((document->count & (document->count - 1)) == 0) { /* doubles at powers of two */
		size_t room = document->count == 0 ? 1 : document->count * 2;

		document->texts =
		    memory_check(reallocarray(document->texts, room, sizeof(*document->texts)));
	}
	document->texts[document->count++] = text;
}

/* The task of one element, or all that its matrix makes. */
static bool
take_task(struct document *document, struct task_reader *reader, const struct piece *piece,
	  uint64_t ordinal, struct text *error)
{
	struct task_text *text;

	task_reader_begin(reader, piece, ordinal);
	while (task_reader_next(reader, &text, error)) {
		if (text == NULL) {
			return true;
		}
		append_text(document, text);
	}
	return false;
}

static bool
take_tasks(struct document *document, struct span array, const struct defaults *defaults,
	   struct ids *ids, struct text *error)
{
	struct piece piece = {.file = document->file, .line = document->line};
	struct task_reader reader = {.defaults = defaults, .ids = ids};
	const char *counted = document->bytes.data;
	struct json_members elements;
	uint64_t ordinal = 0;
	bool good = true;
	char prefix[32];

	if (array.at[0] != '[') {
		return refuse(document, array.at, "tasks", "must be an array of tasks", error);
	}
	json_elements_begin(&elements, array);
	while (good && json_elements_next(&elements, &piece.text)) {
		piece.line += jobfile_count_lines(counted, piece.text.at);
		counted = piece.text.at;
		snprintf(prefix, sizeof(prefix), "tasks[%" PRIu64 "]", ordinal);
		piece.prefix = prefix;
		good = take_task(document, &reader, &piece, ++ordinal, error);
	}
	task_reader_clear(&reader);
	return good;
}

static bool
any_needs(const struct document *document)
{
	for (size_t i = 0; i < document->count; i++) {
		if (task_rules(document->texts[i])->needs != NULL) {
			return true;
		}
	}
	return false;
}

/* Says what is wrong with the needs of a task, which is looked for again. */
static void
refuse_need(const struct document *document, struct span array, const struct needs_fault *fault,
	    struct text *error)
{
	uint64_t ordinal = document->texts[fault->text]->ordinal;
	struct piece piece = {.file = document->file, .line = document->line};
	struct json_members elements;
	char prefix[32];

	json_elements_begin(&elements, array);
	for (uint64_t i = 0; i < ordinal; i++) {
		json_elements_next(&elements, &piece.text);
	}
	piece.line += jobfile_count_lines(document->bytes.data, piece.text.at);
	snprintf(prefix, sizeof(prefix), "tasks[%" PRIu64 "]", ordinal - 1);
	piece.prefix = prefix;
	jobfile_describe_need(&piece, fault->index, fault->message.data, error);
}

static bool
take_needs(struct document *document, struct span array, struct text *error)
{
	struct needs_fault fault;
	bool good;

	if (!any_needs(document)) {
		return true;
	}
	document->needs = needs_new(NULL);
	good = needs_of_document(document->needs, document->texts, document->count, &fault);
	if (!good) {
		text_terminate(&fault.message);
		refuse_need(document, array, &fault, error);
	}
	text_free(&fault.message);
	return good;
}

bool
document_parse(struct document *document, struct defaults *defaults,
	       const struct run_defaults *more, struct ids *ids, struct text *error)
{
	struct span values[KEYS] = {{NULL, 0}};

	if (!take_members(document, values, error) ||
	    !take_head(document, values, defaults, error)) {
		return false;
	}
	if (values[KEY_TASKS].len == 0) {
		return refuse(document, document->bytes.data, "tasks",
			      "missing; a job is {\"stint\":1,\"tasks\":[…]}", error);
	}
	defaults_add(defaults, more);
	return take_tasks(document, values[KEY_TASKS], defaults, ids, error) &&
	       take_needs(document, values[KEY_TASKS], error);
}

bool
document_header(struct document *document, struct span line, struct defaults *defaults,
		struct text *error)
{
	struct span values[KEYS] = {{NULL, 0}};

	return document_feed(document, line, error) && take_members(document, values, error) &&
	       take_head(document, values, defaults, error);
}

void
document_clear(struct document *document)
{
	for (size_t i = 0; i < document->count; i++) {
		task_text_release(document->texts[i]);
	}
	needs_free(document->needs);
	free(document->texts);
	free(document->name);
	text_free(&document->bytes);
}
