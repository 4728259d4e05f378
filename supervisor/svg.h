/* SPDX-License-Identifier: ISC */
/*
 * svg: the pieces that report_svg.c puts together: shapes (svg_shapes.c), and the lanes of a run
 * (svg_lanes.c), task by task or, where there are too many, as their density (svg_density.c).
 * Pure; in the supervisor.
 */
#ifndef SUPERVISOR_SVG_H
#define SUPERVISOR_SVG_H

#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/lanes.h"
#include "supervisor/recorded_run.h"

extern const char svg_style[]; /* CSS, for all classes that are named here and in report_svg.c */

/* ---- shapes ----------------------------------------------------------------------------------- */

struct svg_box {
	double x, y, width, height;
};

void svg_number(struct text *out, double); /* to a hundredth, no longer than it has to be */
void svg_rect(struct text *out, const char *class, const struct svg_box *); /* `<rect ...` alone */
void svg_words(struct text *out, const char *class, double x, double y, const char *words);

/* As many characters of it as that, "..." at its end if it had more. */
void svg_cut(struct text *out, const char *words, size_t characters);
size_t svg_characters(const char *words);

/* ---- the lanes of a run ----------------------------------------------------------------------- */

struct svg_scale {
	double x;      /* where time is 0 */
	double per_us; /* how far a microsecond goes */
};

/* Rows are drawn in bands, one each or, where they are too many, several in one. */
struct svg_lanes {
	const struct recorded_run *run;
	struct lanes lanes;
	unsigned count;   /* workers, also those that had no task */
	uint32_t *offset; /* of each lane: rows that come before it; an empty lane has one */
	uint32_t rows;
	uint32_t bands;
	double band; /* the height of one */
	double gap;  /* between lanes */
	double height;
};

void svg_lanes_init(struct svg_lanes *, const struct recorded_run *);
void svg_lanes_free(struct svg_lanes *);

/* Makes them fit into `room`; a band is no higher than `band`. */
void svg_lanes_fit(struct svg_lanes *, double room, double band);

/* Where a row of a lane is, from the top of the first. */
double svg_lanes_y(const struct svg_lanes *, unsigned lane, uint32_t row);

/* Behind the tasks: how long each worker was there. */
void svg_lanes_tracks(const struct svg_lanes *, struct svg_scale, double y, struct text *out);
/* Each task, what it is called where there is room for it, and what is to be said of it. */
void svg_lanes_tasks(const struct svg_lanes *, struct svg_scale, double y, struct text *out);
/* How full each place is, and with what. `cells`: no more than that many places. */
void svg_density(const struct svg_lanes *, struct svg_scale, double y, size_t cells,
		 struct text *out);

/* ---- both measures over time (svg_areas.c) ---------------------------------------------------- */

#define SVG_AREAS_HIGH 92.0

void svg_areas(const struct recorded_run *, struct svg_scale, double y, struct text *out);

/* "cpu", "mixed" or "wait". */
const char *svg_class(const struct recorded_task *);

#endif
