/* SPDX-License-Identifier: ISC */
/*
 * shell_quote: words for /bin/sh, and where in a shell command a place is: between quotes or not.
 * In the supervisor; pure.
 */
#ifndef SUPERVISOR_SHELL_QUOTE_H
#define SUPERVISOR_SHELL_QUOTE_H

#include <stdbool.h>

#include "ipc/text.h"

/* Appends the word so that the shell takes it as it is, whatever bytes but NUL are in it. */
void shell_quote(struct text *, struct span word);

#define SHELL_DEPTH 32

/* All zero is the beginning of a command. */
struct shell_place {
	char inside[SHELL_DEPTH]; /* what is open, outermost first: " ' ( { ` # and + for $(( */
	int depth;
	char last[4]; /* the bytes before, the nearest first */
	bool escaped; /* the next byte is behind a backslash */
	bool lost;    /* a construct that is not followed: nothing is known from here on */
};

void shell_place_feed(struct shell_place *, char);

/*
 * Whether a quoted word may be put in here: `quote` is the quote to be closed before it and
 * opened again behind it, '\0' for none.
 */
bool shell_place_takes(const struct shell_place *, char *quote);

#endif
