/* SPDX-License-Identifier: ISC */
/* timeline: see timeline.h. Pure; in the supervisor. */
#include "supervisor/timeline.h"

#include <string.h>

#define FIRST_CELL_US 100

void
timeline_init(struct timeline *timeline)
{
	memset(timeline, 0, sizeof(*timeline));
	timeline->cell_us = FIRST_CELL_US;
}

/* Twice the time in each cell. */
static void
widen(struct timeline *timeline)
{
	for (int i = 0; i < TIMELINE_CELLS; i++) {
		bool inside = i < TIMELINE_CELLS / 2;

		timeline->cpu_us[i] =
		    inside ? timeline->cpu_us[2 * i] + timeline->cpu_us[2 * i + 1] : 0;
		timeline->task_us[i] =
		    inside ? timeline->task_us[2 * i] + timeline->task_us[2 * i + 1] : 0;
	}
	timeline->cell_us *= 2;
}

void
timeline_add(struct timeline *timeline, int64_t begin_us, int64_t end_us, int64_t cpu_us)
{
	double share;

	begin_us = begin_us < 0 ? 0 : begin_us;
	end_us = end_us <= begin_us ? begin_us + 1 : end_us;
	while (end_us > timeline->cell_us * TIMELINE_CELLS) {
		widen(timeline);
	}
	share = (double)cpu_us / (double)(end_us - begin_us);
	for (int64_t cell = begin_us / timeline->cell_us; begin_us < end_us; cell++) {
		int64_t next = (cell + 1) * timeline->cell_us;
		double part = (double)((next < end_us ? next : end_us) - begin_us);

		timeline->task_us[cell] += part;
		timeline->cpu_us[cell] += part * share;
		begin_us = next;
	}
}

double
timeline_part(const struct timeline *timeline, int64_t wall_us, double cores)
{
	double part_us = 0, cell_us = (double)timeline->cell_us;

	for (int i = 0; i < TIMELINE_CELLS; i++) {
		part_us += timeline->cpu_us[i] >= cores * cell_us ? cell_us : 0;
	}
	return wall_us <= 0 ? 0 : part_us >= (double)wall_us ? 1 : part_us / (double)wall_us;
}

/* The sum of cells over a stretch of time, the first and last in proportion. */
static double
sum(const double cells[TIMELINE_CELLS], double cell_us, double from_us, double to_us)
{
	double total = 0;

	for (int i = (int)(from_us / cell_us); i < TIMELINE_CELLS && i * cell_us < to_us; i++) {
		double begin = i * cell_us < from_us ? from_us : i * cell_us;
		double end = (i + 1) * cell_us > to_us ? to_us : (i + 1) * cell_us;

		total += cells[i] * (end - begin) / cell_us;
	}
	return total;
}

void
timeline_bar(const struct timeline *timeline, int64_t wall_us, int64_t span_us, unsigned columns,
	     unsigned cores, bool ascii, struct text *out)
{
	static const char *const glyphs[2][5] = {{" ", "\u2591", "\u2592", "\u2593", "\u2588"},
						 {" ", ".", "-", "+", "#"}};
	double column_us = (double)span_us / columns, cell_us = (double)timeline->cell_us;

	for (unsigned i = 0; i < columns; i++) {
		double from = i * column_us, to = from + column_us, busy;
		int level = 0;

		to = to > (double)wall_us ? (double)wall_us : to;
		if (from < (double)wall_us && to > from) {
			busy = sum(timeline->cpu_us, cell_us, from, to) / (to - from);
			level = busy >= 0.9 * cores   ? 4
				: busy >= 0.4 * cores ? 3
				: busy >= 0.1         ? 2
						      : 1;
		}
		text_string(out, glyphs[ascii][level]);
	}
}
