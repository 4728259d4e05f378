/* SPDX-License-Identifier: ISC */
/* options_help: a row of the table in options.c, and what -h makes of all. In the supervisor. */
#ifndef SUPERVISOR_OPTIONS_HELP_H
#define SUPERVISOR_OPTIONS_HELP_H

#include "supervisor/options.h"
#include "supervisor/options_results.h"

/* The headings of -h, in this order. */
enum option_group {
	HOW_MUCH, /* at once */
	TASKS,    /* that say nothing of it */
	STOPPING,
	KEPT,
	SHOWN,
	REST,
	ARGUMENTS, /* of map */
	COMMANDS,  /* likewise */
	OPTION_GROUPS
};

struct option_row {
	char letter; /* '\0': it has none */
	const char *name;
	const char *value; /* NULL: it takes none */
	enum option_users users;
	enum option_group group;
	take_option *take;
	const char *help; /* up to 52 bytes, so that a line of -h has at most 80 */
};

/* To stdout. For map only what is its own is explained, and the rest named. */
void options_help(const struct option_row *, int count, enum option_users, const char *usage);

#endif
