/* SPDX-License-Identifier: ISC */
/* jobfile_check: see jobfile_check.h. In the supervisor. */
#include "supervisor/jobfile_check.h"

#include <err.h>
#include <inttypes.h>

#define ERRORS_MAX 20 /* of one file that are shown */

bool
jobfile_check(struct jobfile *jobfile, const char *path, uint64_t *tasks)
{
	enum jobfile_state state;
	uint64_t errors = 0;
	struct task *task;

	*tasks = 0;
	jobfile_ignore_needs(jobfile);
	while ((state = jobfile_next(jobfile, &task)) != JOBFILE_END) {
		if (state == JOBFILE_TASK) {
			*tasks += 1 + jobfile_skip_repeats(jobfile);
			task_free(task);
		} else if (state == JOBFILE_WAIT) {
			jobfile_wait(jobfile);
		} else if (errors++ < ERRORS_MAX) {
			warnx("%s", jobfile_error(jobfile));
		}
		if (state == JOBFILE_FAIL) {
			break;
		}
	}
	if (errors > ERRORS_MAX) {
		warnx("%s: and %" PRIu64 " more errors", path, errors - ERRORS_MAX);
	}
	return errors == 0;
}
