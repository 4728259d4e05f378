/* SPDX-License-Identifier: ISC */
/* import_options: the options of `stint import`; rows in options.c. In the supervisor. */
#ifndef SUPERVISOR_IMPORT_OPTIONS_H
#define SUPERVISOR_IMPORT_OPTIONS_H

#include <stdint.h>

#include "supervisor/import_job.h"

struct import_options {
	enum import_as as;
	double scale;       /* 0: not said */
	int64_t bound_us;   /* 0: not said */
	unsigned cores;     /* that the bound is for; 0: not said */
	const char *output; /* NULL: stdout */
};

struct command_line;

/* Each takes one option; says what is wrong on stderr and ends the process with status 2. */
typedef void import_take_option(struct command_line *, const char *value);

extern import_take_option import_take_as, import_take_scale, import_take_bound, import_take_cores,
    import_take_output;

#endif
