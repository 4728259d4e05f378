/* SPDX-License-Identifier: ISC */
/* job_run: see job_run.h. */
#include "tests/job_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jobfile *
run_open(const char *text, size_t len, struct text *error)
{
	char path[] = "/tmp/stint-test-XXXXXX";
	int fd = mkstemp(path);
	struct jobfile *jobfile;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
	jobfile = jobfile_open(path, NULL, error);
	unlink(path);
	text_terminate(error);
	return jobfile;
}

struct jobfile *
run_open_good(const char *text)
{
	struct text error = TEXT_INIT;
	struct jobfile *jobfile = run_open(text, strlen(text), &error);

	ck_assert_msg(jobfile != NULL, "%s", error.data);
	text_free(&error);
	return jobfile;
}

/* The message without the name of the file. */
void
run_put_message(const char *message, struct text *out)
{
	text_string(out, strchr(message, ':') + 1);
}

void
run_end_oldest(struct run *run)
{
	struct task *task = run->open[0];
	bool fails = strcmp(unit_string(task_name(task)), "fail") == 0;

	ck_assert_uint_gt(run->count, 0);
	memmove(run->open, run->open + 1, --run->count * sizeof(struct task *));
	jobfile_ended(run->jobfile, task, fails ? STATUS_failed : STATUS_ok, run->wall_us);
	task_free(task);
}

void
run_see(struct run *run, struct task *task, bool skipped)
{
	task_put_plain_id(task, &run->seen);
	if (skipped) {
		text_printf(&run->seen, "(%s)", jobfile_error(run->jobfile));
		jobfile_ended(run->jobfile, task, STATUS_skipped, 0);
		task_free(task);
	} else {
		ck_assert_uint_lt(run->count, OPEN_MOST);
		run->open[run->count++] = task;
	}
	text_char(&run->seen, ' ');
}

void
run_to_its_end(struct run *run)
{
	enum jobfile_state state;
	struct task *task;

	while ((state = jobfile_next(run->jobfile, &task)) != JOBFILE_END) {
		switch (state) {
		case JOBFILE_TASK:
		case JOBFILE_SKIP:
			run_see(run, task, state == JOBFILE_SKIP);
			break;
		case JOBFILE_HELD:
			ck_assert_uint_gt(jobfile_held(run->jobfile), 0);
			text_string(&run->seen, "| ");
			run_end_oldest(run);
			break;
		case JOBFILE_BAD:
			run_put_message(jobfile_error(run->jobfile), &run->seen);
			text_char(&run->seen, ' ');
			break;
		default:
			ck_abort_msg("state %d", (int)state);
		}
	}
	while (run->count > 0) {
		run_end_oldest(run);
	}
	ck_assert_uint_eq(jobfile_held(run->jobfile), 0);
	ck_assert_uint_eq(jobfile_left(run->jobfile), 0);
	ck_assert(!jobfile_has_task(run->jobfile));
}

void
run_assert(const char *text, const char *expected)
{
	struct run run = {.jobfile = run_open_good(text), .wall_us = 1};

	run_to_its_end(&run);
	text_terminate(&run.seen);
	ck_assert_msg(strcmp(run.seen.data, expected) == 0, "%s\ngave\n%s\nnot\n%s", text,
		      run.seen.data, expected);
	text_free(&run.seen);
	jobfile_free(run.jobfile);
}

void
run_assert_refused(const char *text, const char *expected)
{
	struct text error = TEXT_INIT, message = TEXT_INIT;

	ck_assert_ptr_null(run_open(text, strlen(text), &error));
	run_put_message(error.data, &message);
	unit_assert_text(&message, expected);
	text_free(&message);
	text_free(&error);
}
