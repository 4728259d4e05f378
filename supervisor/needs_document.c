/* SPDX-License-Identifier: ISC */
/* needs_document: see needs.h; the needs of a document, all known at once. Pure; in the supervisor. */
#include <bsd/string.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/nearest.h"
#include "supervisor/needs_parts.h"

#define GROUP        (UINT32_C(1) << 31) /* a target that is a group, not a task */
#define CIRCLE_SHOWN 8
#define WORD_LEAST   2       /* any letter is near any other */
#define WORD_MOST    32      /* bytes of an id that may have been meant */
#define OFFERED_MOST 1000000 /* tasks whose ids are looked at for that */
#define UNKNOWN_US   INT64_C(1000000)

/* Tasks that one id stands for: the combinations of a matrix. */
struct group {
	uint32_t first;
	uint32_t node;
	bool needed;
};

struct resolver {
	struct needs *needs;
	struct task_text *const *texts;
	size_t count;
	struct id_table targets; /* a text's index + 1, or GROUP | index into `groups` */
	struct group *groups;
	uint32_t group_count;
	uint32_t *needed; /* the targets of all needs, one after the other */
	uint32_t *nodes;  /* of the texts; before there are any, 1 for those that will have one */
	struct needs_fault *fault;
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "needs");
	}
	return memory;
}

static bool
begins_group(const struct resolver *resolver, size_t i)
{
	return resolver->texts[i]->group_len > 0 &&
	       (i == 0 || !needs_same_group(resolver->texts[i - 1], resolver->texts[i]));
}

static void
name_all(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->count; i++) {
		const struct task_text *text = resolver->texts[i];
		struct group *group;

		id_table_set(&resolver->targets, needs_hash(text), (uint32_t)i + 1);
		if (!begins_group(resolver, i)) {
			continue;
		}
		resolver->groups = check(reallocarray(resolver->groups, resolver->group_count + 1,
						      sizeof(*resolver->groups)));
		group = &resolver->groups[resolver->group_count];
		*group = (struct group){.first = (uint32_t)i};
		id_table_set(&resolver->targets, needs_group_hash(text),
			     GROUP | resolver->group_count++);
	}
}

/* The id that was meant, if it is near enough to one that is there. */
static void
put_nearest(const struct resolver *resolver, const char *id, struct text *out)
{
	struct nearest nearest = NEAREST_INIT(id);
	char best[WORD_MOST + 1], word[WORD_MOST + 1];

	for (size_t i = 0; i < resolver->count && i < OFFERED_MOST; i++) {
		const struct task_text *text = resolver->texts[i];
		struct span name = task_text_id(text);

		if (begins_group(resolver, i)) {
			name.len = text->group_len;
		}
		if (name.len < WORD_LEAST || name.len > WORD_MOST) {
			continue;
		}
		*(char *)mempcpy(word, name.at, name.len) = '\0';
		nearest_offer(&nearest, word);
		if (nearest.word == word) {
			strlcpy(best, word, sizeof(best));
			nearest.word = best;
		}
	}
	if (nearest.word != NULL) {
		text_printf(out, ", did you mean \"%s\"?", nearest.word);
	}
}

/* Says what is wrong with a need that is no task's id. */
static void
refuse(struct resolver *resolver, const char *id)
{
	struct text *message = &resolver->fault->message;
	const char *dot = strrchr(id, '.');
	uint32_t target =
	    dot == NULL ? 0 : id_table_get(&resolver->targets, ids_hash(id, (size_t)(dot - id)));
	char *end = NULL;
	unsigned long index = dot == NULL ? 0 : strtoul(dot + 1, &end, 10);

	if (target != 0 && (target & GROUP) == 0 && *end == '\0' && index > 0 &&
	    index <= resolver->texts[target - 1]->repeat) {
		needs_refuse_repeat(resolver->fault, id);
		return;
	}
	text_string(message, "no task ");
	needs_put_string(message, id, strlen(id));
	put_nearest(resolver, id, message);
}

static void
mark(struct resolver *resolver, uint32_t target)
{
	struct group *group;

	if ((target & GROUP) == 0) {
		resolver->nodes[target - 1] = 1;
		return;
	}
	group = &resolver->groups[target & ~GROUP];
	for (size_t i = group->first; !group->needed && i < resolver->count; i++) {
		if (!needs_same_group(resolver->texts[group->first], resolver->texts[i])) {
			break;
		}
		resolver->nodes[i] = 1;
	}
	group->needed = true;
}

