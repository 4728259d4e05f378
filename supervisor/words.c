/* SPDX-License-Identifier: ISC */
/* words: see words.h. In the supervisor; pure. */
#include "supervisor/words.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void
words_close(struct words *words)
{
	if (words->count == words->room) {
		words->room = words->room == 0 ? 16 : 2 * words->room;
		words->ends = reallocarray(words->ends, words->room, sizeof(*words->ends));
		if (words->ends == NULL) {
			err(3, "arguments");
		}
	}
	words->ends[words->count++] = words->bytes.len;
}

void
words_add(struct words *words, struct span word)
{
	text_span(&words->bytes, word);
	words_close(words);
}

struct span
words_at(const struct words *words, size_t place)
{
	size_t begin = place == 0 ? 0 : words->ends[place - 1];

	if (words->ends[place] == begin) {
		return (struct span){"", 0};
	}
	return (struct span){words->bytes.data + begin, words->ends[place] - begin};
}

void
words_drop_front(struct words *words, size_t count)
{
	size_t dropped = count == 0 ? 0 : words->ends[count - 1];

	text_drop_front(&words->bytes, dropped);
	words->count -= count;
	for (size_t i = 0; i < words->count; i++) {
		words->ends[i] = words->ends[i + count] - dropped;
	}
}

void
words_clear(struct words *words)
{
	text_clear(&words->bytes);
	words->count = 0;
}

void
words_free(struct words *words)
{
	text_free(&words->bytes);
	free(words->ends);
	*words = (struct words){.count = 0};
}
