/* SPDX-License-Identifier: ISC */
/* needs: see needs.h; what documents and streams have in common. Pure; in the supervisor. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_value.h"
#include "supervisor/needs_parts.h"

#define ID_QUOTED  100 /* bytes of an id in a message */
#define ID_LISTED  40  /* and of one among others */
#define PATH_SHOWN 6   /* ids of a path, more are left out */

struct needs *
needs_new(const struct ids *ids)
{
	struct needs *needs = calloc(1, sizeof(*needs));

	if (needs == NULL) {
		err(3, "needs");
	}
	needs->open.value_words = 1;
	needs->graph = graph_new();
	needs->ids = ids;
	return needs;
}

void
needs_free(struct needs *needs)
{
	if (needs != NULL) {
		for (size_t i = 0; i < needs->place_room; i++) {
			task_text_release(needs->places[i].text);
		}
		free(needs->places);
		id_table_free(&needs->open);
		graph_free(needs->graph);
		free(needs);
	}
}

void
needs_set_place(struct needs *needs, uint32_t node, struct task_text *text, uint64_t number)
{
	size_t room = needs->place_room;

	if (node >= room) {
		room = room == 0 ? 64 : room * 2;
		needs->places = reallocarray(needs->places, room, sizeof(*needs->places));
		if (needs->places == NULL) {
			err(3, "needs");
		}
		memset(needs->places + needs->place_room, 0,
		       (room - needs->place_room) * sizeof(*needs->places));
		needs->place_room = room;
	}
	if (text != NULL) {
		text->references++;
	}
	needs->places[node] = (struct place){text, number};
}

void
needs_drop_ids(struct task_text *text)
{
	if (text->rules != NULL && text->rules->needs != NULL) {
		for (char **id = text->rules->needs; *id != NULL; id++) {
			free(*id);
		}
		free(text->rules->needs);
		text->rules->needs = NULL;
	}
}

/* Appends the first `len` bytes of the text's id (JSON without quotes) as they are meant. */
static void
put_plain(struct text *out, const struct task_text *text, size_t len)
{
	struct span id = {text->bytes + text->spec_len, len};
	struct text quoted = TEXT_INIT;

	if (len == 0) {
		text_uint(out, text->ordinal);
	} else if (memchr(id.at, '\\', id.len) == NULL) {
		text_span(out, id);
	} else {
		text_char(&quoted, '"');
		text_span(&quoted, id);
		text_char(&quoted, '"');
		json_value_append(out, (struct span){quoted.data, quoted.len});
		text_free(&quoted);
	}
}

static uint64_t
hash_prefix(const struct task_text *text, size_t len)
{
	struct text plain = TEXT_INIT;
	uint64_t hash;

	if (len > 0 && memchr(text->bytes + text->spec_len, '\\', len) == NULL) {
		return ids_hash(text->bytes + text->spec_len, len);
	}
	put_plain(&plain, text, len);
	hash = ids_hash(plain.data, plain.len);
	text_free(&plain);
	return hash;
}

uint64_t
needs_hash(const struct task_text *text)
{
	return hash_prefix(text, text->id_len);
}

uint64_t
needs_group_hash(const struct task_text *text)
{
	return hash_prefix(text, text->group_len);
}

bool
needs_same_group(const struct task_text *a, const struct task_text *b)
{
	return a->group_len > 0 && b->group_len > 0 && a->ordinal == b->ordinal;
}

/* Appends it up to `most` bytes, cut between two characters. */
static void
put_cut(struct text *out, const char *id, size_t len, size_t most)
{
	size_t shown = len;

	if (len > most) {
		shown = most;
		while (((unsigned char)id[shown] & 0xc0) == 0x80) {
			shown--;
		}
	}
	text_bytes(out, id, shown);
	text_string(out, shown < len ? "..." : "");
}

void
needs_put_string(struct text *out, const char *id, size_t len)
{
	text_char(out, '"');
	put_cut(out, id, len, ID_QUOTED);
	text_char(out, '"');
}

