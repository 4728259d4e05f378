/* SPDX-License-Identifier: ISC */
/* http_gate_parts: what http_gate.c, http_answer.c and http_stream.c share; nobody else's. */
#ifndef SUPERVISOR_HTTP_GATE_PARTS_H
#define SUPERVISOR_HTTP_GATE_PARTS_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <sys/queue.h>

#include "supervisor/http_gate.h"

struct http_peer {
	struct http_call call;
	struct http_gate *gate;
	TAILQ_ENTRY(http_peer) entry;
	struct evhttp_connection *connection; /* NULL: gone */
	struct bufferevent *bufferevent;
	struct event *adopt;
	struct event *deadline;
	enum { PEER_NEW, PEER_READING, PEER_REFUSED, PEER_PASSED } state;
	struct text head;
	uint64_t sent, sent_before; /* bytes that have left us; at the last look at them */
	bool rests;                 /* it may be silent */
	void (*written)(struct http_call *);
	struct evhttp_callbacks {
		bufferevent_data_cb read, write;
		bufferevent_event_cb event;
	} theirs;
};

void http_peer_counts(struct http_peer *, int status);
void http_peer_deadline(struct http_peer *, int64_t us); /* from now on; 0: none */

/* The headers that every answer has, one after the other; NULL: no more. */
const char *http_header_name(unsigned i);
const char *http_header_value(unsigned i);
#define HTTP_POLICY_NONE \
	"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const char *http_reason(int status);
/* Counts the answer, too. */
void http_call_headers(struct http_call *, int status, const char *type, const char *policy);
/* A whole answer, as it goes over the wire, to what never was a request for evhttp. */
void http_refusal(const struct http_verdict *, bool head_only, struct text *out);

#endif
