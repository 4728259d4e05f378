/* SPDX-License-Identifier: ISC */
/*
 * chart: a recorded run in the characters of a terminal, on a time axis that several may share: the
 * lanes of its workers, graphs, the axis. Each appends whole lines. In the supervisor.
 */
#ifndef SUPERVISOR_CHART_H
#define SUPERVISOR_CHART_H

#include "supervisor/bars.h"
#include "supervisor/terminal_text.h"

#define CHART_LEFT 13 /* columns of words before the first of the time axis */

struct chart {
	struct terminal_style style;
	unsigned width;  /* columns of the time axis */
	double span_us;  /* that they stand for */
	unsigned height; /* lines of a graph */
	unsigned rows;   /* that all lanes of a run should not exceed by much */
	bool has_failed; /* what the lanes needed marks for, so far */
	bool has_earlier;
	bool has_dense;
	bool has_rows;
};

#define CHART_BLANK 0.002 /* of the height of a graph, and less, is nothing */

/* The column of a time; the last one for what is behind it. */
unsigned chart_column(const struct chart *, double at_us);

/*
 * One line of values, from 0 to `most`, as blocks, without blanks at its end; `line` is which of
 * how many, from the top.
 */
void chart_blocks(const struct chart *, const double *values, size_t count, double most,
		  unsigned line, unsigned lines, struct text *out);

/* A number of cores or tasks, without places where these say nothing. */
void chart_number(char *out, size_t size, double number);

/* Words and the line beside the chart. `tick`: a value is shown there. */
void chart_left(const struct chart *, const char *words, bool tick, struct text *out);

/* chart_lanes.c: a lane a worker, or one for several where there are too many. */
void chart_lanes(struct chart *, const struct recorded_run *, struct text *out);

/* How many cores computed and how many tasks were in progress. */
void chart_areas(const struct chart *, const struct recorded_run *, struct text *out);

/* Times, where what was cut out of them is marked. */
void chart_axis(const struct chart *, const struct recorded_run *, struct text *out);

/* What the marks of the lanes mean. */
void chart_legend(const struct chart *, struct text *out);

#endif
