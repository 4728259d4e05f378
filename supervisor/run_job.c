/* SPDX-License-Identifier: ISC */
/* run_job: see run_job.h. In the supervisor. */
#include "supervisor/run_job.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/options.h"
#include "supervisor/recorded_run.h"
#include "supervisor/report.h"
#include "supervisor/resume.h"
#include "supervisor/run_recorder.h"
#include "supervisor/supervisor.h"

static bool
write_file(const char *path, const struct text *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool good = fd >= 0 && fds_write_all(fd, text->data, text->len);

	if (fd >= 0 && close(fd) != 0) {
		good = false;
	}
	if (!good) {
		warn("%s", path);
	}
	return good;
}

static bool
is_file(const char *path, const struct stat *file)
{
	struct stat info;

	return path != NULL && strcmp(path, "-") != 0 && stat(path, &info) == 0 &&
	       info.st_dev == file->st_dev && info.st_ino == file->st_ino;
}

/* Whether the summary can be written: better said now than when all has run. */
static bool
can_write_summary(const struct run_options *options)
{
	const char *path = options->summary;
	struct stat info;
	int fd;

	if (path == NULL || (stat(path, &info) == 0 && !S_ISREG(info.st_mode))) {
		return true; /* a pipe is opened when there is something for it */
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &info) != 0) {
		warn("--summary: %s", path);
		fds_close(&fd);
		return false;
	}
	fds_close(&fd);
	if (is_file(options->results, &info) || is_file(options->joblog, &info)) {
		warnx("--summary: %s is the file of %s, too; name another", path,
		      is_file(options->results, &info) ? "-o" : "--joblog");
		return false;
	}
	return true;
}

/* The report must not take the place of anything else that the run writes; said if it would. */
static bool
report_is_apart(const struct run_options *options)
{
	const struct {
		const char *option, *path;
	} others[] = {{"-o", options->results},
		      {"--joblog", options->joblog},
		      {"--summary", options->summary}};
	struct stat info;
	bool is_there = options->report != NULL && stat(options->report, &info) == 0;

	for (size_t i = 0; options->report != NULL && i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].path != NULL && (strcmp(others[i].path, options->report) == 0 ||
					       (is_there && is_file(others[i].path, &info)))) {
			warnx("--report: %s is the file of %s, too; name another", options->report,
			      others[i].option);
			return false;
		}
	}
	return true;
}

static bool
write_report(const struct run_options *options, const struct summary *summary)
{
	char *label = report_label(summary->job);
	struct report report = {.runs = &options->recorder,
				.labels = (const char *const *)&label,
				.count = 1,
				.title = label};
	bool good;

	run_recorder_end(options->recorder, summary);
	report_describe_locale(&report);
	good = report_write(report_of_file(options->report), &report, options->report);
	if (!good) {
		warn("--report: %s", options->report);
	}
	free(label);
	return good;
}

/* The end of a run, for people and for programs. */
static int
report(const struct run_options *options, const struct summary *summary, int status)
{
	struct text text = TEXT_INIT, json = TEXT_INIT;
	bool failed = false;

	if (!options->quiet && !options->json) {
		summary_print(summary, options->color, &text);
		fds_write_all(STDERR_FILENO, text.data, text.len);
	}
	summary_json(summary, &json);
	if (options->json && !fds_write_all(STDOUT_FILENO, json.data, json.len)) {
		warn("stdout");
		failed = true;
	}
	if (options->summary != NULL && !write_file(options->summary, &json)) {
		failed = true;
	}
	if (options->recorder != NULL && !write_report(options, summary)) {
		failed = true;
	}
	if (failed) {
		status = status == EXIT_ALL_OK || status == EXIT_NOT_ALL_OK ? EXIT_SYSTEM : status;
	}
	text_free(&text);
	text_free(&json);
	return status;
}

static int
run(const struct run_options *options, struct jobfile *jobfile)
{
	struct text error = TEXT_INIT;
	struct summary summary;
	struct sinks *sinks;
	int status;

	if (!report_is_apart(options) || !can_write_summary(options)) {
		return EXIT_USAGE;
	}
	sinks = sinks_open(sink_table, options, &error);
	if (sinks != NULL && !report_is_apart(options)) { /* by another name, before it was there */
		sinks_close(sinks, &error);
		text_free(&error);
		return EXIT_USAGE;
	}
	if (sinks == NULL) {
		text_terminate(&error);
		warnx("%s", error.data);
		text_free(&error);
		return EXIT_USAGE;
	}
	summary_init(&summary, options->model, options->cores, jobfile_name(jobfile));
	status = supervisor_run(options, jobfile, sinks, &summary);
	if (!sinks_close(sinks, &error) && status <= EXIT_NOT_ALL_OK) {
		text_terminate(&error);
		warnx("%s", error.data);
		status = EXIT_SYSTEM;
	}
	text_free(&error);
	status = report(options, &summary, status);
	summary_free(&summary);
	return status;
}

int
run_job(const struct run_options *options, struct jobfile *jobfile)
{
	struct run_options own = *options;
	int status;

	if (options->resume) {
		own.done = resume_new(options->retry_failed ? WANTED_FAILED : WANTED_NOT_OK);
	}
	own.recorder = run_recorder_new(run_recorder_format(options->report, false));
	status = run(&own, jobfile);
	resume_free(own.done);
	recorded_run_free(own.recorder);
	return status;
}
