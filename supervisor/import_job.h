/* SPDX-License-Identifier: ISC */
/*
 * import_job: a job in the making: tasks that compute and wait for so long, or run a command, and
 * what they need; written as a job file. In the supervisor; pure.
 *
 * import_job_add() and import_job_need(); then import_job_order(), once; then bound and write.
 */
#ifndef SUPERVISOR_IMPORT_JOB_H
#define SUPERVISOR_IMPORT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define IMPORT_CPUS_MOST 4096

/* What a task becomes: steps that compute and wait as long as it did, or its command. */
enum import_as { IMPORT_STEPS, IMPORT_EXEC };

/* Spans point into the source, or are what import_job_keep() has kept. */
struct import_task {
	struct span id;        /* as a job file may have it */
	struct span name;      /* its kind; empty: not known */
	double cpu;            /* seconds on each of its cores */
	double wait;           /* seconds */
	unsigned cpus;         /* from 1 */
	uint64_t memory;       /* bytes; 0: not known */
	struct span program;   /* JSON, a string; empty: it has no command */
	struct span arguments; /* JSON, an array of strings; empty: none */
};

struct import_need {
	uint32_t task, need; /* places in `tasks` */
};

struct import_job { /* zero-initialise */
	struct span name;
	struct import_task *tasks;
	uint32_t count, room;
	struct import_need *needs; /* by task, none twice, once they are in order */
	size_t need_count, need_room;
	char **kept;
	size_t kept_count, kept_room;
	double path; /* seconds of the longest chain of needs, likewise */
};

/* A new task, all zero but its cpus, 1; where it is until the next. NULL: there are too many. */
struct import_task *import_job_add(struct import_job *);
void import_job_need(struct import_job *, uint32_t task, uint32_t need);

/* What a JSON string of the source says; lives as long as the job. False: it is none. */
bool import_job_keep(struct import_job *, struct span string, struct span *plain);

/*
 * Nothing is added after this. 0, or how many tasks there are in a circle, each of which needs the
 * next and the last the first: *circle, malloc'd, has their places.
 */
size_t import_job_order(struct import_job *, uint32_t **circle);

/* No schedule on so many cores takes less, in seconds. */
double import_job_bound(const struct import_job *, unsigned cores);

/*
 * Appends the job file: a document, a task a line; seconds times `scale`. False: a task takes
 * longer than a job file may say; *task is its place.
 */
bool import_job_write(const struct import_job *, enum import_as, double scale, struct text *out,
		      uint32_t *task);

void import_job_clear(struct import_job *);

#endif
