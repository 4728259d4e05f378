/* SPDX-License-Identifier: ISC */
/*
 * http_call: a request that the guard has let pass, and how it is answered: at once, later, from a
 * descriptor, or bit by bit. In the supervisor, of stintd.
 *
 * A call lives until it is answered or its connection is gone, and beyond that while it is held.
 * Whoever goes on later holds it, and looks at http_call_open() before anything else.
 */
#ifndef SUPERVISOR_HTTP_CALL_H
#define SUPERVISOR_HTTP_CALL_H

#include "supervisor/http_guard.h"

struct evhttp_connection;
struct evhttp_request;
struct http_peer;

struct http_call {
	struct http_request asked;
	struct span body; /* valid until the call is answered */
	bool known;       /* the token was shown */
	/* The router's. */
	uint64_t job;     /* of a path with a number; 0: none */
	struct span task; /* of a path with an id, decoded */
	void *owner;      /* the dashboard; not to be looked at when the call is not open */
	/* Of whoever answers bit by bit: called once, when the connection goes; NULL: nobody's. */
	void (*gone)(struct http_call *, void *context);
	void *context;
	/* The gate's. */
	struct http_peer *peer;
	struct evhttp_request *request; /* NULL: answered, or gone */
	unsigned held;
};

bool http_call_open(const struct http_call *); /* it can still be answered */
void http_call_hold(struct http_call *);
void http_call_release(struct http_call *); /* it may be freed by this */

/* ---- answers: each ends the call -------------------------------------------------------------- */

#define HTTP_JSON  "application/json"
#define HTTP_HTML  "text/html; charset=utf-8"
#define HTTP_PLAIN "text/plain; charset=utf-8"

/* Before an answer: a header of its own. */
void http_call_header(struct http_call *, const char *name, const char *value);

/* `policy`: the Content-Security-Policy; NULL: nothing is allowed. Takes what `body` holds. */
void http_answer(struct http_call *, int status, const char *type, const char *policy,
		 struct text *body);
void http_answer_json(struct http_call *, int status, struct text *body);
/* {"error":"..."}: one sentence. */
void http_answer_error(struct http_call *, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * What is left of `fd`, which is closed in any case, as fast as the client reads it. `convert`, of
 * each whole line, appends what is sent in its place; NULL: all as it is.
 */
void http_answer_fd(struct http_call *, int fd, const char *type, const char *policy,
		    void (*convert)(void *context, struct span line, struct text *out),
		    void *context, void (*free_context)(void *));

/* ---- bit by bit ------------------------------------------------------------------------------- */

void http_stream_begin(struct http_call *, const char *type, const char *policy);
/* `written` (NULL: nobody cares) is called when all that was sent has left us. */
void http_stream_send(struct http_call *, const void *, size_t,
		      void (*written)(struct http_call *));
size_t http_stream_waiting(const struct http_call *); /* bytes that the client has not taken */
void http_stream_rests(struct http_call *); /* nothing may come for as long as one likes */
void http_stream_end(struct http_call *);   /* ends the call */
void http_call_drop(struct http_call *);    /* ends the connection, without an answer */

#endif
