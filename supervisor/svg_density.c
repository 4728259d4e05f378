/* SPDX-License-Identifier: ISC */
/*
 * svg_density: lanes with more tasks than a picture can show, as a grid: in each of its cells the
 * class that took most of the time there, the fainter the less of the cell was taken; and whether
 * something failed. See svg.h. Pure; in the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/svg.h"

#define LEVELS   4
#define FIRST    '0' /* of the names of levels */
#define BAD_HIGH 4.0 /* pixels, of a mark of failure */

enum kind { CPU, MIXED, WAIT, KINDS };

static const char *const names[KINDS] = {"cpu", "mixed", "wait"};

struct cell {
	float
	    px[KINDS]; /* how much of it each takes: as long as its columns are wide, times rows */
	bool bad;
};

struct grid {
	const struct svg_lanes *lanes;
	size_t columns;
	double column; /* the width of one */
	struct cell *cells;
};

static void
spread(struct grid *grid, size_t band, double from, double to, enum kind kind, bool bad)
{
	size_t first = (size_t)(from / grid->column), last = (size_t)(to / grid->column);
	struct cell *row = grid->cells + band * grid->columns;

	first = first >= grid->columns ? grid->columns - 1 : first;
	last = last >= grid->columns ? grid->columns - 1 : last;
	for (size_t i = first; i <= last; i++) {
		double left = (double)i * grid->column, right = left + grid->column;
		double begin = from > left ? from : left, end = to < right ? to : right;

		row[i].px[kind] += (float)(end > begin ? end - begin : 0);
	}
	row[last].bad |= bad;
}

static enum kind
kind_of(const struct recorded_task *task)
{
	const char *class = svg_class(task);

	return class[0] == 'c' ? CPU : class[0] == 'm' ? MIXED : WAIT;
}

static size_t
band_of(const struct svg_lanes *lanes, int worker, uint32_t row)
{
	return (size_t)((uint64_t)(lanes->offset[worker] + row) * lanes->bands / lanes->rows);
}

static void
fill(struct grid *grid, double per_us)
{
	const struct svg_lanes *lanes = grid->lanes;

	for (size_t i = 0; i < lanes->run->count; i++) {
		const struct recorded_task *task = &lanes->run->tasks[i];

		for (unsigned k = 0; k < task->earlier_count; k++) {
			const struct recorded_attempt *attempt = &task->earlier[k];
			uint32_t row = lanes->lanes.earlier[lanes->lanes.first[i] + k];
			double from = (double)attempt->start_us * per_us;

			if (attempt->worker >= 0) {
				spread(grid, band_of(lanes, attempt->worker, row), from,
				       from + (double)attempt->wall_us * per_us, WAIT, true);
			}
		}
		if (task->start_us >= 0 && task->worker >= 0) {
			double from = (double)task->start_us * per_us;

			spread(grid, band_of(lanes, task->worker, lanes->lanes.row[i]), from,
			       from + (double)task->wall_us * per_us, kind_of(task),
			       task->status != STATUS_ok);
		}
	}
}

/* What a cell looks like: its kind and how full it is, 1 to LEVELS; 0: it is empty. */
static int
look(const struct grid *grid, const struct cell *cell, enum kind *kind)
{
	double full = grid->column * grid->lanes->rows / grid->lanes->bands, sum = 0;
	int level;

	*kind = CPU;
	for (int i = 0; i < KINDS; i++) {
		sum += (double)cell->px[i];
		*kind = cell->px[i] > cell->px[*kind] ? (enum kind)i : *kind;
	}
	level = 1 + (int)(sum / full * LEVELS - 0.1);
	return sum <= 0 ? 0 : level < 1 ? 1 : level > LEVELS ? LEVELS : level;
}

/* The stretches of a band that look the same, each a line as thick as the band. */
static void
put_stretches(const struct grid *grid, enum kind kind, int level, double y, struct text *out)
{
	for (size_t band = 0, lane = 0; band < grid->lanes->bands; band++) {
		const struct cell *row = grid->cells + band * grid->columns;
		double at;

		while (lane + 1 < grid->lanes->count &&
		       band_of(grid->lanes, (int)lane + 1, 0) <= band) {
			lane++;
		}
		at = y + (double)band * grid->lanes->band + (double)lane * grid->lanes->gap +
		     grid->lanes->band / 2;
		for (size_t i = 0, from = 0; i <= grid->columns; i++) {
			enum kind here = KINDS;
			bool same =
			    i < grid->columns &&
			    (kind == KINDS ? row[i].bad
					   : look(grid, &row[i], &here) == level && here == kind);

			if (!same) {
				if (from < i) {
					text_char(out, 'M');
					svg_number(out, (double)from * grid->column);
					text_char(out, ' ');
					svg_number(out, at);
					text_char(out, 'h');
					svg_number(out, (double)(i - from) * grid->column);
				}
				from = i + 1;
			}
		}
	}
}

static void
put_path(const struct grid *grid, enum kind kind, int level, double y, struct text *out)
{
	bool bad = kind == KINDS;
	double band = grid->lanes->band, thick = bad && band > BAD_HIGH ? BAD_HIGH : band;
	struct text stretches = TEXT_INIT;

	put_stretches(grid, kind, level, y + (band - thick) / 2, &stretches); /* at its bottom */
	if (stretches.len > 0) {
		if (bad) {
			text_string(out, "<path class=\"failed\"");
		} else {
			text_printf(out, "<path class=\"%s full%c\"", names[kind], FIRST + level);
		}
		text_string(out, " stroke-width=\"");
		svg_number(out, thick);
		text_string(out, "\" d=\"");
		text_bytes(out, stretches.data, stretches.len);
		text_string(out, "\"/>\n");
	}
	text_free(&stretches);
}

void
svg_density(const struct svg_lanes *lanes, struct svg_scale scale, double y, size_t cells,
	    struct text *out)
{
	double width = (double)lanes->run->summary.wall_us * scale.per_us;
	struct grid grid = {.lanes = lanes, .column = 1};

	while (width / grid.column * lanes->bands > (double)cells) {
		grid.column += 0.5;
	}
	grid.columns = (size_t)(width / grid.column) + 1;
	grid.cells = calloc(grid.columns * lanes->bands, sizeof(*grid.cells));
	if (grid.cells == NULL) {
		err(3, "svg");
	}
	fill(&grid, scale.per_us);
	text_string(out, "<g class=\"density\" transform=\"translate(");
	svg_number(out, scale.x);
	text_string(out, ")\">\n");
	for (int kind = CPU; kind < KINDS; kind++) {
		for (int level = 1; level <= LEVELS; level++) {
			put_path(&grid, (enum kind)kind, level, y, out);
		}
	}
	put_path(&grid, KINDS, 0, y, out);
	text_string(out, "</g>\n");
	free(grid.cells);
}
