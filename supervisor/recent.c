/* SPDX-License-Identifier: ISC */
/* recent: see recent.h. In the supervisor. */
#include "supervisor/recent.h"

#include <stddef.h>

#define SECOND INT64_C(1000000)
#define LEAST  (SECOND / 5) /* of a second that has only begun, before it is judged by itself */

/* The second's place, the ring moved on to it; NULL: it is forgotten. */
static struct recent_second *
place(struct recent *recent, int64_t second)
{
	if (second > recent->newest) {
		int64_t first = recent->newest + 1;

		if (second - first >= RECENT_SECONDS) {
			first = second - RECENT_SECONDS + 1;
		}
		for (int64_t i = first; i <= second; i++) {
			recent->ring[i % RECENT_SECONDS] = (struct recent_second){0, 0, 0};
		}
		recent->newest = second;
	}
	return second < 0 || second <= recent->newest - RECENT_SECONDS
		   ? NULL
		   : &recent->ring[second % RECENT_SECONDS];
}

void
recent_add(struct recent *recent, int64_t from_us, int64_t to_us, double cores, double tasks)
{
	int64_t last = to_us / SECOND, first;

	if (from_us < 0 || to_us <= from_us) {
		return;
	}
	place(recent, last);
	first = recent->newest - RECENT_SECONDS + 1;
	first = from_us / SECOND > first ? from_us / SECOND : first;
	for (int64_t second = first < 0 ? 0 : first; second <= last; second++) {
		int64_t begin = second * SECOND, end = begin + SECOND;
		double part;
		struct recent_second *at = place(recent, second);

		begin = from_us > begin ? from_us : begin;
		end = to_us < end ? to_us : end;
		if (at == NULL || end <= begin) {
			continue;
		}
		part = (double)(end - begin) / (double)SECOND;
		at->cores += cores * part;
		at->tasks += tasks * part;
	}
}

void
recent_ended(struct recent *recent, int64_t at_us, double tasks)
{
	struct recent_second *at = place(recent, at_us / SECOND);

	if (at != NULL) {
		at->ended += tasks;
	}
}

static struct recent_second
look(const struct recent *recent, int64_t second)
{
	if (second < 0 || second > recent->newest || second <= recent->newest - RECENT_SECONDS) {
		return (struct recent_second){0, 0, 0};
	}
	return recent->ring[second % RECENT_SECONDS];
}

struct recent_second
recent_at(const struct recent *recent, int64_t now_us, unsigned ago)
{
	int64_t second = now_us / SECOND - (int64_t)ago;
	struct recent_second at = look(recent, second);
	int64_t passed_us = now_us % SECOND;
	double part = (double)passed_us / (double)SECOND;

	if (ago > 0) {
		return at;
	}
	if (passed_us < LEAST) {
		return look(recent, second > 0 ? second - 1 : second);
	}
	return (struct recent_second){at.cores / part, at.tasks / part, at.ended / part};
}

double
recent_rate(const struct recent *recent, int64_t began_us, int64_t now_us, unsigned seconds)
{
	int64_t last = now_us / SECOND, first = last - (int64_t)seconds;
	int64_t from_us = first * SECOND;
	double ended = 0;

	for (int64_t second = first; second <= last; second++) {
		ended += look(recent, second).ended;
	}
	from_us = began_us > from_us ? began_us : from_us;
	if (now_us - from_us < LEAST) {
		return 0;
	}
	return ended * (double)SECOND / (double)(now_us - from_us);
}
