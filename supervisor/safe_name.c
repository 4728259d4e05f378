/* SPDX-License-Identifier: ISC */
/* safe_name: see safe_name.h. Pure; in the supervisor. */
#include "supervisor/safe_name.h"

#include <inttypes.h>
#include <stdbool.h>

#include "supervisor/ids.h"

#define HASH_LEN 18 /* "%-" and 16 digits */

static bool
is_safe(struct span id, size_t i)
{
	unsigned char c = (unsigned char)id.at[i];

	return c >= ' ' && c != 0x7f && c != '/' && c != '%' && (c != '.' || i > 0);
}

void
safe_name_put(struct text *out, struct span id)
{
	size_t begin = out->len, len = SAFE_NAME_MOST - HASH_LEN;

	for (size_t i = 0; i < id.len; i++) {
		if (is_safe(id, i)) {
			text_char(out, id.at[i]);
		} else {
			text_printf(out, "%%%02X", (unsigned)(unsigned char)id.at[i]);
		}
	}
	if (id.len == 0) {
		text_char(out, '%');
	}
	if (out->len - begin <= SAFE_NAME_MOST) {
		return;
	}
	while (((unsigned char)out->data[begin + len] & 0xc0) == 0x80) {
		len--; /* not within a character */
	}
	out->len = begin + len;
	text_printf(out, "%%-%016" PRIx64, ids_hash(id.at, id.len));
}
