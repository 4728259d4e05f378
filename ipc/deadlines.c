/* SPDX-License-Identifier: ISC */
/* deadlines: see deadlines.h. Pure; any process. */
#include "ipc/deadlines.h"

#include <err.h>
#include <stdlib.h>

static void
put(struct deadlines *queue, size_t place, struct deadline *entry)
{
	queue->heap[place] = entry;
	entry->place = place;
}

static void
sift_up(struct deadlines *queue, size_t place, struct deadline *entry)
{
	while (place > 1 && queue->heap[place / 2]->at_us > entry->at_us) {
		put(queue, place, queue->heap[place / 2]);
		place /= 2;
	}
	put(queue, place, entry);
}

static void
sift_down(struct deadlines *queue, size_t place, struct deadline *entry)
{
	for (size_t child; (child = place * 2) <= queue->count; place = child) {
		if (child < queue->count &&
		    queue->heap[child + 1]->at_us < queue->heap[child]->at_us) {
			child++;
		}
		if (queue->heap[child]->at_us >= entry->at_us) {
			break;
		}
		put(queue, place, queue->heap[child]);
	}
	put(queue, place, entry);
}

/* An entry whose time changed, or that came to `place`, finds where it belongs. */
static void
settle(struct deadlines *queue, size_t place, struct deadline *entry)
{
	if (place > 1 && queue->heap[place / 2]->at_us > entry->at_us) {
		sift_up(queue, place, entry);
	} else {
		sift_down(queue, place, entry);
	}
}

void
deadlines_set(struct deadlines *queue, struct deadline *entry, int64_t at_us)
{
	entry->at_us = at_us;
	if (entry->place != 0) {
		settle(queue, entry->place, entry);
		return;
	}
	if (queue->count + 1 >= queue->cap) {
		size_t cap = queue->cap == 0 ? 64 : queue->cap * 2;
		struct deadline **heap = reallocarray(queue->heap, cap, sizeof(*heap));

		if (heap == NULL) {
			err(3, "deadlines");
		}
		queue->heap = heap;
		queue->cap = cap;
	}
	queue->count++;
	sift_up(queue, queue->count, entry);
}

void
deadlines_clear(struct deadlines *queue, struct deadline *entry)
{
	size_t place = entry->place;
	struct deadline *last;

	if (place == 0) {
		return;
	}
	entry->place = 0;
	last = queue->heap[queue->count--];
	if (last != entry) {
		settle(queue, place, last);
	}
}

struct deadline *
deadlines_first(const struct deadlines *queue)
{
	return queue->count == 0 ? NULL : queue->heap[1];
}

struct deadline *
deadlines_due(struct deadlines *queue, int64_t now_us)
{
	struct deadline *first = deadlines_first(queue);

	if (first == NULL || first->at_us > now_us) {
		return NULL;
	}
	deadlines_clear(queue, first);
	return first;
}

void
deadlines_free(struct deadlines *queue)
{
	free(queue->heap);
	*queue = (struct deadlines){0};
}