void
needs_put_id(struct text *out, const struct task_text *text)
{
	struct text plain = TEXT_INIT;

	put_plain(&plain, text, text->id_len);
	needs_put_string(out, plain.data, plain.len);
	text_free(&plain);
}

void
needs_put_reason(struct text *out, enum task_status status)
{
	static const char *const words[STATUSES] = {
	    [STATUS_failed] = "which failed",
	    [STATUS_timeout] = "which ran out of time",
	    [STATUS_crashed] = "which crashed",
	    [STATUS_poisoned] = "which was poisoned",
	    [STATUS_cancelled] = "which was cancelled",
	    [STATUS_skipped] = "which was skipped",
	    [STATUS_interrupted] = "which was interrupted",
	};

	text_string(out, words[status] == NULL ? "which did not end ok" : words[status]);
}

void
needs_refuse_repeat(struct needs_fault *fault, const char *id)
{
	const char *dot = strrchr(id, '.');

	text_string(&fault->message, "a task needs the repeats as a whole: write ");
	needs_put_string(&fault->message, id, dot == NULL ? strlen(id) : (size_t)(dot - id));
}

void
needs_only_check(struct needs *needs)
{
	needs->only_check = true;
}

bool
needs_start(struct needs *needs, const struct task_text *text)
{
	return text->node == 0 || text->node == NEEDS_BY_ID ||
	       graph_start(needs->graph, text->node);
}

/* Why a task of a document is skipped. */
static void
put_cause(const struct needs *needs, uint32_t node, struct text *why)
{
	uint32_t cause = graph_cause(needs->graph, node);

	text_string(why, "needs ");
	needs_put_id(why, needs->places[cause].text);
	text_string(why, ", ");
	needs_put_reason(why, graph_status(needs->graph, cause));
}

bool
needs_next(struct needs *needs, struct needs_turn *turn, struct text *why)
{
	uint32_t node = graph_next_skipped(needs->graph);
	struct place *place;

	turn->skipped = node != 0;
	if (node == 0 && (node = graph_next_ready(needs->graph)) == 0) {
		return false;
	}
	place = &needs->places[node];
	turn->text = place->text;
	turn->number = place->number;
	turn->rank_us = graph_rank_us(needs->graph, node);
	turn->text->references++;
	if (turn->skipped && needs->ids != NULL) {
		needs_stream_skipped(needs, turn->text, node, why);
	} else if (turn->skipped) {
		put_cause(needs, node, why);
	}
	needs_drop_ids(turn->text); /* of a document they are gone already */
	return true;
}

void
needs_ended(struct needs *needs, const struct task_text *text, enum task_status status,
	    int64_t wall_us)
{
	if (text->node == 0) {
		return;
	}
	if (needs->ids == NULL) {
		graph_ended(needs->graph, text->node, status, wall_us);
	} else {
		needs_stream_ended(needs, text, status, wall_us);
	}
}

int64_t
needs_rank_us(const struct needs *needs, const struct task_text *text)
{
	return graph_rank_us(needs->graph, text->node);
}

uint64_t
needs_held(const struct needs *needs)
{
	return graph_held(needs->graph);
}

uint64_t
needs_queued(const struct needs *needs)
{
	return graph_queued(needs->graph);
}

void
needs_put_nodes(const struct needs *needs, const uint32_t *nodes, size_t count, size_t shown,
		struct text *out)
{
	struct text plain = TEXT_INIT;

	for (size_t i = 0; i < count; i++) {
		const struct task_text *text = needs->places[nodes[i]].text;

		text_clear(&plain);
		put_plain(&plain, text, text->id_len);
		text_string(out, i == 0 ? "" : " -> ");
		put_cut(out, plain.data, plain.len, ID_LISTED);
		if (count > shown && i == 1) {
			text_string(out, " -> ...");
			i = count - 2;
		}
	}
	text_free(&plain);
}

int64_t
needs_path(const struct needs *needs, struct text *words)
{
	uint32_t *nodes;
	size_t count;

	if (needs->ids == NULL) {
		count = graph_path(needs->graph, &nodes);
		needs_put_nodes(needs, nodes, count, PATH_SHOWN, words);
		free(nodes);
	}
	return graph_path_us(needs->graph);
}
