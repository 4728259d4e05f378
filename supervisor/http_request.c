/* SPDX-License-Identifier: ISC */
/* http_request: see http_request.h. Pure; in the supervisor, of stintd. */
#include "supervisor/http_request.h"

#include <string.h>
#include <strings.h>

#define BAD(why) ((struct http_verdict){400, (why)})

size_t
http_head_length(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		const char *end = memchr(bytes.at + at, '\n', bytes.len - at);

		if (end == NULL) {
			return 0;
		}
		at = (size_t)(end - bytes.at) + 1;
		if (at < bytes.len && bytes.at[at] == '\n') {
			return at + 1;
		}
		if (at + 1 < bytes.len && bytes.at[at] == '\r' && bytes.at[at + 1] == '\n') {
			return at + 2;
		}
	}
	return 0;
}

/* ---- the request line ------------------------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX in place of one character; false: it is none, or NUL. */
static bool
decode_one(struct span *from, char *byte)
{
	int high, low;

	if (*from->at != '%') {
		*byte = *from->at;
		from->at++;
		from->len--;
		return true;
	}
	if (from->len < 3) {
		return false;
	}
	high = hex(from->at[1]);
	low = hex(from->at[2]);
	if (high < 0 || low < 0 || high + low == 0) {
		return false;
	}
	*byte = (char)(high * 16 + low);
	from->at += 3;
	from->len -= 3;
	return true;
}

static bool
read_segment(struct http_request *request, struct span raw, size_t *used)
{
	struct span *segment;

	if (request->segment_count == HTTP_SEGMENTS) {
		return false;
	}
	segment = &request->segments[request->segment_count++];
	segment->at = request->decoded + *used;
	while (raw.len > 0) {
		if (!decode_one(&raw, &request->decoded[*used])) {
			return false;
		}
		(*used)++;
	}
	segment->len = (size_t)(request->decoded + *used - segment->at);
	return !span_is(*segment, ".") && !span_is(*segment, "..");
}

static struct http_verdict
read_path(struct http_request *request, struct span path)
{
	size_t used = 0;

	path.at++;
	path.len--;
	while (path.len > 0) {
		const char *slash = memchr(path.at, '/', path.len);
		size_t len = slash == NULL ? path.len : (size_t)(slash - path.at);

		if (len == 0) {
			return BAD("the path has an empty part");
		}
		if (!read_segment(request, (struct span){path.at, len}, &used)) {
			return BAD(
			    "the path has too many parts, a bad percent-encoding, or \"..\"");
		}
		path.at += len + (slash != NULL);
		path.len -= len + (slash != NULL);
	}
	return HTTP_GOOD;
}

static struct http_verdict
read_target(struct http_request *request, struct span target)
{
	const char *mark;
	struct span path = target, rest;
	char byte;

	request->target = target;
	if (target.len == 0 || target.at[0] != '/') {
		return BAD("the request line must name a path, not a whole URI");
	}
	if (target.len > HTTP_TARGET_MOST) {
		return (struct http_verdict){414, "the path is too long"};
	}
	for (size_t i = 0; i < target.len; i++) {
		if (target.at[i] <= ' ' || target.at[i] > '~' || target.at[i] == '#') {
			return BAD("the path has characters that must be percent-encoded");
		}
	}
	mark = memchr(target.at, '?', target.len);
	if (mark != NULL) {
		path.len = (size_t)(mark - target.at);
		request->query = (struct span){mark + 1, target.len - path.len - 1};
	}
	for (rest = request->query; rest.len > 0;) {
		if (!decode_one(&rest, &byte)) {
			return BAD("the query has a bad percent-encoding");
		}
	}
	return read_path(request, path);
}

static enum http_method
method_of(struct span word)
{
	return span_is(word, "GET")    ? METHOD_GET
	       : span_is(word, "HEAD") ? METHOD_HEAD
	       : span_is(word, "POST") ? METHOD_POST
				       : METHOD_OTHER;
}

static struct http_verdict
read_request_line(struct http_request *request, struct span line)
{
	const char *first = memchr(line.at, ' ', line.len);
	const char *last = memrchr(line.at, ' ', line.len);
	struct span version;

	if (first == NULL || first == line.at || last == first) {
		return BAD("the request line must be a method, a path and HTTP/1.1");
	}
	version = (struct span){last + 1, (size_t)(line.at + line.len - last) - 1};
	if (!span_is(version, "HTTP/1.1") && !span_is(version, "HTTP/1.0")) {
		return BAD("only HTTP/1.1 and HTTP/1.0 are spoken here");
	}
	request->minor = version.at[version.len - 1] == '1';
	request->method = method_of((struct span){line.at, (size_t)(first - line.at)});
	return read_target(request, (struct span){first + 1, (size_t)(last - first) - 1});
}

/* ---- headers ---------------------------------------------------------------------------------- */

