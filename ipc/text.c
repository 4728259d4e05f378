/* SPDX-License-Identifier: ISC */
/* text: see text.h. Runs in every process; owns nothing but the buffers it was handed. */
#include "ipc/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/memory.h"

/* The first allocation: the smallest result record fits. */
#define SMALLEST 256

/* The same byte in each of the eight bytes of a word. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The longest number is -9223372036854775808; a point and a spare byte. */
#define NUMBER_MAX 24

static const char digit_pairs[] = "0001020304050607080910111213141516171819"
				  "2021222324252627282930313233343536373839"
				  "4041424344454647484950515253545556575859"
				  "6061626364656667686970717273747576777879"
				  "8081828384858687888990919293949596979899";

struct span
span_of(const char *string)
{
	return (struct span){string, strlen(string)};
}

bool
span_is(struct span span, const char *string)
{
	if (span.len == 0 || span.at[0] != string[0]) { /* most are told by their first byte */
		return span.len == 0 && string[0] == '\0';
	}
	return strlen(string) == span.len && memcmp(span.at, string, span.len) == 0;
}

/* Doubles, so that appending n bytes one by one copies O(n) in all. */
static void
grow(struct text *text, size_t more)
{
	size_t cap = text->cap < SMALLEST ? SMALLEST : text->cap;
	size_t need;
	char *data;

	if (__builtin_add_overflow(text->len, more, &need) || need > SIZE_MAX / 2) {
		memory_none();
	}
	while (cap < need) {
		cap *= 2;
	}
	data = realloc(text->data, cap);
	if (data == NULL) {
		memory_none();
	}
	text->data = data;
	text->cap = cap;
}

void
text_reserve(struct text *text, size_t more)
{
	if (more > text->cap - text->len) {
		grow(text, more);
	}
}

void
text_bytes(struct text *text, const void *bytes, size_t n)
{
	if (n == 0) {
		return;
	}
	text_reserve(text, n);
	memcpy(text->data + text->len, bytes, n);
	text->len += n;
}

void
text_span(struct text *text, struct span span)
{
	text_bytes(text, span.at, span.len);
}

void
text_string(struct text *text, const char *string)
{
	text_bytes(text, string, strlen(string));
}

void
text_char(struct text *text, char c)
{
	text_reserve(text, 1);
	text->data[text->len++] = c;
}

/* Writes the two digits of a number below 100 before `end`; returns where they begin. */
static inline char *
put_pair(char *end, uint64_t below_100)
{
	memcpy(end - 2, &digit_pairs[below_100 * 2], 2);
	return end - 2;
}

/* Writes a number before `end`; returns where it begins. */
static inline char *
put_uint(char *end, uint64_t n)
{
	while (n >= 100) {
		end = put_pair(end, n % 100);
		n /= 100;
	}
	if (n >= 10) {
		return put_pair(end, n);
	}
	*--end = (char)('0' + n);
	return end;
}

/* The distance from 0, also of INT64_MIN. */
static inline uint64_t
magnitude(int64_t n)
{
	return n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
}

void
text_uint(struct text *text, uint64_t n)
{
	char number[NUMBER_MAX], *end = number + sizeof(number), *at = put_uint(end, n);

	text_bytes(text, at, (size_t)(end - at));
}

void
text_int(struct text *text, int64_t n)
{
	char number[NUMBER_MAX], *end = number + sizeof(number), *at = put_uint(end, magnitude(n));

	if (n < 0) {
		*--at = '-';
	}
	text_bytes(text, at, (size_t)(end - at));
}

void
text_seconds(struct text *text, int64_t us)
{
	char number[NUMBER_MAX], *end = number + sizeof(number), *at;
	uint64_t whole = magnitude(us) / 1000000;
	uint32_t part = (uint32_t)(magnitude(us) % 1000000);

	at = put_pair(end, part % 100);
	at = put_pair(at, part / 100 % 100);
	at = put_pair(at, part / 10000);
	*--at = '.';
	at = put_uint(at, whole);
	if (us < 0) {
		*--at = '-';
	}
	text_bytes(text, at, (size_t)(end - at));
}

/* A format that the C library refuses appends nothing. */
void
text_printf(struct text *text, const char *format, ...)
{
	va_list args;
	size_t room;
	int n;

	text_reserve(text, 64);
	room = text->cap - text->len;
	va_start(args, format);
	n = vsnprintf(text->data + text->len, room, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n >= room) {
		text_reserve(text, (size_t)n + 1);
		room = text->cap - text->len;
		va_start(args, format);
		n = vsnprintf(text->data + text->len, room, format, args);
		va_end(args);
	}
	if (n > 0) {
		text->len += (size_t)n;
	}
}

