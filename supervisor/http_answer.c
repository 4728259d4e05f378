/* SPDX-License-Identifier: ISC */
/* http_answer: answers that are whole, and what all answers have. In the supervisor, of stintd. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/http_gate_parts.h"

/* One request a connection: see http_gate.h. */
static const struct {
	const char *name, *value;
} common[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
    {"Connection", "close"},
};

const char *
http_header_name(unsigned i)
{
	return i < sizeof(common) / sizeof(common[0]) ? common[i].name : NULL;
}

const char *
http_header_value(unsigned i)
{
	return common[i].value;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
	    {200, "OK"},
	    {202, "Accepted"},
	    {204, "No Content"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {413, "Content Too Large"},
	    {414, "URI Too Long"},
	    {415, "Unsupported Media Type"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status) {
			return reasons[i].reason;
		}
	}
	return "Unknown";
}

static void
put_error(struct text *out, const char *why)
{
	text_string(out, "{\"error\":");
	text_json_string(out, why, strlen(why));
	text_string(out, "}\n");
}

/* Headers that a status brings along. */
static const char *
status_header(int status, const char **value)
{
	if (status == 401) {
		*value = "Bearer realm=\"stint\"";
		return "WWW-Authenticate";
	}
	if (status == 405) {
		*value = "GET, HEAD, POST";
		return "Allow";
	}
	if (status == 429 || status == 503) {
		*value = "5";
		return "Retry-After";
	}
	return NULL;
}

void
http_refusal(const struct http_verdict *verdict, bool head_only, struct text *out)
{
	struct text body = TEXT_INIT;
	const char *name, *value = NULL;

	put_error(&body, verdict->why);
	text_printf(out, "HTTP/1.1 %d %s\r\n", verdict->status, http_reason(verdict->status));
	for (unsigned i = 0; (name = http_header_name(i)) != NULL; i++) {
		text_printf(out, "%s: %s\r\n", name, http_header_value(i));
	}
	name = status_header(verdict->status, &value);
	if (name != NULL) {
		text_printf(out, "%s: %s\r\n", name, value);
	}
	text_printf(out,
		    "Content-Security-Policy: " HTTP_POLICY_NONE "\r\n"
		    "Content-Type: " HTTP_JSON "\r\nContent-Length: %zu\r\n\r\n",
		    body.len);
	if (!head_only) {
		text_bytes(out, body.data, body.len);
	}
	text_free(&body);
}

/* ---- calls ------------------------------------------------------------------------------------ */

bool
http_call_open(const struct http_call *call)
{
	return call->request != NULL;
}

void
http_call_header(struct http_call *call, const char *name, const char *value)
{
	if (call->request != NULL) {
		evhttp_add_header(evhttp_request_get_output_headers(call->request), name, value);
	}
}

void
http_call_headers(struct http_call *call, int status, const char *type, const char *policy)
{
	const char *name, *value = NULL;

	http_peer_counts(call->peer, status);
	for (unsigned i = 0; (name = http_header_name(i)) != NULL; i++) {
		http_call_header(call, name, http_header_value(i));
	}
	name = status_header(status, &value);
	if (name != NULL) {
		http_call_header(call, name, value);
	}
	http_call_header(call, "Content-Security-Policy",
			 policy == NULL ? HTTP_POLICY_NONE : policy);
	http_call_header(call, "Content-Type", type);
}

static void
free_bytes(const void *data, size_t len, void *context)
{
	(void)len;
	(void)context;
	free((void *)(uintptr_t)data);
}

void
http_answer(struct http_call *call, int status, const char *type, const char *policy,
	    struct text *body)
{
	struct evhttp_request *request = call->request;
	struct evbuffer *buffer = evbuffer_new();
	char length[24];

	if (request == NULL || buffer == NULL) {
		text_free(body);
		if (buffer != NULL) {
			evbuffer_free(buffer);
		}
		http_call_drop(call);
		return;
	}
	http_peer_deadline(call->peer, HTTP_STALL_US);
	http_call_headers(call, status, type, policy);
	snprintf(length, sizeof(length), "%zu", body->len);
	http_call_header(call, "Content-Length", length);
	call->request = NULL;
	if (body->len > 0 && call->asked.method != METHOD_HEAD) {
		evbuffer_add_reference(buffer, body->data, body->len, free_bytes, NULL);
		*body = (struct text)TEXT_INIT;
	}
	evhttp_send_reply(request, status, http_reason(status), buffer);
	evbuffer_free(buffer);
	text_free(body);
}

void
http_answer_json(struct http_call *call, int status, struct text *body)
{
	http_answer(call, status, HTTP_JSON, NULL, body);
}

void
http_answer_error(struct http_call *call, int status, const char *format, ...)
{
	struct text body = TEXT_INIT;
	char why[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	if (!text_is_utf8(why, strlen(why))) {
		text_printable(why);
		why[text_cut(span_of(why), sizeof(why))] = '\0';
	}
	put_error(&body, text_is_utf8(why, strlen(why)) ? why : "it cannot be done");
	http_answer_json(call, status, &body);
}
