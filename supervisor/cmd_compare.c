/* SPDX-License-Identifier: ISC */
/*
 * cmd_compare: `stint compare`: runs one job file under each model, and shows what overlapping and
 * more processes each bring. In the supervisor.
 */
#include <err.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/run_recorder.h"
#include "supervisor/sink_progress.h"
#include "supervisor/supervisor.h"

#define USAGE      "stint compare [options] FILE"
#define ROWS_MOST  16
#define TABLE_WIDE 66 /* columns of the table, before the bar */
#define BAR_MOST   60
#define BAR_LEAST  8

struct comparison {
	struct summary rows[ROWS_MOST];
	int count;
	struct recorded_run
	    *runs[ROWS_MOST]; /* of each row, for the report; NULL: none is wanted */
};

/* Runs the file under one model; its records go to `recorder`, NULL: nowhere. Its exit status. */
static int
run_one(const struct command_line *line, const struct model *model, struct summary *summary,
	struct recorded_run *recorder)
{
	struct run_options options = line->run;
	struct text error = TEXT_INIT;
	struct jobfile *jobfile = jobfile_open(options.file, NULL, &error);
	struct sinks *sinks;
	int status;

	options.model = model;
	options.output = OUTPUT_NONE;
	options.results = NULL;
	options.recorder = recorder;
	options.progress = false;
	if (jobfile == NULL || (sinks = sinks_open(sink_table, &options, &error)) == NULL) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	summary_init(summary, model, options.cores, jobfile_name(jobfile));
	status = supervisor_run(&options, jobfile, sinks, summary);
	sinks_close(sinks, &error);
	jobfile_free(jobfile);
	text_free(&error);
	return status;
}

/* The models that -m names, or all. */
static int
choose_models(const char *list, const struct model *chosen[ROWS_MOST])
{
	char *copy, *name, *rest;
	int count = 0;

	if (list == NULL) {
		for (int i = 0; i < model_count; i++) {
			chosen[count++] = &models[i];
		}
		return count;
	}
	copy = rest = strdup(list);
	while (rest != NULL && (name = strsep(&rest, ",")) != NULL) {
		const struct model *model = model_find(name);

		if (model == NULL || count == ROWS_MOST) {
			errx(EXIT_USAGE,
			     "-m: \"%s\": not a model; there are sync, async, threads, gil, "
			     "processes, hybrid",
			     name);
		}
		chosen[count++] = model;
	}
	free(copy);
	return count;
}

static const struct summary *
find_row(const struct comparison *all, const char *model)
{
	for (int i = 0; i < all->count; i++) {
		if (strcmp(all->rows[i].model->name, model) == 0) {
			return &all->rows[i];
		}
	}
	return NULL;
}

/* How often faster than sync, or, without it, than the slowest. */
static double
speed_up(const struct comparison *all, const struct summary *row)
{
	const struct summary *base = find_row(all, "sync");
	int64_t slowest = 0;

	for (int i = 0; i < all->count; i++) {
		slowest = all->rows[i].wall_us > slowest ? all->rows[i].wall_us : slowest;
	}
	return (double)(base == NULL ? slowest : base->wall_us) / (double)row->wall_us;
}

/*
 * The bound of the job, in seconds: the least that a row has measured. (Where tasks got in each
 * other's way, the longest took longer than it had to.)
 */
static double
bound(const struct comparison *all)
{
	double least = summary_bound(&all->rows[0]);

	for (int i = 1; i < all->count; i++) {
		double here = summary_bound(&all->rows[i]);

		least = here < least ? here : least;
	}
	return least;
}

static unsigned
bar_columns(void)
{
	struct winsize size;
	unsigned wide;

	if (!isatty(STDOUT_FILENO)) {
		return 0;
	}
	wide = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
	if (wide < TABLE_WIDE + BAR_LEAST + 1) {
		return 0;
	}
	return wide - TABLE_WIDE - 1 > BAR_MOST ? BAR_MOST : wide - TABLE_WIDE - 1;
}

/* One plain sentence about all rows. */
static void
put_reading(const struct comparison *all, struct text *out)
{
	const struct summary *best = &all->rows[0], *async = find_row(all, "async");
	const struct summary *processes = find_row(all, "processes");

	for (int i = 1; i < all->count; i++) {
		best = all->rows[i].wall_us < best->wall_us ? &all->rows[i] : best;
	}
	if (async != NULL && processes != NULL && find_row(all, "sync") != NULL) {
		double waits = speed_up(all, async), cores = speed_up(all, processes);

		if (waits < 1.15 && cores < 1.15) {
			text_string(out, "Nothing here overlaps: one task makes the time.");
		} else if (waits < 1.15) {
			text_string(out, "The tasks compute: overlapping waits gains nothing, more "
					 "processes do.");
		} else if ((double)best->user_us + (double)best->sys_us <
			   0.05 * (double)best->task_wall_us) {
			text_string(
			    out, "The tasks wait: overlapping them is all it takes, cores do not "
				 "matter.");
		} else {
			text_string(out, "The tasks both wait and compute: the waits overlap for "
					 "free, the computing needs the cores.");
		}
	}
	text_printf(out, "\n%s is fastest, %.3f s; no schedule takes less than %.3f s.\n",
		    best->model->name, (double)best->wall_us / 1e6, bound(all));
}

