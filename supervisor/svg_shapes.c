/* SPDX-License-Identifier: ISC */
/* svg_shapes: see svg.h. Pure; in the supervisor. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/svg.h"
#include "supervisor/xml_text.h"

void
svg_number(struct text *out, double number)
{
	long hundredths = (long)(number * 100 + (number < 0 ? -0.5 : 0.5));

	if (hundredths < 0) {
		text_char(out, '-');
		hundredths = -hundredths;
	}
	text_uint(out, (uint64_t)(hundredths / 100));
	if (hundredths % 100 != 0) {
		text_printf(out, hundredths % 10 == 0 ? ".%ld" : ".%02ld",
			    hundredths % 10 == 0 ? hundredths % 100 / 10 : hundredths % 100);
	}
}

static void
put_member(struct text *out, const char *name, double value)
{
	text_printf(out, " %s=\"", name);
	svg_number(out, value);
	text_char(out, '"');
}

void
svg_rect(struct text *out, const char *class, const struct svg_box *box)
{
	text_printf(out, "<rect class=\"%s\"", class);
	put_member(out, "x", box->x);
	put_member(out, "y", box->y);
	put_member(out, "width", box->width);
	put_member(out, "height", box->height);
}

void
svg_words(struct text *out, const char *class, double x, double y, const char *words)
{
	text_printf(out, "<text class=\"%s\"", class);
	put_member(out, "x", x);
	put_member(out, "y", y);
	text_char(out, '>');
	xml_text(out, span_of(words));
	text_string(out, "</text>\n");
}

size_t
svg_characters(const char *words)
{
	size_t count = 0;

	for (; *words != '\0'; words++) {
		count += ((unsigned char)*words & 0xc0) != 0x80;
	}
	return count;
}

void
svg_cut(struct text *out, const char *words, size_t characters)
{
	size_t all = svg_characters(words), kept = all > characters ? characters - 1 : all;

	for (; *words != '\0'; words++) {
		if (((unsigned char)*words & 0xc0) != 0x80 && kept-- == 0) {
			break;
		}
		text_char(out, *words);
	}
	if (all > characters) {
		text_string(out, "\u2026");
	}
}
