/* SPDX-License-Identifier: ISC */
/*
 * cmd_top: `stint top`: on the whole screen, the queue of the daemon, or jobs of it; or a run, by its
 * results file. A number is a job: ./12 is a file. In a process of its own.
 */
#include <err.h>

#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"
#include "supervisor/top_queue.h"
#include "supervisor/top_results.h"

#define USAGE                            \
	"stint top [options] [JOB...]\n" \
	"       stint top [options] RESULTS"

#define JOBS_MOST 64

int
cmd_top(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	uint64_t jobs[JOBS_MOST];
	size_t count = 0;
	int files = 0;

	options_parse(&line, argc, argv, FOR_TOP, USAGE);
	for (int i = line.first; i < argc; i++) {
		if (!control_client_number(span_of(argv[i]), &jobs[count])) {
			files++;
		} else if (++count == JOBS_MOST) {
			errx(EXIT_USAGE, "fewer than %d jobs at a time; without any it shows all",
			     JOBS_MOST);
		}
	}
	if (files > 1 || (files == 1 && count > 0)) {
		errx(EXIT_USAGE, files > 1
				     ? "one results file at a time; jobs are named by their numbers"
				     : "jobs, or a results file: which of the two?");
	}
	if (files == 1) {
		return top_results(argv[line.first], line.report.cores, line.run.top_color);
	}
	if (line.report.cores != 0) {
		errx(EXIT_USAGE, "-j: is for a results file; stintd knows its cores");
	}
	return top_queue(&line.client, jobs, count, line.run.top_color);
}
