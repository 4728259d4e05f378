/* SPDX-License-Identifier: ISC */
/*
 * client_options: the options of the commands that talk to the daemon; a row in client_options.c for
 * each. In the client.
 */
#ifndef SUPERVISOR_CLIENT_OPTIONS_H
#define SUPERVISOR_CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_options {
	const char *socket; /* NULL: the user's */
	bool no_autostart;
	bool json;

	/* submit; -1000 .. 1000, 1 .. 1000 */
	const char *name;
	const char *after;
	const char *after_any;
	const char **env; /* NAME or NAME=VALUE */
	size_t env_count;
	bool hold;
	bool wait;
	int priority;
	bool sets_priority; /* priority */
	unsigned weight;    /* 0: not said */

	const char *state;  /* jobs; NULL: all */
	unsigned last;      /* jobs; 0: all */
	int64_t timeout_us; /* wait; -1: none */
	bool follow;        /* output, submit */
	bool all;           /* output, results: earlier tries, too; wait, cancel, retry: all jobs */
	bool kill;          /* cancel */
	bool failed;        /* retry */
	bool now;           /* shutdown */
	bool ended, ok;     /* rm */
};

#endif
