/* SPDX-License-Identifier: ISC */
/* import_wfcommons_needs: which task needs which. In the supervisor; pure. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/nearest.h"
#include "ipc/task_spec.h"
#include "supervisor/ids.h"
#include "supervisor/import_wfcommons.h"

#define CIRCLE_SHOWN 8

/* One of the ids that a task names. */
struct mention {
	const char *list;
	uint32_t task;
	const char *key;
	uint32_t index;
	struct span text;
};

static bool
refuse(const struct wf_reader *reader, const struct mention *mention, const char *message)
{
	char path[128];

	snprintf(path, sizeof(path), "%s[%" PRIu32 "].%s[%" PRIu32 "]", mention->list,
		 mention->task, mention->key, mention->index);
	return wf_refuse(reader, mention->text.at, path, "%s", message);
}

/* Older recordings say by name what a task needs, even where it has an id. */
static void
learn_names(struct wf_reader *reader)
{
	bool is_new;

	reader->named = true;
	for (uint32_t i = 0; i < reader->job->count; i++) {
		struct span name = reader->tasks[i].name;
		uint32_t *place;

		if (name.len == 0) {
			continue;
		}
		place = id_table_put(&reader->names, ids_hash(name.at, name.len), &is_new);
		*place = is_new ? i + 1 : WF_SEVERAL;
	}
}

static bool
refuse_unknown(const struct wf_reader *reader, const struct mention *mention, struct span id)
{
	char typed[256], other[256], meant[256], message[640];
	struct nearest nearest = NEAREST_INIT(typed);

	snprintf(typed, sizeof(typed), "%.*s", (int)id.len, id.at);
	for (uint32_t i = 0; i < reader->job->count; i++) {
		struct span offer = reader->job->tasks[i].id;

		if (offer.len >= sizeof(other)) {
			continue;
		}
		snprintf(other, sizeof(other), "%.*s", (int)offer.len, offer.at);
		nearest_offer(&nearest, other);
		if (nearest.word == other) { /* it lives only until the next */
			nearest.word = memcpy(meant, other, sizeof(meant));
		}
	}
	snprintf(message, sizeof(message), "no task \"%s\"%s%s%s", typed,
		 nearest.word == NULL ? "" : ", did you mean \"",
		 nearest.word == NULL ? "" : nearest.word, nearest.word == NULL ? "" : "\"?");
	return refuse(reader, mention, message);
}

/* The place of the task that is meant. */
static bool
find(struct wf_reader *reader, const struct mention *mention, uint32_t *place)
{
	struct span id;
	uint64_t hash;

	if (!import_job_keep(reader->job, mention->text, &id)) {
		return refuse(reader, mention, "must be a string, the id of a task");
	}
	hash = ids_hash(id.at, id.len);
	*place = id_table_get(&reader->ids, hash);
	if (*place == 0) {
		if (!reader->named) {
			learn_names(reader);
		}
		*place = id_table_get(&reader->names, hash);
	}
	if (*place == 0) {
		return refuse_unknown(reader, mention, id);
	}
	if (*place == WF_SEVERAL) {
		return refuse(reader, mention,
			      "no id of a task, and the name of several: it is not known which "
			      "one is meant");
	}
	--*place;
	return true;
}

/* The ids in one of the two arrays of a task; what is missing is empty. */
static bool
take_array(struct wf_reader *reader, struct mention *mention, struct span array)
{
	bool children = strcmp(mention->key, "children") == 0;
	struct json_members elements;
	uint32_t place = 0;
	char path[128];

	if (array.len == 0) {
		return true;
	}
	if (!json_elements_begin(&elements, array)) {
		snprintf(path, sizeof(path), "%s[%" PRIu32 "].%s", mention->list, mention->task,
			 mention->key);
		return wf_refuse(reader, array.at, path, "must be an array of ids");
	}
	for (mention->index = 0; json_elements_next(&elements, &mention->text); mention->index++) {
		if (!find(reader, mention, &place)) {
			return false;
		}
		import_job_need(reader->job, children ? place : mention->task,
				children ? mention->task : place);
	}
	return true;
}

static bool
refuse_circle(const struct wf_reader *reader, const char *list, const uint32_t *circle,
	      size_t count)
{
	struct text message = TEXT_INIT;
	char path[64];

	for (size_t i = 0; i < count && i < CIRCLE_SHOWN; i++) {
		text_span(&message, reader->job->tasks[circle[i]].id);
		text_string(&message, " -> ");
	}
	text_string(&message, count > CIRCLE_SHOWN ? "... -> " : "");
	text_span(&message, reader->job->tasks[circle[0]].id);
	text_terminate(&message);
	snprintf(path, sizeof(path), "%s[%" PRIu32 "]", list, circle[0]);
	wf_refuse(reader, reader->tasks[circle[0]].text.at, path,
		  "circular, each needs the next: %s", message.data);
	text_free(&message);
	return false;
}

bool
wf_needs(struct wf_reader *reader, const char *list)
{
	struct mention mention = {.list = list};
	uint32_t *circle;
	size_t count;

	for (uint32_t i = 0; i < reader->job->count; i++) {
		const struct wf_task *task = &reader->tasks[i];

		mention.task = i;
		mention.key = "parents";
		if (!take_array(reader, &mention, task->parents)) {
			return false;
		}
		mention.key = "children";
		if (!take_array(reader, &mention, task->children)) {
			return false;
		}
	}
	count = import_job_order(reader->job, &circle);
	if (count > 0) {
		refuse_circle(reader, list, circle, count);
		free(circle);
	}
	return count == 0;
}
