/* SPDX-License-Identifier: ISC */
/*
 * svg_areas: beneath the lanes, how many cores computed, of those that there were, and how many
 * tasks were in progress. See svg.h. Pure; in the supervisor.
 */
#include "supervisor/areas.h"
#include "supervisor/svg.h"

#define CELL  2.0 /* pixels */
#define APART 12.0
#define HIGH  ((SVG_AREAS_HIGH - APART) / 2)

/* Steps from the ground: each cell is as high as what was in it. */
static void
put_steps(const struct areas *areas, const double *cells, double scale, double x, double ground,
	  double width, struct text *out)
{
	double before = -1;

	text_char(out, 'M');
	svg_number(out, x);
	text_char(out, ' ');
	svg_number(out, ground);
	for (size_t i = 0; i < areas->count; i++) {
		double y = ground - cells[i] / areas->cell_us * scale;

		if (y - before > -0.05 && y - before < 0.05) {
			continue;
		}
		if (i > 0) {
			text_char(out, 'H');
			svg_number(out, x + width * (double)i / (double)areas->count);
		}
		text_char(out, 'V');
		svg_number(out, y);
		before = y;
	}
	text_char(out, 'H');
	svg_number(out, x + width);
	text_char(out, 'V');
	svg_number(out, ground);
	text_char(out, 'Z');
}

static double
highest(const struct areas *areas, const double *cells)
{
	double most = 0;

	for (size_t i = 0; i < areas->count; i++) {
		most = cells[i] > most ? cells[i] : most;
	}
	return most / areas->cell_us;
}

static void
put_area(const struct areas *areas, const double *cells, const char *class, double most,
	 struct svg_scale scale, double y, double width, struct text *out)
{
	struct svg_box track = {scale.x, y, width, HIGH};

	svg_rect(out, "track", &track);
	text_printf(out, "/>\n<path class=\"%s\" d=\"", class);
	put_steps(areas, cells, HIGH / most, scale.x, y + HIGH, width, out);
	text_string(out, "\"/>\n");
}

/* Under what it is, how high it goes. */
static void
put_label(const char *first, const char *second, double most, double x, double y, struct text *out)
{
	struct text words = TEXT_INIT;

	svg_words(out, "soft right", x - 22, y + 11, first);
	svg_words(out, "soft right", x - 22, y + 24, second);
	text_printf(&words, most < 9.95 && most - (int)(most + 0.05) > 0.05 ? "%.1f" : "%.0f",
		    most);
	text_terminate(&words);
	svg_words(out, "tiny", x, y + 8, words.data);
	text_free(&words);
}

void
svg_areas(const struct recorded_run *run, struct svg_scale scale, double y, struct text *out)
{
	double width = (double)run->summary.wall_us * scale.per_us, cores, tasks;
	struct areas areas;

	areas_make(&areas, run, (size_t)(width / CELL) + 1);
	cores = highest(&areas, areas.cpu_us);
	cores = cores < run->summary.cores ? run->summary.cores : cores;
	tasks = highest(&areas, areas.task_us);
	tasks = tasks < 1 ? 1 : tasks;
	text_string(out, "<g class=\"areas\">\n");
	put_area(&areas, areas.cpu_us, "cpu", cores, scale, y, width, out);
	put_label("cores", "computing", cores, scale.x - 4, y, out);
	y += HIGH + APART;
	put_area(&areas, areas.task_us, "progress", tasks, scale, y, width, out);
	put_label("tasks in", "progress", tasks, scale.x - 4, y, out);
	text_string(out, "</g>\n");
	areas_free(&areas);
}
