/* SPDX-License-Identifier: ISC */
/*
 * options: the command line of the subcommands that run a job. A row in options.c for each
 * option, with the subcommands that take it. In the supervisor.
 */
#ifndef SUPERVISOR_OPTIONS_H
#define SUPERVISOR_OPTIONS_H

#include "supervisor/client_options.h"
#include "supervisor/import_options.h"
#include "supervisor/map_options.h"
#include "supervisor/report_options.h"
#include "supervisor/run_options.h"
#include "supervisor/whatif_options.h"

/* Bits. What run takes, map takes too. */
enum option_users {
	FOR_RUN_ONLY = 1,
	FOR_COMPARE = 2,
	FOR_MAP = 4,
	FOR_REPORT = 8,
	FOR_IMPORT = 16,
	FOR_WHATIF = 32,
	FOR_TOP = 128,
	FOR_SUBMIT = 1 << 8,
	FOR_JOBS = 1 << 9,
	FOR_STATUS = 1 << 10,
	FOR_WAIT = 1 << 11,
	FOR_RESULTS = 1 << 12,
	FOR_OUTPUT = 1 << 13,
	FOR_CANCEL = 1 << 14,
	FOR_RETRY = 1 << 15,
	FOR_PRIORITY = 1 << 16,
	FOR_SHUTDOWN = 1 << 17,
	FOR_RESUME = 1 << 18,
	FOR_RM = 1 << 19,
	FOR_PLAIN_CLIENT = 1 << 20, /* commands to the daemon without options of their own */
	FOR_CLIENT = (FOR_PLAIN_CLIENT << 1) - FOR_SUBMIT,
	FOR_RUN = FOR_RUN_ONLY | FOR_MAP
};

struct command_line {
	struct run_options run;
	const char *models; /* compare -m LIST; NULL: all */
	struct map_options map;
	struct report_options report;
	struct import_options import;
	struct whatif_options whatif;
	struct client_options client;
	int first; /* the first operand in argv */
};

/*
 * Parses argv of a subcommand. Says what is wrong on stderr and ends the process with status 2;
 * on -h prints `usage` and the options, and ends it with 0. For map, options end where the first
 * operand is.
 */
void options_parse(struct command_line *, int argc, char **argv, enum option_users,
		   const char *usage);

/* The same for the commands that talk to the daemon. */
void client_options_parse(struct command_line *, int argc, char **argv, enum option_users,
			  const char *usage);
int client_options_priority(const char *option, const char *value); /* -1000 .. 1000 */

#endif
