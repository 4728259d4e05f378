/* SPDX-License-Identifier: ISC */
/*
 * graph: which tasks wait for which, and what the end of one means for the others. Nodes are
 * numbers from 1; whose they are is for the caller to know. Pure: no descriptor, no clock; in the
 * supervisor.
 *
 * graph_add() and graph_need() make it. A node is handed out by graph_start() if nothing holds it
 * when its turn comes, else by graph_next_ready() once its needs have ended, or by
 * graph_next_skipped() as soon as one of them did not end ok. Tell graph_ended() of each part.
 * Nothing here recurses: chains may be as long as memory.
 */
#ifndef SUPERVISOR_GRAPH_H
#define SUPERVISOR_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/result_record.h"

struct graph;

struct graph *graph_new(void); /* memory that runs out ends the process, here and below */
void graph_free(struct graph *);

/* A node of so many parts (repeats): it has ended when all have. `any_status`: it is not skipped. */
uint32_t graph_add(struct graph *, uint32_t parts, bool any_status);

/* One that stands for several, which it needs; it has ended with them and is never handed out. */
uint32_t graph_add_group(struct graph *);

/* Node `number`, which was not handed out yet, waits for `need`, which has not ended. */
void graph_need(struct graph *, uint32_t number, uint32_t need);
void graph_skip(struct graph *, uint32_t number); /* one of its needs ended before it was added */

/*
 * Whether the needs can be met, before anything is handed out. If not, a circle of nodes, each
 * needs the next and the last the first, groups left out, from its lowest number: their count, and
 * *nodes is malloc'd. Else 0.
 */
size_t graph_cycle(struct graph *, uint32_t **nodes);

/*
 * After graph_cycle(): from what each node is expected to take, below 0 if that is not known, how
 * long it is from its start to the end of all behind it, along the longest path (bottom level).
 */
void graph_expect(struct graph *, uint32_t number, int64_t us);
void graph_rank(struct graph *, int64_t unknown_us);
int64_t graph_rank_us(const struct graph *, uint32_t number);

bool graph_start(struct graph *, uint32_t number); /* false: it waits, or has had its turn */
uint32_t graph_next_ready(struct graph *);         /* 0: none; else it is out of the queue */
uint32_t graph_next_skipped(struct graph *);
uint32_t graph_next_group(struct graph *);   /* one that has ended */
uint64_t graph_held(const struct graph *);   /* parts of the nodes that wait */
uint64_t graph_queued(const struct graph *); /* parts of those that are ready or skipped, not out */

/*
 * A part of a node ended. True: so has the node. The end of a node that was skipped, or has ended,
 * is no news.
 */
bool graph_ended(struct graph *, uint32_t number, enum task_status, int64_t wall_us);

/* So far: ok, or the first that is not. */
enum task_status graph_status(const struct graph *, uint32_t number);

/* The need because of which it was skipped, never a group; 0: none. */
uint32_t graph_cause(const struct graph *, uint32_t number);

/* The caller is done with a node that has ended or was skipped: its number may be used again. */
void graph_release(struct graph *, uint32_t number);

/*
 * The longest chain so far of nodes that waited for each other, by the walls of their slowest
 * parts. Its nodes, the first to run first, groups left out, are malloc'd into *nodes; their count.
 */
int64_t graph_path_us(const struct graph *);
size_t graph_path(const struct graph *, uint32_t **nodes);

#endif
