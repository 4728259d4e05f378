/* SPDX-License-Identifier: ISC */
/*
 * places: a small number, from 1, for each command that runs, which no other command of the job
 * has at the same time: STINT_SLOT. Workers share them out without asking each other: with two
 * cores, worker 0 has 1, 3, 5 …, worker 1 has 2, 4, 6 …; so one command on each core has 1 to the
 * number of cores. In stint-worker, the loop thread.
 */
#ifndef WORKER_PLACES_H
#define WORKER_PLACES_H

#include <stddef.h>
#include <stdint.h>

struct places {
	uint64_t *taken; /* a bit each */
	size_t words;
	unsigned worker; /* from 0 */
	unsigned cores; /* workers that are numbered in turn; those behind them have high numbers */
};

/* The lowest that is free. */
uint64_t places_take(struct places *);
void places_leave(struct places *, uint64_t place); /* 0: none */
void places_free(struct places *);

#endif
