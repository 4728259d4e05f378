/* SPDX-License-Identifier: ISC */
/*
 * needs_stream: see needs.h; the needs of a stream, which are known line by line. Pure; in the
 * supervisor.
 *
 * Of each id that a line has brought, `open` holds what became of it. One that was brought and is
 * not there has ended ok; so ids that ended well cost nothing. A task has a node only if it waits,
 * has repeats or a matrix, or if another needs it before it has ended.
 */
#include <string.h>

#include "supervisor/needs_parts.h"

#define OPEN UINT32_MAX          /* it has not ended, and has no node */
#define LINE (UINT32_MAX - 1)    /* it is of the line that is being read */
#define BAD  (UINT32_C(1) << 31) /* | enum task_status, of one that did not end ok */

/* Otherwise the value is a node. */
static bool
is_node(uint32_t value)
{
	return value != 0 && value < BAD;
}

static bool
is_bad(uint32_t value)
{
	return value >= BAD && value < LINE;
}

static uint32_t
find(const struct needs *needs, const char *id)
{
	return id_table_get(&needs->open, ids_hash(id, strlen(id)));
}

static char *const *
ids_needed(const struct task_text *text)
{
	static char *const none[] = {NULL};

	return task_rules(text)->needs == NULL ? none : task_rules(text)->needs;
}

static void
set_value(struct needs *needs, uint64_t hash, uint32_t value)
{
	if (value == 0) {
		id_table_remove(&needs->open, hash);
	} else {
		id_table_set(&needs->open, hash, value);
	}
}

/* What became of an id, for good. */
static void
set_end(struct needs *needs, uint64_t hash, enum task_status status)
{
	set_value(needs, hash, status == STATUS_ok ? 0 : BAD | (uint32_t)status);
}

/* All ids of the line. */
static void
set_line(struct needs *needs, struct task_text *const *texts, size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++) {
		set_value(needs, needs_hash(texts[i]), value);
	}
	if (count > 0 && texts[0]->group_len > 0) {
		set_value(needs, needs_group_hash(texts[0]), value);
	}
}

/* Whether all that the task needs was there before its line. */
static bool
check(const struct needs *needs, const struct task_text *text, struct needs_fault *fault)
{
	char *const *ids = ids_needed(text);
	enum ids_known known;

	for (fault->index = 0; ids[fault->index] != NULL; fault->index++) {
		const char *id = ids[fault->index];
		uint32_t value = find(needs, id);

		if (value != 0 && value != LINE) {
			continue;
		}
		known = value == LINE ? IDS_UNKNOWN : ids_find(needs->ids, id, strlen(id));
		if (known == IDS_REPEAT) {
			needs_refuse_repeat(fault, id);
			return false;
		}
		if (known == IDS_UNKNOWN) {
			text_string(&fault->message, "no earlier task ");
			needs_put_string(&fault->message, id, strlen(id));
			text_string(&fault->message,
				    "; in a stream, needs may name earlier lines only");
			return false;
		}
	}
	return true;
}

/* The node of an id that has not ended; it gets one if it has none. */
static uint32_t
node_of_id(struct needs *needs, const char *id, uint32_t value)
{
	if (value == OPEN) {
		value = graph_add(needs->graph, 1, false);
		graph_start(needs->graph, value);
		needs_set_place(needs, value, NULL, 0);
		id_table_set(&needs->open, ids_hash(id, strlen(id)), value);
	}
	return value;
}

/* Whether the task is to wait for anything, or has to be known for more than its end. */
static bool
wants_node(const struct needs *needs, const struct task_text *text)
{
	bool wants = text->repeat > 1 || text->group_len > 0;

	for (char *const *id = ids_needed(text); *id != NULL && !wants; id++) {
		wants = find(needs, *id) != 0;
	}
	return wants;
}

