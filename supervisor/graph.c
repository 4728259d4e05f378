/* SPDX-License-Identifier: ISC */
/*
 * graph: see graph.h; how it is made, and what ends and skips mean. Pure; in the supervisor.
 *
 * What happens to a node is told to those that need it by way of a list of events, so that nothing
 * recurses.
 */
#include "supervisor/graph_nodes.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* A node did not end ok, which is told at once; or it ended, which is always told after that. */
enum event { EVENT_BAD, EVENT_END };

/* Room for one more; doubles at powers of two. */
static void *
grow(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0) {
		return array;
	}
	array = reallocarray(array, count == 0 ? 1 : count * 2, size);
	if (array == NULL) {
		err(3, "needs");
	}
	return array;
}

struct graph *
graph_new(void)
{
	struct graph *graph = calloc(1, sizeof(*graph));

	if (graph == NULL) {
		err(3, "needs");
	}
	graph->nodes = grow(NULL, 0, sizeof(*graph->nodes));
	graph->edges = grow(NULL, 0, sizeof(*graph->edges));
	memset(graph->nodes, 0, sizeof(*graph->nodes)); /* 0 is no node */
	graph->node_count = graph->edge_count = 1;
	return graph;
}

void
graph_free(struct graph *graph)
{
	if (graph != NULL) {
		free(graph->nodes);
		free(graph->edges);
		free(graph->events);
		free(graph->order);
		free(graph);
	}
}

static uint32_t
add(struct graph *graph, const struct node *node)
{
	uint32_t number = graph->free_node;

	if (number != 0) {
		graph->free_node = graph->nodes[number].link;
	} else {
		if (graph->node_count > INT32_MAX) {
			errx(3, "needs: more than 2^31 tasks that wait for each other");
		}
		graph->nodes = grow(graph->nodes, graph->node_count, sizeof(*graph->nodes));
		number = graph->node_count++;
	}
	graph->nodes[number] = *node;
	return number;
}

uint32_t
graph_add(struct graph *graph, uint32_t parts, bool any_status)
{
	return add(graph, &(struct node){.left = parts, .any_status = any_status});
}

uint32_t
graph_add_group(struct graph *graph)
{
	return add(graph, &(struct node){.is_group = true, .any_status = true});
}

static uint32_t
take_edge(struct graph *graph)
{
	uint32_t number = graph->free_edge;

	if (number != 0) {
		graph->free_edge = graph->edges[number].next;
		return number;
	}
	if (graph->edge_count == UINT32_MAX) {
		errx(3, "needs: more than 2^32 of them");
	}
	graph->edges = grow(graph->edges, graph->edge_count, sizeof(*graph->edges));
	return graph->edge_count++;
}

static void
append(struct graph *graph, struct queue *queue, uint32_t number)
{
	graph->nodes[number].link = 0;
	if (queue->first == 0) {
		queue->first = number;
	} else {
		graph->nodes[queue->last].link = number;
	}
	queue->last = number;
}

static uint32_t
take(struct graph *graph, struct queue *queue)
{
	uint32_t number = queue->first;

	if (number != 0) {
		queue->first = graph->nodes[number].link;
		graph->queued -= graph->nodes[number].left;
	}
	return number;
}

static void
tell(struct graph *graph, uint32_t number, enum event event)
{
	if (graph->event_count == graph->event_room) {
		graph->events = grow(graph->events, graph->event_room, sizeof(*graph->events));
		graph->event_room = graph->event_room == 0 ? 1 : graph->event_room * 2;
	}
	graph->events[graph->event_count++] = number * 2 + (uint32_t)event;
}

/* It is no longer held, but in a queue. */
static void
let_go(struct graph *graph, uint32_t number, enum node_state state, struct queue *queue)
{
	struct node *node = &graph->nodes[number];

	node->state = (uint8_t)state;
	graph->held -= node->pending > 0 || state == NODE_READY ? node->left : 0;
	graph->queued += node->left;
	append(graph, queue, number);
}

static void
skip(struct graph *graph, uint32_t number)
{
	struct node *node = &graph->nodes[number];

	let_go(graph, number, NODE_SKIPPED, &graph->skipped);
	node->status = STATUS_skipped;
	node->finish_us = node->ready_us;
	tell(graph, number, EVENT_BAD);
	tell(graph, number, EVENT_END);
}

/* One of its needs did not end ok. */
static void
need_is_bad(struct graph *graph, uint32_t number, uint32_t need)
{
	struct node *node = &graph->nodes[number];

	if (node->state != NODE_HELD) {
		return;
	}
	if (node->cause == 0) {
		node->cause = graph->nodes[need].is_group ? graph->nodes[need].cause : need;
	}
	if (!node->any_status) {
		skip(graph, number);
	} else if (node->is_group && node->status == STATUS_ok) {
		node->status = graph->nodes[need].status;
		tell(graph, number, EVENT_BAD);
	}
}

