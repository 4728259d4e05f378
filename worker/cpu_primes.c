/* SPDX-License-Identifier: ISC */
/*
 * cpu_primes: counts the primes up to N. In the worker; owns a sieve while it runs.
 *
 * The sieve of Eratosthenes over odd numbers, a segment at a time (Bays and Hudson, "The
 * segmented sieve of Eratosthenes and primes in arithmetic progressions to 10^12", BIT 17,
 * 1977): bit i of the whole sieve stands for 2i+1, and of the whole only one segment that fits
 * the first-level cache is ever in memory, beside the primes up to the square root of N.
 */
#include "worker/cpu_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYTES 32768
#define SEGMENT_BITS  (SEGMENT_BYTES * 8)

/*
 * Base primes struck out between two looks at cancel: the smallest ones take 0.2 ms. From the
 * second segment on there are always so many.
 */
#define PRIMES_A_LOOK 64

struct sieve {
	uint64_t *bits;   /* SEGMENT_BITS of them; a set one is composite */
	uint32_t *primes; /* the odd primes whose square is <= N, ascending */
	uint32_t *next;   /* of each prime in use, the bit of its next multiple from here */
	size_t count;     /* how many primes there are */
	size_t used;      /* how many of them have a multiple to strike by now */
};

/* Sets every step-th bit below `end`; returns the first one that is not below it. */
static inline uint32_t
strike(uint64_t *bits, uint32_t from, uint32_t step, uint32_t end)
{
	while (from < end) {
		bits[from / 64] |= UINT64_C(1) << (from % 64);
		from += step;
	}
	return from;
}

static inline bool
is_struck(const uint64_t *bits, uint32_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static uint32_t
square_root(uint64_t n)
{
	uint64_t low = 0, high = UINT32_MAX;

	while (low < high) {
		uint64_t middle = high - (high - low) / 2;

		if (middle * middle <= n) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return (uint32_t)low;
}

/* How many of the first `end` bits are clear; sets the rest of the last word. */
static uint64_t
count_clear(uint64_t *bits, uint32_t end)
{
	uint64_t clear = 0;

	if (end % 64 != 0) {
		bits[end / 64] |= ~UINT64_C(0) << (end % 64);
	}
	for (uint32_t i = 0; i < (end + 63) / 64; i++) {
		clear += (uint64_t)__builtin_popcountll(~bits[i]);
	}
	return clear;
}

/* Lists the numbers of the clear bits. */
static void
collect(struct sieve *sieve, const uint64_t *bits, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		for (uint64_t left = ~bits[i]; left != 0; left &= left - 1) {
			size_t bit = i * 64 + (size_t)__builtin_ctzll(left);

			sieve->primes[sieve->count++] = (uint32_t)(2 * bit + 1);
		}
	}
}

/* Finds the base primes, with a small sieve of their own (62 KiB for N = 10^12). */
static int
find_base(struct sieve *sieve, uint32_t root, struct cancel *cancel)
{
	uint32_t end = root / 2 + root % 2; /* bit i < end: 2i+1 <= root */
	uint64_t *bits = calloc(end / 64 + 1, sizeof(*bits));
	size_t most; /* primes, and one to spare: calloc(0) may be NULL */
	int error = ENOMEM;

	if (bits == NULL) {
		goto out;
	}
	for (uint32_t i = 1; (uint64_t)i * (i + 1) * 2 < end; i++) {
		if (is_struck(bits, i)) {
			continue;
		}
		strike(bits, i * (i + 1) * 2, 2 * i + 1, end);
		if (cancel_check(cancel)) {
			error = ECANCELED;
			goto out;
		}
	}
	bits[0] |= 1; /* the number 1 is no prime */
	most = count_clear(bits, end) + 1;
	sieve->primes = calloc(most, sizeof(*sieve->primes));
	sieve->next = calloc(most, sizeof(*sieve->next));
	if (sieve->primes != NULL && sieve->next != NULL) {
		collect(sieve, bits, (end + 63) / 64);
		error = 0;
	}
out:
	free(bits);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Takes up the primes whose square, the first multiple worth striking, lies in this segment. */
static void
take_up(struct sieve *sieve, uint64_t first, uint32_t end)
{
	for (; sieve->used < sieve->count; sieve->used++) {
		uint64_t prime = sieve->primes[sieve->used];
		uint64_t square = prime * prime / 2;

		if (square >= first + end) {
			break;
		}
		sieve->next[sieve->used] = (uint32_t)(square - first);
	}
}

/* Strikes out the composites among the `end` odd numbers from bit `first` on; -1 when cancelled. */
static int
sieve_segment(struct sieve *sieve, uint64_t first, uint32_t end, struct cancel *cancel)
{
	memset(sieve->bits, 0, SEGMENT_BYTES);
	take_up(sieve, first, end);
	for (size_t i = 0; i < sieve->used; i++) {
		uint32_t after = strike(sieve->bits, sieve->next[i], sieve->primes[i], end);

		sieve->next[i] = after - end;
		if (i % PRIMES_A_LOOK == PRIMES_A_LOOK - 1 && cancel_check(cancel)) {
			return -1;
		}
	}
	return 0;
}

int
cpu_primes(uint64_t arg, struct cancel *cancel, struct text *value)
{
	struct sieve sieve = {.bits = malloc(SEGMENT_BYTES)};
	uint64_t bits = arg / 2 + arg % 2; /* bit i < bits: 2i+1 <= N */
	uint64_t found = 0;
	int error = ENOMEM;

	if (sieve.bits == NULL) {
		goto out;
	}
	if (find_base(&sieve, square_root(arg), cancel) < 0) {
		error = errno;
		goto out;
	}
	for (uint64_t first = 0; first < bits; first += SEGMENT_BITS) {
		uint64_t left = bits - first;
		uint32_t end = left < SEGMENT_BITS ? (uint32_t)left : SEGMENT_BITS;

		if (sieve_segment(&sieve, first, end, cancel) < 0) {
			error = ECANCELED;
			goto out;
		}
		found += count_clear(sieve.bits, end);
	}
	/* Bit 0 stands for 1, which is no prime; the even prime 2 takes its place. */
	text_uint(value, arg < 2 ? 0 : found);
	error = 0;
out:
	free(sieve.bits);
	free(sieve.primes);
	free(sieve.next);
	errno = error;
	return error == 0 ? 0 : -1;
}
