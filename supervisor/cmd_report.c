/* SPDX-License-Identifier: ISC */
/* cmd_report: `stint report`: a picture or a table of what results files hold. In the supervisor. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
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
#include "supervisor/options_value.h"
#include "supervisor/report.h"
#include "supervisor/supervisor.h"

#define USAGE        "stint report [options] RESULTS..."
#define RUNS_MOST    64
#define SUMMARY_MOST ((size_t)64 << 20) /* bytes of a summary */

static const struct report_ops *
choose_format(const struct report_options *options)
{
	const struct report_ops *ops = NULL;
	struct text names = TEXT_INIT;

	if (options->format != NULL) {
		ops = report_find(options->format);
	} else if (options->output != NULL && strcmp(options->output, "-") != 0) {
		ops = report_of_file(options->output);
	} else {
		ops = report_find("text");
	}
	if (ops == NULL) {
		report_names(&names);
		text_terminate(&names);
		if (options->format != NULL) {
			errx(EXIT_USAGE, "-f: \"%s\": must be one of %s",
			     options_shown(options->format), names.data);
		}
		errx(EXIT_USAGE, "%s: the name tells no format; -f says which: %s", options->output,
		     names.data);
	}
	return ops;
}

static void
read_summary(struct recorded_run *run, const char *path)
{
	struct text text = TEXT_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;

	if (fd < 0) {
		err(EXIT_USAGE, "--summary: %s", path);
	}
	while (got > 0 && text.len < SUMMARY_MOST) {
		text_reserve(&text, 65536);
		got = read(fd, text.data + text.len, 65536);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0) {
		err(EXIT_USAGE, "--summary: %s", path);
	}
	fds_close(&fd);
	if (!recorded_run_summary(run, (struct span){text.data, text.len})) {
		errx(EXIT_USAGE, "--summary: %s: not a summary, as `stint run --summary` writes it",
		     path);
	}
	text_free(&text);
}

static struct recorded_run *
read_run(const struct report_options *options, const struct report_ops *ops, const char *path)
{
	struct recorded_run *run = recorded_run_new(&ops->limits);
	struct text error = TEXT_INIT;
	bool good = strcmp(path, "-") == 0
			? recorded_run_read_fd(run, STDIN_FILENO, "stdin", &error)
			: recorded_run_read(run, path, &error);

	if (!good) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	if (options->summary != NULL) {
		read_summary(run, options->summary);
	}
	recorded_run_finish(run, options->cores);
	return run;
}

/* The report must not take the place of what it is made of. */
static void
refuse_itself(const char *output, char **paths, int count)
{
	struct stat target, source;

	if (output == NULL || strcmp(output, "-") == 0 || stat(output, &target) != 0) {
		return;
	}
	for (int i = 0; i < count; i++) {
		if (stat(paths[i], &source) == 0 && S_ISREG(source.st_mode) &&
		    source.st_dev == target.st_dev && source.st_ino == target.st_ino) {
			errx(EXIT_USAGE, "-o: %s is one of the results; name another", output);
		}
	}
}

/* The job's name, or the file's without its folder. */
static const char *
title_of(const struct recorded_run *run, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (run->summary.job[0] != '\0') {
		return run->summary.job;
	}
	return slash == NULL ? path : slash + 1;
}

static void
describe_terminal(struct report *report, bool to_stdout)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM"),
		   *columns = getenv("COLUMNS");
	struct winsize size;
	bool terminal = to_stdout && isatty(STDOUT_FILENO) == 1;

	setlocale(LC_CTYPE, "");
	report->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	report->color = terminal && (no_color == NULL || no_color[0] == '\0') &&
			(term == NULL || strcmp(term, "dumb") != 0);
	if (columns != NULL && atoi(columns) > 0) {
		report->columns = (unsigned)atoi(columns);
	} else if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		report->columns = size.ws_col;
	}
}

int
cmd_report(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct recorded_run *runs[RUNS_MOST];
	const char *labels[RUNS_MOST];
	struct report report = {.runs = runs, .labels = labels};
	const struct report_ops *ops;
	const char *output;

	options_parse(&line, argc, argv, FOR_REPORT, USAGE);
	output = line.report.output == NULL ? "-" : line.report.output;
	if (argc == line.first) {
		errx(EXIT_USAGE, "which results? (- is stdin) usage: " USAGE);
	}
	ops = choose_format(&line.report);
	if (argc - line.first > RUNS_MOST || (argc - line.first > 1 && !ops->several)) {
		errx(EXIT_USAGE, "-f %s: %s", ops->name,
		     ops->several ? "64 results files at most" : "one results file at a time");
	}
	if (line.report.summary != NULL && argc - line.first > 1) {
		errx(EXIT_USAGE, "--summary: is of one run, and there are several results files");
	}
	refuse_itself(line.report.output, argv + line.first, argc - line.first);
	for (int i = line.first; i < argc; i++) {
		labels[report.count] = argv[i];
		runs[report.count] = read_run(&line.report, ops, argv[i]);
		if (report.count++ == 0) {
			report.title = title_of(runs[0], argv[i]);
		}
	}
	describe_terminal(&report, strcmp(output, "-") == 0);
	if (!report_write(ops, &report, output)) {
		err(EXIT_SYSTEM, "%s", strcmp(output, "-") == 0 ? "stdout" : output);
	}
	for (size_t i = 0; i < report.count; i++) {
		recorded_run_free(runs[i]);
	}
	return EXIT_ALL_OK;
}