static inline uint64_t
load_word(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * Not 0 if one of the word's bytes is below `least` (at most 128); the bit tricks are "Determine
 * if a word has a byte less than n" of Anderson's Bit Twiddling Hacks. With its other use, a
 * word XORed with EIGHT(c) and least = 1, it finds the byte c.
 */
static inline uint64_t
has_below(uint64_t word, uint64_t least)
{
	return (word - EIGHT(least)) & ~word & EIGHT(0x80);
}

static inline bool
needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes from `at` on stand for themselves in a JSON string. */
static size_t
plain_run(const unsigned char *at, size_t n)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t word = load_word(at + i);

		if ((has_below(word, 0x20) | has_below(word ^ EIGHT('"'), 1) |
		     has_below(word ^ EIGHT('\\'), 1)) != 0) {
			break;
		}
	}
	while (i < n && !needs_escape(at[i])) {
		i++;
	}
	return i;
}

static void
escape(struct text *text, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[0x20] = {
	    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	char long_form[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	char short_form[2] = {'\\', (char)c};

	if (c < 0x20 && letters[c] == 0) {
		text_bytes(text, long_form, sizeof(long_form));
		return;
	}
	if (c < 0x20) {
		short_form[1] = letters[c];
	}
	text_bytes(text, short_form, sizeof(short_form));
}

void
text_json_string(struct text *text, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	text_char(text, '"');
	while (n > 0) {
		size_t run = plain_run(at, n);

		text_bytes(text, at, run);
		if (run == n) {
			break;
		}
		escape(text, at[run]);
		at += run + 1;
		n -= run + 1;
	}
	text_char(text, '"');
}

/* Writes the four characters of one to three bytes. */
static char *
put_base64(char *to, const unsigned char *at, size_t n)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)at[0] << 16;

	bits |= n > 1 ? (uint32_t)at[1] << 8 : 0;
	bits |= n > 2 ? (uint32_t)at[2] : 0;
	*to++ = alphabet[bits >> 18];
	*to++ = alphabet[bits >> 12 & 63];
	*to++ = n > 1 ? alphabet[bits >> 6 & 63] : '=';
	*to++ = n > 2 ? alphabet[bits & 63] : '=';
	return to;
}

void
text_json_base64(struct text *text, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	char *to;

	text_reserve(text, n / 3 * 4 + 6);
	to = text->data + text->len;
	*to++ = '"';
	for (; n >= 3; n -= 3, at += 3) {
		to = put_base64(to, at, 3);
	}
	if (n > 0) {
		to = put_base64(to, at, n);
	}
	*to++ = '"';
	text->len = (size_t)(to - text->data);
}

void
text_terminate(struct text *text)
{
	text_reserve(text, 1);
	text->data[text->len] = '\0';
}

void
text_drop_front(struct text *text, size_t n)
{
	if (n >= text->len) {
		text->len = 0;
		return;
	}
	text->len -= n;
	memmove(text->data, text->data + n, text->len);
}

void
text_clear(struct text *text)
{
	text->len = 0;
}

void
text_free(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_INIT;
}

static inline bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * The length of the well-formed sequence of two to four bytes at `at`, 0 if there is none:
 * table 3-7 of the Unicode Standard, where the lead byte narrows what may follow it.
 */
static size_t
sequence(const unsigned char *at, size_t n)
{
	unsigned char lead = at[0], least = 0x80, most = 0xbf;
	size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (lead < 0xc2 || lead > 0xf4 || n < len) {
		return 0;
	}
	switch (lead) {
	case 0xe0: /* overlong below */
		least = 0xa0;
		break;
	case 0xed: /* surrogates above */
		most = 0x9f;
		break;
	case 0xf0: /* overlong below */
		least = 0x90;
		break;
	case 0xf4: /* past U+10FFFF above */
		most = 0x8f;
		break;
	default:
		break;
	}
	if (at[1] < least || at[1] > most) {
		return 0;
	}
	if ((len > 2 && !is_tail(at[2])) || (len > 3 && !is_tail(at[3]))) {
		return 0;
	}
	return len;
}

bool
text_is_utf8(const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	size_t i = 0, len;

	while (i < n) {
		if (n - i >= 8 && (load_word(at + i) & EIGHT(0x80)) == 0) {
			i += 8;
		} else if (at[i] < 0x80) {
			i++;
		} else if ((len = sequence(at + i, n - i)) > 0) {
			i += len;
		} else {
			return false;
		}
	}
	return true;
}

size_t
text_cut(struct span bytes, size_t most)
{
	if (bytes.len <= most) {
		return bytes.len;
	}
	while (most > 0 && ((unsigned char)bytes.at[most] & 0xc0) == 0x80) {
		most--;
	}
	return most;
}

char *
text_printable(char *string)
{
	for (char *c = string; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			*c = '?';
		}
	}
	return string;
}
