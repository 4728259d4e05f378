/* SPDX-License-Identifier: ISC */
/*
 * whatif: what a plan would take with other numbers of workers and other limits, and from which
 * number on nothing more is gained. In the supervisor; pure.
 */
#ifndef SUPERVISOR_WHATIF_H
#define SUPERVISOR_WHATIF_H

#include "supervisor/simulation.h"

struct whatif_row {
	unsigned workers;
	unsigned waiting; /* the limit; 0: what the machine has room for */
	struct simulation_result result;
};

/* Why more workers than at the knee bring nothing. */
enum whatif_why {
	WHATIF_PATH,      /* a chain of needs takes as long */
	WHATIF_LONGEST,   /* so does one task */
	WHATIF_WAITING,   /* no more tasks may wait at once */
	WHATIF_RESOURCES, /* the job's are taken */
	WHATIF_CPU,       /* they do bring something: the most that were tried are the best */
	WHATIF_FIT        /* the tasks do not fit together any better */
};

/* The fewest workers within WHATIF_NEAR percent of the least wall that any number brings. */
#define WHATIF_NEAR 2
struct whatif_knee {
	unsigned workers;
	unsigned waiting;
	bool about; /* it may be somewhat less: not all was tried */
	int64_t wall_us;
	int64_t best_us;
	enum whatif_why why;
};

struct whatif {
	const struct plan *plan;
	unsigned waiting_most;   /* where nothing else is said */
	unsigned commands_most;  /* at once; a machine with many more cores takes more */
	struct whatif_row *rows; /* all that were predicted */
	size_t count;
	size_t room;
	uint64_t tried; /* tasks, in all of them */
};

void whatif_free(struct whatif *); /* what it holds, not the plan */

/* Predicted once; the row holds until the next call. */
const struct whatif_row *whatif_predict(struct whatif *, unsigned workers, unsigned waiting);

void whatif_find_knee(struct whatif *, unsigned waiting, struct whatif_knee *);

/* Numbers of workers that show it: 1, 2, 4, ... to past the knee. Malloc'd; how many. */
size_t whatif_choose(const struct whatif *, const struct whatif_knee *, unsigned **workers);

/* As in summary.h. */
double whatif_parallelism(const struct plan *, const struct whatif_row *);
double whatif_concurrency(const struct whatif_row *);
double whatif_efficiency(const struct plan *, const struct whatif_row *);

/* "past 12 workers nothing is gained: the critical path is a -> c -> f (3.000 s)" */
void whatif_knee_words(const struct plan *, const struct whatif_knee *, struct text *);
const char *whatif_why_name(enum whatif_why);

#endif
