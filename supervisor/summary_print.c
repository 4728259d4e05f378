/* SPDX-License-Identifier: ISC */
/* summary_print: what people are told at the end of a run. Pure; in the supervisor. */
#include <inttypes.h>
#include <string.h>

#include "supervisor/summary.h"

#define IDLE_LEAST_US 100000 /* core-time that is worth a line */
#define TINY_US       20     /* a task that is shorter costs less than it takes to hand it out */
#define PART_CORES    1.5    /* computed at once: that is parallel, */
#define PART_LEAST    0.1    /* and for this part of the run worth a word */

#define RED   "\033[31m"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

static const char *
plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* What the run did, by its two measures. */
static void
put_nature(const struct summary *summary, struct text *out)
{
	double parallelism = summary_parallelism(summary);
	double concurrency = summary_concurrency(summary);
	bool parallel = parallelism >= 1.15;
	bool concurrent = concurrency >= 1.15 && concurrency - parallelism >= 0.15;
	double part = timeline_part(&summary->timeline, summary->wall_us, PART_CORES);

	if (parallel && concurrent) {
		text_printf(
		    out,
		    "Parallel and concurrent: %.1f of %u cores computed while %.1f tasks were in "
		    "progress",
		    parallelism, summary->cores, concurrency);
	} else if (parallel) {
		text_printf(out, "Parallel: %.1f of %u cores computed", parallelism,
			    summary->cores);
	} else if (concurrent && part >= PART_LEAST) {
		text_printf(out,
			    "Concurrent, and parallel for %.0f %% of the time: %.1f tasks in "
			    "progress overlapped, on %.1f cores",
			    100 * part, concurrency, parallelism);
	} else if (concurrent) {
		text_printf(
		    out,
		    "Concurrent, not parallel: %.1f tasks in progress overlapped, on %.1f cores",
		    concurrency, parallelism);
	} else if (concurrency < 0.85 || summary->peak > 1) {
		text_printf(out,
			    "Neither parallel nor concurrent: %.1f tasks in progress on average",
			    concurrency);
	} else {
		text_string(out, "Neither parallel nor concurrent: one task at a time");
	}
}

/* What held tasks back that the bound knows nothing of; NULL: nothing, or it is not the most. */
static const char *
held_back_by(const struct summary *summary)
{
	static const char *const words[IDLE_COUNT] = {
	    [IDLE_RESOURCE] = "tasks waited for resources: with more of them",
	    [IDLE_MEMORY] = "tasks waited for memory: with more of it, or less asked for,",
	    [IDLE_RETRY] = "it paused before it tried again: without failures",
	    [IDLE_CAP] =
		"a limit held tasks back: without --waiting, or with a higher ulimit -n or -u,",
	};
	int most = 0;

	for (int i = 1; i < IDLE_COUNT; i++) {
		most = summary->idle.sums_us[i] > summary->idle.sums_us[most] ? i : most;
	}
	return summary->idle.sums_us[most] >= IDLE_LEAST_US ? words[most] : NULL;
}

/* What would make it faster. */
static void
put_remedy(const struct summary *summary, struct text *out)
{
	double cpu = (double)(summary->user_us + summary->sys_us) / 1e6 / summary->cores;
	const char *held = held_back_by(summary);
	bool cpu_bound =
	    cpu >= (double)summary->longest_us / 1e6 && cpu >= (double)summary->path_us / 1e6;

	if (summary->task_wall_us < (int64_t)summary->tasks * TINY_US && summary->tasks >= 100) {
		text_printf(out,
			    "; the tasks are so short, %.0f us each, that most of the time went "
			    "into handing "
			    "them out: let each do more.",
			    (double)summary->task_wall_us / (double)summary->tasks);
	} else if (summary_efficiency(summary) >= 0.9 && cpu_bound) {
		text_string(out, "; only more cores, or less to compute, would make it faster.");
	} else if (summary_efficiency(summary) >= 0.9 && summary->path_us > summary->longest_us) {
		text_printf(out, "; the critical path%s%.*s sets the pace: shorten it.",
			    summary->path.len > 0 ? " " : "", (int)summary->path.len,
			    summary->path.len > 0 ? summary->path.data : "");
	} else if (summary_efficiency(summary) >= 0.9) {
		text_printf(out, "; the longest task, %s, sets the pace: shorten or split it.",
			    summary->longest);
	} else if (held != NULL) {
		text_printf(out, "; %s it could take %.2f s.", held, summary_bound(summary));
	} else if (strcmp(summary->model->name, "hybrid") != 0) {
		text_printf(out, "; -m hybrid could take %.2f s.", summary_bound(summary));
	} else if (summary->wall_us < 100000) {
		text_string(out, "; it was over before there was much to overlap.");
	} else {
		text_printf(out, "; no schedule could take less than %.2f s.",
			    summary_bound(summary));
	}
}

/* Bad lines, or tasks that ask for more than there is, have a record without having run. */
static bool
none_ran(const struct summary *summary)
{
	return summary->task_wall_us == 0 && summary->by_status[STATUS_ok] == 0;
}

