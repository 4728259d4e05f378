/* SPDX-License-Identifier: ISC */
/* import_options: see import_options.h. In the supervisor. */
#include "supervisor/import_options.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>

#include "ipc/duration.h"
#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define SCALE_MOST 1e9

void
import_take_as(struct command_line *line, const char *value)
{
	static const char *const words[] = {"steps", "exec", NULL};

	line->import.as = (enum import_as)options_choose("--as", value, words);
}

void
import_take_scale(struct command_line *line, const char *value)
{
	char *end;
	double scale = strtod(value, &end);

	/* Neither "nan" nor " 1" nor "0x1p3" are numbers to people. */
	if (!(isdigit((unsigned char)value[0]) || value[0] == '.') || *end != '\0' ||
	    value[1] == 'x' || value[1] == 'X' || !(scale > 0 && scale <= SCALE_MOST)) {
		errx(EXIT_USAGE,
		     "--scale: \"%s\": must be a number above 0, at most 1e9; with 0.1 all takes a "
		     "tenth of the time",
		     options_shown(value));
	}
	line->import.scale = scale;
}

void
import_take_bound(struct command_line *line, const char *value)
{
	if (!duration_parse(value, &line->import.bound_us) || line->import.bound_us == 0) {
		errx(EXIT_USAGE, "--bound: \"%s\": must be a time above 0: 10 500ms 2m",
		     options_shown(value));
	}
}

void
import_take_cores(struct command_line *line, const char *value)
{
	line->import.cores = options_number("-j", value, 1000000);
}

void
import_take_output(struct command_line *line, const char *value)
{
	line->import.output = value;
}
