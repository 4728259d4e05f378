/* SPDX-License-Identifier: ISC */
/* nearest: see nearest.h. Pure; any process. */
#include "ipc/nearest.h"

#include <string.h>

#define LONGEST 32 /* longer words are not compared */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance, a row of the matrix at a time. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= b_len; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				row[j] = least(row[j], two[j - 2] + 1);
			}
		}
	}
	return rows[a_len % 3][b_len];
}

void
nearest_offer(struct nearest *nearest, const char *word)
{
	size_t typed_len = strlen(nearest->typed), len = strlen(word), d;

	if (typed_len > LONGEST || len > LONGEST) {
		return;
	}
	d = distance(nearest->typed, typed_len, word, len);
	if (d * 3 <= len + 2 && (nearest->word == NULL || d < nearest->distance)) {
		nearest->word = word;
		nearest->distance = d;
	}
}
