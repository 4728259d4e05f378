/* SPDX-License-Identifier: ISC */
/*
 * deadlines: a queue of points in time, the earliest first. A binary heap of entries that live
 * inside what they belong to: a million sleeping tasks cost 8 bytes each beyond the entry, where
 * an event of the event loop would cost 140. Pure: times are arguments, in microseconds of any
 * clock. One thread.
 */
#ifndef IPC_DEADLINES_H
#define IPC_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadline {
	int64_t at_us;
	size_t place; /* in the heap, from 1; 0: in none. Zero-initialise */
};

struct deadlines {
	struct deadline **heap;
	size_t count;
	size_t cap;
};

void deadlines_free(struct deadlines *); /* the heap; the entries are their owners' */

/* Sets an entry, or moves it when it is already there. */
void deadlines_set(struct deadlines *, struct deadline *, int64_t at_us);
void deadlines_clear(struct deadlines *, struct deadline *); /* harmless if it is not there */

/* The earliest, which stays in the queue, or NULL. */
struct deadline *deadlines_first(const struct deadlines *);

/* Takes out the earliest if it is due at `now_us`, else NULL. */
struct deadline *deadlines_due(struct deadlines *, int64_t now_us);

#endif
