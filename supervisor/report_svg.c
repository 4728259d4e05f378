/* SPDX-License-Identifier: ISC */
/*
 * report_svg: the timeline as a picture for a README: a lane a worker, in which tasks that overlap
 * stack; several runs one above the other, on one axis of time. It has a ground of its own, so
 * that it can be read on any page, and no script and no font. In the supervisor.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/report.h"
#include "supervisor/svg.h"
#include "supervisor/ticks.h"
#include "supervisor/xml_text.h"

#define WIDE       900.0
#define MARGIN     16.0
#define LEFT       190.0 /* of the axis: what is said of a run, */
#define LEFT_ONE   86.0  /* or, where there is but one, of its workers */
#define RIGHT      30.0  /* half of the last mark's words */
#define TOP        64.0
#define LABEL_HIGH 48.0
#define BETWEEN    18.0
#define AXIS       30.0
#define ROW_MOST   15.0
#define BAD_MOST   26    /* characters */
#define TASKS_MOST 4000  /* that are drawn each by itself, in the whole picture */
#define CELLS_MOST 60000 /* likewise of the density of those that are not */

struct picture {
	const struct report *report;
	struct picture_run {
		struct svg_lanes lanes;
		double top;
		bool density; /* its tasks are too many to be drawn each by itself */
	} * runs;
	struct svg_scale scale;
	int64_t span_us;
	double bottom; /* of the last run */
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "svg");
	}
	return memory;
}

/* ---- layout ----------------------------------------------------------------------------------- */

/* Rows as high in all runs, so that high stacks stand out, if they need not be tiny for that. */
static void
fit(struct picture *picture)
{
	size_t count = picture->report->count;
	double room = count == 1 ? 420 : 640 / (double)count, common = ROW_MOST;

	room = room < 40 ? 40 : room > 420 ? 420 : room;
	for (size_t i = 0; i < count; i++) {
		double high =
		    (room - 3 * picture->runs[i].lanes.count) / picture->runs[i].lanes.rows;

		common = high < common ? high : common;
	}
	picture->bottom = TOP;
	for (size_t i = 0; i < count; i++) {
		struct picture_run *run = &picture->runs[i];
		double least = count == 1 ? 0 : LABEL_HIGH;

		svg_lanes_fit(&run->lanes, room, common < 5 ? ROW_MOST : common);
		run->top = picture->bottom;
		picture->bottom += run->lanes.height < least ? least : run->lanes.height;
		picture->bottom += BETWEEN;
	}
	picture->bottom += count == 1 ? SVG_AREAS_HIGH + 6 : 6 - BETWEEN;
}

static void
lay_out(struct picture *picture, const struct report *report)
{
	double left = MARGIN + (report->count == 1 ? LEFT_ONE : LEFT);

	picture->report = report;
	picture->runs = check(calloc(report->count, sizeof(*picture->runs)));
	picture->span_us = 1;
	for (size_t i = 0; i < report->count; i++) {
		const struct recorded_run *run = report->runs[i];

		svg_lanes_init(&picture->runs[i].lanes, run);
		if (run->summary.wall_us > picture->span_us) {
			picture->span_us = run->summary.wall_us;
		}
	}
	fit(picture);
	for (size_t i = 0; i < report->count; i++) {
		const struct recorded_run *run = report->runs[i];
		const struct svg_lanes *lanes = &picture->runs[i].lanes;

		picture->runs[i].density =
		    lanes->bands < lanes->rows ||
		    run->count + run->summary.attempts > TASKS_MOST / report->count;
	}
	picture->scale =
	    (struct svg_scale){left, (WIDE - RIGHT - MARGIN - left) / (double)picture->span_us};
}

/* ---- words ------------------------------------------------------------------------------------ */

static bool
is_model(const char *label, const struct recorded_run *run)
{
	return strcmp(label, run->summary.model->name) == 0;
}

static void
put_count(const struct recorded_run *run, struct text *out)
{
	text_printf(out, "%zu task%s on %u core%s", run->count, run->count == 1 ? "" : "s",
		    run->summary.cores, run->summary.cores == 1 ? "" : "s");
}

static bool
all_alike(const struct report *report)
{
	for (size_t i = 1; i < report->count; i++) {
		if (report->runs[i]->count != report->runs[0]->count ||
		    report->runs[i]->summary.cores != report->runs[0]->summary.cores) {
			return false;
		}
	}
	return true;
}

/* What did not end ok, by how: "2 failed, 1 skipped". */
static void
put_bad(const struct summary *summary, struct text *out)
{
	for (int i = STATUS_ok + 1; i < STATUSES; i++) {
		if (summary->by_status[i] > 0) {
			text_printf(out, "%s%ju %s", out->len == 0 ? "" : ", ",
				    (uintmax_t)summary->by_status[i],
				    task_status_name((enum task_status)i));
		}
	}
}

