/* SPDX-License-Identifier: ISC */
/*
 * graph_nodes: what a graph is made of, shared by graph.c and graph_order.c. For nobody else.
 *
 * Nodes and edges are in one array each and name each other by number; 0 is none.
 */
#ifndef SUPERVISOR_GRAPH_NODES_H
#define SUPERVISOR_GRAPH_NODES_H

#include "supervisor/graph.h"

enum node_state { NODE_HELD, NODE_READY, NODE_SKIPPED, NODE_ENDED, NODE_FREE };

struct node {
	uint32_t first; /* edges to those that need it; 0: none */
	uint32_t last;
	uint32_t pending; /* needs that have not ended */
	uint32_t left;    /* parts that have not ended */
	uint32_t link;    /* in a queue, or among the free */
	uint32_t cause;
	uint32_t before; /* the need that makes its chain the longest */
	uint8_t state;
	uint8_t status; /* enum task_status */
	bool any_status;
	bool is_group : 1;
	bool released : 1;
	int64_t rank_us;
	int64_t ready_us; /* the finish of the need that was last, along its chain */
	int64_t finish_us;
};

struct edge {
	uint32_t to;
	uint32_t next;
};

struct queue {
	uint32_t first;
	uint32_t last;
};

struct graph {
	struct node *nodes; /* from 1 */
	uint32_t node_count;
	uint32_t free_node;
	struct edge *edges; /* from 1 */
	uint32_t edge_count;
	uint32_t free_edge;
	struct queue ready;
	struct queue skipped;
	struct queue groups;
	uint64_t held;
	uint64_t queued;
	uint32_t *events; /* node * 2 + enum event */
	size_t event_count;
	size_t event_room;
	uint32_t *order;  /* nodes, needs first; from graph_cycle() to graph_rank() */
	uint32_t longest; /* the node at the end of the longest chain */
	int64_t longest_us;
};

/* Times add up to no more than a number holds: a million tasks may say ten years each. */
static inline int64_t
graph_sum(int64_t a_us, int64_t b_us)
{
	return a_us > INT64_MAX - b_us ? INT64_MAX : a_us + b_us;
}

#endif
