/* SPDX-License-Identifier: ISC */
/*
 * options: the command line of the subcommands that run a job. A row in options.c for each
 * option, with the subcommands that take it. In the supervisor.
 */
#ifndef SUPERVISOR_OPTIONS_H
#define SUPERVISOR_OPTIONS_H

#include "supervisor/run_options.h"

enum option_users { FOR_RUN = 1, FOR_COMPARE = 2 };

struct command_line {
	struct run_options run;
	const char *models; /* compare -m LIST; NULL: all */
	int first;          /* the first operand in argv */
};

/*
 * Parses argv of a subcommand. Says what is wrong on stderr and ends the process with status 2;
 * on -h prints `usage` and the options, and ends it with 0.
 */
void options_parse(struct command_line *, int argc, char **argv, enum option_users,
		   const char *usage);

#endif
