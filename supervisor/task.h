/* SPDX-License-Identifier: ISC */
/*
 * task: a task as the supervisor holds it, from the job file to its record: its text, which is
 * only passed on, and what is known of it. In the supervisor.
 */
#ifndef SUPERVISOR_TASK_H
#define SUPERVISOR_TASK_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "ipc/result_record.h"
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
	uint64_t hash;            /* of the spec: task_hash() */
	struct task_rules *rules; /* owned; NULL: it says nothing of them, task_rules() */
	uint64_t memory;          /* bytes; 0: it says nothing of it */
	int64_t expected_us;      /* wall, as its author said it; -1: nobody knows */
	uint32_t node;    /* in the graph, from 1; 0: nothing needs it and it needs nothing */
	uint32_t grace_s; /* rounded up */
	uint32_t spec_len;
	uint32_t name_len;
	uint16_t id_len; /* 0: its ordinal is its id */
	uint16_t
	    group_len;    /* of the id's first bytes, which all of its matrix share; 0: no matrix */
	uint16_t tag_len; /* 0: its id is its tag */
	uint16_t cpus;
	uint32_t needs_len;
	uint8_t program_len;
	uint8_t hint; /* enum task_class */
	bool has_name;
	bool commands; /* it runs some: what those do may end the worker */
	bool computes; /* its first step takes a core */
	/* spec, id, name, program: JSON, the last three without quotes; tag: as it is; needs: JSON
	   strings with commas */
	char bytes[];
};

struct gate;

/* What only some tasks have: commands, those that are limited or tried again, or were begun. */
struct task_extra {
	struct sched_more sched; /* first */
	struct text carry;       /* JSON that its last `yield` brought; empty: none */
	struct text earlier;     /* JSON objects, with commas: attempts that were not its last */
	struct deadline again;   /* when it is to be tried again */
	uint32_t *granted;    /* numbers of the units of its resources, in the order of its uses */
	uint64_t received[2]; /* bytes of its stdout and stderr, in attempt `received_in` */
	uint16_t received_in;
	uint16_t tries;    /* attempts that did not end ok, and that its retries paid for */
	bool holds;        /* what it uses */
	struct gate *gate; /* at which it waits, or has waited */
};

struct task {
	struct sched_task sched; /* first: the scheduler's part; `more` is that of `extra` */
	struct task_text *text;
	struct job *job; /* whose it is, once it is handed out */
	TAILQ_ENTRY(task) of_job;
	uint64_t number;     /* in the order of the job, repeats counted, from 1 */
	uint32_t index;      /* among the repeats, from 1; 0: it is the only one */
	uint32_t slot;       /* in the table of tasks that are sent */
	uint32_t generation; /* of that slot */
	uint32_t step;       /* where it goes on */
	uint32_t sent_ms;    /* when it was sent last, since the run began */
	uint16_t attempt;    /* that is, or was, begun last; from 1, once it is sent */
	uint8_t crashes;     /* workers that died with it */
	bool started : 1;    /* on its present worker */
	bool later : 1;      /* it is to be tried again, in a while */
	bool aside : 1;      /* it could run, but its job is paused */
};

/*
 * What a text is made of; each is copied. id, name and program are JSON strings without quotes;
 * all but spec may be empty.
 */
struct task_parts {
	struct span spec, id, name;
	struct span program; /* at most 255 bytes */
	struct span tag;     /* plain; at most TASK_ID_MAX */
	struct span needs;   /* ids as JSON strings, with commas */
};

struct task_text *task_text_new(struct span spec, struct span id, struct span name);
struct task_text *task_text_make(const struct task_parts *);
void task_text_release(struct task_text *); /* one reference less */

struct task *task_new(struct task_text *, uint64_t number, uint32_t index); /* one reference more */
void task_free(struct task *);

/* How much output of its present attempt has come, where that is counted: stream 1 or 2. */
uint64_t task_received(const struct task *, int stream);
void task_receive(struct task *, int stream, size_t bytes);

struct span task_spec_text(const struct task *);

struct task_extra *task_extra(struct task *); /* made when first asked for */

bool task_begins_with_command(const struct task *);

void task_set_carry(struct task *, struct span carry); /* JSON, copied; empty: none */
struct span task_carry(const struct task *);           /* empty: none */
bool task_has_begun(const struct task *);              /* it goes on with an attempt */

/* An attempt has ended, and there will be another. `start_us`: since the epoch. */
void task_note_attempt(struct task *, enum task_status, int64_t start_us, int64_t wall_us);
struct span task_earlier(const struct task *); /* JSON objects, with commas; empty: none */

void task_put_id(const struct task *, struct text *);       /* as a JSON string */
void task_put_plain_id(const struct task *, struct text *); /* for people */
void task_put_tag(const struct task *, struct text *);      /* likewise: its tag, or that */
void task_put_short_tag(const struct task *,
			struct text *);                  /* UTF-8, for a message; may be empty */
void task_put_label(const struct task *, struct text *); /* likewise: id (short tag) */
struct span task_tag(const struct task *);               /* as it is; empty: none */
struct span task_name(const struct task *);              /* JSON without quotes; empty: none */
struct span task_needs(const struct task *);             /* JSON strings with commas; empty: none */

struct span task_text_id(const struct task_text *); /* likewise; empty: the ordinal is the id */
struct span task_program(const struct task_text *); /* likewise: task_spec_program() */
const struct task_rules *task_rules(const struct task_text *); /* never NULL */

#endif
