/* SPDX-License-Identifier: ISC */
/* xml_text: see xml_text.h. Pure; in the supervisor. */
#include "supervisor/xml_text.h"

#include <string.h>

#define NO_CHARACTER 0xfffd

/* The character that begins there, and how many bytes it has; U+FFFD, and 1, if it is none. */
static uint32_t
decode(struct span at, size_t *len)
{
	unsigned char first = (unsigned char)at.at[0];
	size_t want = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = want == 1 ? first : first & (0x7fu >> want);

	*len = 1;
	if (want > at.len || !text_is_utf8(at.at, want)) {
		return NO_CHARACTER;
	}
	for (size_t i = 1; i < want; i++) {
		c = c << 6 | ((unsigned char)at.at[i] & 0x3f);
	}
	*len = want;
	return c;
}

void
xml_text(struct text *out, struct span utf8)
{
	size_t len;

	for (size_t i = 0; i < utf8.len; i += len) {
		uint32_t c = decode((struct span){utf8.at + i, utf8.len - i}, &len);

		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0xfffe ||
		    c == 0xffff) {
			c = NO_CHARACTER;
		}
		if (c >= 0x7f || c < ' ' || strchr("<>&\"'", (int)c) != NULL) {
			text_printf(out, "&#%u;", c);
		} else {
			text_char(out, (char)c);
		}
	}
}
