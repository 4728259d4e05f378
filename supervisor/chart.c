/* SPDX-License-Identifier: ISC */
/* chart: see chart.h; graphs, axis, legend. In the supervisor. */
#include "supervisor/chart.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/areas.h"

#define TICKS_APART 12 /* columns, at least */
#define LEVELS      8  /* of a block character */

unsigned
chart_column(const struct chart *chart, double at_us)
{
	double column = at_us / chart->span_us * chart->width;

	return column < chart->width ? (unsigned)column : chart->width - 1;
}

void
chart_left(const struct chart *chart, const char *words, bool tick, struct text *out)
{
	terminal_put_padded(out, &chart->style, words, CHART_LEFT - 1);
	text_string(out, chart->style.ascii ? (tick ? "+" : "|") : (tick ? "┤" : "│"));
}

/* ---- graphs ----------------------------------------------------------------------------------- */

static const char *
block(const struct chart *chart, double share)
{
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {" ", ".", ".", ".", ":", ":", ":", "#", "#"};
	int level = share <= 0 ? 0 : share >= 1 ? LEVELS : (int)(share * LEVELS + 0.5);

	return chart->style.ascii ? plain[level] : blocks[level];
}

void
chart_blocks(const struct chart *chart, const double *values, size_t count, double most,
	     unsigned line, unsigned lines, struct text *out)
{
	unsigned below = lines - 1 - line; /* lines that a column fills first */

	size_t blanks = 0; /* none at the end of a line */

	for (size_t i = 0; i < count; i++) {
		double share = most > 0 ? values[i] / most * lines : 0;
		const char *drawn;

		/* What there is of something, be it little, is seen. */
		if (share > CHART_BLANK && share < 1.0 / LEVELS) {
			share = 1.0 / LEVELS;
		}
		drawn = block(chart, share - below);
		if (drawn[0] == ' ') {
			blanks++;
			continue;
		}
		for (; blanks > 0; blanks--) {
			text_char(out, ' ');
		}
		text_string(out, drawn);
	}
}

void
chart_number(char *out, size_t size, double number)
{
	double over = number - (double)(int64_t)number;

	snprintf(out, size, "%.*f", number < 9.95 && over > 0.05 && over < 0.95, number);
}

/* Drawn over several lines, the words at their left. */
static void
put_graph(const struct chart *chart, const double *values, size_t count, double most,
	  const char *const words[2], enum terminal_color color, struct text *out)
{
	char left[64], number[32];

	chart_number(number, sizeof(number), most);
	for (unsigned line = 0; line < chart->height; line++) {
		bool top = line == 0, bottom = line == chart->height - 1;

		if (top) {
			snprintf(left, sizeof(left), "%s%*s", words[0],
				 (int)(CHART_LEFT - 2 - strlen(words[0])), number);
		} else {
			snprintf(left, sizeof(left), "%*s", bottom ? CHART_LEFT - 2 : 0,
				 bottom      ? "0"
				 : line == 1 ? words[1]
					     : "");
		}
		chart_left(chart, left, top || bottom, out);
		terminal_color(out, &chart->style, color);
		chart_blocks(chart, values, count, most, line, chart->height, out);
		terminal_color(out, &chart->style, TERMINAL_PLAIN);
		text_char(out, '\n');
	}
}

static double
highest(const double *values, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++) {
		most = values[i] > most ? values[i] : most;
	}
	return most;
}

void
chart_areas(const struct chart *chart, const struct recorded_run *run, struct text *out)
{
	static const char *const cores[2] = {"cores", "computing"};
	static const char *const tasks[2] = {"tasks", "in progress"};
	double wall_us = (double)run->summary.wall_us;
	size_t count = (size_t)(wall_us / chart->span_us * chart->width + 0.5);
	struct areas areas;

	areas_make(&areas, run, count > 0 ? count : 1);
	for (size_t i = 0; i < areas.count; i++) {
		areas.cpu_us[i] /= areas.cell_us;
		areas.task_us[i] /= areas.cell_us;
	}
	put_graph(chart, areas.cpu_us, areas.count, run->summary.cores, cores, TERMINAL_GREEN, out);
	put_graph(chart, areas.task_us, areas.count, highest(areas.task_us, areas.count), tasks,
		  TERMINAL_CYAN, out);
	areas_free(&areas);
}

