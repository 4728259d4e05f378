/* SPDX-License-Identifier: ISC */
/* Records that were told while those kept were on their way. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/control_missed.h"
#include "tests/unit.h"

static void
assert_missed(const char *kept, const char *told, const char *missed)
{
	FILE *file = tmpfile();
	struct span left;

	ck_assert_ptr_nonnull(file);
	fputs(kept, file);
	fflush(file);
	left = control_missed(span_of(told), fileno(file));
	ck_assert_uint_eq(left.len, strlen(missed));
	ck_assert_mem_eq(left.at, missed, left.len);
	fclose(file);
}

START_TEST(what_is_kept_already_is_not_missed)
{
	assert_missed("", "", "");
	assert_missed("a\nb\n", "", "");
	assert_missed("", "a\nb\n", "a\nb\n");
	assert_missed("a\n", "b\nc\n", "b\nc\n");
	assert_missed("a\nb\n", "b\nc\n", "c\n");
	assert_missed("a\nb\nc\n", "b\nc\n", "");
	assert_missed("b\n", "b\n", "");
	assert_missed("b\n", "a\nb\n", "a\nb\n");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {what_is_kept_already_is_not_missed};

	return unit_run("control_missed", tests, LENGTH(tests));
}
