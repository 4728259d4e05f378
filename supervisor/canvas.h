/* SPDX-License-Identifier: ISC */
/*
 * canvas: a picture made of characters, in memory, for whoever puts it on a terminal: a grid of
 * cells, each with a character and a style. What is put into it may come from anywhere: control
 * characters, escape sequences and bytes that are no text become question marks, marks that take no
 * column are left out. Pure, but for wcwidth(3), which goes by the locale; in the supervisor.
 */
#ifndef SUPERVISOR_CANVAS_H
#define SUPERVISOR_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#include "ipc/text.h"

/* What a cell is about; whoever shows it knows which colours that is. */
enum canvas_style {
	CANVAS_PLAIN,
	CANVAS_STRONG,  /* figures that are looked for first */
	CANVAS_FAINT,   /* labels */
	CANVAS_GOOD,    /* tasks that are done */
	CANVAS_BAD,     /* that failed */
	CANVAS_COMPUTE, /* cores, and what computes */
	CANVAS_WAIT,    /* what waits */
	CANVAS_NOTICE,  /* what is to be known now */
	CANVAS_BAR,     /* the heading of a list */
	CANVAS_BAR_ON,  /* of the list that the keys are for */
	CANVAS_STYLES
};

struct canvas_cell {
	wchar_t shown; /* 0: the second half of the character before it */
	uint8_t style; /* enum canvas_style */
};

struct canvas {
	unsigned rows;
	unsigned columns;
	bool ascii; /* the terminal shows nothing else */
	struct canvas_cell *cells;
};

void canvas_resize(struct canvas *, unsigned rows, unsigned columns); /* and clears it */
void canvas_free(struct canvas *);

/* The cells are within the grid, or left out. All return the column behind what they have put. */
unsigned canvas_put(struct canvas *, unsigned row, unsigned column, enum canvas_style, struct span);
unsigned canvas_string(struct canvas *, unsigned row, unsigned column, enum canvas_style,
		       const char *);
unsigned canvas_printf(struct canvas *, unsigned row, unsigned column, enum canvas_style,
		       const char *, ...) __attribute__((format(printf, 5, 6)));
/* What is too long for `width` columns is cut, and ends in dots; the rest of them stays as it is. */
unsigned canvas_within(struct canvas *, unsigned row, unsigned column, unsigned width,
		       enum canvas_style, struct span);
/* Ends before the column `end`; what is too long for it is left out. */
void canvas_right(struct canvas *, unsigned row, unsigned end, enum canvas_style, const char *);
unsigned canvas_fill(struct canvas *, unsigned row, unsigned column, unsigned count,
		     enum canvas_style, wchar_t);

unsigned canvas_width(bool ascii, struct span); /* columns that it takes */

#endif
