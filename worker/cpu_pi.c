/* SPDX-License-Identifier: ISC */
/*
 * cpu_pi: decimal digits of pi. In the worker; owns two long numbers while it runs.
 *
 * Machin's formula (1706), pi = 16 arctan(1/5) - 4 arctan(1/239), each arctan by Gregory's
 * series arctan(1/x) = 1/x - 1/(3 x^3) + 1/(5 x^5) - ..., in fixed point: O(digits^2).
 */
#include "worker/cpu_ops.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Twelve decimal digits a limb, the most significant first; limb 0 is the whole part. A limb
 * times the largest divisor, 1.5 million for a million digits, is below 2^64.
 */
#define LIMB_DIGITS 12
#define LIMB        INT64_C(1000000000000)

/*
 * Limbs computed and not shown. Every term is cut off, at most twice, below one unit of the last
 * limb: for a million digits the sum is wrong by less than 10^7 of the 10^24 units that these
 * limbs hold. That shows only after 17 nines or zeros in a row, of which that many digits of pi
 * have none.
 */
#define GUARD 2

/* Limbs divided between two looks at cancel: about 0.1 ms. */
#define LIMBS_A_LOOK 4096

struct series {
	uint64_t *power; /* 16 / 5^k or 4 / 239^k, k = 1, 3, 5 ... */
	int64_t *sum;    /* of all terms; its limbs carry over at the end, in carry() */
	size_t limbs;    /* of each of the two */
	size_t since;    /* limbs divided since the last look at cancel */
	struct cancel *cancel;
};

/* Divides power[from..to) by `square` and adds sign * power / odd to the sum, limb by limb. */
static inline void
divide(struct series *series, size_t from, size_t to, uint64_t square, uint64_t odd, int64_t sign,
       uint64_t rests[2])
{
	uint64_t rest = rests[0], term_rest = rests[1];

	for (size_t i = from; i < to; i++) {
		uint64_t limb = rest * (uint64_t)LIMB + series->power[i];
		uint64_t power = limb / square;
		uint64_t term = term_rest * (uint64_t)LIMB + power;

		rest = limb % square;
		series->power[i] = power;
		series->sum[i] += sign * (int64_t)(term / odd);
		term_rest = term % odd;
	}
	rests[0] = rest;
	rests[1] = term_rest;
}

/* One term, from the first limb that is not 0 on; -1 when cancelled. */
static int
add_term(struct series *series, size_t first, uint64_t square, uint64_t odd, int64_t sign)
{
	uint64_t rests[2] = {0, 0};
	size_t to;

	for (size_t at = first; at < series->limbs; at = to) {
		to = series->limbs - at > LIMBS_A_LOOK ? at + LIMBS_A_LOOK : series->limbs;
		divide(series, at, to, square, odd, sign, rests);
		series->since += to - at;
		if (series->since >= LIMBS_A_LOOK) {
			series->since = 0;
			if (cancel_check(series->cancel)) {
				return -1;
			}
		}
	}
	return 0;
}

/* Adds sign * factor * arctan(1/x) to the sum; -1 when cancelled. */
static int
add_arctan(struct series *series, uint64_t factor, uint64_t x, int64_t sign)
{
	size_t first = 0;

	for (size_t i = 0; i < series->limbs; i++) {
		series->power[i] = 0;
	}
	series->power[0] = factor * x; /* the first term divides by x^2 */
	for (uint64_t odd = 1; first < series->limbs; odd += 2) {
		if (add_term(series, first, x * x, odd, sign) < 0) {
			return -1;
		}
		sign = -sign;
		while (first < series->limbs && series->power[first] == 0) {
			first++;
		}
	}
	return 0;
}

/* Brings every limb into 0 .. LIMB-1. Each was a sum of fewer than 10^6 such: no overflow. */
static void
carry(struct series *series)
{
	for (size_t i = series->limbs - 1; i > 0; i--) {
		int64_t over = series->sum[i] / LIMB;

		series->sum[i] %= LIMB;
		if (series->sum[i] < 0) {
			series->sum[i] += LIMB;
			over--;
		}
		series->sum[i - 1] += over;
	}
}

static void
write_limb(struct text *value, int64_t limb, size_t digits)
{
	for (int64_t unit = LIMB / 10; digits > 0; digits--, unit /= 10) {
		text_char(value, (char)('0' + limb / unit % 10));
	}
}

/* "3." and the digits, cut off, not rounded. */
static void
write_digits(struct text *value, const int64_t *sum, size_t digits)
{
	text_reserve(value, digits + 4);
	text_char(value, '"');
	text_int(value, sum[0]);
	if (digits > 0) {
		text_char(value, '.');
	}
	for (size_t i = 1; digits > 0; i++) {
		size_t now = digits < LIMB_DIGITS ? digits : LIMB_DIGITS;

		write_limb(value, sum[i], now);
		digits -= now;
	}
	text_char(value, '"');
}

int
cpu_pi(uint64_t arg, struct cancel *cancel, struct text *value)
{
	struct series series = {.limbs = arg / LIMB_DIGITS + 2 + GUARD, .cancel = cancel};
	int error = ENOMEM;

	series.power = calloc(series.limbs, sizeof(*series.power));
	series.sum = calloc(series.limbs, sizeof(*series.sum));
	if (series.power == NULL || series.sum == NULL) {
		goto out;
	}
	if (add_arctan(&series, 16, 5, 1) < 0 || add_arctan(&series, 4, 239, -1) < 0) {
		error = ECANCELED;
		goto out;
	}
	carry(&series);
	write_digits(value, series.sum, arg);
	error = 0;
out:
	free(series.power);
	free(series.sum);
	errno = error;
	return error == 0 ? 0 : -1;
}
