/* SPDX-License-Identifier: ISC */
/* halt: see halt.h. In the supervisor; pure. */
#include "supervisor/halt.h"

#include <stdlib.h>
#include <string.h>

#define PERCENT_TASKS 3 /* GNU parallel's: before as many have ended, a percentage says nothing */

static const struct {
	const char *name;
	int what;
} whats[] = {{"fail=", HALT_FAIL}, {"success=", HALT_SUCCESS}, {"done=", HALT_DONE}};

/* "3" or "10%". */
static bool
take_number(const char *text, struct halt *halt)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);

	halt->percent = strcmp(text + digits, "%") == 0;
	if (digits == 0 || (!halt->percent && text[digits] != '\0')) {
		return false;
	}
	halt->number = (unsigned)number;
	return number >= 1 && number <= (halt->percent ? 100 : 1000000000);
}

const char *
halt_parse(const char *rule, struct halt *halt)
{
	*halt = (struct halt){.what = HALT_NEVER};
	if (strcmp(rule, "never") == 0) {
		return NULL;
	}
	halt->now = strncmp(rule, "now,", 4) == 0;
	if (!halt->now && strncmp(rule, "soon,", 5) != 0) {
		return "must begin with \"now,\" or \"soon,\": now,fail=1";
	}
	rule = strchr(rule, ',') + 1;
	for (int i = 0; i < 3; i++) {
		if (strncmp(rule, whats[i].name, strlen(whats[i].name)) == 0) {
			halt->what = whats[i].what;
		}
	}
	if (halt->what == HALT_NEVER) {
		return "must say fail=, success= or done=: soon,fail=3";
	}
	if (!take_number(strchr(rule, '=') + 1, halt)) {
		return "must end with a number of tasks, or a percentage: soon,fail=10%";
	}
	return NULL;
}

bool
halt_reached(const struct halt *halt, uint64_t ok, uint64_t not_ok, uint64_t total)
{
	uint64_t count = halt->what == HALT_FAIL      ? not_ok
			 : halt->what == HALT_SUCCESS ? ok
						      : ok + not_ok;

	if (halt->what == HALT_NEVER) {
		return false;
	}
	if (halt->percent) {
		return ok + not_ok >= PERCENT_TASKS && total > 0 &&
		       count * 100 >= total * halt->number;
	}
	return count >= halt->number;
}
