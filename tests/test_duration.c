/* SPDX-License-Identifier: ISC */
/* test_duration: what people write for a length of time, and what is refused. */
#include <math.h>
#include <stdio.h>

#include "ipc/duration.h"
#include "tests/unit.h"

START_TEST(durations_are_read)
{
	static const struct {
		const char *string;
		int64_t us;
	} good[] = {{"0", 0},
		    {"0s", 0},
		    {"1", 1000000},
		    {"1.5", 1500000},
		    {"0.000001", 1},
		    {"0.0000004", 0},
		    {"0.0000005", 1},
		    {"1500ms", 1500000},
		    {"0.001ms", 1},
		    {"1.5s", 1500000},
		    {"2m", 120000000},
		    {"0.5m", 30000000},
		    {"1h", INT64_C(3600000000)},
		    {"1d", INT64_C(86400000000)},
		    {"007", 7000000},
		    {"3650d", DURATION_MOST_US},
		    {"315360000", DURATION_MOST_US},
		    {"87600h", DURATION_MOST_US},
		    {"0.1", 100000},
		    {"16.7", 16700000},
		    {"123456789.654321", INT64_C(123456789654321)}};

	for (size_t i = 0; i < LENGTH(good); i++) {
		int64_t us = -1;

		ck_assert_msg(duration_parse(good[i].string, &us), "%s", good[i].string);
		ck_assert_msg(us == good[i].us, "%s: %jd", good[i].string, (intmax_t)us);
	}
}
END_TEST

START_TEST(what_is_no_duration_is_refused)
{
	static const char *const bad[] = {"",
					  " ",
					  "s",
					  "ms",
					  ".",
					  ".5",
					  "5.",
					  "1.s",
					  "-1",
					  "-0",
					  "+1",
					  " 1",
					  "1 ",
					  "1 s",
					  "1S",
					  "1M",
					  "1min",
					  "1sec",
					  "1s1",
					  "1h30m",
					  "1.2.3",
					  "1,5",
					  "1e3",
					  "1e",
					  "0x10",
					  "0x1p3",
					  "inf",
					  "infinity",
					  "nan",
					  "1w",
					  "1y",
					  "1us",
					  "1ns",
					  "3650.1d",
					  "3651d",
					  "315360001",
					  "99999999999999999999999999",
					  "1\n",
					  "1:30",
					  "ten",
					  "1msms",
					  "1mss"};

	for (size_t i = 0; i < LENGTH(bad); i++) {
		int64_t us;

		ck_assert_msg(!duration_parse(bad[i], &us), "%s", bad[i]);
	}
}
END_TEST

START_TEST(every_millisecond_is_exact)
{
	for (int64_t ms = 0; ms < 100000; ms++) {
		char string[32];
		int64_t us = -1;

		snprintf(string, sizeof(string), "%d.%03d", (int)(ms / 1000), (int)(ms % 1000));
		ck_assert(duration_parse(string, &us));
		ck_assert_int_eq(us, ms * 1000);
		snprintf(string, sizeof(string), "%dms", (int)ms);
		ck_assert(duration_parse(string, &us));
		ck_assert_int_eq(us, ms * 1000);
	}
}
END_TEST

START_TEST(seconds_have_a_range)
{
	int64_t us = -1;

	ck_assert(duration_of_seconds(0, &us));
	ck_assert_int_eq(us, 0);
	ck_assert(duration_of_seconds(-0.0, &us));
	ck_assert_int_eq(us, 0);
	ck_assert(duration_of_seconds(0.25, &us));
	ck_assert_int_eq(us, 250000);
	ck_assert(duration_of_seconds(315360000.0, &us));
	ck_assert_int_eq(us, DURATION_MOST_US);
	ck_assert(!duration_of_seconds(315360000.001, &us));
	ck_assert(!duration_of_seconds(-1e-9, &us));
	ck_assert(!duration_of_seconds((double)NAN, &us));
	ck_assert(!duration_of_seconds((double)INFINITY, &us));
	ck_assert(!duration_of_seconds(-(double)INFINITY, &us));
	ck_assert(!duration_of_seconds(1e308, &us));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {durations_are_read, what_is_no_duration_is_refused,
				      every_millisecond_is_exact, seconds_have_a_range};

	return unit_run("duration", tests, LENGTH(tests));
}