/* For those who do not see the picture. */
static void
put_description(const struct report *report, struct text *out)
{
	text_string(out, "<desc id=\"stint-desc\">A timeline: a lane for each worker, in which the "
			 "tasks that overlap stack.\n");
	for (size_t i = 0; i < report->count; i++) {
		const struct recorded_run *run = report->runs[i];
		struct text bad = TEXT_INIT;

		xml_text(out, span_of(report->labels[i]));
		text_string(out, ": ");
		ticks_duration(run->summary.wall_us, out);
		text_string(out, ", ");
		put_count(run, out);
		put_bad(&run->summary, &bad);
		if (bad.len > 0) {
			text_string(out, ", ");
			text_span(out, (struct span){bad.data, bad.len});
		}
		text_string(out, ". ");
		xml_text(out, span_of(run->verdict));
		text_char(out, '\n');
		text_free(&bad);
	}
	text_string(out, "</desc>\n");
}

/* In two lines, of which the first ends with a comma, or before a word. */
static void
put_folded(struct text *out, const char *words, double x, double y)
{
	const char *comma = strchr(words, ',');
	char *first;

	if (comma == NULL) {
		svg_words(out, "soft", x, y, words);
		return;
	}
	first = check(strndup(words, (size_t)(comma - words) + 1));
	svg_words(out, "soft", x, y, first);
	svg_words(out, "soft", x, y + 14, comma + 1 + strspn(comma + 1, " "));
	free(first);
}

/* Beside the lanes: which run it is, how long it took, and what there is to know of it. */
static void
put_label(const struct picture *picture, size_t i, struct text *out)
{
	const struct recorded_run *run = picture->report->runs[i];
	const char *label = picture->report->labels[i];
	double y = picture->runs[i].top + 11, right = picture->scale.x - 14;
	struct text words = TEXT_INIT, bad = TEXT_INIT;
	size_t wall;

	ticks_duration(run->summary.wall_us, &words);
	text_terminate(&words);
	svg_words(out, "label right", right, y, words.data);
	wall = words.len;
	text_clear(&words);
	svg_cut(&words, label, 22 - wall);
	text_terminate(&words);
	svg_words(out, "label", MARGIN, y, words.data);
	if (is_model(label, run)) {
		put_folded(out, run->summary.model->says, MARGIN, y + 16);
	} else {
		text_clear(&words);
		put_count(run, &words);
		text_terminate(&words);
		svg_words(out, "soft", MARGIN, y + 16, words.data);
	}
	put_bad(&run->summary, &bad);
	if (bad.len > BAD_MOST) {
		text_clear(&bad);
		text_printf(&bad, "%ju not ok", (uintmax_t)summary_not_ok(&run->summary));
	}
	if (bad.len > 0) {
		text_terminate(&bad);
		svg_words(out, "alarm", MARGIN, y + (is_model(label, run) ? 44 : 30), bad.data);
	}
	text_free(&words);
	text_free(&bad);
}

static void
put_workers(const struct picture *picture, struct text *out)
{
	const struct svg_lanes *lanes = &picture->runs[0].lanes;
	char words[32];

	for (unsigned i = 0; i < lanes->count && lanes->gap > 1; i++) {
		snprintf(words, sizeof(words), "worker %u", i);
		svg_words(out, "soft right", picture->scale.x - 8,
			  picture->runs[0].top + svg_lanes_y(lanes, i, 0) + 11, words);
	}
}

/* ---- the parts -------------------------------------------------------------------------------- */

static void
put_heading(const struct picture *picture, struct text *out)
{
	const struct report *report = picture->report;
	struct text words = TEXT_INIT;

	if (report->count > 1 && strcmp(report->title, report->labels[0]) == 0) {
		text_printf(&words, "%zu runs", report->count);
	} else {
		svg_cut(&words, report->title, 60);
	}
	text_printf(out, "<text class=\"title\" x=\"%g\" y=\"28\">", MARGIN);
	xml_text(out, (struct span){words.data, words.len});
	text_clear(&words);
	if (all_alike(report)) {
		put_count(report->runs[0], &words);
	}
	if (report->count == 1) {
		text_string(&words, ", ");
		ticks_duration(report->runs[0]->summary.wall_us, &words);
		if (summary_not_ok(&report->runs[0]->summary) > 0) {
			text_string(&words, ", ");
			text_printf(&words, "%ju not ok",
				    (uintmax_t)summary_not_ok(&report->runs[0]->summary));
		}
	}
	text_printf(out,
		    "<tspan class=\"soft\" dx=\"10\" font-weight=\"400\">%.*s</tspan></text>\n",
		    (int)words.len, words.len == 0 ? "" : words.data);
	text_free(&words);
}

static bool
any_density(const struct picture *picture)
{
	for (size_t i = 0; i < picture->report->count; i++) {
		if (picture->runs[i].density) {
			return true;
		}
	}
	return false;
}

static bool
any_attempts(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->runs[i]->summary.attempts > 0) {
			return true;
		}
	}
	return false;
}

static bool
any_bad(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		if (summary_not_ok(&report->runs[i]->summary) > 0) {
			return true;
		}
	}
	return false;
}

