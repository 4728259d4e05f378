/* SPDX-License-Identifier: ISC */
/* trim: see trim.h. In stintd. */
#include "supervisor/trim.h"

#include <event2/event.h>
#include <malloc.h>
#include <stddef.h>

static struct event *trim;

static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	malloc_trim(0);
}

bool
trim_start(struct event_base *base)
{
	mallopt(M_ARENA_MAX, 1); /* malloc_trim() leaves the top of those of threads as it is */
	trim = evtimer_new(base, on_time, NULL);
	return trim != NULL;
}

void
trim_stop(void)
{
	if (trim != NULL) {
		event_free(trim);
		trim = NULL;
	}
}

void
trim_soon(void)
{
	static const struct timeval moment = {.tv_sec = 1};

	if (trim != NULL) {
		event_add(trim, &moment);
	}
}
