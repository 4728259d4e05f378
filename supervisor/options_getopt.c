/* SPDX-License-Identifier: ISC */
/* options_getopt: see options_getopt.h. In the supervisor. */
#include "supervisor/options_getopt.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/nearest.h"
#include "ipc/text.h"
#include "supervisor/options_foreign.h"
#include "supervisor/supervisor.h"

#define ROWS_MOST 128

static _Noreturn void
fail_unknown(const struct option_table *table, char **argv, enum option_users users)
{
	const char *typed = optopt != 0 ? "" : argv[optind - 1];
	bool is_long = strncmp(typed, "--", 2) == 0;
	struct nearest nearest = NEAREST_INIT(is_long ? typed + 2 : "");

	for (int i = 0; is_long && i < table->count; i++) {
		if ((table->rows[i].users & users) != 0) {
			nearest_offer(&nearest, table->rows[i].name);
		}
	}
	if (optopt >= 256) {
		errx(EXIT_USAGE, "--%s: takes no value", table->rows[optopt - 256].name);
	}
	options_fail_foreign(typed, optopt, users);
	if (nearest.word != NULL) {
		errx(EXIT_USAGE, "%s: unknown option, did you mean --%s?", typed, nearest.word);
	}
	if (users == FOR_SUBMIT) {
		const char letter[] = {'-', (char)optopt, '\0'};

		errx(EXIT_USAGE,
		     "%s: unknown option; a command and its options stand behind --: "
		     "stint submit -- COMMAND",
		     typed[0] != '\0' ? text_printable(argv[optind - 1]) : letter);
	}
	if (typed[0] != '\0') {
		errx(EXIT_USAGE, "%s: unknown option; stint %s -h lists them",
		     text_printable(argv[optind - 1]), argv[0]);
	}
	errx(EXIT_USAGE, "-%c: unknown option; stint %s -h lists them", optopt, argv[0]);
}

static _Noreturn void
fail_no_value(char **argv)
{
	if (optopt > 0 && optopt < 256) {
		errx(EXIT_USAGE, "-%c: needs a value; stint %s -h", optopt, argv[0]);
	}
	errx(EXIT_USAGE, "%s: needs a value; stint %s -h", argv[optind - 1], argv[0]);
}

/* The tables of getopt_long(3) for one subcommand. Values from 256: the row, long options. */
static void
make_tables(const struct option_table *table, enum option_users users, struct option *longs,
	    char *letters)
{
	char *at = letters;

	if (users == FOR_MAP) {
		*at++ = '+'; /* what follows the command is its own */
	}
	*at++ = ':';
	*at++ = 'h';
	for (int i = 0; i < table->count; i++) {
		if ((table->rows[i].users & users) == 0) {
			continue;
		}
		*longs++ = (struct option){
		    table->rows[i].name,
		    table->rows[i].value != NULL ? required_argument : no_argument, NULL, 256 + i};
		if (table->rows[i].letter != '\0') {
			*at++ = table->rows[i].letter;
			if (table->rows[i].value != NULL) {
				*at++ = ':';
			}
		}
	}
	*longs++ = (struct option){"help", no_argument, NULL, 'h'};
	*longs = (struct option){NULL, 0, NULL, 0};
	*at = '\0';
}

static int
row_of(const struct option_table *table, int found, enum option_users users)
{
	for (int i = 0; found < 256 && i < table->count; i++) {
		if (table->rows[i].letter == found && (table->rows[i].users & users) != 0) {
			return i;
		}
	}
	return found - 256;
}

/* An empty name is an unset variable of a script. */
static void
check_name(const struct option_row *row, const char *value)
{
	const char *what = row->value;

	if (what != NULL && value[0] == '\0' &&
	    (strcmp(what, "FILE") == 0 || strcmp(what, "DIR") == 0)) {
		errx(EXIT_USAGE, "--%s: the name is empty", row->name);
	}
}

void
options_getopt(const struct option_table *table, struct command_line *line, int argc, char **argv,
	       enum option_users users, const char *usage)
{
	struct option longs[ROWS_MOST + 2];
	char letters[3 * ROWS_MOST + 5];
	const struct option_row *row;
	int found;

	if (table->count > ROWS_MOST) {
		abort();
	}
	make_tables(table, users, longs, letters);
	opterr = 0;
	optind = 1;
	while ((found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (found) {
		case 'h':
			options_help(table->rows, table->count, users, usage);
			exit(0);
		case '?':
			fail_unknown(table, argv, users);
		case ':':
			fail_no_value(argv);
		default:
			row = &table->rows[row_of(table, found, users)];
			check_name(row, optarg);
			row->take(line, optarg);
		}
	}
	line->first = optind;
}
