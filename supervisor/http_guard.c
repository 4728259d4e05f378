/* SPDX-License-Identifier: ISC */
/* http_guard: see http_guard.h. Pure; in the supervisor, of stintd. */
#include "supervisor/http_guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SAYS(status, why) ((struct http_verdict){(status), (why)})

bool
http_guard_same(struct span given, const char *secret)
{
	size_t len = strlen(secret);
	unsigned differ = given.len != len || len == 0;

	for (size_t i = 0; i < given.len && len > 0; i++) {
		differ |= (unsigned char)given.at[i] ^ (unsigned char)secret[i % len];
	}
	return differ == 0;
}

/* ---- whom it asks, and from where ------------------------------------------------------------- */

static bool
same_name(struct span a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.at, b, a.len) == 0;
}

/* "name" and, where there is one, ":port" of a Host; false: it is neither. */
static bool
cut_port(struct span host, struct span *name, struct span *port)
{
	const char *colon = memrchr(host.at, ':', host.len);

	*name = host;
	*port = SPAN_EMPTY;
	if (colon == NULL || memchr(colon, ']', (size_t)(host.at + host.len - colon)) != NULL) {
		return host.len > 0;
	}
	name->len = (size_t)(colon - host.at);
	*port = (struct span){colon + 1, host.len - name->len - 1};
	for (size_t i = 0; i < port->len; i++) {
		if (port->at[i] < '0' || port->at[i] > '9') {
			return false;
		}
	}
	return name->len > 0 && port->len > 0;
}

static bool
is_ours(const struct http_guard *guard, struct span host)
{
	static const char *const loopback[] = {"127.0.0.1", "localhost", "[::1]"};
	struct span name, port;
	char ours[8];

	if (!cut_port(host, &name, &port)) {
		return false;
	}
	snprintf(ours, sizeof(ours), "%u", guard->port);
	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
		if (same_name(name, loopback[i]) && span_is(port, ours)) {
			return true;
		}
	}
	for (size_t i = 0; i < guard->host_count; i++) {
		if (same_name(name, guard->hosts[i])) {
			return true;
		}
	}
	return false;
}

/* A page may ask us if it came from us: its origin is the host that it asks. */
static bool
is_our_origin(struct span origin, struct span host)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(schemes[i]);

		if (origin.len == len + host.len && memcmp(origin.at, schemes[i], len) == 0 &&
		    strncasecmp(origin.at + len, host.at, host.len) == 0) {
			return true;
		}
	}
	return false;
}

static struct http_verdict
check_origin(const struct http_guard *guard, const struct http_request *request, bool local)
{
	struct span host, origin;
	unsigned origins;

	if (http_request_header(request, "host", &host) != 1) {
		return SAYS(400, "there must be one Host header");
	}
	if (!is_ours(guard, host)) {
		return SAYS(403, "the Host header does not name this dashboard; if it should, the "
				 "key http_hosts of stintd.json(5) says so");
	}
	if (!local) {
		return SAYS(403, "the dashboard is for this machine only; see stint-dashboard(7) "
				 "for how to see it from elsewhere");
	}
	origins = http_request_header(request, "origin", &origin);
	if (origins > 1) {
		return SAYS(400, "there must not be several Origin headers");
	}
	if (origins == 1 && !is_our_origin(origin, host)) {
		return SAYS(403, "a page from elsewhere must not ask this dashboard");
	}
	return HTTP_GOOD;
}

/* ---- who asks, and for what ------------------------------------------------------------------- */

static bool
has_cookie(const struct http_guard *guard, struct span cookies)
{
	size_t name_len = strlen(guard->cookie_name);
	bool found = false;

	while (cookies.len > 0) {
		const char *end = memchr(cookies.at, ';', cookies.len);
		struct span one = {cookies.at,
				   end == NULL ? cookies.len : (size_t)(end - cookies.at)};

		cookies.at += one.len + (end != NULL);
		cookies.len -= one.len + (end != NULL);
		while (one.len > 0 && one.at[0] == ' ') {
			one.at++;
			one.len--;
		}
		if (one.len > name_len && one.at[name_len] == '=' &&
		    memcmp(one.at, guard->cookie_name, name_len) == 0) {
			one.at += name_len + 1;
			one.len -= name_len + 1;
			found |= http_guard_same(one, guard->cookie);
		}
	}
	return found;
}

static bool
is_known(const struct http_guard *guard, const struct http_request *request)
{
	struct span value;

	if (http_request_header(request, "authorization", &value) == 1) {
		if (value.len > 7 && strncasecmp(value.at, "bearer ", 7) == 0) {
			return http_guard_same((struct span){value.at + 7, value.len - 7},
					       guard->token);
		}
		return false;
	}
	return http_request_header(request, "cookie", &value) == 1 && has_cookie(guard, value);
}

/* The page says how to come in; what it shows is asked for by other requests. */
static bool
is_open(const struct http_request *request)
{
	if (request->method == METHOD_POST) {
		return http_request_path_is(request, "/login");
	}
	return http_request_path_is(request, "/healthz") || http_request_path_is(request, "/");
}

static struct http_verdict
check_write(const struct http_guard *guard, const struct http_request *request)
{
	struct span type;

	if (!guard->write && !http_request_path_is(request, "/login") &&
	    !http_request_path_is(request, "/logout")) {
		return SAYS(403, "this dashboard only shows; the key http_write of stintd.json(5) "
				 "lets it change things");
	}
	if (http_request_header(request, "content-type", &type) != 1 || type.len < 16 ||
	    strncasecmp(type.at, "application/json", 16) != 0 ||
	    (type.len > 16 && type.at[16] != ';' && type.at[16] != ' ')) {
		return SAYS(415, "what is sent must have the Content-Type application/json");
	}
	return HTTP_GOOD;
}

struct http_verdict
http_guard_check(const struct http_guard *guard, struct span head, bool local,
		 struct http_request *request, bool *known)
{
	struct http_verdict verdict = http_request_read(head, request);

	*known = false;
	if (verdict.status == 0) {
		verdict = check_origin(guard, request, local);
	}
	if (verdict.status != 0) {
		return verdict;
	}
	if (request->method == METHOD_OTHER) {
		return SAYS(405, "only GET, HEAD and POST are known here");
	}
	if (request->body > 0 && request->method != METHOD_POST) {
		return SAYS(400, "only POST may have a body");
	}
	if (request->body > HTTP_BODY_MOST) {
		return SAYS(413, "the body is longer than 65536 bytes");
	}
	*known = is_known(guard, request);
	if (!*known && !is_open(request)) {
		return SAYS(401,
			    "the token is missing or wrong; stint-dashboard(7) says where it is");
	}
	return request->method == METHOD_POST ? check_write(guard, request) : HTTP_GOOD;
}
