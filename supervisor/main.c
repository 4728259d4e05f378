/* SPDX-License-Identifier: ISC */
/* stint: the command line; a row in commands.def and a file cmd_<name>.c for each subcommand. */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "ipc/fds.h"
#include "ipc/memory.h"
#include "ipc/nearest.h"
#include "ipc/text.h"
#include "supervisor/commands.h"
#include "supervisor/supervisor.h"

const struct command commands[] = {
#define COMMAND(name, summary) {#name, summary, cmd_##name},
#include "supervisor/commands.def"
#undef COMMAND
};

const int command_count = sizeof(commands) / sizeof(commands[0]);

/* What task-spooler, pueue and shells call what is called otherwise here. */
static const struct {
	const char *name, *instead;
} foreign[] = {
    {"add", "submit"},    {"kill", "cancel"},      {"log", "output"},  {"tail", "output -f"},
    {"ls", "jobs"},       {"follow", "output -f"}, {"list", "jobs"},   {"queue", "jobs"},
    {"start", "resume"},  {"enqueue", "resume"},   {"remove", "rm"},   {"delete", "rm"},
    {"restart", "retry"}, {"clean", "rm --ended"}, {"stash", "pause"}, {"info", "status"},
    {"stop", "cancel"},   {"clear", "rm --ended"}, {"show", "status"}, {"cat", "output"},
};

static void
fail_foreign(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strcmp(name, foreign[i].name) == 0) {
			errx(EXIT_USAGE, "%s: unknown command; here it is: stint %s", name,
			     foreign[i].instead);
		}
	}
}

static void
print_help(void)
{
	puts("usage: stint COMMAND [options] ...\n\n"
	     "Runs the tasks of a job file, or a command for each argument, on every core:\n"
	     "those that compute get a core each, those that wait overlap without limit.\n");
	for (int i = 0; i < command_count; i++) {
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	}
	puts("\n`stint COMMAND -h` lists the options of one; `stint help` opens the manual.\n"
	     "A first run:  stint map -- gzip -k {} ::: *.txt\n"
	     "or:           echo '{\"shell\":\"echo hello; sleep 1\"}' | stint run -");
}

int
main(int argc, char **argv)
{
	struct nearest nearest = NEAREST_INIT(argc > 1 ? argv[1] : "");

	fds_fill_standard();
	memory_insist();
	if (argc < 2) {
		print_help();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("stint " STINT_VERSION);
		return EXIT_ALL_OK;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
		print_help();
		return EXIT_ALL_OK;
	}
	for (int i = 0; i < command_count; i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			return commands[i].run(argc - 1, argv + 1);
		}
		nearest_offer(&nearest, commands[i].name);
	}
	text_printable(argv[1]);
	if (argv[1][0] == '-') {
		errx(EXIT_USAGE, "%s: options stand behind a command: stint run %s ...; stint -h",
		     argv[1], argv[1]);
	}
	fail_foreign(argv[1]);
	if (nearest.word != NULL) {
		errx(EXIT_USAGE, "%s: unknown command, did you mean \"%s\"?", argv[1],
		     nearest.word);
	}
	errx(EXIT_USAGE, "%s: unknown command; stint -h lists them", argv[1]);
}
