/* SPDX-License-Identifier: ISC */
/* options_value: see options_value.h. In the supervisor. */
#include "supervisor/options_value.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "ipc/nearest.h"
#include "ipc/text.h"
#include "supervisor/supervisor.h"

const char *
options_shown(const char *value)
{
	static char copy[256];

	snprintf(copy, sizeof(copy), "%s", value);
	return text_printable(copy);
}

unsigned
options_number(const char *option, const char *value, unsigned most)
{
	const char *wrong;
	unsigned result = (unsigned)strtonum(value, 1, most, &wrong);

	if (wrong != NULL) {
		errx(EXIT_USAGE, "%s: \"%s\": must be a whole number from 1 to %u", option,
		     options_shown(value), most);
	}
	return result;
}

int
options_choose(const char *option, const char *value, const char *const *words)
{
	struct nearest nearest = NEAREST_INIT(value);
	char list[128] = "";

	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(value, words[i]) == 0) {
			return i;
		}
		nearest_offer(&nearest, words[i]);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 i == 0 ? "" : ", ", words[i]);
	}
	if (nearest.word != NULL) {
		errx(EXIT_USAGE, "%s: \"%s\": did you mean \"%s\"?", option, options_shown(value),
		     nearest.word);
	}
	errx(EXIT_USAGE, "%s: \"%s\": must be one of %s", option, options_shown(value), list);
}