static void
put_legend(const struct picture *picture, struct text *out)
{
	const struct {
		const char *class, *words;
		bool shown;
	} entries[] = {
	    {"cpu", "computes", true},
	    {"mixed", "some of both", true},
	    {"wait", "waits", true},
	    {any_density(picture) ? "failed" : "bad",
	     any_density(picture) ? "at least one not ok" : "did not end ok",
	     any_bad(picture->report)},
	    {"earlier", "an earlier attempt",
	     any_attempts(picture->report) && !any_density(picture)},
	};
	double x = picture->scale.x;

	text_string(out, "<g class=\"legend\">\n");
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct svg_box box = {x, 40, 11, 11};

		if (entries[i].shown) {
			svg_rect(out, entries[i].class, &box);
			text_string(out, "/>\n");
			svg_words(out, "soft", x + 16, 49.5, entries[i].words);
			x += 38 + 6.4 * (double)strlen(entries[i].words);
		}
	}
	text_string(out, "</g>\n");
}

static void
put_axis(const struct picture *picture, struct text *out)
{
	int64_t step_us = ticks_step_us(picture->span_us, 10);
	struct text words = TEXT_INIT;

	text_string(out, "<g class=\"axis\">\n");
	for (int64_t at_us = 0; at_us <= picture->span_us; at_us += step_us) {
		double x = picture->scale.x + (double)at_us * picture->scale.per_us;

		text_string(out, "<path class=\"grid\" d=\"M");
		svg_number(out, x);
		text_printf(out, " %gV", TOP - 6);
		svg_number(out, picture->bottom);
		text_string(out, "\"/>\n");
		text_clear(&words);
		ticks_label(at_us, step_us, &words);
		text_terminate(&words);
		svg_words(out, "mark", x, picture->bottom + 16, words.data);
	}
	text_string(out, "</g>\n");
	text_free(&words);
}

/* Where time was cut out of the axis. */
static void
put_gaps(const struct picture *picture, size_t i, struct text *out)
{
	const struct picture_run *run = &picture->runs[i];

	for (unsigned k = 0; k < run->lanes.run->gap_count; k++) {
		const struct recorded_gap *gap = &run->lanes.run->gaps[k];

		text_string(out, "<path class=\"gap\" d=\"M");
		svg_number(out, picture->scale.x + (double)gap->at_us * picture->scale.per_us);
		text_char(out, ' ');
		svg_number(out, run->top - 3);
		text_char(out, 'v');
		svg_number(out, run->lanes.height + 6);
		text_string(out, "\"><title>");
		ticks_duration(gap->cut_us, out);
		text_string(out, " in which nothing ran are left out</title></path>\n");
	}
}

static void
put_run(const struct picture *picture, size_t i, struct text *out)
{
	const struct picture_run *run = &picture->runs[i];

	text_string(out, "<g class=\"run\">\n");
	svg_lanes_tracks(&run->lanes, picture->scale, run->top, out);
	if (picture->report->count > 1) {
		put_label(picture, i, out);
	} else {
		put_workers(picture, out);
	}
	if (run->density) {
		svg_density(&run->lanes, picture->scale, run->top,
			    CELLS_MOST / picture->report->count, out);
	} else {
		svg_lanes_tasks(&run->lanes, picture->scale, run->top, out);
	}
	put_gaps(picture, i, out);
	if (picture->report->count == 1) {
		svg_areas(run->lanes.run, picture->scale, run->top + run->lanes.height + BETWEEN,
			  out);
	}
	text_string(out, "</g>\n");
}

static void
put_head(const struct picture *picture, double high, struct text *out)
{
	struct svg_box ground = {0.5, 0.5, WIDE - 1, high - 1};

	text_printf(out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%.0f\" "
		    "viewBox=\"0 0 %g %.0f\" role=\"img\" "
		    "aria-labelledby=\"stint-title stint-desc\" font-family=\"system-ui, "
		    "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif\">\n"
		    "<title id=\"stint-title\">",
		    WIDE, high, WIDE, high);
	xml_text(out, span_of(picture->report->title));
	text_string(out, "</title>\n");
	put_description(picture->report, out);
	text_printf(out,
		    "<style>%s</style>\n"
		    "<defs><pattern id=\"stripes\" width=\"6\" height=\"6\" "
		    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		    "<rect class=\"stripe\" width=\"2.5\" height=\"6\"/></pattern></defs>\n",
		    svg_style);
	svg_rect(out, "ground", &ground);
	text_string(out, " rx=\"8\"/>\n");
}

static void
write_svg(const struct report *report, struct text *out)
{
	struct picture picture = {.runs = NULL};

	lay_out(&picture, report);
	put_head(&picture, picture.bottom + AXIS, out);
	put_axis(&picture, out);
	put_heading(&picture, out);
	put_legend(&picture, out);
	for (size_t i = 0; i < report->count; i++) {
		put_run(&picture, i, out);
		svg_lanes_free(&picture.runs[i].lanes);
	}
	text_string(out, "</svg>\n");
	free(picture.runs);
}

const struct report_ops report_svg = {
    .name = "svg",
    .suffix = ".svg",
    .several = true,
    .write = write_svg,
};