/* Finds all that is needed. */
static bool
aim(struct resolver *resolver)
{
	size_t count = 0, room = 0;

	for (size_t i = 0; i < resolver->count; i++) {
		char **ids = task_rules(resolver->texts[i])->needs;

		for (int k = 0; ids != NULL && ids[k] != NULL; k++) {
			uint32_t target =
			    id_table_get(&resolver->targets, ids_hash(ids[k], strlen(ids[k])));

			if (target == 0) {
				resolver->fault->text = i;
				resolver->fault->index = k;
				refuse(resolver, ids[k]);
				return false;
			}
			if (count == room) {
				room = room == 0 ? 64 : room * 2;
				resolver->needed = check(reallocarray(resolver->needed, room,
								      sizeof(*resolver->needed)));
			}
			resolver->needed[count++] = target;
			mark(resolver, target);
			resolver->nodes[i] = 1;
		}
	}
	return true;
}

static void
make_nodes(struct resolver *resolver)
{
	uint64_t number = 1;

	for (size_t i = 0; i < resolver->count; i++) {
		struct task_text *text = resolver->texts[i];

		if (resolver->nodes[i] != 0) {
			resolver->nodes[i] = text->node =
			    graph_add(resolver->needs->graph, text->repeat,
				      task_rules(text)->needs_any_status);
			needs_set_place(resolver->needs, text->node, text, number);
		}
		number += text->repeat;
	}
}

static uint32_t
group_node(struct resolver *resolver, struct group *group)
{
	struct graph *graph = resolver->needs->graph;

	if (group->node != 0) {
		return group->node;
	}
	group->node = graph_add_group(graph);
	for (size_t i = group->first; i < resolver->count; i++) {
		if (!needs_same_group(resolver->texts[group->first], resolver->texts[i])) {
			break;
		}
		graph_need(graph, group->node, resolver->nodes[i]);
	}
	return group->node;
}

/* The ids are done with: each task's are freed. */
static void
make_edges(struct resolver *resolver)
{
	const uint32_t *target = resolver->needed;

	for (size_t i = 0; i < resolver->count; i++) {
		struct task_text *text = resolver->texts[i];
		char **ids = task_rules(text)->needs;

		for (; ids != NULL && *ids != NULL; ids++, target++) {
			uint32_t need =
			    (*target & GROUP) != 0
				? group_node(resolver, &resolver->groups[*target & ~GROUP])
				: resolver->nodes[*target - 1];

			graph_need(resolver->needs->graph, resolver->nodes[i], need);
		}
		needs_drop_ids(text);
	}
}

/* False: there is a circle; the fault is at its first task in the file. */
static bool
check_circle(struct resolver *resolver)
{
	struct needs *needs = resolver->needs;
	struct text *message = &resolver->fault->message;
	uint32_t *nodes;
	size_t count = graph_cycle(needs->graph, &nodes);

	if (count == 0) {
		return true;
	}
	text_string(message, "circular, each needs the next: ");
	needs_put_nodes(needs, nodes, count, CIRCLE_SHOWN, message);
	text_string(message, " -> ");
	needs_put_nodes(needs, nodes, 1, 1, message);
	resolver->fault->index = -1;
	while (resolver->nodes[resolver->fault->text] != nodes[0]) {
		resolver->fault->text++;
	}
	free(nodes);
	return false;
}

bool
needs_of_document(struct needs *needs, struct task_text *const *texts, size_t count,
		  struct needs_fault *fault)
{
	struct resolver resolver = {.needs = needs,
				    .texts = texts,
				    .count = count,
				    .targets = {.value_words = 1},
				    .fault = fault};
	bool good;

	*fault = (struct needs_fault){.message = TEXT_INIT};
	resolver.nodes = check(calloc(count + 1, sizeof(*resolver.nodes)));
	name_all(&resolver);
	good = aim(&resolver);
	if (good) {
		make_nodes(&resolver);
		make_edges(&resolver);
		good = check_circle(&resolver);
	}
	id_table_free(&resolver.targets);
	free(resolver.groups);
	free(resolver.needed);
	free(resolver.nodes);
	return good;
}

static int64_t
expected_us(const struct task_text *text, struct needs_expect expect)
{
	if (text->expected_us >= 0 || expect.ask == NULL) {
		return text->expected_us;
	}
	return expect.ask(expect.context, text);
}

int64_t
needs_rank(struct needs *needs, struct task_text *const *texts, size_t count,
	   struct needs_expect expect)
{
	double sum = 0;
	int64_t unknown_us;
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t us = expected_us(texts[i], expect);

		if (texts[i]->node != 0) {
			graph_expect(needs->graph, texts[i]->node, us);
		}
		sum += us < 0 ? 0 : (double)us;
		known += us >= 0;
	}
	unknown_us = known == 0 ? UNKNOWN_US : (int64_t)(sum / (double)known);
	graph_rank(needs->graph, unknown_us);
	return unknown_us;
}
