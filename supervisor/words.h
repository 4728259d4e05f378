/* SPDX-License-Identifier: ISC */
/*
 * words: a list of strings of any bytes, one behind the other in one piece of memory: the
 * arguments that `stint map` reads and the commands that it makes. In the supervisor; pure.
 */
#ifndef SUPERVISOR_WORDS_H
#define SUPERVISOR_WORDS_H

#include "ipc/text.h"

/* All zero is an empty list. */
struct words {
	struct text bytes; /* may be appended to: that is the word which words_close() will end */
	size_t *ends;
	size_t count;
	size_t room;
};

void words_add(struct words *, struct span);
void words_close(struct words *); /* what was appended to `bytes` since the last is a word */
struct span words_at(const struct words *, size_t); /* lives until the list changes */
void words_drop_front(struct words *, size_t count);
void words_clear(struct words *); /* the memory stays */
void words_free(struct words *);

#endif
