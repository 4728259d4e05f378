/* SPDX-License-Identifier: ISC */
/* options_foreign: see options_foreign.h. In the supervisor. */
#include "supervisor/options_foreign.h"

#include <err.h>
#include <string.h>

#include "supervisor/supervisor.h"

#define NO_NUMBER "commands that wait overlap by themselves; -j N is for fewer cores"

#define PIPE     "stdin of commands is /dev/null; split(1) the input, give the files"
#define REMOTE   "commands run on this machine"
#define SHELL_IN "use --shell, and ${x%.*} and the like in it"
#define SHOW     "it is --dry-run to see commands, --tag or --joblog FILE to tell what ran"
#define LOAD     "not needed: cores are never overloaded; --memory SIZE holds back what needs memory"
#define NOTHING  "not needed; leave it out"

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
    {"-S", FOR_MAP, REMOTE},
    {"--sshlogin", FOR_MAP, REMOTE},
    {"--pipe", FOR_MAP, PIPE},
    {"--delay", FOR_MAP, "--waiting N, or \"uses\" in a job file, limits how many run at once"},
    {"--spreadstdin", FOR_MAP, PIPE},
    {"--pipepart", FOR_MAP, PIPE},
    {"--pipe-part", FOR_MAP, PIPE},
    {"--block", FOR_MAP, PIPE},
    {"--cat", FOR_MAP, PIPE},
    {"--fifo", FOR_MAP, PIPE},
    {"--recstart", FOR_MAP, PIPE},
    {"--recend", FOR_MAP, PIPE},
    {"--round-robin", FOR_MAP, PIPE},
    {"--sshloginfile", FOR_MAP, REMOTE},
    {"--slf", FOR_MAP, REMOTE},
    {"--onall", FOR_MAP, REMOTE},
    {"--nonall", FOR_MAP, REMOTE},
    {"--transferfile", FOR_MAP, REMOTE},
    {"--trc", FOR_MAP, REMOTE},
    {"--env", FOR_MAP, NOTHING ": commands have the environment that stint has"},
    {"--wd", FOR_MAP, "cd there first"},
    {"--workdir", FOR_MAP, "cd there first"},
    {"--plus", FOR_MAP, SHELL_IN},
    {"--rpl", FOR_MAP, SHELL_IN},
    {"--trim", FOR_MAP, SHELL_IN},
    {"--header", FOR_MAP, "tail -n +2, and {1} for the first column"},
    {"--tagstring", FOR_MAP,
     "it is --tag here, with the arguments; \"tag\" in a job file says any other"},
    {"--shuf", FOR_MAP, "shuf(1) the arguments"},
    {"--memsuspend", FOR_MAP, LOAD},
    {"--noswap", FOR_MAP, LOAD},
    {"--limit", FOR_MAP, LOAD},
    {"--semaphore", FOR_MAP, "\"uses\" in a job file limits how many run at once"},
    {"--fg", FOR_MAP, "\"uses\" in a job file limits how many run at once"},
    {"--tmux", FOR_MAP, "--output line shows output as it comes"},
    {"--tmpdir", FOR_MAP, "it is the variable TMPDIR here"},
    {"--compress", FOR_MAP, NOTHING},
    {"--will-cite", FOR_MAP, NOTHING},
    {"--citation", FOR_MAP, NOTHING},
    {"--bibtex", FOR_MAP, NOTHING},
    {"--no-notice", FOR_MAP, NOTHING},
    {"--gnu", FOR_MAP, NOTHING},
    {"--quote", FOR_MAP, NOTHING ": no shell reads the words of a command"},
    {"--exit", FOR_MAP, NOTHING},
    {"-x", FOR_MAP, NOTHING},
    {"-v", FOR_MAP, SHOW},
    {"-s", FOR_MAP, "it is -n N here; -X keeps to what the system takes"},
    {"--max-chars", FOR_MAP, "it is -n N here; -X keeps to what the system takes"},
    {"-U", FOR_MAP, "{%} and {#} are fixed"},
    {"-E", FOR_MAP, "sed '/^END$/,$d' ends arguments there"},
    {"--eof", FOR_MAP, "sed '/^END$/,$d' ends arguments there"},
    {"-D", FOR_MAP, "it is --explain here"},
    {"--process-slot-var", FOR_MAP, "it is the variable STINT_SLOT here"},
    {"--open-tty", FOR_MAP, "stdin of commands is /dev/null"},
    {"--tty", FOR_MAP, "stdin of commands is /dev/null"},
    {"--arg-sep", FOR_MAP, "::: begins arguments"},
    {"--arg-file-sep", FOR_MAP, ":::: begins files of arguments"},
    {"--max-line-length-allowed", FOR_MAP, "getconf ARG_MAX"},
    {"--number-of-cores", FOR_MAP, "nproc(1)"},
    {"--number-of-cpus", FOR_MAP, "nproc(1)"},
    {"-L", FOR_SUBMIT, "it is --name here"},
    {"-l", FOR_SUBMIT, "it is --name here"},
    {"--label", FOR_SUBMIT, "it is --name here"},
    {"-d", FOR_SUBMIT, "--after JOB comes after that; at(1) submits at a time"},
    {"--delay", FOR_SUBMIT, "at(1) submits at a time"},
    {"-D", FOR_SUBMIT, "--after JOBS comes after those, --after-any however they end"},
    {"-W", FOR_SUBMIT, "it is --after here"},
    {"-a", FOR_SUBMIT, "it is --after here"},
    {"-N", FOR_SUBMIT, "\"cpus\" in a job file says how many cores it takes"},
    {"-s", FOR_SUBMIT, "it is --hold here"},
    {"--stashed", FOR_SUBMIT, "it is --hold here"},
    {"-g", FOR_SUBMIT, "\"uses\" in a job file limits how many run at once"},
    {"--group", FOR_SUBMIT, "\"uses\" in a job file limits how many run at once"},
    {"-i", FOR_SUBMIT, "--priority says whose turn it is"},
    {"--immediate", FOR_SUBMIT, "--priority says whose turn it is"},
    {"-w", FOR_SUBMIT, "cd there first"},
    {"--working-directory", FOR_SUBMIT, "cd there first"},
    {"-n", FOR_SUBMIT, NOTHING ": output is kept, and is in nobody's way"},
    {"-e", FOR_SUBMIT, NOTHING ": no shell reads the words of a command"},
    {"--escape", FOR_SUBMIT, NOTHING ": no shell reads the words of a command"},
    {"--print-task-id", FOR_SUBMIT, NOTHING ": the number is printed"},
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
