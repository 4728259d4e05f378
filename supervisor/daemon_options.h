/* SPDX-License-Identifier: ISC */
/* daemon_options: the command line of stintd. In the supervisor, of stintd. */
#ifndef SUPERVISOR_DAEMON_OPTIONS_H
#define SUPERVISOR_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

struct daemon_config;

#define DAEMON_OPTIONS_MOST 64

struct daemon_options {
	bool foreground;
	bool check;
	const char *file; /* absolute; NULL: the usual one */
	size_t count;
	struct {
		const char *key;
		const char *value;
	} set[DAEMON_OPTIONS_MOST]; /* stands above the file; the last value for a key holds */
};

/* Ends the process for -h, --version and what is wrong (status 2). */
void daemon_options_parse(struct daemon_options *, int argc, char **argv);
/* False: there are too many. Both strings are to live as long as the options. */
bool daemon_options_set(struct daemon_options *, const char *key, const char *value);

/* Defaults, file and options, put together, every path found. NULL: `error` has a message a line. */
struct daemon_config *daemon_options_read(const struct daemon_options *, struct text *error);

#endif
