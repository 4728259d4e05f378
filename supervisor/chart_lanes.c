/* SPDX-License-Identifier: ISC */
/*
 * chart_lanes: the lanes of a chart, see chart.h. Tasks of a worker that overlap stack in rows; where
 * these would be too many, two graphs stand for them: of what computed, and of what was in progress.
 * In the supervisor.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/chart.h"

#define GROUPS_MOST 32 /* more workers than these share lanes */
#define ROWS_MOST   12 /* of a lane */

/* How a bar looks: rows of `looks`. */
enum look { LOOK_NONE, LOOK_CPU, LOOK_MIXED, LOOK_WAIT, LOOK_EARLIER };

static const struct {
	const char *word;
	enum terminal_color color;
	const char *glyph[2]; /* UTF-8, ASCII */
	const char *last[2];  /* where another one follows at once */
} looks[] = {
    [LOOK_NONE] = {"", TERMINAL_PLAIN, {" ", " "}, {" ", " "}},
    [LOOK_CPU] = {"computes", TERMINAL_GREEN, {"█", "#"}, {"▉", "|"}},
    [LOOK_MIXED] = {"does both", TERMINAL_YELLOW, {"▄", "="}, {"▖", "|"}},
    [LOOK_WAIT] = {"waits", TERMINAL_CYAN, {"─", "-"}, {"╴", "|"}},
    [LOOK_EARLIER] = {"tried again", TERMINAL_MAGENTA, {"░", "~"}, {"░", "|"}},
};

struct cell {
	double most_us;                               /* of what has most of it */
	uint32_t bar;                                 /* that one, + 1; 0: none */
	enum { END_NONE, END_AGAIN, END_FAILED } end; /* something in it ended, and not ok */
};

struct lane_group {
	unsigned first, last; /* workers */
	unsigned rows;
	bool dense;
	struct cell *cells; /* of each row */
	double *cpu_us;     /* of each column, if it is dense */
	double *task_us;
	bool *failures;
};

struct lane_groups {
	struct chart *chart;
	const struct recorded_run *run;
	struct bars bars;
	struct lane_group *all;
	unsigned count;
	unsigned each; /* workers a group */
};

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "chart");
	}
	return memory;
}

static enum look
look_of(const struct lane_groups *groups, const struct bar *bar)
{
	const char *class = bar_class(groups->run, bar);

	return bar->earlier                 ? LOOK_EARLIER
	       : strcmp(class, "cpu") == 0  ? LOOK_CPU
	       : strcmp(class, "wait") == 0 ? LOOK_WAIT
					    : LOOK_MIXED;
}

/* ---- what is in which cell -------------------------------------------------------------------- */

static void
set_up(struct lane_groups *groups)
{
	unsigned lanes = groups->bars.lanes, most, width = groups->chart->width;

	groups->each = (lanes + GROUPS_MOST - 1) / GROUPS_MOST;
	groups->each = groups->each == 0 ? 1 : groups->each;
	groups->count = (lanes + groups->each - 1) / groups->each;
	groups->all = check(calloc((size_t)groups->count + 1, sizeof(*groups->all)));
	most = groups->count == 0 ? 1 : groups->chart->rows / groups->count;
	most = most < 1 ? 1 : most > ROWS_MOST ? ROWS_MOST : most;
	for (unsigned i = 0; i < groups->count; i++) {
		struct lane_group *group = &groups->all[i];

		group->first = i * groups->each;
		group->last = group->first + groups->each - 1;
		group->last = group->last < lanes ? group->last : lanes - 1;
		for (unsigned lane = group->first; lane <= group->last; lane++) {
			group->rows += groups->bars.rows[lane];
		}
		group->dense = group->rows > most || (groups->each > 1 && group->rows > 0);
		group->cells = check(calloc((size_t)width * most + 1, sizeof(*group->cells)));
		group->cpu_us = check(calloc(width, sizeof(double)));
		group->task_us = check(calloc(width, sizeof(double)));
		group->failures = check(calloc(width, sizeof(bool)));
	}
}

/* How much of a bar is in a column. */
static double
overlap_us(const struct chart *chart, const struct bar *bar, unsigned column)
{
	double cell_us = chart->span_us / chart->width;
	double from_us = column * cell_us, to_us = from_us + cell_us;

	from_us = (double)bar->start_us > from_us ? (double)bar->start_us : from_us;
	to_us = (double)bar->end_us < to_us ? (double)bar->end_us : to_us;
	return to_us > from_us ? to_us - from_us : 0;
}

