/* SPDX-License-Identifier: ISC */
/* whatif_table: see whatif_table.h. Pure; in the supervisor. */
#include "supervisor/whatif_table.h"

#include <stdio.h>
#include <string.h>

static bool
is_limited(const struct whatif_answer *answer)
{
	return answer->knee_count > 1 || answer->knees[0].waiting > 0;
}

static void
put_head(const struct whatif_answer *answer, struct text *out)
{
	const struct plan *plan = answer->plan;

	text_printf(out, "%s: %ju task%s, %.3f s to compute, ", answer->source,
		    (uintmax_t)plan->task_count, plan->task_count == 1 ? "" : "s",
		    (double)plan->cpu_us / 1e6);
	text_printf(out, "%s %.3f s", plan->path_tasks > 1 ? "longest chain" : "longest task",
		    (double)plan->path_us / 1e6);
	if (answer->scale != 1) {
		text_printf(out, "; all times %g", answer->scale);
	}
	text_char(out, '\n');
}

static void
put_row(const struct whatif_answer *answer, const struct whatif_row *row, struct text *out)
{
	double wall_us = (double)row->result.wall_us;
	double first_us = (double)answer->rows[0].result.wall_us;

	text_printf(out, "%8u", row->workers);
	if (is_limited(answer)) {
		text_printf(out, "  %7u", row->waiting);
	}
	text_printf(out, "  %9.3f s  %8.2f  %11.2f  %11.2f  %8.0f %%\n", wall_us / 1e6,
		    wall_us > 0 ? first_us / wall_us : 0, whatif_parallelism(answer->plan, row),
		    whatif_concurrency(row), whatif_efficiency(answer->plan, row) * 100);
}

/* How near the prediction of what has been comes to it. */
static void
put_again(const struct whatif_answer *answer, struct text *out)
{
	double was = (double)answer->plan->ran_us / 1e6;
	double would = answer->again == NULL ? 0 : (double)answer->again->result.wall_us / 1e6;

	if (answer->again != NULL && was > 0) {
		text_printf(
		    out, "the run itself: %.3f s; predicted for %u worker%s: %.3f s (%+.1f %%)\n",
		    was, answer->again->workers, answer->again->workers == 1 ? "" : "s", would,
		    (would / was - 1) * 100);
	}
}

static void
put_knees(const struct whatif_answer *answer, struct text *out)
{
	for (size_t i = 0; i < answer->knee_count; i++) {
		if (is_limited(answer)) {
			text_printf(out, "%u waiting: ", answer->knees[i].waiting);
		}
		whatif_knee_words(answer->plan, &answer->knees[i], out);
		text_char(out, '\n');
	}
}

void
whatif_table(const struct whatif_answer *answer, struct text *out)
{
	put_head(answer, out);
	text_string(out, " workers");
	if (is_limited(answer)) {
		text_string(out, "  waiting");
	}
	text_string(out, "         wall  speed-up  parallelism  concurrency  efficiency\n");
	for (size_t i = 0; i < answer->row_count; i++) {
		put_row(answer, &answer->rows[i], out);
	}
	put_again(answer, out);
	put_knees(answer, out);
}

static void
put_seconds(struct text *out, const char *key, int64_t us)
{
	text_printf(out, ",\"%s\":", key);
	text_seconds(out, us);
}

static void
put_waiting(struct text *out, unsigned waiting)
{
	if (waiting == 0) {
		text_string(out, ",\"waiting\":null");
	} else {
		text_printf(out, ",\"waiting\":%u", waiting);
	}
}

static void
put_json_row(const struct whatif_answer *answer, const struct whatif_row *row, struct text *out)
{
	text_printf(out, "{\"workers\":%u", row->workers);
	put_waiting(out, row->waiting);
	put_seconds(out, "wall", row->result.wall_us);
	put_seconds(out, "task_wall", row->result.task_wall_us);
	text_printf(out, ",\"parallelism\":%.4f,\"concurrency\":%.4f,\"efficiency\":%.4f",
		    whatif_parallelism(answer->plan, row), whatif_concurrency(row),
		    whatif_efficiency(answer->plan, row));
	text_printf(out, ",\"peak\":%u}", row->result.peak);
}

static void
put_json_knee(const struct whatif_answer *answer, const struct whatif_knee *knee, struct text *out)
{
	struct text words = TEXT_INIT;

	text_printf(out, "{\"workers\":%u", knee->workers);
	put_waiting(out, knee->waiting);
	put_seconds(out, "wall", knee->wall_us);
	put_seconds(out, "best", knee->best_us);
	text_printf(out, ",\"about\":%s,\"why\":\"%s\",\"words\":", knee->about ? "true" : "false",
		    whatif_why_name(knee->why));
	whatif_knee_words(answer->plan, knee, &words);
	text_json_string(out, words.data, words.len);
	text_char(out, '}');
	text_free(&words);
}

void
whatif_json(const struct whatif_answer *answer, struct text *out)
{
	const struct plan *plan = answer->plan;

	text_string(out, "{\"source\":");
	text_json_string(out, answer->source, strlen(answer->source));
	text_printf(out, ",\"scale\":%g,\"tasks\":%ju,\"unknown\":%ju,\"left_out\":%ju",
		    answer->scale, (uintmax_t)plan->task_count, (uintmax_t)plan->unknown,
		    (uintmax_t)plan->left_out);
	if (plan->unknown > 0) {
		put_seconds(out, "assumed", plan->assumed_us);
	}
	put_seconds(out, "cpu", plan->cpu_us);
	put_seconds(out, "path_wall", plan->path_us);
	text_string(out, ",\"path\":");
	text_json_string(out, plan->path.data, plan->path.len);
	if (answer->again != NULL && plan->ran_us > 0) {
		put_seconds(out, "ran", plan->ran_us);
		put_seconds(out, "ran_predicted", answer->again->result.wall_us);
		text_printf(out, ",\"ran_workers\":%u", answer->again->workers);
	}
	text_string(out, ",\"rows\":[");
	for (size_t i = 0; i < answer->row_count; i++) {
		text_string(out, i == 0 ? "" : ",");
		put_json_row(answer, &answer->rows[i], out);
	}
	text_string(out, "],\"knees\":[");
	for (size_t i = 0; i < answer->knee_count; i++) {
		text_string(out, i == 0 ? "" : ",");
		put_json_knee(answer, &answer->knees[i], out);
	}
	text_string(out, "]}\n");
}
