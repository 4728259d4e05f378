/* SPDX-License-Identifier: ISC */
/* svg_lanes: see svg.h. Pure; in the supervisor. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/svg.h"
#include "supervisor/ticks.h"
#include "supervisor/xml_text.h"

#define BAND_LEAST 3.0  /* pixels; rows that would be thinner share one */
#define NARROWEST  0.75 /* of what lasts next to no time */
#define CHARACTER  6.2  /* the width of one of those in a task */
#define WORDS_HIGH 11.0 /* a row that has room for them */

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "svg");
	}
	return memory;
}

const char *
svg_class(const struct recorded_task *task)
{
	struct result_record record = {
	    .wall_us = task->wall_us, .user_us = task->user_us, .sys_us = task->sys_us};

	return result_record_class(&record);
}

void
svg_lanes_init(struct svg_lanes *lanes, const struct recorded_run *run)
{
	unsigned workers = run->measured ? run->summary.workers : 1;

	memset(lanes, 0, sizeof(*lanes));
	lanes->run = run;
	lanes_make(&lanes->lanes, run);
	lanes->count = workers > lanes->lanes.count ? workers : lanes->lanes.count;
	lanes->offset = check(calloc(lanes->count + 1, sizeof(*lanes->offset)));
	for (unsigned i = 0; i < lanes->count; i++) {
		unsigned rows = i < lanes->lanes.count ? lanes->lanes.rows[i] : 0;

		lanes->offset[i] = lanes->rows;
		lanes->rows += rows == 0 ? 1 : rows;
	}
}

void
svg_lanes_free(struct svg_lanes *lanes)
{
	lanes_free(&lanes->lanes);
	free(lanes->offset);
	memset(lanes, 0, sizeof(*lanes));
}

void
svg_lanes_fit(struct svg_lanes *lanes, double room, double band)
{
	double gaps;

	lanes->gap = lanes->count <= 16 ? 3 : lanes->count <= 64 ? 1 : 0;
	gaps = lanes->gap * (lanes->count - 1);
	if (lanes->rows * BAND_LEAST + gaps > room) {
		lanes->gap = lanes->rows > room / BAND_LEAST && lanes->count > 8 ? 0 : lanes->gap;
		gaps = lanes->gap * (lanes->count - 1);
	}
	lanes->bands = (uint32_t)((room - gaps) / BAND_LEAST);
	lanes->bands = lanes->rows < lanes->bands ? lanes->rows : lanes->bands;
	lanes->band = (room - gaps) / lanes->bands;
	lanes->band = lanes->band > band ? band : lanes->band;
	lanes->height = lanes->band * lanes->bands + gaps;
}

double
svg_lanes_y(const struct svg_lanes *lanes, unsigned lane, uint32_t row)
{
	uint64_t band = (uint64_t)(lanes->offset[lane] + row) * lanes->bands / lanes->rows;

	return (double)band * lanes->band + lane * lanes->gap;
}

void
svg_lanes_tracks(const struct svg_lanes *lanes, struct svg_scale scale, double y, struct text *out)
{
	double width = (double)lanes->run->summary.wall_us * scale.per_us;

	for (unsigned i = 0; i < lanes->count && (i == 0 || lanes->gap > 0); i++) {
		double top = svg_lanes_y(lanes, i, 0);
		double end = i + 1 == lanes->count || lanes->gap == 0
				 ? lanes->height
				 : svg_lanes_y(lanes, i + 1, 0) - lanes->gap;
		struct svg_box box = {scale.x, y + top, width, end - top};

		svg_rect(out, "track", &box);
		text_string(out, "/>\n");
	}
}

static struct svg_box
box_of(const struct svg_lanes *lanes, struct svg_scale scale, int64_t start_us, int64_t wall_us,
       double y)
{
	double width = (double)wall_us * scale.per_us;
	double apart = lanes->band >= 3 ? 1 : 0;

	return (struct svg_box){.x = scale.x + (double)start_us * scale.per_us,
				.y = y,
				.width = width < NARROWEST ? NARROWEST
					 : width > 4       ? width - apart / 2
							   : width,
				.height = lanes->band - apart};
}

static void
put_about(const struct recorded_task *task, enum task_status status, int64_t wall_us,
	  const char *what, struct text *out)
{
	text_string(out, "><title>");
	xml_text(out, span_of(task->id));
	if (task->tag != NULL) {
		text_string(out, " (");
		xml_text(out, span_of(task->tag));
		text_char(out, ')');
	}
	text_printf(out, ": %s%s, ", what, task_status_name(status));
	ticks_duration(wall_us, out);
	text_string(out, "</title></rect>\n");
}

static void
put_earlier(const struct svg_lanes *lanes, struct svg_scale scale, double y, size_t i,
	    struct text *out)
{
	const struct recorded_task *task = &lanes->run->tasks[i];

	for (unsigned k = 0; k < task->earlier_count; k++) {
		const struct recorded_attempt *attempt = &task->earlier[k];
		uint32_t row = lanes->lanes.earlier[lanes->lanes.first[i] + k];
		struct svg_box box;

		if (attempt->worker < 0) {
			continue;
		}
		box = box_of(lanes, scale, attempt->start_us, attempt->wall_us,
			     y + svg_lanes_y(lanes, (unsigned)attempt->worker, row));
		svg_rect(out, "earlier", &box);
		put_about(task, attempt->status, attempt->wall_us, "an earlier attempt, ", out);
	}
}

static void
put_task(const struct svg_lanes *lanes, struct svg_scale scale, double y, size_t i,
	 struct text *out)
{
	const struct recorded_task *task = &lanes->run->tasks[i];
	struct svg_box box =
	    box_of(lanes, scale, task->start_us, task->wall_us,
		   y + svg_lanes_y(lanes, (unsigned)task->worker, lanes->lanes.row[i]));
	size_t room = (size_t)((box.width - 4) / CHARACTER);

	svg_rect(out, svg_class(task), &box);
	put_about(task, task->status, task->wall_us, "", out);
	if (task->status != STATUS_ok) {
		svg_rect(out, "bad", &box);
		text_string(out, "/>\n");
	}
	if (box.height >= WORDS_HIGH && box.width > 8 && svg_characters(task->id) <= room) {
		svg_words(out, task->status == STATUS_ok ? "in" : "in over", box.x + 4,
			  box.y + box.height / 2 + 3.5, task->id);
	}
}

void
svg_lanes_tasks(const struct svg_lanes *lanes, struct svg_scale scale, double y, struct text *out)
{
	for (size_t i = 0; i < lanes->run->count; i++) {
		const struct recorded_task *task = &lanes->run->tasks[i];

		put_earlier(lanes, scale, y, i, out);
		if (task->start_us >= 0 && task->worker >= 0) {
			put_task(lanes, scale, y, i, out);
		}
	}
}
