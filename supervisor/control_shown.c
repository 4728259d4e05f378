/* SPDX-License-Identifier: ISC */
/* control_shown: see control_shown.h. In the supervisor, of stintd. */
#include "supervisor/control_shown.h"

#include <stdlib.h>

/* Its place, or `count`. The last one is looked at first: a task mostly writes several times. */
static size_t
find(const struct control_shown *shown, uint64_t hash)
{
	for (size_t i = shown->count; i > 0; i--) {
		if (shown->hashes[i - 1] == hash) {
			return i - 1;
		}
	}
	return shown->count;
}

void
control_shown_add(struct control_shown *shown, uint64_t hash)
{
	size_t more = shown->room * 2 + 16;
	uint64_t *hashes;

	if (find(shown, hash) < shown->count) {
		return;
	}
	if (shown->count == shown->room) {
		hashes = reallocarray(shown->hashes, more, sizeof(*hashes));
		if (hashes == NULL) {
			return; /* it is shown twice */
		}
		shown->hashes = hashes;
		shown->room = more;
	}
	shown->hashes[shown->count++] = hash;
}

bool
control_shown_take(struct control_shown *shown, uint64_t hash)
{
	size_t i = find(shown, hash);

	if (i == shown->count) {
		return false;
	}
	shown->hashes[i] = shown->hashes[--shown->count];
	return true;
}

void
control_shown_free(struct control_shown *shown)
{
	free(shown->hashes);
}
