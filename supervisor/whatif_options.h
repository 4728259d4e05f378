/* SPDX-License-Identifier: ISC */
/* whatif_options: the options of `stint whatif`; rows in options.c. In the supervisor. */
#ifndef SUPERVISOR_WHATIF_OPTIONS_H
#define SUPERVISOR_WHATIF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct whatif_list {
	unsigned *numbers; /* NULL: not said */
	size_t count;
};

struct whatif_options {
	struct whatif_list workers;
	struct whatif_list waiting;
	double scale; /* 0: not said */
	bool json;
};

struct command_line;

/* Each takes one option; says what is wrong on stderr and ends the process with status 2. */
typedef void whatif_take_option(struct command_line *, const char *value);

extern whatif_take_option whatif_take_workers, whatif_take_waiting, whatif_take_scale,
    whatif_take_json;

void whatif_options_free(struct whatif_options *);

#endif
