/* SPDX-License-Identifier: ISC */
/* unit: what the unit tests share: their main(), numbers that are the same in every run. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Runs the tests; returns the exit status for main(). */
int unit_run(const char *name, const TTest *const *tests, size_t count);

uint64_t unit_random(uint64_t *state); /* 48 bits of xorshift64*; the state must not be 0 */

/* The text must be this; it is empty afterwards. */
void unit_assert_text(struct text *, const char *expected);

/* What a span holds, as a string that the next four calls do not overwrite. */
const char *unit_string(struct span);

#endif
