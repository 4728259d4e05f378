/* SPDX-License-Identifier: ISC */
/* nearest: the word that somebody who mistyped one meant. Pure; any process. */
#ifndef IPC_NEAREST_H
#define IPC_NEAREST_H

#include <stddef.h>

/*
 * Of the words on offer, one after the other, the one with the smallest edit distance
 * (Damerau-Levenshtein, adjacent letters swapped count as one), if it is small enough to be meant.
 *	struct nearest n = NEAREST_INIT("slep");
 *	nearest_offer(&n, "sleep"); …
 *	n.word is "sleep", or NULL
 */
struct nearest {
	const char *typed;
	const char *word;
	size_t distance;
};

#define NEAREST_INIT(string)      \
	{                         \
		(string), NULL, 0 \
	}

void nearest_offer(struct nearest *, const char *word);

#endif
