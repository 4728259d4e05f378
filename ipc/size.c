/* SPDX-License-Identifier: ISC */
/* size: see size.h. Pure; any process. */
#include "ipc/size.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The unit's bytes as a power of two; -1: there is no such unit. */
static int
shift_of(const char *unit)
{
	static const char letters[] = "kmgt";
	const char *found;

	if (unit[0] == '\0' || strcasecmp(unit, "b") == 0) {
		return 0;
	}
	found = strchr(letters, tolower((unsigned char)unit[0]));
	if (found == NULL || (unit[1] != '\0' && strcasecmp(unit + 1, "b") != 0 &&
			      strcasecmp(unit + 1, "ib") != 0)) {
		return -1;
	}
	return 10 * (int)(found - letters + 1);
}

bool
size_parse(const char *string, uint64_t *bytes)
{
	size_t digits = strspn(string, "0123456789.");
	double value;
	char *end;
	int shift;

	if (!isdigit((unsigned char)string[0])) {
		return false;
	}
	value = strtod(string, &end);
	if (end != string + digits || end[-1] == '.' || (shift = shift_of(end)) < 0) {
		return false; /* "0x10", "1e5", "1." */
	}
	value *= (double)(UINT64_C(1) << shift);
	if (value > (double)SIZE_MOST) {
		return false;
	}
	*bytes = (uint64_t)value;
	return true;
}
