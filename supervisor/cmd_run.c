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
#include "supervisor/run_job.h"
#include "supervisor/supervisor.h"

#define USAGE "stint run [options] FILE|-"

/*
 * What is done already, without a change to the file; NULL: nothing. Ends the process if it cannot
 * be told.
 */
static struct resume *
look_at_results(const struct run_options *options)
{
	struct resume *done =
	    options->resume ? resume_new(options->retry_failed ? WANTED_FAILED : WANTED_NOT_OK)
			    : NULL;
	struct text error = TEXT_INIT;
	uint64_t end;
	bool unended;
	int fd = done == NULL ? -1 : open(options->results, O_RDONLY | O_CLOEXEC);

	if (done != NULL && fd < 0 && errno != ENOENT) {
		err(EXIT_USAGE, "%s", options->results);
	}
	if (fd >= 0 && !resume_read(done, fd, options->results, &end, &unended, &error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	fds_close(&fd);
	return done;
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
	struct resume *done = look_at_results(options);
	struct text line = TEXT_INIT;
	enum jobfile_state state;
	struct task *task;
	int status = EXIT_ALL_OK;

	jobfile_ignore_needs(jobfile);
	while ((state = jobfile_next(jobfile, &task)) != JOBFILE_END) {
		if (state == JOBFILE_TASK) {
			if (resume_verdict(done, task) == RESUME_RUN) {
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
	resume_free(done);
	return fflush(stdout) == 0 ? status : EXIT_SYSTEM;
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

	options_parse(&line, argc, argv, FOR_RUN_ONLY, USAGE);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "which job file? (- is stdin)"
					: "one job file at a time (stint map runs commands)");
	}
	line.run.file = argv[line.first];
	if (line.run.file[0] == '\0') {
		errx(EXIT_USAGE, "the name of the job file is empty; usage: " USAGE);
	}
	if (!line.run.dry_run) {
		guard_start();
	}
	if (strcmp(line.run.file, "-") == 0 && isatty(STDIN_FILENO) == 1) {
		line.run.top = false; /* what is typed is the job, and no keys */
	}
	jobfile = jobfile_open(line.run.file, &line.run.defaults, &error);
	if (jobfile == NULL) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	refuse_itself(jobfile, "-o", line.run.results);
	refuse_itself(jobfile, "--summary", line.run.summary);
	refuse_itself(jobfile, "--joblog", line.run.joblog);
	refuse_itself(jobfile, "--report", line.run.report);
	status = line.run.dry_run ? dry_run(&line.run, jobfile) : run_job(&line.run, jobfile);
	jobfile_free(jobfile);
	return status;
}
