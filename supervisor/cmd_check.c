/* SPDX-License-Identifier: ISC */
/* cmd_check: `stint check`: says what is wrong with job files. In the supervisor. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/commands.h"
#include "supervisor/jobfile_check.h"
#include "supervisor/supervisor.h"

#define USAGE "stint check FILE..."

/* True if the file is good. */
static bool
check(const char *path)
{
	struct text error = TEXT_INIT;
	struct jobfile *jobfile = jobfile_open(path, NULL, &error);
	uint64_t tasks;
	bool good;

	if (jobfile == NULL) {
		text_terminate(&error);
		warnx("%s", error.data);
		text_free(&error);
		return false;
	}
	good = jobfile_check(jobfile, path, &tasks);
	jobfile_free(jobfile);
	if (good) {
		printf("%s: ok, %" PRIu64 " task%s\n", path, tasks, tasks == 1 ? "" : "s");
	}
	return good;
}

int
cmd_check(int argc, char **argv)
{
	bool good = true;
	int first = 1;

	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		puts("usage: " USAGE "\n\nSays what is wrong with each file; nothing is run.");
		return EXIT_ALL_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		first = 2;
	} else if (argc > 1 && argv[1][0] == '-' && argv[1][1] != '\0') {
		errx(EXIT_USAGE, "%s: unknown option; usage: " USAGE, argv[1]);
	}
	if (argc == first) {
		errx(EXIT_USAGE, "which job file? usage: " USAGE);
	}
	for (int i = first; i < argc; i++) {
		good = check(argv[i]) && good;
	}
	return good ? EXIT_ALL_OK : EXIT_USAGE;
}
