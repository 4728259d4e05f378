/* SPDX-License-Identifier: ISC */
/* map_options: see map_options.h. In the supervisor. */
#include "supervisor/map_options.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define ROWS_MOST 10000000

void
map_take_file(struct command_line *line, const char *value)
{
	struct map_options *map = &line->map;

	map->files = reallocarray(map->files, map->file_count + 1, sizeof(*map->files));
	if (map->files == NULL) {
		err(EXIT_SYSTEM, "-a");
	}
	map->files[map->file_count++] = value;
}

void
map_take_null(struct command_line *line, const char *value)
{
	(void)value;
	line->map.delimiter = '\0';
}

void
map_take_delimiter(struct command_line *line, const char *value)
{
	static const char names[] = "n\nt\tr\r0\0\\\\";

	if (value[0] == '\\' && value[1] != '\0' && value[2] == '\0') {
		for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
			if (names[i] == value[1]) {
				line->map.delimiter = names[i + 1];
				return;
			}
		}
	}
	if (value[0] == '\0' || value[1] != '\0') {
		errx(EXIT_USAGE, "-d: must be one byte, or one of \\n \\t \\r \\0 \\\\");
	}
	line->map.delimiter = value[0];
}

/* Lets \t stand for a tab, which the regular expressions of regex(7) do not know. */
void
map_take_columns(struct command_line *line, const char *value)
{
	char *columns = strdup(value);

	if (columns == NULL) {
		err(EXIT_SYSTEM, "-C");
	}
	if (value[0] == '\0') {
		errx(EXIT_USAGE, "-C: is empty; must be a regular expression: , or \\t or ' +'");
	}
	for (char *at = columns; *at != '\0'; at++) {
		if (at[0] == '\\' && at[1] == 't') {
			at[0] = '\t';
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
		} else if (at[0] == '\\' && at[1] != '\0') {
			at++;
		}
	}
	free(line->map.columns);
	line->map.columns = columns;
}

void
map_take_skip(struct command_line *line, const char *value)
{
	(void)value;
	line->map.skip_blank = true;
}

void
map_take_link(struct command_line *line, const char *value)
{
	(void)value;
	line->map.link = true;
}

static void
take_rows(struct map_options *map, const char *option, const char *value)
{
	const char *wrong;
	long long rows = strtonum(value, 0, ROWS_MOST, &wrong);

	if (wrong != NULL) {
		errx(EXIT_USAGE, "%s: must be a whole number from 0 to %d", option, ROWS_MOST);
	}
	map->none = rows == 0;
	map->most = rows == 0 ? 1 : (size_t)rows;
}

void
map_take_most(struct command_line *line, const char *value)
{
	take_rows(&line->map, "-n", value);
}

void
map_take_each(struct command_line *line, const char *value)
{
	take_rows(&line->map, "-N", value);
	line->map.each = true;
}

void
map_take_fill(struct command_line *line, const char *value)
{
	(void)value;
	line->map.each = true;
	line->map.fill = true;
}

void
map_take_braces(struct command_line *line, const char *value)
{
	if (value[0] == '\0') {
		errx(EXIT_USAGE, "-I: is empty; what is to be replaced instead of {}?");
	}
	line->map.braces = value;
}

void
map_take_shell(struct command_line *line, const char *value)
{
	line->map.shell = value;
}

void
map_take_jobfile(struct command_line *line, const char *value)
{
	(void)value;
	line->map.jobfile = true;
}
