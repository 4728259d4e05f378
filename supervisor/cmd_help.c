/* SPDX-License-Identifier: ISC */
/* cmd_help: `stint help`: opens a manual page, or says where the short help is. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/text.h"
#include "supervisor/commands.h"
#include "supervisor/supervisor.h"

/* The pages that there are beside stint(1), by what people ask for. */
static const struct {
	const char *topic;
	const char *page;
	const char *section;
} pages[] = {
    {"map", "stint-map", "1"},
    {"stint-map", "stint-map", "1"},
    {"import", "stint-import", "1"},
    {"stint-import", "stint-import", "1"},
    {"report", "stint-report", "1"},
    {"stint-report", "stint-report", "1"},
    {"whatif", "stint-whatif", "1"},
    {"stint-whatif", "stint-whatif", "1"},
    {"top", "stint-top", "1"},
    {"stint-top", "stint-top", "1"},
    {"parallel", "stint-parallel", "7"},
    {"stint-parallel", "stint-parallel", "7"},
    {"xargs", "stint-parallel", "7"},
    {"jobs", "stint-jobs", "5"},
    {"stint-jobs", "stint-jobs", "5"},
    {"submit", "stint-submit", "1"},
    {"stint-submit", "stint-submit", "1"},
    {"queue", "stint-queue", "1"},
    {"stint-queue", "stint-queue", "1"},
    {"status", "stint-queue", "1"},
    {"wait", "stint-queue", "1"},
    {"results", "stint-queue", "1"},
    {"output", "stint-queue", "1"},
    {"cancel", "stint-queue", "1"},
    {"retry", "stint-queue", "1"},
    {"pause", "stint-queue", "1"},
    {"resume", "stint-queue", "1"},
    {"drain", "stint-queue", "1"},
    {"priority", "stint-queue", "1"},
    {"rm", "stint-queue", "1"},
    {"ping", "stint-queue", "1"},
    {"shutdown", "stint-queue", "1"},
    {"protocol", "stint-protocol", "7"},
    {"stint-protocol", "stint-protocol", "7"},
    {"stintd", "stintd", "8"},
    {"daemon", "stintd", "8"},
    {"stintd.json", "stintd.json", "5"},
    {"worker", "stint-worker", "7"},
    {"stint-worker", "stint-worker", "7"},
};

static bool
is_command(const char *topic)
{
	for (int i = 0; i < command_count; i++) {
		if (strcmp(topic, commands[i].name) == 0) {
			return true;
		}
	}
	return strcmp(topic, "stint") == 0;
}

int
cmd_help(int argc, char **argv)
{
	const char *topic = argc > 1 ? argv[1] : "stint", *page = NULL, *section = "1";

	if (strcmp(topic, "-h") == 0 || strcmp(topic, "--help") == 0) {
		puts("usage: stint help [COMMAND]\n\nOpens the manual page of a command, or of "
		     "`jobs`, `queue`, `stintd`, `parallel`,\n`worker` or `protocol`.");
		return EXIT_ALL_OK;
	}
	if (is_command(topic)) {
		page = "stint";
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(topic, pages[i].topic) == 0) {
			page = pages[i].page;
			section = pages[i].section;
		}
	}
	if (page == NULL) {
		text_printable(argv[1]);
		errx(EXIT_USAGE,
		     "no help on \"%s\"; there is help on run, map, compare, whatif, top, "
		     "report, import, check, submit, queue, stintd, jobs, parallel, worker, "
		     "protocol",
		     topic);
	}
	execlp("man", "man", section, page, (char *)NULL);
	err(EXIT_SYSTEM, "man %s %s; `stint %s -h` prints the short help", section, page,
	    is_command(topic) && strcmp(topic, "stint") != 0 ? topic : "run");
}
