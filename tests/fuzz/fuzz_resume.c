/* SPDX-License-Identifier: ISC */
/*
 * fuzz_resume: any bytes as a results file to go on from. What is kept of it ends within it, at
 * the end of a line, and reading that once more comes to the same.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/resume.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
read_it(int fd, uint64_t *end, bool *unended)
{
	struct resume *resume = resume_new(WANTED_NOT_OK);
	struct text error = TEXT_INIT;
	bool good = resume_read(resume, fd, "results", end, unended, &error);

	if (good != (error.len == 0)) {
		abort();
	}
	text_free(&error);
	resume_free(resume);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static bool silent;
	int fd = memfd_create("results", MFD_CLOEXEC);
	uint64_t end = 0, again = 0;
	bool unended, torn;

	if (!silent) { /* what is damaged is said on stderr */
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		silent = dup2(null, STDERR_FILENO) >= 0;
		close(null);
	}
	if (fd < 0 || !fds_write_all(fd, bytes, len)) {
		abort();
	}
	if (read_it(fd, &end, &unended)) {
		if (end > len || (end > 0 && !unended && bytes[end - 1] != '\n') ||
		    ftruncate(fd, (off_t)end) != 0 || !read_it(fd, &again, &torn) || again != end ||
		    torn != unended) {
			abort();
		}
	}
	close(fd);
	return 0;
}
