/* SPDX-License-Identifier: ISC */
/* places: see places.h. In stint-worker, the loop thread. */
#include "worker/places.h"

#include <err.h>
#include <stdlib.h>

#define BITS 64

/* Of each worker behind the cores: more than there can be processes of one user. */
#define FAR (UINT64_C(1) << 23)

static uint64_t
place_of(const struct places *places, uint64_t bit)
{
	if (places->worker < places->cores) {
		return bit * places->cores + places->worker + 1;
	}
	return places->worker * FAR + bit + 1;
}

static uint64_t
bit_of(const struct places *places, uint64_t place)
{
	if (places->worker < places->cores) {
		return (place - 1 - places->worker) / places->cores;
	}
	return place - 1 - places->worker * FAR;
}

uint64_t
places_take(struct places *places)
{
	size_t word = 0;
	unsigned bit;

	while (word < places->words && places->taken[word] == UINT64_MAX) {
		word++;
	}
	if (word == places->words) {
		places->taken =
		    reallocarray(places->taken, places->words + 1, sizeof(*places->taken));
		if (places->taken == NULL) {
			err(3, "places");
		}
		places->taken[places->words++] = 0;
	}
	bit = (unsigned)__builtin_ctzll(~places->taken[word]);
	places->taken[word] |= UINT64_C(1) << bit;
	return place_of(places, word * BITS + bit);
}

void
places_leave(struct places *places, uint64_t place)
{
	if (place != 0) {
		uint64_t bit = bit_of(places, place);

		places->taken[bit / BITS] &= ~(UINT64_C(1) << bit % BITS);
	}
}

void
places_free(struct places *places)
{
	free(places->taken);
	*places = (struct places){.taken = NULL};
}
