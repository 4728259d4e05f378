/* SPDX-License-Identifier: ISC */
/* ticks: see ticks.h. Pure; in the supervisor. */
#include "supervisor/ticks.h"

#include <stddef.h>

#define MS     INT64_C(1000)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct unit {
	int64_t us;
	int64_t least_us; /* a step from which on it is used */
	const char *name;
} units[] = {{DAY, DAY, "d"},         {HOUR, HOUR, "h"},   {MINUTE, MINUTE, "min"},
	     {SECOND, 100 * MS, "s"}, {MS, MS / 10, "ms"}, {1, 0, "us"}};

static const struct unit *
unit_of(int64_t step_us)
{
	const struct unit *unit = units;

	while (step_us < unit->least_us) {
		unit++;
	}
	return unit;
}

int64_t
ticks_step_us(int64_t span_us, unsigned most)
{
	static const int64_t clock[] = {10 * SECOND, 20 * SECOND, 30 * SECOND, MINUTE,
					2 * MINUTE,  5 * MINUTE,  10 * MINUTE, 15 * MINUTE,
					30 * MINUTE, HOUR,        2 * HOUR,    3 * HOUR,
					6 * HOUR,    12 * HOUR,   DAY};
	static const int digits[] = {1, 2, 5};

	for (int64_t power = 1; power < 10 * SECOND; power *= 10) {
		for (size_t i = 0; i < 3; i++) {
			if (span_us / (digits[i] * power) <= most) {
				return digits[i] * power;
			}
		}
	}
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
		if (span_us / clock[i] <= most) {
			return clock[i];
		}
	}
	for (int64_t power = DAY;; power *= 10) {
		for (size_t i = 0; i < 3; i++) {
			if (span_us / power / digits[i] <= most) {
				return digits[i] * power;
			}
		}
	}
}

void
ticks_label(int64_t at_us, int64_t step_us, struct text *out)
{
	const struct unit *unit = unit_of(step_us);
	int decimals = 0;

	for (int64_t step = step_us; decimals < 3 && step % unit->us != 0; step *= 10) {
		decimals++;
	}
	if (at_us == 0) {
		text_char(out, '0');
		return;
	}
	text_printf(out, "%.*f %s", decimals, (double)at_us / (double)unit->us, unit->name);
}

void
ticks_duration(int64_t us, struct text *out)
{
	const struct unit *unit = unit_of(us);
	double value;

	if (us < 2 * unit->us && us >= MINUTE) {
		unit++; /* 90 s, 30 h */
	}
	value = (double)us / (double)unit->us;
	text_printf(out, "%.*f %s",
		    unit->us == 1   ? 0
		    : value < 9.995 ? 2
		    : value < 99.95 ? 1
				    : 0,
		    value, unit->name);
}
