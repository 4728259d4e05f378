/* SPDX-License-Identifier: ISC */
/* options_foreign: see options_foreign.h. In the supervisor. */
#include "supervisor/options_foreign.h"

#include <err.h>
#include <string.h>

#include "supervisor/supervisor.h"

#define NO_NUMBER "commands that wait overlap by themselves; -j N is for fewer cores"
#define MANUAL    "there is none; stint-parallel(7) says what comes near it"

static const struct {
	const char *name;
	enum option_users users;
	const char *instead;
} foreign[] = {
    {"-P", FOR_RUN, NO_NUMBER},
    {"--max-procs", FOR_RUN, NO_NUMBER},
    {"-i", FOR_MAP, "{} is replaced without it; -I STR for another string"},
    {"-L", FOR_MAP, "a line is an argument; -n N puts N into a command"},
    {"-l", FOR_MAP, "a line is an argument; -n N puts N into a command"},
    {"--max-lines", FOR_MAP, "a line is an argument; -n N puts N into a command"},
    {"-p", FOR_MAP, "--dry-run prints the commands first"},
    {"--interactive", FOR_MAP, "--dry-run prints the commands first"},
    {"-t", FOR_MAP, "--dry-run prints the commands, --tag names them in their output"},
    {"--verbose", FOR_MAP, "--dry-run prints the commands, --tag names them in their output"},
    {"-u", FOR_RUN, "--output raw does that"},
    {"--ungroup", FOR_RUN, "--output raw does that"},
    {"--lb", FOR_RUN, "--output line does that"},
    {"--line-buffer", FOR_RUN, "--output line does that"},
    {"--linebuffer", FOR_RUN, "--output line does that"},
    {"--group", FOR_RUN, "that is how output is shown without it"},
    {"--bar", FOR_RUN, "--progress does that"},
    {"--eta", FOR_RUN, "--progress does that"},
    {"--load", FOR_RUN, "the cores are never overloaded; -j N is for fewer of them"},
    {"--memfree", FOR_RUN, "--memory SIZE says what each may take"},
    {"--resume-failed", FOR_RUN, "--resume runs again what is not ok, --retry-failed only that"},
    {"--xapply", FOR_MAP, "--link does that"},
    {"-S", FOR_MAP, MANUAL},
    {"--sshlogin", FOR_MAP, MANUAL},
    {"--pipe", FOR_MAP, MANUAL},
    {"--delay", FOR_MAP, MANUAL},
};

void
options_fail_foreign(const char *typed, int letter, enum option_users users)
{
	const char option[] = {'-', (char)letter, '\0'};

	typed = letter != 0 ? option : typed;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		size_t len = strlen(foreign[i].name);

		if ((foreign[i].users & users) != 0 && strncmp(foreign[i].name, typed, len) == 0 &&
		    (typed[len] == '\0' || typed[len] == '=')) {
			errx(EXIT_USAGE, "%s: unknown option; %s", foreign[i].name,
			     foreign[i].instead);
		}
	}
}