static void
add_bar(struct lane_groups *groups, size_t number)
{
	const struct bar *bar = &groups->bars.all[number];
	const struct recorded_task *task = &groups->run->tasks[bar->task];
	struct lane_group *group = &groups->all[bar->lane / groups->each];
	unsigned first = chart_column(groups->chart, (double)bar->start_us);
	unsigned last =
	    chart_column(groups->chart, (double)(bar->end_us - (bar->end_us > bar->start_us)));
	struct cell *row =
	    group->dense ? NULL : group->cells + (size_t)bar->row * groups->chart->width;
	double share = task->wall_us > 0 && !bar->earlier
			   ? (double)(task->user_us + task->sys_us) / (double)task->wall_us
			   : 0;

	if (group->task_us == NULL || group->cpu_us == NULL || group->failures == NULL) {
		return; /* there is no such lane */
	}
	for (unsigned i = first; i <= last; i++) {
		double part_us = overlap_us(groups->chart, bar, i);

		group->task_us[i] += part_us;
		group->cpu_us[i] += part_us * share;
		if (row != NULL && (row[i].bar == 0 || part_us > row[i].most_us)) {
			row[i].most_us = part_us;
			row[i].bar = (uint32_t)number + 1;
		}
	}
	if (bar->status == STATUS_ok) {
		return;
	}
	*(bar->earlier ? &groups->chart->has_earlier : &groups->chart->has_failed) = true;
	if (!bar->earlier) {
		group->failures[last] = true;
	}
	if (row != NULL && row[last].end != END_FAILED) {
		row[last].end = bar->earlier ? END_AGAIN : END_FAILED;
	}
}

/* ---- drawing ---------------------------------------------------------------------------------- */

/* Where something ended that was not ok: for good, or to be tried again. */
static void
put_end(const struct chart *chart, bool again, struct text *out)
{
	terminal_color(out, &chart->style, again ? TERMINAL_MAGENTA : TERMINAL_RED);
	text_string(out, chart->style.ascii ? (again ? "r" : "x") : (again ? "↻" : "✗"));
	terminal_color(out, &chart->style, TERMINAL_PLAIN);
}

/* Whether a bar has the cell before this one, too, and another bar the next one. */
static bool
is_last(const struct cell *row, unsigned column, unsigned width)
{
	return column > 0 && column + 1 < width && row[column - 1].bar == row[column].bar &&
	       row[column + 1].bar != row[column].bar && row[column + 1].bar != 0;
}

static void
put_row(const struct lane_groups *groups, const struct cell *row, struct text *out)
{
	const struct chart *chart = groups->chart;
	enum terminal_color now = TERMINAL_PLAIN;
	unsigned end = chart->width;

	while (end > 0 && row[end - 1].bar == 0) {
		end--;
	}
	for (unsigned i = 0; i < end; i++) {
		const struct bar *bar = row[i].bar == 0 ? NULL : &groups->bars.all[row[i].bar - 1];
		enum look look = bar == NULL ? LOOK_NONE : look_of(groups, bar);
		enum terminal_color color = bar != NULL && !bar->earlier && bar->status != STATUS_ok
						? TERMINAL_RED
						: looks[look].color;

		if (row[i].end != END_NONE) {
			put_end(chart, row[i].end == END_AGAIN, out);
			now = TERMINAL_PLAIN;
			continue;
		}
		if (color != now && look != LOOK_NONE) {
			terminal_color(out, &chart->style, color);
			now = color;
		}
		text_string(out, is_last(row, i, chart->width)
				     ? looks[look].last[chart->style.ascii]
				     : looks[look].glyph[chart->style.ascii]);
	}
	if (now != TERMINAL_PLAIN) {
		terminal_color(out, &chart->style, TERMINAL_PLAIN);
	}
	text_char(out, '\n');
}

/* Mean values, and the highest of them. */
static double
make_means(const struct chart *chart, double *sums_us)
{
	double cell_us = chart->span_us / chart->width, most = 0;

	for (unsigned i = 0; i < chart->width; i++) {
		sums_us[i] /= cell_us;
		most = sums_us[i] > most ? sums_us[i] : most;
	}
	return most;
}

/* Blocks in one colour; all of their width if something follows. */
static void
put_stretch(const struct chart *chart, const double *values, unsigned count, double most, bool more,
	    struct text *out)
{
	unsigned end = count;

