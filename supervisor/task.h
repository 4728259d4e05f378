/* SPDX-License-Identifier: ISC */
/*
 * task: a task as the supervisor holds it, from the job file to its record: its text, which is
 * only passed on, and what is known of it. In the supervisor.
 */
#ifndef SUPERVISOR_TASK_H
#define SUPERVISOR_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "ipc/task_spec.h"
#include "ipc/text.h"
#include "supervisor/scheduler.h"

/*
 * What the author wrote, compact, with the defaults in it and without id, name and repeat; all
 * the repeats of a task share one. Counted references.
 */
struct task_text {
	uint32_t references;
	uint32_t repeat;
	uint64_t ordinal;         /* of the task in its file, from 1 */
	uint64_t hash;            /* of the spec: FNV-1a, 64 bits */
	struct task_rules *rules; /* owned; NULL: it says nothing of them */
	uint64_t memory;          /* bytes; 0: it says nothing of it */
	int64_t expected_us;      /* wall, as its author said it; -1: nobody knows */
	uint32_t node; /* in the graph, from 1; 0: nothing needs it and it needs nothing */
	uint16_t cpus;
	uint8_t hint; /* enum task_class */
	uint32_t spec_len;
	uint16_t id_len; /* 0: its ordinal is its id */
	bool has_name;
	bool commands; /* it runs some: what those do may end the worker */
	bool computes; /* its first step takes a core */
	uint32_t name_len;
	char bytes[]; /* spec, id and name: JSON, the last two without quotes */
};

/* What only some tasks have: commands, those that are limited or tried again, or were begun. */
struct task_extra {
	struct sched_more sched; /* first */
	struct text carry;       /* JSON that its last `yield` brought; empty: none */
	struct deadline again;   /* when it is to be tried again */
	uint32_t *granted; /* numbers of the units of its resources, in the order of its uses */
	uint16_t tries;    /* attempts that did not end ok, and that its retries paid for */
	bool holds;        /* what it uses */
};

struct task {
	struct sched_task sched; /* first: the scheduler's part; `more` is that of `extra` */
	struct task_text *text;
	uint64_t number;     /* in the order of the job, repeats counted, from 1 */
	uint32_t index;      /* among the repeats, from 1; 0: it is the only one */
	uint32_t slot;       /* in the table of tasks that are sent */
	uint32_t generation; /* of that slot */
	uint32_t step;       /* where it goes on */
	uint32_t sent_ms;    /* when it was sent last, since the run began */
	uint16_t attempt;    /* from 1, once it is sent */
	uint8_t crashes;     /* workers that died with it */
	bool started;        /* on its present worker */
};

/* `spec`, `id`, `name` are copied; id and name are JSON strings without quotes, or empty. */
struct task_text *task_text_new(struct span spec, struct span id, struct span name);
void task_text_release(struct task_text *); /* one reference less */

struct task *task_new(struct task_text *, uint64_t number, uint32_t index); /* one reference more */
void task_free(struct task *);

struct span task_spec_text(const struct task *);

struct task_extra *task_extra(struct task *); /* made when first asked for */

bool task_begins_with_command(const struct task *);

void task_set_carry(struct task *, struct span carry); /* JSON, copied; empty: none */
struct span task_carry(const struct task *);           /* empty: none */

void task_put_id(const struct task *, struct text *);       /* as a JSON string */
void task_put_plain_id(const struct task *, struct text *); /* for people */
struct span task_name(const struct task *);                 /* JSON without quotes; empty: none */

#endif
