/* SPDX-License-Identifier: ISC */
/* terminal_text: see terminal_text.h. In the supervisor. */
#include "supervisor/terminal_text.h"

#include <string.h>
#include <wchar.h>

void
terminal_color(struct text *out, const struct terminal_style *style, enum terminal_color color)
{
	static const char *const escapes[] = {
	    [TERMINAL_PLAIN] = "\033[0m",    [TERMINAL_BOLD] = "\033[1m",
	    [TERMINAL_DIM] = "\033[2m",      [TERMINAL_RED] = "\033[31m",
	    [TERMINAL_GREEN] = "\033[32m",   [TERMINAL_YELLOW] = "\033[33m",
	    [TERMINAL_MAGENTA] = "\033[35m", [TERMINAL_CYAN] = "\033[36m",
	};

	if (style->color) {
		text_string(out, escapes[color]);
	}
}

/* A character of UTF-8: its bytes, or 1 and *c = -1 if it is none. */
static unsigned
decode(const char *at, long *c)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned char first = (unsigned char)at[0];
	unsigned len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (strnlen(at, len) < len || !text_is_utf8(at, len)) {
		*c = -1;
		return 1;
	}
	*c = first & masks[len];
	for (unsigned i = 1; i < len; i++) {
		*c = *c << 6 | (at[i] & 0x3f);
	}
	return len;
}

/* What turns around the order of what follows, or joins it to something else. */
static bool
is_treacherous(long c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* Columns that a character takes; -1: it is not to be shown as it is. */
static int
width_of(long c, const struct terminal_style *style)
{
	if (c < 0x20 || c == 0x7f) {
		return -1;
	}
	if (c < 0x7f) {
		return 1;
	}
	return style->ascii || c < 0xa0 || is_treacherous(c) ? -1 : wcwidth((wchar_t)c);
}

/* Up to `most` columns of it. Returns how many, and where it goes on. */
static unsigned
put_some(struct text *out, const struct terminal_style *style, const char **string, unsigned most)
{
	unsigned columns = 0;

	while (**string != '\0') {
		long c;
		unsigned len = decode(*string, &c);
		int width = width_of(c, style);

		if (columns + (unsigned)(width < 0 ? 1 : width) > most) {
			break;
		}
		if (width < 0) {
			text_char(out, '?');
			columns++;
		} else {
			text_bytes(out, *string, len);
			columns += (unsigned)width;
		}
		*string += len;
	}
	return columns;
}

unsigned
terminal_put(struct text *out, const struct terminal_style *style, const char *string,
	     unsigned most)
{
	const char *ellipsis = style->ascii ? "..." : "…";
	unsigned taken = style->ascii ? 3 : 1, columns;
	const char *rest = string;
	size_t begin = out->len;

	columns = put_some(out, style, &rest, most);
	if (*rest == '\0' || most < taken) {
		return columns;
	}
	out->len = begin;
	columns = put_some(out, style, &string, most - taken);
	text_string(out, ellipsis);
	return columns + taken;
}

void
terminal_put_padded(struct text *out, const struct terminal_style *style, const char *string,
		    unsigned columns)
{
	for (unsigned at = terminal_put(out, style, string, columns); at < columns; at++) {
		text_char(out, ' ');
	}
}

static void
break_line(struct text *out, unsigned indent)
{
	text_char(out, '\n');
	for (unsigned i = 0; i < indent; i++) {
		text_char(out, ' ');
	}
}

void
terminal_put_wrapped(struct text *out, const struct terminal_style *style, const char *string,
		     unsigned at, unsigned indent, unsigned columns)
{
	struct text word = TEXT_INIT, plain = TEXT_INIT;
	bool first = true;

	while (*string != '\0') {
		size_t len = strcspn(string, " ");
		const char *rest;
		unsigned width;

		text_clear(&word);
		text_clear(&plain);
		text_bytes(&word, string, len);
		text_terminate(&word);
		rest = word.data;
		width = put_some(&plain, style, &rest, UINT32_MAX);
		if (!first && at + 1 + width > columns && at > indent) {
			break_line(out, indent);
			at = indent;
		} else if (!first) {
			text_char(out, ' ');
			at++;
		}
		rest = word.data;
		at += put_some(out, style, &rest, columns > at ? columns - at : 0);
		while (*rest != '\0' && indent + 2 <= columns) { /* it is longer than a line */
			break_line(out, indent);
			at = indent + put_some(out, style, &rest, columns - indent);
		}
		first = false;
		string += len;
		string += *string == ' ';
	}
	text_char(out, '\n');
	text_free(&word);
	text_free(&plain);
}
