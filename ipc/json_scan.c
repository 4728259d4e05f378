/* SPDX-License-Identifier: ISC */
/* json_scan: see json_scan.h. Pure; any process. */
#include "ipc/json_scan.h"

#include <ctype.h>
#include <string.h>

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
		at++;
	}
	return at;
}

static bool
is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* Four hexadecimal digits: their value, or -1. */
static int
hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4) {
		return -1;
	}
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)at[i])) {
			return -1;
		}
		value = value * 16 +
			(isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
	}
	return value;
}

/* `at` is behind a backslash. Behind the escape, a pair of surrogates being one, or NULL. */
static const char *
skip_escape(const char *at, const char *end)
{
	int unit;

	if (at == end || strchr("\"\\/bfnrtu", *at) == NULL || *at == '\0') {
		return NULL;
	}
	if (*at++ != 'u') {
		return at;
	}
	unit = hex4(at, end);
	if (unit < 0xd800 || unit > 0xdfff) {
		return unit < 0 ? NULL : at + 4;
	}
	if (unit > 0xdbff || end - at < 10 || at[4] != '\\' || at[5] != 'u') {
		return NULL;
	}
	unit = hex4(at + 6, end);
	return unit >= 0xdc00 && unit <= 0xdfff ? at + 10 : NULL;
}

/* Characters that a string may hold as they are, and that are one byte. */
static const bool plain[256] = {[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true};

/* `at` is on the opening quote. Behind the closing one, or NULL. */
static const char *
skip_string(const char *at, const char *end)
{
	const char *open = ++at;
	bool ascii = true;

	for (;;) {
		while (at < end && plain[(unsigned char)*at]) {
			at++;
		}
		if (at == end || (unsigned char)*at < 0x20) {
			return NULL;
		}
		if (*at == '"') {
			break;
		}
		if (*at == '\\') {
			at = skip_escape(at + 1, end);
			if (at == NULL) {
				return NULL;
			}
		} else {
			ascii = false;
			at++;
		}
	}
	return ascii || text_is_utf8(open, (size_t)(at - open)) ? at + 1 : NULL;
}

static const char *
skip_digits(const char *at, const char *end)
{
	if (!is_digit(at, end)) {
		return NULL;
	}
	while (is_digit(at, end)) {
		at++;
	}
	return at;
}

static const char *
skip_number(const char *at, const char *end)
{
	if (*at == '-') {
		at++;
	}
	if (at < end && *at == '0') {
		at++;
	} else {
		at = skip_digits(at, end);
	}
	if (at != NULL && at < end && *at == '.') {
		at = skip_digits(at + 1, end);
	}
	if (at != NULL && at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < end && (*at == '+' || *at == '-')) {
			at++;
		}
		at = skip_digits(at, end);
	}
	return at;
}

static const char *
skip_word(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - at) >= len && memcmp(at, word, len) == 0 ? at + len : NULL;
}

static const char *skip_value(const char *at, const char *end, int depth);

/* The members or elements between `at`, behind the opening bracket, and the closing one. */
static const char *
skip_nested(const char *at, const char *end, char close, int depth)
{
	at = skip_space(at, end);
	if (at < end && *at == close) {
		return at + 1;
	}
	while (at != NULL && at < end) {
		if (close == '}') {
			if (*at != '"' || (at = skip_string(at, end)) == NULL) {
				return NULL;
			}
			at = skip_space(at, end);
			if (at == end || *at++ != ':') {
				return NULL;
			}
		}
		at = skip_value(at, end, depth);
		if (at == NULL || (at = skip_space(at, end)) == end) {
			return NULL;
		}
		if (*at == close) {
			return at + 1;
		}
		if (*at != ',') {
			return NULL;
		}
		at = skip_space(at + 1, end);
	}
	return NULL;
}

static const char *
skip_value(const char *at, const char *end, int depth)
{
	at = skip_space(at, end);
	if (at == end || depth > JSON_SCAN_DEPTH) {
		return NULL;
	}
	switch (*at) {
	case '"':
		return skip_string(at, end);
	case '{':
		return skip_nested(at + 1, end, '}', depth + 1);
	case '[':
		return skip_nested(at + 1, end, ']', depth + 1);
	case 't':
		return skip_word(at, end, "true");
	case 'f':
		return skip_word(at, end, "false");
	case 'n':
		return skip_word(at, end, "null");
	default:
		return skip_number(at, end);
	}
}