/* ---- axis ------------------------------------------------------------------------------------- */

/* A round number of seconds, at least so many. */
static double
choose_step(double least)
{
	static const double steps[] = {60,    120,   300,   600,   900,    1800,   3600,  7200,
				       10800, 21600, 43200, 86400, 172800, 432000, 864000};
	static const double rounds[] = {1, 2, 5};
	double ten = 1e-6;

	for (int k = 0; k < 8; k++, ten *= 10) {
		for (int i = 0; i < 3; i++) {
			if (rounds[i] * ten >= least * (1 - 1e-9)) {
				return rounds[i] * ten;
			}
		}
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i] >= least) {
			return steps[i];
		}
	}
	return 864000 * (double)(uint64_t)(least / 864000 + 1);
}

static void
put_time(double seconds, double step, char *out, size_t size)
{
	double one = step;
	int places = 0;

	while (one < 1 - 1e-9) {
		places++;
		one *= 10;
	}

	if (seconds < step / 2) {
		snprintf(out, size, "0");
	} else if (step >= 86400) {
		snprintf(out, size, "%.0f d", seconds / 86400);
	} else if (step >= 3600) {
		snprintf(out, size, "%.0f h", seconds / 3600);
	} else if (step >= 60) {
		snprintf(out, size, "%.0f min", seconds / 60);
	} else {
		snprintf(out, size, "%.*f s", places, seconds);
	}
}

/* The line, with a mark where a time is, and where time is left out. */
static void
put_line(const struct chart *chart, const struct recorded_run *run, double step_us,
	 struct text *out)
{
	bool ascii = chart->style.ascii;
	unsigned next = 1, gap = 0;

	for (unsigned i = 0; i < CHART_LEFT - 1; i++) {
		text_char(out, ' ');
	}
	text_string(out, ascii ? "+" : "└");
	for (unsigned i = 0; i < chart->width; i++) {
		bool cut = false, tick = false;

		for (;
		     gap < run->gap_count && chart_column(chart, (double)run->gaps[gap].at_us) <= i;
		     gap++) {
			cut = true;
		}
		for (; next * step_us <= chart->span_us && chart_column(chart, next * step_us) <= i;
		     next++) {
			tick = true;
		}
		text_string(out, cut    ? (ascii ? "~" : "≈")
				 : tick ? (ascii ? "+" : "┴")
					: (ascii ? "-" : "─"));
	}
	text_char(out, '\n');
}

void
chart_axis(const struct chart *chart, const struct recorded_run *run, struct text *out)
{
	double step = choose_step(chart->span_us / 1e6 / chart->width * TICKS_APART);
	char *line = malloc(CHART_LEFT + chart->width + 1);
	char word[32];

	if (line == NULL) {
		err(3, "chart");
	}
	put_line(chart, run, step * 1e6, out);
	memset(line, ' ', CHART_LEFT + chart->width);
	for (unsigned i = 0; i * step * 1e6 <= chart->span_us; i++) {
		unsigned at = CHART_LEFT + chart_column(chart, i * step * 1e6), len;

		put_time(i * step, step, word, sizeof(word));
		len = (unsigned)strlen(word);
		at = at + len > CHART_LEFT + chart->width ? CHART_LEFT + chart->width - len : at;
		memcpy(line + at, word, len);
	}
	text_bytes(out, line, CHART_LEFT + chart->width);
	while (out->len > 0 && out->data[out->len - 1] == ' ') {
		out->len--;
	}
	text_char(out, '\n');
	free(line);
}
