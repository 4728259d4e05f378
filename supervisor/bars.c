/* SPDX-License-Identifier: ISC */
/* bars: see bars.h. Pure; in the supervisor. */
#include "supervisor/bars.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/lanes.h"

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "bars");
	}
	return memory;
}

static void
add(struct bars *bars, const struct recorded_run *run, struct bar bar, int worker)
{
	int64_t wall_us = run->summary.wall_us;

	bar.start_us = bar.start_us < wall_us ? bar.start_us : wall_us;
	bar.end_us = bar.end_us < wall_us ? bar.end_us : wall_us;
	bar.lane = worker < 0 ? UINT32_MAX : (unsigned)worker;
	if (worker < 0) {
		bars->unknown = true;
	} else if (bar.lane >= bars->lanes) {
		bars->lanes = bar.lane + 1;
	}
	bars->all[bars->count++] = bar;
}

static void
add_task(struct bars *bars, const struct recorded_run *run, uint32_t place)
{
	const struct recorded_task *task = &run->tasks[place];
	uint32_t attempts = task->attempt > 0 ? task->attempt : task->earlier_count + 1;

	for (uint32_t i = 0; i < task->earlier_count; i++) {
		const struct recorded_attempt *earlier = &task->earlier[i];
		struct bar bar = {.task = place,
				  .attempt = i + 1,
				  .earlier = true,
				  .status = earlier->status,
				  .start_us = earlier->start_us,
				  .end_us = earlier->start_us + earlier->wall_us};

		add(bars, run, bar, earlier->worker);
	}
	if (task->start_us >= 0) {
		struct bar bar = {.task = place,
				  .attempt = attempts,
				  .status = task->status,
				  .start_us = task->start_us,
				  .end_us = recorded_end_us(task)};

		add(bars, run, bar, task->worker);
	}
}

static int
by_start(const void *a, const void *b)
{
	const struct bar *left = a, *right = b;

	if (left->start_us != right->start_us) {
		return left->start_us < right->start_us ? -1 : 1;
	}
	return left->task != right->task ? (left->task < right->task ? -1 : 1) : 0;
}

static void
stack(struct bars *bars)
{
	struct lane_rows rows;

	lane_rows_begin(&rows, bars->lanes);
	for (size_t i = 0; i < bars->count; i++) {
		struct bar *bar = &bars->all[i];

		bar->lane = bar->lane == UINT32_MAX ? bars->lanes - 1 : bar->lane;
		bar->row = lane_rows_take(&rows, bar->lane, bar->start_us, bar->end_us);
	}
	bars->rows = check(calloc((size_t)bars->lanes + 1, sizeof(*bars->rows)));
	for (unsigned i = 0; i < bars->lanes; i++) {
		bars->rows[i] = lane_rows_count(&rows, i);
	}
	lane_rows_end(&rows);
}

void
bars_make(struct bars *bars, const struct recorded_run *run)
{
	size_t room = run->count + 1;

	for (size_t i = 0; i < run->count; i++) {
		room += run->tasks[i].earlier_count;
	}
	*bars = (struct bars){.all = check(calloc(room, sizeof(*bars->all)))};
	for (size_t i = 0; i < run->count; i++) {
		add_task(bars, run, (uint32_t)i);
	}
	bars->lanes += bars->unknown;
	qsort(bars->all, bars->count, sizeof(*bars->all), by_start);
	stack(bars);
}

void
bars_free(struct bars *bars)
{
	free(bars->all);
	free(bars->rows);
	memset(bars, 0, sizeof(*bars));
}

const char *
bar_class(const struct recorded_run *run, const struct bar *bar)
{
	const struct recorded_task *task = &run->tasks[bar->task];
	struct result_record record = {
	    .wall_us = task->wall_us, .user_us = task->user_us, .sys_us = task->sys_us};

	return result_record_class(&record);
}

void
bar_label(const struct recorded_task *task, struct text *out)
{
	text_string(out, task->id);
	if (task->tag != NULL && task->tag[0] != '\0') {
		text_string(out, " (");
		text_string(out, task->tag);
		text_char(out, ')');
	}
}
