/* SPDX-License-Identifier: ISC */
/* duration: see duration.h. Pure; any process. */
#include "ipc/duration.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *unit;
	double seconds;
} units[] = {{"", 1}, {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

bool
duration_of_seconds(double seconds, int64_t *us)
{
	if (!(seconds >= 0 && seconds <= (double)DURATION_MOST_US / 1e6)) {
		return false;
	}
	*us = (int64_t)(seconds * 1e6 + 0.5);
	return true;
}

bool
duration_parse(const char *string, int64_t *us)
{
	size_t digits = strspn(string, "0123456789.");
	char *end;
	double value;

	if (!isdigit((unsigned char)string[0])) {
		return false;
	}
	value = strtod(string, &end);
	if (end != string + digits || end[-1] == '.') {
		return false; /* "0x1p3", "1e5", "1." */
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			return duration_of_seconds(value * units[i].seconds, us);
		}
	}
	return false;
}
