/* SPDX-License-Identifier: ISC */
/* cmd_report: `stint report`: a picture or a table of what results files hold. In the supervisor. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/client_results.h"
#include "supervisor/commands.h"
#include "supervisor/jobfile.h"
#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/report.h"
#include "supervisor/supervisor.h"

#define USAGE        "stint report [options] RESULTS... | --job JOB"
#define RUNS_MOST    64
#define COLUMNS_MOST 10000
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

/* The most likely mistake: what was run, for what came of it. */
static bool
is_jobfile(const char *path)
{
	struct text error = TEXT_INIT;
	struct stat info;
	struct jobfile *jobfile;
	struct task *task;
	bool is = false;

	if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
		return false;
	}
	jobfile = jobfile_open(path, NULL, &error);
	if (jobfile != NULL && jobfile_next(jobfile, &task) == JOBFILE_TASK) {
		task_free(task);
		is = true;
	}
	jobfile_free(jobfile);
	text_free(&error);
	return is;
}

static struct recorded_run *
read_run(const struct report_options *options, const struct report_ops *ops, const char *path)
{
	struct recorded_run *run = recorded_run_new(&ops->limits);
	bool from_stdin = strcmp(path, "-") == 0;
	struct text error = TEXT_INIT;

	if (from_stdin ? !recorded_run_read_fd(run, STDIN_FILENO, "stdin", &error)
		       : !recorded_run_read(run, path, &error)) {
		if (!from_stdin && is_jobfile(path)) {
			errx(EXIT_USAGE,
			     "%s: is a job file, not what came of it; stint run -o RESULTS %s "
			     "runs it and keeps that",
			     path, path);
		}
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	if (options->summary != NULL) {
		read_summary(run, options->summary);
	}
	recorded_run_finish(run, options->cores);
	if (run->misfit) {
		warnx("--summary: %s: is of another run than %s, or of its last part only: what it "
		      "says of times is left aside",
		      options->summary, path);
	}
	if (run->count == 0) {
		warnx("%s: there are no records in it", from_stdin ? "stdin" : path);
	}
	return run;
}

/* How many cores the daemon has. */
static unsigned
ask_cores(struct control_client *client)
{
	struct control_answer answer;
	struct span value;
	uint64_t cores = 0;
	int status;

	control_client_begin(client, "status");
	control_client_send(client);
	do {
		control_client_receive(client, &answer, &status);
		if (control_answer_member(&answer, "value", &value)) {
			json_value_uint(json_member(value, "cores"), &cores);
		}
	} while (answer.kind == ANSWER_DATA);
	return (unsigned)cores;
}

/* The results of a job of the daemon, from their beginning. */
static int
fetch_job(struct command_line *line)
{
	struct control_client client;
	int fd = memfd_create("results", MFD_CLOEXEC), copy = fd < 0 ? -1 : dup(fd), status;
	FILE *file = copy < 0 ? NULL : fdopen(copy, "w");
	uint64_t job;

	if (file == NULL) {
		err(EXIT_SYSTEM, "--job");
	}
	control_client_open(&client, &line->client, false);
	job = control_client_job(&client, line->report.job);
	status = client_results_write(&client, job, false, file, "--job");
	if (status != EXIT_ALL_OK) {
		exit(status);
	}
	if (fclose(file) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
		err(EXIT_SYSTEM, "--job");
	}
	line->report.cores = line->report.cores == 0 ? ask_cores(&client) : line->report.cores;
	control_client_close(&client);
	return fd;
}

/* Its name, or "job 3". */
static char *
label_of_job(const char *job)
{
	struct text label = TEXT_INIT;
	uint64_t number;
	char *shown;

	text_string(&label, control_client_number(span_of(job), &number) ? "job " : "");
	text_string(&label, job);
	text_terminate(&label);
	shown = report_label(label.data);
	text_free(&label);
	return shown;
}

static struct recorded_run *
read_job(struct command_line *line, const struct report_ops *ops)
{
	struct recorded_run *run = recorded_run_new(&ops->limits);
	struct text error = TEXT_INIT;
	int fd = fetch_job(line);

	if (!recorded_run_read_fd(run, fd, "--job", &error)) {
		text_terminate(&error);
		errx(EXIT_SYSTEM, "%s", error.data);
	}
	fds_close(&fd);
	recorded_run_finish(run, line->report.cores);
	if (run->count == 0) {
		warnx("job %s: there are no records of it yet", options_shown(line->report.job));
	}
	return run;
}

/* The report must not take the place of what it is made of. */
static void
refuse_itself(const struct report_options *options, char **paths, int count)
{
	const char *output = options->output;
	struct stat target, source;

	if (output == NULL || strcmp(output, "-") == 0 || stat(output, &target) != 0) {
		return;
	}
	for (int i = 0; i <= count; i++) {
		const char *path = i < count ? paths[i] : options->summary;
		bool good = path != NULL && (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &source)
								    : stat(path, &source)) == 0;

		if (good && S_ISREG(source.st_mode) && source.st_dev == target.st_dev &&
		    source.st_ino == target.st_ino) {
			errx(EXIT_USAGE, "-o: %s is what the report is made of; name another",
			     output);
		}
	}
}

