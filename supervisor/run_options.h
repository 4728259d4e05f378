/* SPDX-License-Identifier: ISC */
/* run_options: what a run is asked to do; from the command line. In the supervisor. */
#ifndef SUPERVISOR_RUN_OPTIONS_H
#define SUPERVISOR_RUN_OPTIONS_H

#include <stdbool.h>

#include "ipc/model.h"
#include "supervisor/halt.h"
#include "supervisor/job_slots.h"
#include "supervisor/run_defaults.h"

struct recorded_run;

/* When results are synced to the disk. */
enum sync { SYNC_BATCH, SYNC_EACH, SYNC_NONE };

enum output { OUTPUT_GROUP, OUTPUT_LINE, OUTPUT_RAW, OUTPUT_NONE };

struct run_options {
	const char *file; /* "-": stdin */
	const struct model *model;
	unsigned cores;       /* workers of the models that have one a core */
	bool more_cores;      /* there may be more of them later: engine_set_cores() */
	unsigned waiting;     /* 0: as many as there is room for */
	uint64_t memory_most; /* bytes, for jobs that share the cores; 0: the machine's */
	struct run_defaults defaults;
	const char *worker; /* the worker program; NULL: to be found */
	bool strict;
	enum output output;
	bool keep_order;
	bool tag;
	const char *results; /* "-": stdout; NULL: none */
	bool resume;         /* what has an ok record in `results` is not run again */
	bool retry_failed;   /* only what has a record that is not ok is run; implies resume */
	enum sync sync;
	const char *joblog;            /* "-": stdout; NULL: none */
	const char *results_dir;       /* NULL: none */
	struct resume *done;           /* what `results` held; NULL: not to be resumed */
	const char *summary;           /* a file; NULL: none */
	const char *report;            /* likewise; its name tells the format */
	struct recorded_run *recorder; /* keeps the records, for the report; NULL: not wanted */
	bool progress;                 /* resolved: it is to be shown */
	bool top;                      /* the run is shown on the whole screen */
	bool top_color;                /* resolved: in colour */
	bool color;                    /* likewise: colours are to be used on stderr */
	bool json;
	bool quiet;
	bool dry_run;
	bool explain;    /* log what is admitted, and why */
	bool no_history; /* of earlier runs */
	struct halt halt;
	struct job_slots job_slots; /* -j, as it was given */
};

#endif
