/* SPDX-License-Identifier: ISC */
/*
 * fuzz_import: any bytes as a recorded workflow. What is taken makes a valid job file; what is not
 * is told in one line.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/import.h"
#include "supervisor/jobfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_jobfile(struct span bytes)
{
	int fd = memfd_create("job", MFD_CLOEXEC);
	char path[64];
	struct text error = TEXT_INIT;
	struct jobfile *jobfile;
	struct task *task;
	enum jobfile_state state;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || !fds_write_all(fd, bytes.at, bytes.len)) {
		abort();
	}
	jobfile = jobfile_open(path, NULL, &error);
	if (jobfile == NULL) {
		abort();
	}
	jobfile_ignore_needs(jobfile);
	while ((state = jobfile_next(jobfile, &task)) == JOBFILE_TASK) {
		task_free(task);
	}
	if (state != JOBFILE_END) {
		fprintf(stderr, "%s\n%.*s\n", jobfile_error(jobfile), (int)bytes.len, bytes.at);
		abort();
	}
	jobfile_free(jobfile);
	text_free(&error);
	close(fd);
}

static void
import(struct span bytes, enum import_as as)
{
	struct import_source source = {.file = "f", .bytes = bytes, .as = as};
	struct text out = TEXT_INIT, error = TEXT_INIT;
	struct import_job job = {.count = 0};
	uint32_t task;

	if (!import_wfcommons.read(&source, &job, &error)) {
		if (error.len == 0 || memchr(error.data, '\n', error.len) != NULL) {
			abort();
		}
	} else if (import_job_write(&job, as, 1, &out, &task)) {
		check_jobfile((struct span){out.data, out.len});
	}
	import_job_clear(&job);
	text_free(&error);
	text_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);

	memcpy(bytes, data, size);
	bytes[size] = '\0';
	import((struct span){bytes, size}, IMPORT_STEPS);
	import((struct span){bytes, size}, IMPORT_EXEC);
	free(bytes);
	return 0;
}