/* Gives the task what it is to be known by. `group`: the node of its matrix, or 0. */
static void
take_task(struct needs *needs, struct task_text *text, uint64_t number, uint32_t group)
{
	bool any_status = task_rules(text)->needs_any_status, bad = false;
	uint32_t node;

	text->node = NEEDS_BY_ID;
	if (!wants_node(needs, text)) {
		needs_drop_ids(text);
		id_table_set(&needs->open, needs_hash(text), OPEN);
		return;
	}
	node = text->node = graph_add(needs->graph, text->repeat, any_status);
	needs_set_place(needs, node, text, number);
	id_table_set(&needs->open, needs_hash(text), node);
	if (group != 0) {
		graph_need(needs->graph, group, node);
	}
	for (char *const *id = ids_needed(text); *id != NULL; id++) {
		uint32_t value = find(needs, *id);

		bad |= is_bad(value);
		if (value != 0 && !is_bad(value)) {
			graph_need(needs->graph, node, node_of_id(needs, *id, value));
		}
	}
	if (bad && !any_status) {
		graph_skip(needs->graph, node);
	}
}

void
needs_of_bad_line(struct needs *needs, struct task_text *const *texts, size_t count,
		  uint64_t group_hash)
{
	set_line(needs, texts, count, BAD | STATUS_failed);
	if (group_hash != 0) {
		set_value(needs, group_hash, BAD | STATUS_failed);
	}
}

bool
needs_of_line(struct needs *needs, struct task_text *const *texts, size_t count, uint64_t number,
	      struct needs_fault *fault)
{
	uint32_t group = 0;

	*fault = (struct needs_fault){.message = TEXT_INIT};
	set_line(needs, texts, count, LINE);
	for (; fault->text < count; fault->text++) {
		if (!check(needs, texts[fault->text], fault)) {
			needs_of_bad_line(needs, texts, count, 0);
			return false;
		}
	}
	if (needs->only_check) {
		set_line(needs, texts, count, 0);
		return true;
	}
	if (texts[0]->group_len > 0) {
		group = graph_add_group(needs->graph);
		needs_set_place(needs, group, texts[0], 0);
		id_table_set(&needs->open, needs_group_hash(texts[0]), group);
	}
	for (size_t i = 0; i < count; i++) {
		take_task(needs, texts[i], number, group);
		number += texts[i]->repeat;
	}
	return true;
}

static void
drop_node(struct needs *needs, uint32_t node)
{
	task_text_release(needs->places[node].text);
	needs->places[node].text = NULL;
	graph_release(needs->graph, node);
}

static void
close_groups(struct needs *needs)
{
	uint32_t node;

	while ((node = graph_next_group(needs->graph)) != 0) {
		set_end(needs, needs_group_hash(needs->places[node].text),
			graph_status(needs->graph, node));
		drop_node(needs, node);
	}
}

void
needs_stream_skipped(struct needs *needs, const struct task_text *text, uint32_t node,
		     struct text *why)
{
	for (char *const *id = ids_needed(text); *id != NULL; id++) {
		uint32_t value = find(needs, *id);
		enum task_status status = is_bad(value)    ? (enum task_status)(value & ~BAD)
					  : is_node(value) ? graph_status(needs->graph, value)
							   : STATUS_ok;

		if (status != STATUS_ok) {
			text_string(why, "needs ");
			needs_put_string(why, *id, strlen(*id));
			text_string(why, ", ");
			needs_put_reason(why, status);
			break;
		}
	}
	set_end(needs, needs_hash(text), STATUS_skipped);
	drop_node(needs, node);
	close_groups(needs);
}

void
needs_stream_ended(struct needs *needs, const struct task_text *text, enum task_status status,
		   int64_t wall_us)
{
	uint64_t hash = needs_hash(text);
	uint32_t value = id_table_get(&needs->open, hash);

	if (value == OPEN) {
		set_end(needs, hash, status);
	} else if (is_node(value) && graph_ended(needs->graph, value, status, wall_us)) {
		set_end(needs, hash, graph_status(needs->graph, value));
		drop_node(needs, value);
		close_groups(needs);
	}
}
