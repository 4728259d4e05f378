/* SPDX-License-Identifier: ISC */
/* top_parts: what the files that draw the view share; see top_view.h. For nobody else. */
#ifndef SUPERVISOR_TOP_PARTS_H
#define SUPERVISOR_TOP_PARTS_H

#include "supervisor/top_view.h"

#define TOP_NARROW 44 /* columns with less than which there are no sparklines */
#define TOP_TALL   18 /* rows from which on all lists are shown */

#define TOP_CELLS_MOST 7

/* A column of a list; the label takes what they leave. */
struct top_column {
	const char *title;
	unsigned width;
	unsigned least; /* columns that the canvas must have for it */
	bool left;      /* its text begins at its left */
};

struct top_cell {
	char text[24];
	enum canvas_style style;
};

/* A row of a list; zero-initialised before it is filled. */
struct top_row_look {
	struct span label;
	enum canvas_style style; /* of the label */
	struct top_cell cells[TOP_CELLS_MOST];
	uint64_t number; /* before the label */
	bool numbered;
	const char *more; /* what is behind the cells, where there is room; NULL: nothing */
};

struct top_list_look {
	const struct top_column
	    *columns; /* ends with one without a title; none at all: only labels */
	const char *title;
	bool errors;      /* what is behind the cells matters more than the label */
	const char *none; /* what is said where there is no row */
	void (*row)(const struct top_view *, size_t i, struct top_row_look *);
};

struct top_list_look top_list_of(const struct top_view *, enum top_list);

unsigned top_head_draw(const struct top_view *, struct canvas *); /* how many rows it took */
void top_foot_draw(const struct top_view *, struct canvas *, unsigned row);
void top_help_draw(const struct top_view *, struct canvas *, unsigned top, unsigned rows);

#endif
