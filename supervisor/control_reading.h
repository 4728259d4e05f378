/* SPDX-License-Identifier: ISC */
/*
 * control_reading: a file in pieces that end where a character of UTF-8 does. In the supervisor, of
 * stintd.
 */
#ifndef SUPERVISOR_CONTROL_READING_H
#define SUPERVISOR_CONTROL_READING_H

#include <sys/types.h>

#define CONTROL_PIECE ((size_t)256 << 10) /* bytes of text in an answer */

/* All 0 at first. */
struct control_reading {
	size_t now;  /* bytes that were read and can be used */
	size_t left; /* and those behind them: the beginning of a character */
	char bytes[CONTROL_PIECE + 4];
};

/* Reads once from `fd`. What read(2) returned; at the end, 0, `now` may still be above 0. */
ssize_t control_reading_next(struct control_reading *, int fd);

#endif
