/* SPDX-License-Identifier: ISC */
/* options_getopt: a command line, by a table of options. In the supervisor. */
#ifndef SUPERVISOR_OPTIONS_GETOPT_H
#define SUPERVISOR_OPTIONS_GETOPT_H

#include "supervisor/options_help.h"

struct option_table {
	const struct option_row *rows;
	int count;
};

/* As options_parse(), by this table; only what its rows take, and `first`, is set. */
void options_getopt(const struct option_table *, struct command_line *, int argc, char **argv,
		    enum option_users, const char *usage);

#endif
