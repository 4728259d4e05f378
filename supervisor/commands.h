/* SPDX-License-Identifier: ISC */
/* commands: the subcommands of stint. Each gets its own argv, argv[0] its name. In the supervisor. */
#ifndef SUPERVISOR_COMMANDS_H
#define SUPERVISOR_COMMANDS_H

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* returns the exit status */
};

extern const struct command commands[];
extern const int command_count;

#define COMMAND(name, summary) int cmd_##name(int argc, char **argv);
#include "supervisor/commands.def"
#undef COMMAND

#endif
