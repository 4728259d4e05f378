/* SPDX-License-Identifier: ISC */
/*
 * shell_words: the words of a shell script's simple commands, as far as they can be known without
 * running it: quotes are taken off, nothing is expanded. Good for a guess, not for a decision.
 * Pure; any process.
 */
#ifndef IPC_SHELL_WORDS_H
#define IPC_SHELL_WORDS_H

#include "ipc/text.h"

#define SHELL_WORDS_MOST 48   /* of a command; the others are passed over */
#define SHELL_BYTES_MOST 4096 /* of the script; what is behind is not looked at */

struct shell_words {
	struct span rest; /* of the script */
	size_t used;
	char bytes[SHELL_BYTES_MOST * 2];
	const char *words[SHELL_WORDS_MOST + 1]; /* of the command; ends with NULL */
};

void shell_words_begin(struct shell_words *, const char *script); /* which stays the caller's */

/* The next command that is not empty, redirections left out: how many words; 0: no more. */
int shell_words_next(struct shell_words *);

#endif