static void
print_table(const struct comparison *all)
{
	bool ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	unsigned columns = bar_columns();
	struct text out = TEXT_INIT;
	int64_t longest_us = 0;

	for (int i = 0; i < all->count; i++) {
		longest_us = all->rows[i].wall_us > longest_us ? all->rows[i].wall_us : longest_us;
	}
	text_printf(&out, "%s: %ju tasks on %u cores\n\n", all->rows[0].job,
		    (uintmax_t)all->rows[0].tasks, all->rows[0].cores);
	text_string(&out, "model       wall s  speed-up  parallelism  concurrency  efficiency");
	text_string(&out, columns > 0 ? " time\n" : "\n");
	for (int i = 0; i < all->count; i++) {
		const struct summary *row = &all->rows[i];

		text_printf(&out, "%-10s %7.3f %9.2f %12.2f %12.2f %9.0f %%", row->model->name,
			    (double)row->wall_us / 1e6, speed_up(all, row),
			    summary_parallelism(row), summary_concurrency(row),
			    100e6 * bound(all) / (double)row->wall_us);
		if (columns > 0) {
			text_char(&out, ' ');
			timeline_bar(&row->timeline, row->wall_us, longest_us, columns, row->cores,
				     ascii, &out);
		}
		text_char(&out, '\n');
	}
	if (columns > 0) {
		text_printf(&out,
			    "\n%s all cores compute  %s some  %s one, in part  %s only waiting\n",
			    ascii ? "#" : "\u2588", ascii ? "+" : "\u2593", ascii ? "-" : "\u2592",
			    ascii ? "." : "\u2591");
	}
	text_char(&out, '\n');
	put_reading(all, &out);
	fds_write_all(STDOUT_FILENO, out.data, out.len);
	text_free(&out);
}

static void
print_json(const struct comparison *all)
{
	struct text out = TEXT_INIT;

	text_string(&out, "[");
	for (int i = 0; i < all->count; i++) {
		text_string(&out, i == 0 ? "" : ",");
		summary_json(&all->rows[i], &out);
		out.len -= 2; /* the closing brace and the newline */
		text_printf(&out, ",\"speedup\":%.4f}", speed_up(all, &all->rows[i]));
	}
	text_string(&out, "]\n");
	fds_write_all(STDOUT_FILENO, out.data, out.len);
	text_free(&out);
}

/* The models, one above the other. False: it could not be written. */
static bool
write_report(const struct comparison *all, const struct report_ops *ops, const char *path)
{
	const char *labels[ROWS_MOST];
	struct report report = {.runs = all->runs,
				.labels = labels,
				.count = (size_t)all->count,
				.title = all->rows[0].job};

	report.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	for (int i = 0; i < all->count; i++) {
		labels[i] = all->rows[i].model->name;
		run_recorder_end(all->runs[i], &all->rows[i]);
	}
	if (!report_write(ops, &report, path)) {
		warn("--report: %s", path);
		return false;
	}
	return true;
}

/* The report must not take the place of the job file. */
static void
refuse_itself(const struct command_line *line)
{
	struct stat report, file;

	if (line->run.report != NULL && stat(line->run.report, &report) == 0 &&
	    stat(line->run.file, &file) == 0 && report.st_dev == file.st_dev &&
	    report.st_ino == file.st_ino) {
		errx(EXIT_USAGE, "--report: %s is the job file itself; name another",
		     line->run.report);
	}
}

static void
show(const struct command_line *line, const struct comparison *all)
{
	if (line->run.json) {
		print_json(all);
	} else {
		print_table(all);
	}
}

int
cmd_compare(int argc, char **argv)
{
	const struct model *chosen[ROWS_MOST];
	struct command_line line = {.first = 0};
	struct comparison all = {.count = 0};
	const struct report_ops *ops;
	int wanted, status = EXIT_ALL_OK;

	options_parse(&line, argc, argv, FOR_COMPARE, USAGE);
	wanted = choose_models(line.models, chosen);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "one job file, please; usage: " USAGE);
	}
	line.run.file = argv[line.first];
	if (strcmp(line.run.file, "-") == 0) {
		errx(EXIT_USAGE,
		     "-: stdin can be read only once, and the job is run several times; "
		     "put it into a file");
	}
	refuse_itself(&line);
	ops = run_recorder_format(line.run.report, true);
	setlocale(LC_CTYPE, "");
	for (int i = 0; i < wanted && status <= EXIT_NOT_ALL_OK; i++, all.count++) {
		int one;

		if (isatty(STDERR_FILENO)) {
			fprintf(stderr, "\r\033[K%s ...", chosen[i]->name);
		}
		all.runs[i] = run_recorder_new(ops);
		one = run_one(&line, chosen[i], &all.rows[i], all.runs[i]);
		status = one > status ? one : status;
	}
	if (isatty(STDERR_FILENO)) {
		fputs("\r\033[K", stderr);
	}
	if (status <= EXIT_NOT_ALL_OK && all.count > 0) {
		show(&line, &all);
		if (ops != NULL && !write_report(&all, ops, line.run.report)) {
			status = EXIT_SYSTEM;
		}
	}
	for (int i = 0; i < all.count; i++) {
		summary_free(&all.rows[i]);
		recorded_run_free(all.runs[i]);
	}
	return status;
}
