/* SPDX-License-Identifier: ISC */
/* run_recorder: see run_recorder.h. In the supervisor. */
#include "supervisor/run_recorder.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

/* Nothing is made of it yet: a run that is stopped leaves no empty report. */
static void
check_writable(const char *path)
{
	struct text folder = TEXT_INIT;
	const char *slash = strrchr(path, '/');
	struct stat info;
	bool good;

	if (stat(path, &info) == 0) {
		errno = EISDIR;
		good = !S_ISDIR(info.st_mode) && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
	} else {
		text_bytes(&folder, path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
		text_string(&folder, ".");
		text_terminate(&folder);
		good = faccessat(AT_FDCWD, folder.data, W_OK | X_OK, AT_EACCESS) == 0;
	}
	if (!good) {
		err(EXIT_USAGE, "--report: %s", path);
	}
	text_free(&folder);
}

const struct report_ops *
run_recorder_format(const char *path, bool several)
{
	const struct report_ops *ops;
	struct text names = TEXT_INIT;

	if (path == NULL) {
		return NULL;
	}
	ops = report_of_file(path);
	if (ops == NULL || (several && !ops->several)) {
		report_suffixes(several, &names);
		text_terminate(&names);
		errx(EXIT_USAGE, "--report: %s: %s; let it end with one of %s", path,
		     ops == NULL ? "the name tells no format"
				 : "that format shows one run, and there are several",
		     names.data);
	}
	check_writable(path);
	return ops;
}

struct recorded_run *
run_recorder_new(const struct report_ops *ops)
{
	return ops == NULL ? NULL : recorded_run_new(&ops->limits);
}

void
run_recorder_end(struct recorded_run *run, const struct summary *summary)
{
	struct text json = TEXT_INIT;

	summary_json(summary, &json);
	recorded_run_summary(run, (struct span){json.data, json.len});
	text_free(&json);
	recorded_run_finish(run, 0);
}
