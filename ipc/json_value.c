/* SPDX-License-Identifier: ISC */
/* json_value: see json_value.h. Pure; any process. */
#include "ipc/json_value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/memory.h"

#define UINT_MOST (UINT64_C(1) << 53)

static bool
is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

bool
json_value_uint(struct span number, uint64_t *out)
{
	uint64_t value = 0;

	if (number.len == 0 || number.len > 16) {
		return false;
	}
	for (size_t i = 0; i < number.len; i++) {
		if (number.at[i] < '0' || number.at[i] > '9') {
			return false;
		}
		value = value * 10 + (uint64_t)(number.at[i] - '0');
	}
	*out = value;
	return value <= UINT_MOST;
}

/* Any number, by strtod(3); the program runs in the C locale for numbers. */
static bool
scan_us_slowly(struct span number, int64_t *us)
{
	char digits[64], *end;
	double seconds;

	if (number.len >= sizeof(digits)) {
		return false;
	}
	memcpy(digits, number.at, number.len);
	digits[number.len] = '\0';
	seconds = strtod(digits, &end);
	if (*end != '\0' || !(seconds > -9e12 && seconds < 9e12)) {
		return false;
	}
	*us = (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
	return true;
}

bool
json_value_us(struct span number, int64_t *us)
{
	const char *at = number.at, *end = at + number.len;
	int64_t value = 0;
	int places = 0;

	if (number.len == 0 || !(is_digit(at, end) || *at == '-')) {
		return false;
	}
	while (is_digit(at, end) && at - number.at < 12) {
		value = value * 10 + (*at++ - '0');
	}
	if (at < end && *at == '.') {
		at++;
		while (is_digit(at, end) && places < 6) {
			value = value * 10 + (*at++ - '0');
			places++;
		}
	}
	if (at != end) {
		return scan_us_slowly(number, us);
	}
	for (; places < 6; places++) {
		value *= 10;
	}
	*us = value;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands behind a backslash, if it is one byte, and how long that is; 0 if it is not. */
static size_t
unescape(const char *at, size_t left, char *byte)
{
	int high, low;

	switch (left == 0 ? '\0' : at[0]) {
	case 'n':
		*byte = '\n';
		return 1;
	case 't':
		*byte = '\t';
		return 1;
	case 'r':
		*byte = '\r';
		return 1;
	case 'b':
		*byte = '\b';
		return 1;
	case 'f':
		*byte = '\f';
		return 1;
	case '"':
	case '\\':
	case '/':
		*byte = at[0];
		return 1;
	case 'u':
		high = left < 5 || at[1] != '0' || at[2] != '0' ? -1 : hex_digit(at[3]);
		low = high < 0 ? -1 : hex_digit(at[4]);
		*byte = (char)(high * 16 + low);
		return low >= 0 && high < 8 ? 5 : 0;
	default:
		return 0;
	}
}

/* Output of tasks comes in strings of a MiB: jansson takes ten times as long for them. */
static bool
decode_plain(struct span string, char *bytes, size_t *len)
{
	const char *at = string.at + 1, *end = string.at + string.len - 1;
	char *to = bytes;

	while (at < end) {
		const char *backslash = memchr(at, '\\', (size_t)(end - at));
		size_t plain = (size_t)((backslash == NULL ? end : backslash) - at), escape;

		memcpy(to, at, plain);
		to += plain;
		at += plain;
		if (backslash == NULL) {
			break;
		}
		escape = unescape(at + 1, (size_t)(end - at - 1), to);
		if (escape == 0) {
			return false;
		}
		to++;
		at += 1 + escape;
	}
	*to = '\0';
	*len = (size_t)(to - bytes);
	return true;
}

/* Any string, by jansson. */
static bool
decode(struct span string, char **bytes, size_t *len)
{
	json_t *value = json_loadb(string.at, string.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (!json_is_string(value)) {
		json_decref(value);
		return false;
	}
	*len = json_string_length(value);
	*bytes = memory_check(malloc(*len + 1));
	memcpy(*bytes, json_string_value(value), *len + 1);
	json_decref(value);
	return true;
}

bool
json_value_string(struct span string, char **bytes, size_t *len)
{
	if (string.len < 2 || string.at[0] != '"' || string.at[string.len - 1] != '"') {
		return false;
	}
	*bytes = memory_check(malloc(string.len));
	if (decode_plain(string, *bytes, len)) {
		return true;
	}
	free(*bytes);
	return decode(string, bytes, len);
}

bool
json_value_append(struct text *out, struct span string)
{
	char *bytes;
	size_t len;

	if (!json_value_string(string, &bytes, &len)) {
		return false;
	}
	text_bytes(out, bytes, len);
	free(bytes);
	return true;
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z') {
		return c - 'A';
	}
	if (c >= 'a' && c <= 'z') {
		return c - 'a' + 26;
	}
	if (c >= '0' && c <= '9') {
		return c - '0' + 52;
	}
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
json_value_base64(struct span string, char **bytes, size_t *len)
{
	size_t digits = string.len < 2 ? 0 : string.len - 2, n = 0;
	const char *at = string.at + 1;
	uint32_t bits = 0;

	if (string.len < 2 || digits % 4 != 0) {
		return false;
	}
	*bytes = memory_check(malloc(digits / 4 * 3 + 1));
	while (digits > 0 && at[digits - 1] == '=' && string.len - 2 - digits < 2) {
		digits--;
	}
	for (size_t i = 0; i < digits; i++) {
		int digit = base64_digit(at[i]);

		if (digit < 0) {
			free(*bytes);
			return false;
		}
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 0) {
			(*bytes)[n++] = (char)(bits >> (6 - 2 * (i % 4)));
		}
	}
	(*bytes)[n] = '\0';
	*len = n;
	return true;
}
