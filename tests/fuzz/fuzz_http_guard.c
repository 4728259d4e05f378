/* SPDX-License-Identifier: ISC */
/*
 * fuzz_http_guard: any bytes as a request. What passes has one Host, which is ours, asks by a method
 * that we know and knows the token, whatever else is in it; decoded parts stay within their bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/http_guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct http_guard guard = {.port = 7433,
					.token = "0123456789abcdef",
					.cookie_name = "stint_7433",
					.cookie = "fedcba98",
					.write = true};

static void
must(bool good)
{
	if (!good) {
		abort();
	}
}

static bool
is_ours(struct span host)
{
	return host.len >= 10 && memmem(host.at, host.len, ":7433", 5) == host.at + host.len - 5;
}

/* What passed keeps what the guard promises. */
static void
look(const struct http_request *request, bool known, struct span head)
{
	struct span value;
	struct text decoded = TEXT_INIT;

	must(request->method != METHOD_OTHER);
	must(request->body <= HTTP_BODY_MOST);
	must(request->body == 0 || request->method == METHOD_POST);
	must(http_request_header(request, "host", &value) == 1 && is_ours(value));
	must(http_request_header(request, "transfer-encoding", &value) == 0);
	must(memchr(head.at, '\0', head.len) == NULL);
	must(known || http_request_path_is(request, "/") ||
	     http_request_path_is(request, "/login") || http_request_path_is(request, "/healthz"));
	for (unsigned i = 0; i < request->segment_count; i++) {
		struct span part = request->segments[i];

		must(part.at >= request->decoded &&
		     part.at + part.len <= request->decoded + sizeof(request->decoded));
		must(memchr(part.at, '\0', part.len) == NULL && !span_is(part, ".."));
	}
	http_request_query(request, "after", &decoded);
	text_free(&decoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct http_request request;
	/* A copy that ends where the bytes do, so that reading on is seen. */
	char *copy = malloc(len + (len == 0));
	struct span all = {copy, len}, head = all;
	bool known;

	memcpy(copy, bytes, len);
	head.len = http_head_length(all);
	must(head.len <= len);
	if (http_guard_check(&guard, head, true, &request, &known).status == 0) {
		look(&request, known, head);
	}
	http_guard_check(&guard, all, true, &request, &known); /* cut anywhere */
	free(copy);
	return 0;
}
