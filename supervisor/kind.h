/* SPDX-License-Identifier: ISC */
/*
 * kind: what was learned of tasks that are alike: how much of a core they ask for, how long they
 * take. Tasks are alike if they have the same name, or else run the same program; a name of which
 * nothing is known yet is expected to be like its program. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_KIND_H
#define SUPERVISOR_KIND_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

#define KIND_WALLS 16  /* that the median is of */
#define KIND_LIGHT 100 /* thousandths of a core: a kind that uses less waits, */
#define KIND_HEAVY 700 /* one that uses as much computes */
#define KIND_KNOWS 3   /* walls without which a median says nothing */
/*
 * A command that had so much of a core had one to itself, while it computed; one that had as much as
 * is left when one more computes than there are cores may have waited for one. Thousandths.
 */
#define KIND_ALONE   900
#define KIND_CROWDED 450
#define KINDS_MOST   20000

enum kind_class { KIND_UNKNOWN, KIND_WAITS, KIND_MIXED, KIND_COMPUTES, KIND_CLASSES };

struct sched_more;
TAILQ_HEAD(more_list, sched_more);

struct kind {
	TAILQ_ENTRY(kind) untried; /* the scheduler's: kinds to be tried */
	LIST_ENTRY(kind) sibling;  /* among the names of one program */
	LIST_HEAD(, kind) names;   /* of a program */
	struct kind *program;      /* of a name; NULL: it is one, or there is none */
	struct more_list ready;    /* the scheduler's: its tasks that are ready */
	char *name;
	uint32_t ended;    /* tasks that it has learned from, earlier runs' included */
	uint32_t use;      /* thousandths of a core: moving average of the tasks' means */
	uint32_t trials;   /* tasks on trial */
	uint32_t waited;   /* tasks in a row that were expected to wait, and were seen to */
	uint32_t surprise; /* thousandths of a core that tasks ask for which were expected to */
	uint8_t placed;    /* enum kind_class that its ready tasks are queued under */
	bool is_program;
	bool several;    /* programs have this name */
	bool is_untried; /* it is among those to be tried */
	bool changed;    /* since it was loaded */
	uint8_t wall_count;
	uint8_t wall_next;
	int64_t walls_us[KIND_WALLS]; /* of the last ones that ended ok */
	int64_t cpus_us[KIND_WALLS];  /* of the same; -1: not known */
};

struct kinds;

struct kinds *kinds_new(void);
void kinds_free(struct kinds *);

/* Finds or makes one. `name` is copied. NULL: there are too many. */
struct kind *kinds_get(struct kinds *, struct span name, bool is_program);
void kind_set_program(struct kind *, struct kind *program); /* of a task of this name */

/* For each of them; in no order. */
void kinds_each(struct kinds *, void (*)(void *context, struct kind *), void *context);

/* `use`: thousandths of a core, over the task's life or, while it runs, so far. */
void kind_learn_use(struct kind *, uint32_t use);
void kind_learn_took(struct kind *, int64_t wall_us, int64_t cpu_us); /* -1: not known */

enum kind_class kind_class(const struct kind *); /* NULL: unknown */
uint32_t kind_use(const struct kind *);          /* thousandths; 1000 where it is not known */
int64_t kind_median_us(const struct kind *);     /* of the walls; -1: not known */

/*
 * How long one would take with a core to itself, and how much it computes: medians; but where a fifth
 * of them had one, what the others' walls are longer than that is waiting for a core. False: it is
 * not known how much they compute.
 */
bool kind_alone(const struct kind *, int64_t *wall_us, int64_t *cpu_us);

#endif