void
summary_verdict(const struct summary *summary, struct text *out)
{
	if (none_ran(summary)) {
		text_string(out, summary->tasks == 0 && summary->done_before > 0 &&
					 summary->not_started == 0
				     ? "Nothing was left to do."
				     : "No task ran.");
		return;
	}
	if (summary->tasks == 1) {
		text_string(out, "One task ran: nothing to overlap it with.");
		return;
	}
	put_nature(summary, out);
	put_remedy(summary, out);
}

static void
put_counts(const struct summary *summary, bool color, struct text *out)
{
	text_printf(out, "%" PRIu64 " task%s: %" PRIu64 " ok", summary->tasks,
		    plural(summary->tasks), summary->by_status[STATUS_ok]);
	for (int i = STATUS_ok + 1; i < STATUSES; i++) {
		if (summary->by_status[i] > 0) {
			text_printf(out, ", %s%" PRIu64 " %s%s", color ? RED : "",
				    summary->by_status[i], task_status_name((enum task_status)i),
				    color ? PLAIN : "");
		}
	}
	if (summary->done_before > 0) {
		text_printf(out, ", %" PRIu64 " done before", summary->done_before);
	}
	if (summary->not_started == 0 && summary->more) {
		text_string(out, ", the rest of the input not read");
	} else if (summary->not_started > 0) {
		text_printf(out, ", %s%" PRIu64 " not started", summary->more ? "at least " : "",
			    summary->not_started);
	}
	text_printf(out, "; %.3f s with %s on %u core%s\n", (double)summary->wall_us / 1e6,
		    summary->model->name, summary->cores, plural(summary->cores));
}

static void
put_failures(const struct summary *summary, bool color, struct text *out)
{
	uint64_t all = summary_not_ok(summary);

	for (unsigned i = 0; i < summary->failure_count; i++) {
		const char *tag = summary->failures[i].tag;

		text_printf(out, "%s%s%s %s%s%s%s: %s\n", color ? RED : "",
			    task_status_name(summary->failures[i].status), color ? PLAIN : "",
			    summary->failures[i].id, tag == NULL ? "" : " (",
			    tag == NULL ? "" : tag, tag == NULL ? "" : ")",
			    summary->failures[i].why);
	}
	if (all > summary->failure_count) {
		text_printf(out, "and %" PRIu64 " more that did not end ok\n",
			    all - summary->failure_count);
	}
}

static void
put_measures(const struct summary *summary, struct text *out)
{
	text_printf(
	    out,
	    "parallelism %.2f of %u core%s, concurrency %.1f (peak %u), bound %.3f s, efficiency "
	    "%.0f %%\n",
	    summary_parallelism(summary), summary->cores, plural(summary->cores),
	    summary_concurrency(summary), summary->peak, summary_bound(summary),
	    100 * summary_efficiency(summary));
}

/* Where the cores' time went that nothing computed in, if that is worth a line. */
static void
put_idle(const struct summary *summary, struct text *out)
{
	int64_t all_us = 0, least_us = summary->wall_us * summary->cores / 50;
	bool first = true;

	for (int i = 0; i < IDLE_COUNT; i++) {
		all_us += summary->idle.sums_us[i];
	}
	if (summary->tasks < 2 || all_us < 5 * least_us || all_us < IDLE_LEAST_US) {
		return;
	}
	text_printf(out, "idle %.2f core-seconds: ", (double)all_us / 1e6);
	for (int i = 0; i < IDLE_COUNT; i++) {
		if (summary->idle.sums_us[i] > least_us) {
			text_printf(out, "%s%.2f %s", first ? "" : ", ",
				    (double)summary->idle.sums_us[i] / 1e6,
				    idle_words((enum idle_cause)i));
			first = false;
		}
	}
	text_char(out, '\n');
}

/* The chain of needs that took longest, where the verdict does not name it. */
static void
put_path(const struct summary *summary, const struct text *verdict, struct text *out)
{
	if (summary->path_us > summary->longest_us && summary->path.len > 0 &&
	    memmem(verdict->data, verdict->len, summary->path.data, summary->path.len) == NULL) {
		text_printf(out, "critical path %.*s: %.3f s\n", (int)summary->path.len,
			    summary->path.data, (double)summary->path_us / 1e6);
	}
}

void
summary_print_details(const struct summary *summary, struct text *out)
{
	struct text verdict = TEXT_INIT;

	if (!none_ran(summary)) {
		put_measures(summary, out);
	}
	put_idle(summary, out);
	summary_verdict(summary, &verdict);
	put_path(summary, &verdict, out);
	text_bytes(out, verdict.data, verdict.len);
	text_char(out, '\n');
	text_free(&verdict);
}

void
summary_print(const struct summary *summary, bool color, struct text *out)
{
	put_failures(summary, color, out);
	text_string(out, color ? BOLD : "");
	put_counts(summary, color, out);
	text_string(out, color ? PLAIN : "");
	summary_print_details(summary, out);
}