static void
free_if_done(struct graph *graph, uint32_t number)
{
	struct node *node = &graph->nodes[number];

	if (node->released && node->pending == 0) {
		node->state = NODE_FREE;
		node->link = graph->free_node;
		graph->free_node = number;
	}
}

static void
need_has_ended(struct graph *graph, uint32_t number, uint32_t need)
{
	struct node *node = &graph->nodes[number];
	int64_t finish_us = graph->nodes[need].finish_us;

	node->pending--;
	if (node->state != NODE_HELD) {
		free_if_done(graph, number);
		return;
	}
	if (node->before == 0 || finish_us > node->ready_us) {
		node->ready_us = finish_us;
		node->before = need;
	}
	if (node->pending > 0) {
		return;
	}
	if (node->is_group) {
		let_go(graph, number, NODE_ENDED, &graph->groups);
		node->finish_us = node->ready_us;
		tell(graph, number, EVENT_END);
	} else {
		let_go(graph, number, NODE_READY, &graph->ready);
	}
}

/* Nobody looks at its edges any more. */
static void
free_edges(struct graph *graph, uint32_t number)
{
	struct node *node = &graph->nodes[number];

	if (node->first != 0) {
		graph->edges[node->last].next = graph->free_edge;
		graph->free_edge = node->first;
		node->first = node->last = 0;
	}
}

/* Tells what has happened, and what happens because of it, to those whom it concerns. */
static void
spread(struct graph *graph)
{
	for (size_t i = 0; i < graph->event_count; i++) {
		uint32_t number = graph->events[i] / 2;
		enum event event = graph->events[i] % 2;
		uint32_t at = graph->nodes[number].first;

		for (; at != 0; at = graph->edges[at].next) {
			if (event == EVENT_BAD) {
				need_is_bad(graph, graph->edges[at].to, number);
			} else {
				need_has_ended(graph, graph->edges[at].to, number);
			}
		}
		if (event == EVENT_END) {
			free_edges(graph, number);
		}
	}
	graph->event_count = 0;
}

void
graph_need(struct graph *graph, uint32_t number, uint32_t need)
{
	uint32_t edge = take_edge(graph);
	struct node *node = &graph->nodes[number], *before = &graph->nodes[need];

	graph->edges[edge] = (struct edge){number, 0};
	if (before->first == 0) {
		before->first = edge;
	} else {
		graph->edges[before->last].next = edge;
	}
	before->last = edge;
	if (node->pending++ == 0 && node->state == NODE_HELD) {
		graph->held += node->left;
	}
	if (before->status != STATUS_ok) {
		need_is_bad(graph, number, need);
		spread(graph);
	}
}

void
graph_skip(struct graph *graph, uint32_t number)
{
	if (graph->nodes[number].state == NODE_HELD) {
		skip(graph, number);
		spread(graph);
	}
}

bool
graph_start(struct graph *graph, uint32_t number)
{
	struct node *node = &graph->nodes[number];

	if (node->state != NODE_HELD || node->pending > 0) {
		return false;
	}
	node->state = NODE_READY;
	return true;
}

uint32_t
graph_next_ready(struct graph *graph)
{
	return take(graph, &graph->ready);
}

uint32_t
graph_next_skipped(struct graph *graph)
{
	return take(graph, &graph->skipped);
}

uint32_t
graph_next_group(struct graph *graph)
{
	return take(graph, &graph->groups);
}

uint64_t
graph_held(const struct graph *graph)
{
	return graph->held;
}

uint64_t
graph_queued(const struct graph *graph)
{
	return graph->queued;
}

bool
graph_ended(struct graph *graph, uint32_t number, enum task_status status, int64_t wall_us)
{
	struct node *node = &graph->nodes[number];
	int64_t finish_us;

	if (node->state != NODE_READY || node->left == 0) {
		return false;
	}
	node->left--;
	finish_us = graph_sum(node->ready_us, wall_us < 0 ? 0 : wall_us);
	if (finish_us > node->finish_us) {
		node->finish_us = finish_us;
	}
	if (graph->longest == 0 || node->finish_us > graph->longest_us) {
		graph->longest = number;
		graph->longest_us = node->finish_us;
	}
	if (status != STATUS_ok && node->status == STATUS_ok) {
		node->status = (uint8_t)status;
		tell(graph, number, EVENT_BAD);
	}
	if (node->left == 0) {
		node->state = NODE_ENDED;
		tell(graph, number, EVENT_END);
	}
	spread(graph);
	return node->left == 0;
}

enum task_status
graph_status(const struct graph *graph, uint32_t number)
{
	return graph->nodes[number].status;
}

uint32_t
graph_cause(const struct graph *graph, uint32_t number)
{
	return graph->nodes[number].cause;
}

void
graph_release(struct graph *graph, uint32_t number)
{
	graph->nodes[number].released = true;
	free_if_done(graph, number);
}