	terminal_color(out, &chart->style, TERMINAL_CYAN);
	chart_blocks(chart, values, count, most, 0, 1, out);
	terminal_color(out, &chart->style, TERMINAL_PLAIN);
	while (more && end > 0 && values[end - 1] <= most * CHART_BLANK) {
		text_char(out, ' ');
		end--;
	}
}

static void
put_dense(const struct lane_groups *groups, struct lane_group *group, const char *words,
	  struct text *out)
{
	struct chart *chart = groups->chart;
	double cores = make_means(chart, group->cpu_us), tasks = make_means(chart, group->task_us);
	char left[64] = " up to ";

	cores = cores > group->last - group->first + 1 ? cores : group->last - group->first + 1;
	chart_left(chart, words, false, out);
	terminal_color(out, &chart->style, TERMINAL_GREEN);
	chart_blocks(chart, group->cpu_us, chart->width, cores, 0, 1, out);
	terminal_color(out, &chart->style, TERMINAL_PLAIN);
	text_char(out, '\n');
	chart_number(left + strlen(left), sizeof(left) - strlen(left), tasks);
	chart_left(chart, left, false, out);
	for (unsigned i = 0, end; i < chart->width; i = end) {
		for (end = i; end < chart->width && !group->failures[end]; end++) {
		}
		put_stretch(chart, group->task_us + i, end - i, tasks, end < chart->width, out);
		if (end < chart->width) {
			put_end(chart, false, out);
			end++;
		}
	}
	text_char(out, '\n');
	chart->has_dense = true;
}

static void
put_group(const struct lane_groups *groups, struct lane_group *group, struct text *out)
{
	char words[64];

	if (groups->bars.unknown && group->last == groups->bars.lanes - 1) {
		snprintf(words, sizeof(words), "worker ?");
	} else if (group->first < group->last) {
		snprintf(words, sizeof(words), "wk %u-%u", group->first, group->last);
	} else {
		snprintf(words, sizeof(words), "worker %u", group->first);
	}
	if (group->dense) {
		put_dense(groups, group, words, out);
		return;
	}
	groups->chart->has_rows |= group->rows > 0;
	for (unsigned i = 0; i < group->rows || i == 0; i++) {
		chart_left(groups->chart, i == 0 ? words : "", false, out);
		put_row(groups, group->cells + (size_t)i * groups->chart->width, out);
	}
}

void
chart_lanes(struct chart *chart, const struct recorded_run *run, struct text *out)
{
	struct lane_groups groups = {.chart = chart, .run = run};

	bars_make(&groups.bars, run);
	set_up(&groups);
	for (size_t i = 0; i < groups.bars.count; i++) {
		add_bar(&groups, i);
	}
	for (unsigned i = 0; i < groups.count; i++) {
		put_group(&groups, &groups.all[i], out);
		free(groups.all[i].cells);
		free(groups.all[i].cpu_us);
		free(groups.all[i].task_us);
		free(groups.all[i].failures);
	}
	free(groups.all);
	bars_free(&groups.bars);
}

void
chart_legend(const struct chart *chart, struct text *out)
{
	static const char *const ends[2] = {"✗", "x"}, *const again[2] = {"↻", "r"};
	bool ascii = chart->style.ascii;
	bool first = true;

	for (size_t i = LOOK_CPU; chart->has_rows && i < sizeof(looks) / sizeof(looks[0]); i++) {
		if (i == LOOK_EARLIER && !chart->has_earlier) {
			continue;
		}
		text_string(out, first ? "" : "  ");
		terminal_color(out, &chart->style, looks[i].color);
		text_string(out, looks[i].glyph[ascii]);
		text_string(out, i == LOOK_EARLIER ? again[ascii] : "");
		terminal_color(out, &chart->style, TERMINAL_PLAIN);
		text_printf(out, " %s", looks[i].word);
		first = false;
	}
	if (chart->has_failed) {
		text_string(out, first ? "" : "  ");
		terminal_color(out, &chart->style, TERMINAL_RED);
		text_string(out, ends[ascii]);
		terminal_color(out, &chart->style, TERMINAL_PLAIN);
		text_string(out, " did not end ok");
		first = false;
	}
	text_string(out, first ? "" : "\n");
	if (chart->has_dense) {
		text_string(out,
			    "Where tasks of a worker are too many to be drawn, the upper line is "
			    "how far it\ncomputes, the lower one how many are in progress.\n");
	}
}
