/* SPDX-License-Identifier: ISC */
/* meter: see meter.h. In stint-worker, the loop thread. */
#include "worker/meter.h"

#define MS_US   INT64_C(1000)
#define MS_NS   INT64_C(1000000)
#define FAST_US (25 * MS_US) /* how far back `fast` and `slow` reach: time constants */
#define SLOW_US (50 * MS_US)
#define AGE_US  (50 * MS_US) /* until then its whole life is what counts */
#define NAP_US  (15 * MS_US) /* asleep for as long, it asks for nothing until it has woken */
#define RISE    0.2          /* cores: a greater one is no accident */
#define TELL_US (20 * MS_US)
#define NOTHING 100 /* below this it is as good as nothing */
#define MUCH    200 /* a change that is told wherever it is */
#define LITTLE  50  /* one that is not told at all */

void
meter_begin(struct meter *meter, pid_t pid, int64_t now_us)
{
	*meter = (struct meter){.begin_us = now_us, .looked_us = now_us};
	members_init(&meter->members, pid);
}

void
meter_end(struct meter *meter)
{
	members_free(&meter->members);
}

bool
meter_is_young(const struct meter *meter, int64_t now_us)
{
	return !meter->settled && now_us - meter->begin_us < METER_YOUNG_US;
}

int64_t
meter_next_us(const struct meter *meter, int64_t now_us)
{
	int64_t age_us = now_us - meter->begin_us;
	int64_t wait_us = meter->asleep ? age_us / 4 : age_us;
	int64_t next_us = now_us + (wait_us > MS_US ? wait_us : MS_US);
	int64_t most_us = meter->begin_us + METER_YOUNG_US;

	if (age_us < METER_FIRST_US) {
		return meter->begin_us + METER_FIRST_US;
	}
	return next_us < most_us ? next_us : most_us;
}

static void
settle(struct meter *meter, double cores)
{
	meter->settled = true;
	meter->fast = meter->slow = cores;
}

static double
follow(double average, double value, int64_t span_us, int64_t reach_us)
{
	return average + (value - average) * (double)span_us / (double)(span_us + reach_us);
}

/* It sleeps, and has done so for a while, or a good part of its short life. */
static bool
fell_asleep(const struct meter *meter, int64_t now_us, const struct members_look *seen)
{
	int64_t age_ns = (now_us - meter->begin_us) * 1000;
	int64_t least_ns = age_ns / 3 > 2 * MS_NS ? age_ns / 3 : 2 * MS_NS;

	if (meter->members.blind || seen->moved || !seen->asleep) {
		return false;
	}
	if (meter->settled) {
		return now_us - meter->looked_us >= NAP_US;
	}
	return meter_is_young(meter, now_us) && meter->asleep &&
	       age_ns - meter->asked_ns >= least_ns;
}

static void
judge(struct meter *meter, int64_t now_us, int64_t asked_ns, bool fell)
{
	int64_t age_us = now_us - meter->begin_us, span_us = now_us - meter->looked_us;

	if (fell) {
		settle(meter, 0);
		return;
	}
	if (meter->settled) {
		double cores = (double)asked_ns / 1e3 / (double)span_us;

		meter->fast = follow(meter->fast, cores, span_us, FAST_US);
		meter->slow = follow(meter->slow, cores, span_us, SLOW_US);
		return;
	}
	meter->asked_ns += asked_ns;
	meter->fast = meter->slow = (double)meter->asked_ns / 1e3 / (double)age_us;
	meter->settled = age_us >= AGE_US;
}

static bool
is_news(const struct meter *meter, int64_t now_us)
{
	unsigned change =
	    meter->use > meter->told ? meter->use - meter->told : meter->told - meter->use;
	bool crosses = (meter->use < NOTHING) != (meter->told < NOTHING) ||
		       (meter->use < METER_COMPUTES) != (meter->told < METER_COMPUTES);

	if (!meter->has_told) {
		return meter->settled || !meter_is_young(meter, now_us);
	}
	return now_us - meter->told_us >= TELL_US &&
	       (change >= MUCH || (crosses && change >= LITTLE) ||
		(meter->use == 0 && change > 0)); /* a thousand remainders would add up */
}

/* It rises at once, falls slowly, and does not tremble. */
static unsigned
use_of(const struct meter *meter)
{
	double cores = meter->fast > meter->slow + RISE ? meter->fast : meter->slow;

	return (unsigned)(cores * 1000 + 0.5);
}

static void
take_in(struct meter *meter, int64_t now_us, const struct members_look *seen)
{
	int64_t span_us = now_us - meter->looked_us, asked_ns = seen->asked_ns;
	bool fell = fell_asleep(meter, now_us, seen);

	meter->asleep = seen->asleep;
	if (span_us <= 0) {
		return;
	}
	if (seen->changed && seen->runnable && asked_ns < span_us * 1000) {
		asked_ns = span_us * 1000; /* what a short-lived process stood in line is lost */
	}
	judge(meter, now_us, asked_ns, fell);
	meter->looked_us = now_us;
	meter->use = use_of(meter);
}

void
meter_take(struct meter *meter, int64_t now_us, const struct members_look *seen,
	   struct meter_news *news)
{
	bool old_enough;

	take_in(meter, now_us, seen);
	old_enough = meter->settled || !meter_is_young(meter, now_us);
	news->waits = meter->use < METER_COMPUTES && !seen->runnable && old_enough;
	news->report = (news->waits && !meter->waits) || is_news(meter, now_us);
	meter->waits = meter->waits || news->waits;
	if (news->report) {
		meter->has_told = true;
		meter->told = meter->use;
		meter->told_us = now_us;
	}
}

bool
meter_look(struct meter *meter, int64_t now_us, struct meter_news *news)
{
	bool states = !meter->settled || meter->use > 0;
	struct members_look seen;

	*news = (struct meter_news){.report = false};
	if (!members_look(&meter->members, (now_us - meter->looked_us) * 1000, states, &seen)) {
		return false;
	}
	meter_take(meter, now_us, &seen, news);
	return true;
}
