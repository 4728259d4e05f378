/* SPDX-License-Identifier: ISC */
/*
 * graph_order: see graph.h; the order of a graph's nodes: circles, ranks, the longest path. Pure;
 * in the supervisor.
 */
#include <err.h>
#include <stdlib.h>

#include "supervisor/graph_nodes.h"

static uint32_t *
make_numbers(size_t count)
{
	uint32_t *numbers = calloc(count + 1, sizeof(*numbers));

	if (numbers == NULL) {
		err(3, "needs");
	}
	return numbers;
}

/*
 * Puts each node behind all that it needs (Kahn). `pending` counts down to 0 for those that were
 * put there. How many those are.
 */
static uint32_t
sort(const struct graph *graph, uint32_t *pending, uint32_t *order)
{
	uint32_t count = 0;

	for (uint32_t i = 1; i < graph->node_count; i++) {
		pending[i] = graph->nodes[i].pending;
		if (pending[i] == 0) {
			order[count++] = i;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = graph->nodes[order[i]].first;

		for (; at != 0; at = graph->edges[at].next) {
			uint32_t to = graph->edges[at].to;

			if (--pending[to] == 0) {
				order[count++] = to;
			}
		}
	}
	return count;
}

/*
 * Of the nodes that could not be sorted each needs one of the others: going from need to need
 * comes to a circle, which is where it meets its own steps. A node of that circle.
 */
static uint32_t
find_circle(const struct graph *graph, const uint32_t *pending, uint32_t *need)
{
	uint32_t *seen = make_numbers(graph->node_count), at = 0;

	for (uint32_t i = graph->node_count - 1; i > 0; i--) {
		uint32_t edge = pending[i] > 0 ? graph->nodes[i].first : 0;

		for (; edge != 0; edge = graph->edges[edge].next) {
			need[graph->edges[edge].to] = i;
		}
		at = pending[i] > 0 ? i : at;
	}
	while (!seen[at]) {
		seen[at] = 1;
		at = need[at];
	}
	free(seen);
	return at;
}

/* The nodes of the circle that are no groups, from the lowest. */
static size_t
list_circle(const struct graph *graph, const uint32_t *need, uint32_t at, uint32_t **nodes)
{
	uint32_t lowest = 0, first = at;
	size_t count = 0;

	do {
		if (!graph->nodes[at].is_group) {
			lowest = lowest == 0 || at < lowest ? at : lowest;
			count++;
		}
		at = need[at];
	} while (at != first);
	*nodes = make_numbers(count);
	count = 0;
	at = lowest;
	do {
		if (!graph->nodes[at].is_group) {
			(*nodes)[count++] = at;
		}
		at = need[at];
	} while (at != lowest);
	return count;
}

size_t
graph_cycle(struct graph *graph, uint32_t **nodes)
{
	uint32_t *pending = make_numbers(graph->node_count);
	uint32_t *order = make_numbers(graph->node_count);
	size_t count = 0;

	if (sort(graph, pending, order) == graph->node_count - 1) {
		free(graph->order);
		graph->order = order;
	} else { /* `order` is of no use: it becomes the needs */
		count = list_circle(graph, order, find_circle(graph, pending, order), nodes);
		free(order);
	}
	free(pending);
	return count;
}

void
graph_expect(struct graph *graph, uint32_t number, int64_t us)
{
	graph->nodes[number].rank_us = us;
}

void
graph_rank(struct graph *graph, int64_t unknown_us)
{
	for (uint32_t i = graph->node_count - 1; graph->order != NULL && i > 0; i--) {
		struct node *node = &graph->nodes[graph->order[i - 1]];
		int64_t behind_us = 0, own_us = node->rank_us < 0 ? unknown_us : node->rank_us;

		for (uint32_t at = node->first; at != 0; at = graph->edges[at].next) {
			int64_t us = graph->nodes[graph->edges[at].to].rank_us;

			behind_us = us > behind_us ? us : behind_us;
		}
		node->rank_us = graph_sum(own_us, behind_us);
	}
	free(graph->order);
	graph->order = NULL;
}

int64_t
graph_rank_us(const struct graph *graph, uint32_t number)
{
	return graph->nodes[number].rank_us;
}

int64_t
graph_path_us(const struct graph *graph)
{
	return graph->longest_us;
}

size_t
graph_path(const struct graph *graph, uint32_t **nodes)
{
	size_t count = 0, i;

	for (uint32_t at = graph->longest; at != 0; at = graph->nodes[at].before) {
		count += !graph->nodes[at].is_group;
	}
	*nodes = make_numbers(count);
	i = count;
	for (uint32_t at = graph->longest; at != 0; at = graph->nodes[at].before) {
		if (!graph->nodes[at].is_group) {
			(*nodes)[--i] = at;
		}
	}
	return count;
}
