/* SPDX-License-Identifier: ISC */
/*
 * arguments: where the arguments of `stint map` come from: lists on the command line, files and
 * stdin, each a source; and how they are combined, row by row: every value of one source with
 * every one of the next, or linked, each with its counterpart. The first source is read as rows
 * are asked for; what is repeated for each of its values is kept. In the supervisor.
 */
#ifndef SUPERVISOR_ARGUMENTS_H
#define SUPERVISOR_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/line_source.h"
#include "supervisor/words.h"

struct arguments_source {
	char *const *values; /* of a list; NULL: it is a file */
	size_t count;
	const char *path; /* of a file; "-": stdin */
	bool linked;      /* to the source before; it ends with the shortest */
};

struct arguments_options {
	char delimiter;      /* between the values in a file */
	const char *columns; /* a regular expression between the arguments in a value; NULL: one */
	bool skip_blank;     /* values in files that are only white space */
	bool link;           /* all sources; the shorter begin anew until the longest has ended */
};

struct arguments;

/* The sources and strings stay the caller's and must last. NULL: `error` says why. */
struct arguments *arguments_new(const struct arguments_source *, size_t count,
				const struct arguments_options *, struct text *error);
void arguments_free(struct arguments *);

/*
 * Appends the next row to `row`. LINE_WAIT: until `progress->fd` can be read; LINE_FAIL: `why`,
 * which lives until the next call. `progress` is told how much of how much was taken, if known.
 */
enum line_state arguments_next(struct arguments *, struct words *row, struct line_source *progress,
			       struct span *why);

size_t arguments_columns(const struct arguments *); /* arguments in a row; 0: not known */
bool arguments_is(const struct arguments *, const char *path); /* a file that is read */
bool arguments_on_terminal(const struct arguments *);          /* one is typed in */

#endif
