/* SPDX-License-Identifier: ISC */
/* whatif_options: see whatif_options.h. In the supervisor. */
#include "supervisor/whatif_options.h"

#include <ctype.h>
#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/simulation.h"
#include "supervisor/supervisor.h"

#define LIST_MOST    1000 /* numbers */
#define WAITING_MOST 10000000
#define SCALE_MOST   1e6

static _Noreturn void
refuse(const char *option, const char *value, unsigned most)
{
	errx(EXIT_USAGE,
	     "%s: \"%s\": must be whole numbers from 1 to %u, as in 1,2,4 or 1-8, %d at most",
	     option, options_shown(value), most, LIST_MOST);
}

/* A number at *at, which moves behind it. 0: there is none, or it is too large. */
static unsigned
number(const char **at, unsigned most)
{
	unsigned long result = 0;

	if (!isdigit((unsigned char)**at)) {
		return 0;
	}
	for (; isdigit((unsigned char)**at); (*at)++) {
		result = result * 10 + (unsigned long)(**at - '0');
		if (result > most) {
			return 0;
		}
	}
	return (unsigned)result;
}

static void
take_list(struct whatif_list *list, const char *option, const char *value, unsigned most)
{
	const char *at = value;

	free(list->numbers);
	list->count = 0;
	list->numbers = calloc(LIST_MOST, sizeof(*list->numbers));
	if (list->numbers == NULL) {
		err(EXIT_SYSTEM, "%s", option);
	}
	for (;;) {
		unsigned first = number(&at, most), last = first;

		if (*at == '-') {
			at++;
			last = number(&at, most);
		}
		if (first == 0 || last < first || last - first >= LIST_MOST - list->count ||
		    (*at != ',' && *at != '\0')) {
			refuse(option, value, most);
		}
		while (first <= last) {
			list->numbers[list->count++] = first++;
		}
		if (*at++ == '\0') {
			return;
		}
	}
}

void
whatif_take_workers(struct command_line *line, const char *value)
{
	take_list(&line->whatif.workers, "-j", value, SIMULATION_WORKERS_MOST);
}

void
whatif_take_waiting(struct command_line *line, const char *value)
{
	take_list(&line->whatif.waiting, "--waiting", value, WAITING_MOST);
}

void
whatif_take_scale(struct command_line *line, const char *value)
{
	char *end;
	double scale = strtod(value, &end);

	if (end == value || *end != '\0' || !isfinite(scale) || scale <= 0 || scale > SCALE_MOST) {
		errx(EXIT_USAGE, "--scale: \"%s\": must be a number above 0, as in 0.5",
		     options_shown(value));
	}
	line->whatif.scale = scale;
}

void
whatif_take_json(struct command_line *line, const char *value)
{
	(void)value;
	line->whatif.json = true;
}

void
whatif_options_free(struct whatif_options *options)
{
	free(options->workers.numbers);
	free(options->waiting.numbers);
}
