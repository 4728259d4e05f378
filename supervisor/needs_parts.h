/* SPDX-License-Identifier: ISC */
/*
 * needs_parts: what needs.c, needs_document.c and needs_stream.c share. For nobody else.
 */
#ifndef SUPERVISOR_NEEDS_PARTS_H
#define SUPERVISOR_NEEDS_PARTS_H

#include "supervisor/graph.h"
#include "supervisor/id_table.h"
#include "supervisor/needs.h"

/* Whose a node is. */
struct place {
	struct task_text *text; /* a reference; of a group, one of its members; may be NULL */
	uint64_t number;        /* in the job, of its first repeat */
};

/* In task_text.node of a stream's tasks: whether there is a node is looked up by the id. */
#define NEEDS_BY_ID UINT32_MAX

struct needs {
	struct graph *graph;
	struct place *places; /* by node */
	size_t place_room;
	const struct ids *ids; /* NULL: this is a document */
	bool only_check;
	struct id_table open; /* of a stream: what became of the ids, see needs_stream.c */
};

/* `text` may be NULL; else a reference is counted. */
void needs_set_place(struct needs *, uint32_t node, struct task_text *text, uint64_t number);
void needs_drop_ids(struct task_text *); /* what it needs is known: the ids are freed */

/* needs_stream.c: what needs.c does with a task of a stream. */
void needs_stream_skipped(struct needs *, const struct task_text *, uint32_t node,
			  struct text *why);
void needs_stream_ended(struct needs *, const struct task_text *, enum task_status,
			int64_t wall_us);

uint64_t needs_hash(const struct task_text *);       /* of its id */
uint64_t needs_group_hash(const struct task_text *); /* of the id that its matrix shares */
bool needs_same_group(const struct task_text *, const struct task_text *);

/* Appends an id, quoted, cut short if it is long. */
void needs_put_id(struct text *, const struct task_text *);
void needs_put_string(struct text *, const char *id, size_t len);
void needs_put_reason(struct text *, enum task_status); /* "which failed" */

/* "a -> b -> c"; of more than `shown` the first two and the last. */
void needs_put_nodes(const struct needs *, const uint32_t *nodes, size_t count, size_t shown,
		     struct text *);

/* For a need that names a repeat, "a.2", when "a" is a task. */
void needs_refuse_repeat(struct needs_fault *, const char *id);

#endif