static bool
is_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct span
trim(struct span value)
{
	while (value.len > 0 && (value.at[0] == ' ' || value.at[0] == '\t')) {
		value.at++;
		value.len--;
	}
	while (value.len > 0 &&
	       (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t')) {
		value.len--;
	}
	return value;
}

static struct http_verdict
read_header(struct http_request *request, struct span line)
{
	struct http_header *header = &request->headers[request->header_count];
	size_t colon = 0;

	while (colon < line.len && is_token(line.at[colon])) {
		colon++;
	}
	if (colon == 0 || colon == line.len || line.at[colon] != ':') {
		return BAD("a header must be a name, a colon and a value, on one line");
	}
	if (request->header_count == HTTP_HEADERS) {
		return (struct http_verdict){431, "there are too many headers"};
	}
	header->name = (struct span){line.at, colon};
	header->value = trim((struct span){line.at + colon + 1, line.len - colon - 1});
	for (size_t i = 0; i < header->value.len; i++) {
		unsigned char c = (unsigned char)header->value.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7f) {
			return BAD("a header has control characters");
		}
	}
	request->header_count++;
	return HTTP_GOOD;
}

unsigned
http_request_header(const struct http_request *request, const char *name, struct span *value)
{
	size_t len = strlen(name);
	unsigned count = 0;

	for (unsigned i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];

		if (header->name.len == len && strncasecmp(header->name.at, name, len) == 0) {
			if (count++ == 0) {
				*value = header->value;
			}
		}
	}
	return count;
}

/* How long the body is: only by Content-Length, once, so that nobody can read it in two ways. */
static struct http_verdict
read_body_length(struct http_request *request)
{
	struct span value = SPAN_EMPTY;
	unsigned count;

	if (http_request_header(request, "transfer-encoding", &value) > 0) {
		return BAD("a body must come with Content-Length, not with Transfer-Encoding");
	}
	count = http_request_header(request, "content-length", &value);
	if (count > 1 || (count == 1 && value.len == 0)) {
		return BAD("Content-Length must be there once, as a number");
	}
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9') {
			return BAD("Content-Length must be there once, as a number");
		}
		if (request->body > UINT64_MAX / 100) {
			return (struct http_verdict){413, "the body is too long"};
		}
		request->body = request->body * 10 + (uint64_t)(value.at[i] - '0');
	}
	if (http_request_header(request, "expect", &value) > 0) {
		if (value.len != 12 || strncasecmp(value.at, "100-continue", 12) != 0) {
			return BAD("nothing else than 100-continue may be expected");
		}
		request->expects = request->minor >= 1;
	}
	return HTTP_GOOD;
}

struct http_verdict
http_request_read(struct span head, struct http_request *request)
{
	struct http_verdict verdict = HTTP_GOOD;
	bool first = true;

	memset(request, 0, offsetof(struct http_request, decoded));
	while (verdict.status == 0 && head.len > 2) {
		const char *end = memchr(head.at, '\n', head.len);
		struct span line;

		if (end == NULL || end == head.at || end[-1] != '\r') {
			return BAD("lines of the head must end with CR LF");
		}
		line = (struct span){head.at, (size_t)(end - head.at) - 1};
		verdict = first ? read_request_line(request, line) : read_header(request, line);
		first = false;
		head.len -= line.len + 2;
		head.at += line.len + 2;
	}
	if (verdict.status == 0 && (first || head.len != 2 || memcmp(head.at, "\r\n", 2) != 0)) {
		return BAD("lines of the head must end with CR LF");
	}
	return verdict.status != 0 ? verdict : read_body_length(request);
}

/* ---- what routes ask for ---------------------------------------------------------------------- */

bool
http_request_query(const struct http_request *request, const char *name, struct text *value)
{
	struct span rest = request->query;
	size_t name_len = strlen(name);

	while (rest.len > 0) {
		const char *end = memchr(rest.at, '&', rest.len);
		struct span pair = {rest.at, end == NULL ? rest.len : (size_t)(end - rest.at)};

		rest.at += pair.len + (end != NULL);
		rest.len -= pair.len + (end != NULL);
		if (pair.len > name_len && pair.at[name_len] == '=' &&
		    memcmp(pair.at, name, name_len) == 0) {
			pair.at += name_len + 1;
			pair.len -= name_len + 1;
			while (pair.len > 0) {
				char byte = ' ';

				if (*pair.at == '+') {
					pair.at++;
					pair.len--;
				} else if (!decode_one(&pair, &byte)) {
					return false;
				}
				text_char(value, byte);
			}
			return true;
		}
	}
	return false;
}

bool
http_request_path_is(const struct http_request *request, const char *path)
{
	size_t len = request->target.len - request->query.len;

	/* The query's mark is not of the path; where the query is empty it may be there as well. */
	if (len > 0 && request->target.at[len - 1] == '?') {
		len--;
	}
	return span_is((struct span){request->target.at, len}, path);
}
