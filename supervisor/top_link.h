/* SPDX-License-Identifier: ISC */
/*
 * top_link: the connection of a view to the daemon, on its event loop. When it is lost, it is looked
 * for again, every second, without starting a daemon: who stopped it may want it so. Of stint top.
 */
#ifndef SUPERVISOR_TOP_LINK_H
#define SUPERVISOR_TOP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

struct event_base;
struct top_link;

struct top_link_events {
	void (*up)(void *context); /* both have said hello: what was asked before is forgotten */
	/*
	 * A message of the daemon, with its type without quotes and the number of the request; it
	 * lives until the return.
	 */
	void (*message)(void *context, struct span type, uint64_t request, struct span line);
	/* The connection is lost. `why`: a sentence of the daemon's own; NULL: it is just gone. */
	void (*down)(void *context, const char *why);
};

/* Takes over `fd`, which is connected. `socket`: of --socket, or NULL; it outlives the link. */
struct top_link *top_link_new(struct event_base *, int fd, const char *socket,
			      const struct top_link_events *, void *context);
void top_link_free(struct top_link *);

bool top_link_is_up(const struct top_link *);

/* Asks, if it is up: `members` is what is to be in the message behind its number, or "". */
void top_link_ask(struct top_link *, const char *type, uint64_t request, const char *members);

/* Gives the connection up (without `down`), as the daemon drops who does not read; and again. */
void top_link_rest(struct top_link *, bool on);

#endif
