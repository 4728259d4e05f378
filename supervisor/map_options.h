/* SPDX-License-Identifier: ISC */
/* map_options: the options that only `stint map` has; rows in options.c. In the supervisor. */
#ifndef SUPERVISOR_MAP_OPTIONS_H
#define SUPERVISOR_MAP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct map_options {
	const char **files; /* of -a */
	size_t file_count;
	char *columns;      /* malloc'd; NULL: a line is one argument */
	const char *braces; /* NULL: {} */
	const char *shell;  /* NULL: the command is the operands */
	size_t most;        /* rows of arguments a command; 0: that was not said */
	char delimiter;
	bool fill; /* as many as fit, but no more than `most` if that was said */
	bool none; /* -n 0: none of the arguments is put in */
	bool each; /* a word with {} is there once for each argument */
	bool skip_blank;
	bool link;
	bool jobfile;
};

struct command_line;

/* Each takes one option; says what is wrong on stderr and ends the process with status 2. */
typedef void map_take_option(struct command_line *, const char *value);

extern map_take_option map_take_file, map_take_null, map_take_delimiter, map_take_columns,
    map_take_skip, map_take_link, map_take_most, map_take_each, map_take_fill, map_take_braces,
    map_take_shell, map_take_jobfile;

#endif