/* The job's name, or the file's without its folder. */
static const char *
title_of(const struct recorded_run *run, const char *label)
{
	const char *slash = strrchr(label, '/');

	if (run->summary.job[0] != '\0') {
		return run->summary.job;
	}
	return slash == NULL ? label : slash + 1;
}

static void
describe_terminal(struct report *report, const struct report_options *options, bool to_stdout)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM"),
		   *columns = getenv("COLUMNS");
	long wanted = columns == NULL ? 0 : strtol(columns, NULL, 10);
	bool terminal = to_stdout && isatty(STDOUT_FILENO) == 1;
	struct winsize size;

	report_describe_locale(report);
	report->color = options->color == REPORT_COLOR_ALWAYS ||
			(options->color == REPORT_COLOR_AUTO && terminal &&
			 (no_color == NULL || no_color[0] == '\0') &&
			 (term == NULL || strcmp(term, "dumb") != 0));
	if (wanted > 0 && wanted < COLUMNS_MOST) {
		report->columns = (unsigned)wanted;
	} else if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		report->columns = size.ws_col;
	}
}

/* What is to be read; ends the process if that cannot be. */
static void
check_operands(const struct report_options *options, const struct report_ops *ops, char **paths,
	       int count)
{
	bool from_stdin = false;

	if (count > RUNS_MOST || (count > 1 && !ops->several)) {
		errx(EXIT_USAGE, "-f %s: %s", ops->name,
		     ops->several ? "64 results files at most" : "one results file at a time");
	}
	if (options->summary != NULL && count > 1) {
		errx(EXIT_USAGE, "--summary: is of one run, and there are several results files");
	}
	for (int i = 0; i < count; i++) {
		if (paths[i][0] == '\0') {
			errx(EXIT_USAGE, "the name of a results file is empty; usage: " USAGE);
		}
		if (from_stdin && strcmp(paths[i], "-") == 0) {
			errx(EXIT_USAGE, "-: stdin can be read only once");
		}
		from_stdin = from_stdin || strcmp(paths[i], "-") == 0;
	}
	refuse_itself(options, paths, count);
}

int
cmd_report(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct recorded_run *runs[RUNS_MOST];
	char *labels[RUNS_MOST];
	struct report report = {.runs = runs, .labels = (const char *const *)labels};
	const struct report_ops *ops;
	const char *output;

	options_parse(&line, argc, argv, FOR_REPORT, USAGE);
	output = line.report.output == NULL ? "-" : line.report.output;
	if (argc == line.first && line.report.job == NULL) {
		errx(EXIT_USAGE, "which results? (- is stdin) usage: " USAGE);
	}
	if (line.report.job != NULL && (argc > line.first || line.report.summary != NULL)) {
		errx(EXIT_USAGE, "--job: is of one job, with neither results files nor --summary");
	}
	ops = choose_format(&line.report);
	check_operands(&line.report, ops, argv + line.first, argc - line.first);
	for (int i = line.first; i < argc; i++) {
		struct recorded_run *run = read_run(&line.report, ops, argv[i]);
		char *label = report_label(strcmp(argv[i], "-") == 0 ? "stdin" : argv[i]);

		if (report.count == 0) {
			report.title = title_of(run, label);
		}
		labels[report.count] = label;
		runs[report.count++] = run;
	}
	if (line.report.job != NULL) {
		runs[0] = read_job(&line, ops);
		labels[0] = label_of_job(line.report.job);
		report.title = labels[0];
		report.count = 1;
	}
	describe_terminal(&report, &line.report, strcmp(output, "-") == 0);
	if (!report_write(ops, &report, output)) {
		err(EXIT_SYSTEM, "%s", strcmp(output, "-") == 0 ? "stdout" : output);
	}
	for (size_t i = 0; i < report.count; i++) {
		recorded_run_free(runs[i]);
		free(labels[i]);
	}
	return EXIT_ALL_OK;
}
