/* SPDX-License-Identifier: ISC */
/*
 * fuzz_jobfile: any bytes as a job file, through a file and through a pipe. Both ways must come to
 * the same tasks and the same messages.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "supervisor/jobfile.h"

#define TASKS_MOST 200   /* a repeat may stand for a billion */
#define PIPE_MOST  60000 /* bytes that a pipe takes without a reader */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
put_task(struct task *task, struct text *out)
{
	task_put_id(task, out);
	text_span(out, task_name(task));
	text_span(out, task_spec_text(task));
	text_printf(out, "%jx\n", (uintmax_t)task->text->hash);
}

static void
read_all(struct jobfile *jobfile, struct text *out)
{
	struct task *task;

	for (int i = 0; i < TASKS_MOST; i++) {
		switch (jobfile_next(jobfile, &task)) {
		case JOBFILE_TASK:
			put_task(task, out);
			jobfile_ended(jobfile, task,
				      task->number % 3 == 0 ? STATUS_failed : STATUS_ok, 1);
			task_free(task);
			break;
		case JOBFILE_SKIP:
			put_task(task, out);
			text_printf(out, "skipped %s\n", jobfile_error(jobfile));
			task_free(task);
			break;
		case JOBFILE_BAD:
			text_printf(out, "bad %ju %s\n", (uintmax_t)jobfile_number(jobfile),
				    jobfile_error(jobfile));
			break;
		case JOBFILE_WAIT: /* all of it was written */
		case JOBFILE_HELD: /* nothing is in progress */
			abort();
		case JOBFILE_END:
			text_string(out, "end\n");
			return;
		case JOBFILE_FAIL:
			text_printf(out, "fail %s\n", jobfile_error(jobfile));
			return;
		}
	}
}

/* Reads what stdin has, the job's name, tasks and messages. */
static void
collect(int fd, struct text *out)
{
	struct jobfile *jobfile;

	dup2(fd, STDIN_FILENO);
	close(fd);
	jobfile = jobfile_open("-", NULL, out);
	if (jobfile != NULL) {
		text_string(out, jobfile_name(jobfile));
		read_all(jobfile, out);
	}
	jobfile_free(jobfile);
}

static int
open_memory(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("jobfile", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0) {
		abort();
	}
	return fd;
}

static int
open_pipe(const uint8_t *bytes, size_t len)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], bytes, len) != (ssize_t)len) {
		abort();
	}
	close(ends[1]);
	return ends[0];
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct text by_file = TEXT_INIT, by_pipe = TEXT_INIT;

	if (len > PIPE_MOST) {
		return 0;
	}
	collect(open_memory(bytes, len), &by_file);
	collect(open_pipe(bytes, len), &by_pipe);
	if (by_file.len != by_pipe.len ||
	    (by_file.len > 0 && memcmp(by_file.data, by_pipe.data, by_file.len) != 0)) {
		abort();
	}
	text_free(&by_file);
	text_free(&by_pipe);
	return 0;
}
