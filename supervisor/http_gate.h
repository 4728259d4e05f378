/* SPDX-License-Identifier: ISC */
/*
 * http_gate: stands between the network and evhttp. It keeps a connection's bytes back until a
 * request is whole and http_guard has let it pass, and only then lets evhttp read them; what is
 * refused is answered here, with the headers that every answer has, and evhttp never sees it. A
 * connection carries one request: there is nothing behind it that could be read in two ways. It
 * also limits connections and the time that a client may take. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_HTTP_GATE_H
#define SUPERVISOR_HTTP_GATE_H

#include "supervisor/http_call.h"

#define HTTP_CONNECTIONS    64                /* at once; beyond, 503 */
#define HTTP_REQUEST_US     INT64_C(10000000) /* until the request is whole; else 408 */
#define HTTP_STALL_US       INT64_C(10000000) /* that a client may take nothing of an answer */
#define HTTP_LINGER_US      INT64_C(2000000) /* that what a refused client goes on sending is read */
#define HTTP_STATUS_CLASSES 6

struct event_base;
struct http_gate;

struct http_gate_ops {
	void (*handle)(void *context, struct http_call *);
	const struct http_guard *(*guard)(void *context);
};

/* Listens on `fd`, a socket that is bound; takes it. NULL: errno says why not. */
struct http_gate *http_gate_new(struct event_base *, int fd, const struct http_gate_ops *,
				void *context);
void http_gate_free(struct http_gate *); /* its connections are dropped */

unsigned http_gate_connections(const struct http_gate *);
/* Requests that were answered, by the hundreds of their status: [2] has those of 200 to 299. */
const uint64_t *http_gate_answers(const struct http_gate *);

#endif
