/* SPDX-License-Identifier: ISC */
/* options_results: see options_results.h. In the supervisor. */
#include "supervisor/options_results.h"

#include <err.h>
#include <string.h>

#include "supervisor/supervisor.h"

void
options_take_resume(struct command_line *line, const char *value)
{
	(void)value;
	line->run.resume = true;
}

void
options_take_retry_failed(struct command_line *line, const char *value)
{
	(void)value;
	line->run.resume = true;
	line->run.retry_failed = true;
}

void
options_take_joblog(struct command_line *line, const char *value)
{
	line->run.joblog = value;
}

void
options_take_results_dir(struct command_line *line, const char *value)
{
	line->run.results_dir = value;
}

void
options_check_results(const struct run_options *run)
{
	const char *option = run->retry_failed ? "--retry-failed" : "--resume";

	if (run->resume && run->results == NULL) {
		errx(EXIT_USAGE, "%s: needs -o FILE, with the results to go on from", option);
	}
	if (run->resume && strcmp(run->results, "-") == 0) {
		errx(EXIT_USAGE, "%s: stdout cannot be read back; name a file with -o", option);
	}
}
