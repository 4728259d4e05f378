/* SPDX-License-Identifier: ISC */
/*
 * cpu_matmul: the product C = A B of two N x N matrices of doubles. In the worker; owns the
 * matrices while it runs.
 *
 * A[i][j] = (7i + 3j) mod 11, B[i][j] = (5i + 2j) mod 13, i and j from 0: whole numbers, so that
 * the trace of C is exact. A and C exist a band of rows at a time, only B as a whole: 512 MiB
 * for N = 8192 instead of 1.5 GiB. Blocked for the caches as in Lam, Rothberg and Wolf, "The cache
 * performance and optimizations of blocked algorithms" (ASPLOS 1991).
 */
#include "worker/cpu_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A block of B, DEPTH x WIDTH, stays in the cache while it meets the BAND rows of A. */
#define BAND  64
#define DEPTH 32
#define WIDTH 64

/* Columns that one turn of the innermost loop computes: a fixed number makes vectors of it. */
#define LANES 8

struct product {
	size_t n;
	size_t padded; /* n, up to a multiple of LANES; what is beyond n is 0 */
	size_t stride; /* doubles from row to row; no power of 2, or rows share few cache sets */
	double *a;     /* BAND rows of A */
	double *b;     /* the whole of B */
	double *c;     /* BAND rows of C */
	struct cancel *cancel;
};

static inline size_t
lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* row[j] = (first + step j) mod modulus */
static void
fill_row(double *row, size_t n, size_t first, size_t step, size_t modulus)
{
	size_t number = first % modulus;

	for (size_t j = 0; j < n; j++) {
		row[j] = (double)number;
		number += step;
		number -= number >= modulus ? modulus : 0;
	}
}

/* Makes the whole of B; -1 when cancelled. */
static int
fill_b(const struct product *p)
{
	for (size_t i = 0; i < p->n; i++) {
		fill_row(p->b + i * p->stride, p->n, 5 * i, 2, 13);
		if (cancel_check(p->cancel)) {
			return -1;
		}
	}
	return 0;
}

/* Makes the rows of A from `row` on and clears those of C; -1 when cancelled. */
static int
fill_band(const struct product *p, size_t row, size_t rows)
{
	for (size_t i = 0; i < rows; i++) {
		fill_row(p->a + i * p->stride, p->n, 7 * (row + i), 3, 11);
		memset(p->c + i * p->stride, 0, p->stride * sizeof(*p->c));
		if (cancel_check(p->cancel)) {
			return -1;
		}
	}
	return 0;
}

/* Adds four rows of B, each times an element of A, to a row of C. */
static inline void
add_rows(double *restrict c, const double *restrict a, const double *restrict b, size_t stride,
	 size_t width)
{
	const double a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];

	for (size_t j = 0; j < width; j += LANES) {
		const double *b0 = b + j, *b1 = b0 + stride, *b2 = b1 + stride, *b3 = b2 + stride;

		for (size_t i = 0; i < LANES; i++) {
			c[j + i] += a0 * b0[i] + a1 * b1[i] + a2 * b2[i] + a3 * b3[i];
		}
	}
}

/* Multiplies `rows` rows of A with the block of B at row k, column j. */
static void
multiply_block(const struct product *p, size_t rows, size_t k, size_t j)
{
	size_t depth = lesser(DEPTH, p->padded - k), width = lesser(WIDTH, p->padded - j);

	for (size_t i = 0; i < rows; i++) {
		for (size_t d = k; d < k + depth; d += 4) {
			add_rows(p->c + i * p->stride + j, p->a + i * p->stride + d,
				 p->b + d * p->stride + j, p->stride, width);
		}
	}
}

/* Computes the rows of C from `row` on and adds their part of the trace; -1 when cancelled. */
static int
multiply_band(const struct product *p, size_t row, double *trace)
{
	size_t rows = lesser(BAND, p->n - row);

	if (fill_band(p, row, rows) < 0) {
		return -1;
	}
	for (size_t j = 0; j < p->padded; j += WIDTH) {
		for (size_t k = 0; k < p->padded; k += DEPTH) {
			multiply_block(p, rows, k, j);
			if (cancel_check(p->cancel)) {
				return -1;
			}
		}
	}
	for (size_t i = 0; i < rows; i++) {
		*trace += p->c[i * p->stride + row + i];
	}
	return 0;
}

static int
multiply(const struct product *p, double *trace)
{
	if (fill_b(p) < 0) {
		return -1;
	}
	for (size_t row = 0; row < p->n; row += BAND) {
		if (multiply_band(p, row, trace) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The trace is at most 8192^2 * 10 * 12 < 2^53: doubles hold it and every sum before it. */
int
cpu_matmul(uint64_t arg, struct cancel *cancel, struct text *value)
{
	struct product p = {.n = arg, .padded = (arg + LANES - 1) / LANES * LANES};
	double trace = 0;
	int error = ENOMEM;

	p.cancel = cancel;
	p.stride = p.padded + LANES;
	p.a = calloc(BAND * p.stride, sizeof(*p.a));
	p.b = calloc(p.stride * p.stride, sizeof(*p.b));
	p.c = calloc(BAND * p.stride, sizeof(*p.c));
	if (p.a == NULL || p.b == NULL || p.c == NULL) {
		goto out;
	}
	if (multiply(&p, &trace) < 0) {
		error = ECANCELED;
		goto out;
	}
	text_uint(value, (uint64_t)trace);
	error = 0;
out:
	free(p.a);
	free(p.b);
	free(p.c);
	errno = error;
	return error == 0 ? 0 : -1;
}
