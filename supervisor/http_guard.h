/* SPDX-License-Identifier: ISC */
/*
 * http_guard: whether a request to the dashboard may be looked at at all. Every check of the
 * security model is here and is made before routing: what came over the wire is judged, not what a
 * library made of it. Pure; in the supervisor, of stintd.
 *
 * In this order: the head is well formed (400, 414, 431); it asks us, by name (Host, 403), from the
 * same machine (403) and from no foreign page (Origin, 403); by a method that we know (405); with a
 * body that may be there (400, 413); knowing the token (401), but for /healthz and the way in;
 * and, of writes, that they are allowed (403) and could not be sent by a plain form (415).
 */
#ifndef SUPERVISOR_HTTP_GUARD_H
#define SUPERVISOR_HTTP_GUARD_H

#include "supervisor/http_request.h"

#define HTTP_BODY_MOST 65536

/* What is allowed. Strings are the caller's. */
struct http_guard {
	uint16_t port; /* that the dashboard listens on */
	const char *const
	    *hosts; /* names beside those of the loopback; by any port, as proxies have them */
	size_t host_count;
	const char *token;       /* what is to be known; not empty */
	const char *cookie_name; /* the cookie of those who have shown it, */
	const char *cookie;      /* and its value */
	bool write;              /* requests may change something */
};

/*
 * `local`: the other side is on this machine. Fills *request, as far as it could be read, and
 * *known: the token was shown. The verdict's status is 0 if the request may go on.
 */
struct http_verdict http_guard_check(const struct http_guard *, struct span head, bool local,
				     struct http_request *request, bool *known);

/* In a time that does not depend on where they differ. */
bool http_guard_same(struct span given, const char *secret);

#endif
