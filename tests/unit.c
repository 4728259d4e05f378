/* SPDX-License-Identifier: ISC */
/* unit: see unit.h. Linked into every unit test. */
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS 120 /* for each test; that of the sanitizers is CK_TIMEOUT_MULTIPLIER times this */

int
unit_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *cases = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(cases, SECONDS);
	for (size_t i = 0; i < count; i++) {
		tcase_add_test(cases, tests[i]);
	}
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint64_t
unit_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717) >> 16;
}

void
unit_assert_text(struct text *text, const char *expected)
{
	text_terminate(text);
	ck_assert_str_eq(text->data, expected);
	ck_assert_uint_eq(text->len, strlen(expected));
	text_clear(text);
}

const char *
unit_string(struct span span)
{
	static char strings[4][4096];
	static unsigned turn;
	char *string = strings[turn++ % 4];

	ck_assert_uint_lt(span.len, sizeof(strings[0]));
	if (span.len > 0) {
		memcpy(string, span.at, span.len);
	}
	string[span.len] = '\0';
	return string;
}
