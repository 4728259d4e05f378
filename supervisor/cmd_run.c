/* SPDX-License-Identifier: ISC */
/* cmd_run: `stint run`: one job file, from its check to its summary. In the supervisor. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "supervisor/commands.h"
#include "supervisor/guard.h"
#include "supervisor/options.h"
#include "supervisor/resume.h"
#include "supervisor/supervisor.h"

#define USAGE "stint run [options] FILE|-"

/* What is done already, without a change to the file. Ends the process if it cannot be told. */
static void
look_at_results(const struct run_options *options)
{
	struct text error = TEXT_INIT;
	uint64_t end;
	bool unended;
	int fd = options->done == NULL ? -1 : open(options->results, O_RDONLY | O_CLOEXEC);

	if (options->done != NULL && fd < 0 && errno != ENOENT) {
		err(EXIT_USAGE, "%s", options->results);
	}
	if (fd >= 0 && !resume_read(options->done, fd, options->results, &end, &unended, &error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	fds_close(&fd);
}

static void
print_task(const struct task *task, struct text *line)
{
	text_clear(line);
	task_put_plain_id(task, line);
	text_char(line, '\t');
	text_span(line, task_spec_text(task));
	text_char(line, '\n');
	fwrite(line->data, 1, line->len, stdout);
}

/* Prints what would run: "id<TAB>action". */
static int
dry_run(const struct run_options *options, struct jobfile *jobfile)
{
	struct text line = TEXT_INIT;
	enum jobfile_state state;
	struct task *task;
	int status = EXIT_ALL_OK;

	jobfile_ignore_needs(jobfile);
	look_at_results(options);
	while ((state = jobfile_next(jobfile, &task)) != JOBFILE_END) {
		if (state == JOBFILE_TASK) {
			if (resume_verdict(options->done, task) == RESUME_RUN) {
				print_task(task, &line);
			}
			task_free(task);
		} else if (state == JOBFILE_WAIT) {
			jobfile_wait(jobfile);
		} else {
			warnx("%s", jobfile_error(jobfile));
			status = state == JOBFILE_FAIL ? EXIT_SYSTEM : EXIT_USAGE;
			if (state == JOBFILE_FAIL) {
				break;
			}
		}
	}
	text_free(&line);
	return fflush(stdout) == 0 ? status : EXIT_SYSTEM;
}

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

/* The end of a run, for people and for programs. */
static int
report(const struct run_options *options, const struct summary *summary, int status)
{
	struct text text = TEXT_INIT, json = TEXT_INIT;

	if (!options->quiet && !options->json) {
		summary_print(summary, options->color, &text);
		fds_write_all(STDERR_FILENO, text.data, text.len);
	}
	summary_json(summary, &json);
	if (options->json && !fds_write_all(STDOUT_FILENO, json.data, json.len)) {
		warn("stdout");
		status = status == EXIT_ALL_OK || status == EXIT_NOT_ALL_OK ? EXIT_SYSTEM : status;
	}
	if (options->summary != NULL && !write_file(options->summary, &json)) {
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
	struct sinks *sinks = sinks_open(options, &error);
	struct summary summary;
	int status;

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

/* Writing to the job file would destroy it, or read what is written. */
static void
refuse_itself(const struct jobfile *jobfile, const char *option, const char *path)
{
	if (path != NULL && jobfile_is(jobfile, path)) {
		errx(EXIT_USAGE, "%s: %s is the job file itself; name another", option, path);
	}
}

int
cmd_run(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct text error = TEXT_INIT;
	struct jobfile *jobfile;
	int status;

	options_parse(&line, argc, argv, FOR_RUN, USAGE);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "which job file? (- is stdin)"
					: "one job file at a time");
	}
	line.run.file = argv[line.first];
	if (!line.run.dry_run) {
		guard_start();
	}
	jobfile = jobfile_open(line.run.file, &line.run.defaults, &error);
	if (jobfile == NULL) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	refuse_itself(jobfile, "-o", line.run.results);
	refuse_itself(jobfile, "--summary", line.run.summary);
	refuse_itself(jobfile, "--joblog", line.run.joblog);
	if (line.run.resume) {
		line.run.done = resume_new(line.run.retry_failed);
	}
	status = line.run.dry_run ? dry_run(&line.run, jobfile) : run(&line.run, jobfile);
	resume_free(line.run.done);
	jobfile_free(jobfile);
	return status;
}
