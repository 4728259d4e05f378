/* SPDX-License-Identifier: ISC */
/* options_help: see options_help.h. In the supervisor. */
#include "supervisor/options_help.h"

#include <stdio.h>
#include <string.h>

#include "supervisor/report.h"

#define COLUMNS 80

static const char *const headings[OPTION_GROUPS] = {
    [HOW_MUCH] = "how much at once", [TASKS] = "for tasks that say nothing of it",
    [STOPPING] = "when to stop",     [KEPT] = "what is kept",
    [SHOWN] = "what is shown",       [REST] = "other",
    [ARGUMENTS] = "arguments",       [COMMANDS] = "commands",
};

static void
print_row(const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
		 row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
		 row->value ? " " : "", row->value ? row->value : "");
	printf("  %-25s %s\n", left, row->help);
}

static bool
explained(const struct option_row *row, enum option_users users)
{
	return users == FOR_MAP ? row->users == FOR_MAP : (row->users & users) != 0;
}

static void
print_rows(const struct option_row *rows, int count, enum option_users users)
{
	for (enum option_group group = 0; group < OPTION_GROUPS; group++) {
		bool headed = (users & FOR_RUN) == 0; /* too few for headings */

		for (int i = 0; i < count; i++) {
			if (rows[i].group != group || !explained(&rows[i], users)) {
				continue;
			}
			if (!headed) {
				printf("%s:\n", headings[group]);
				headed = true;
			}
			print_row(&rows[i]);
		}
	}
}

/* What map has from run: names, as many a line as fit. */
static void
print_names(const struct option_row *rows, int count)
{
	size_t column = COLUMNS;

	fputs("and, as `stint run -h` explains them:", stdout);
	for (int i = 0; i < count; i++) {
		size_t len = 3 + strlen(rows[i].name) + (rows[i].letter ? 3 : 0);

		if (explained(&rows[i], FOR_MAP) || (rows[i].users & FOR_MAP) == 0) {
			continue;
		}
		if (column + len > COLUMNS) {
			fputs("\n ", stdout);
			column = 1;
		}
		column += len;
		if (rows[i].letter) {
			printf(" -%c", rows[i].letter);
		}
		printf(" --%s", rows[i].name);
	}
	putchar('\n');
}

static void
print_formats(void)
{
	struct text list = TEXT_INIT;

	report_list(&list);
	printf("\nformats, and the suffixes by which -o tells them:\n%.*s", (int)list.len,
	       list.data);
	text_free(&list);
}

void
options_help(const struct option_row *rows, int count, enum option_users users, const char *usage)
{
	printf("usage: %s\n\n", usage);
	print_rows(rows, count, users);
	puts("  -h, --help                this; `stint help` opens the manual");
	if (users == FOR_MAP) {
		print_names(rows, count);
	}
	if (users == FOR_REPORT) {
		print_formats();
	}
}
