/* SPDX-License-Identifier: ISC */
/*
 * http_request: the head of an HTTP request, as it came over the wire: cut into what the guard
 * judges and the routes need, and refused where it is not plainly what RFC 9112 says. Stricter than
 * evhttp, which reads the same bytes afterwards, so that the two cannot see different requests.
 * Pure; in the supervisor, of stintd.
 */
#ifndef SUPERVISOR_HTTP_REQUEST_H
#define SUPERVISOR_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define HTTP_HEAD_MOST   16384 /* bytes of request line and headers */
#define HTTP_TARGET_MOST 4096
#define HTTP_HEADERS     64
#define HTTP_SEGMENTS    8

enum http_method { METHOD_OTHER, METHOD_GET, METHOD_HEAD, METHOD_POST };

/* What is to be answered instead of what was asked for. */
struct http_verdict {
	int status;      /* 0: nothing is wrong */
	const char *why; /* one sentence, a constant */
};
#define HTTP_GOOD ((struct http_verdict){0, NULL})

/* Spans point into the head, but for segments: into `decoded`. */
struct http_request {
	enum http_method method;
	unsigned minor; /* HTTP/1.minor */
	struct span target;
	struct span query;                   /* as it was sent, without "?" */
	struct span segments[HTTP_SEGMENTS]; /* of the path, decoded; "/" has none */
	unsigned segment_count;
	struct http_header {
		struct span name, value;
	} headers[HTTP_HEADERS];
	unsigned header_count;
	uint64_t body; /* bytes that follow */
	bool expects;  /* to be told to go on before it sends them */
	char decoded[HTTP_TARGET_MOST];
};

/* How many bytes the head takes with the empty line at its end; 0: that has not come yet. */
size_t http_head_length(struct span bytes);

/* `head` with its empty line. What could be read before something was wrong is set. */
struct http_verdict http_request_read(struct span head, struct http_request *);

/* Of a header: how often it is there; *value: the first. `name` in small letters. */
unsigned http_request_header(const struct http_request *, const char *name, struct span *value);

/* The value of name=value in the query, decoded, appended. False: it is not there. */
bool http_request_query(const struct http_request *, const char *name, struct text *value);

bool http_request_path_is(const struct http_request *, const char *path); /* as it was sent */

#endif