ptrdiff_t
json_scan_value(struct span text, struct span *value)
{
	const char *begin, *end;

	if (text.len == 0) {
		return -1;
	}
	begin = skip_space(text.at, text.at + text.len);
	end = skip_value(begin, text.at + text.len, 1);
	if (end == NULL) {
		return -1;
	}
	*value = (struct span){begin, (size_t)(end - begin)};
	return end - text.at;
}

/* Moves `rest` to `at`. */
static void
move_to(struct json_members *members, const char *at)
{
	members->rest.len -= (size_t)(at - members->rest.at);
	members->rest.at = at;
}

static bool
begin(struct json_members *members, struct span nested, char open)
{
	const char *end = nested.at + nested.len, *at;

	*members = (struct json_members){.rest = nested, .first = true};
	at = nested.len == 0 ? end : skip_space(nested.at, end);
	if (at == end || *at != open) {
		members->failed = true;
		return false;
	}
	move_to(members, at + 1);
	return true;
}

bool
json_members_begin(struct json_members *members, struct span object)
{
	return begin(members, object, '{');
}

struct span
json_member(struct span object, const char *wanted)
{
	struct json_members members;
	struct span key, value;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, wanted)) {
			return value;
		}
	}
	return SPAN_EMPTY;
}

bool
json_elements_begin(struct json_members *elements, struct span array)
{
	return begin(elements, array, '[');
}

/* At the closing bracket: only white space may follow. */
static bool
end_members(struct json_members *members, const char *at, const char *end)
{
	members->failed = skip_space(at + 1, end) != end;
	members->rest.len = 0;
	return false;
}

/* To what comes next, behind the comma; NULL: that is the end, or not valid. */
static const char *
next(struct json_members *members, char close)
{
	const char *end = members->rest.at + members->rest.len;
	const char *at = skip_space(members->rest.at, end);

	members->failed = members->failed || at == end;
	if (members->failed) {
		return NULL;
	}
	if (*at == close) {
		end_members(members, at, end);
		return NULL;
	}
	if (!members->first) {
		if (*at++ != ',') {
			members->failed = true;
			return NULL;
		}
		at = skip_space(at, end);
	}
	members->first = false;
	return at;
}

bool
json_elements_next(struct json_members *elements, struct span *value)
{
	const char *end = elements->rest.at + elements->rest.len;
	const char *at = next(elements, ']');
	ptrdiff_t taken;

	if (at == NULL) {
		return false;
	}
	taken = json_scan_value((struct span){at, (size_t)(end - at)}, value);
	if (taken < 0) {
		elements->failed = true;
		return false;
	}
	move_to(elements, at + taken);
	return true;
}

bool
json_members_next(struct json_members *members, struct span *key, struct span *value)
{
	const char *end = members->rest.at + members->rest.len;
	const char *at = next(members, '}'), *close;
	ptrdiff_t taken;

	if (at == NULL) {
		return false;
	}
	if (at == end || *at != '"' || (close = skip_string(at, end)) == NULL) {
		goto fail;
	}
	*key = (struct span){at + 1, (size_t)(close - at - 2)};
	at = skip_space(close, end);
	if (at == end || *at++ != ':') {
		goto fail;
	}
	taken = json_scan_value((struct span){at, (size_t)(end - at)}, value);
	if (taken < 0) {
		goto fail;
	}
	move_to(members, at + taken);
	return true;
fail:
	members->failed = true;
	return false;
}

void
json_compact(struct text *out, struct span value)
{
	const char *at = value.at, *end = at + value.len, *from = at;

	text_reserve(out, value.len);
	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
			if (at == NULL) {
				return; /* not valid JSON, against the contract */
			}
		} else if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') {
			text_bytes(out, from, (size_t)(at - from));
			at = skip_space(at, end);
			from = at;
		} else {
			at++;
		}
	}
	text_bytes(out, from, (size_t)(at - from));
}
