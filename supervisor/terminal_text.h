/* SPDX-License-Identifier: ISC */
/*
 * terminal_text: strings of others for a terminal: whatever they hold, they move no cursor, change
 * no colour and take as many columns as is said. Pure, but for the locale, of which LC_CTYPE must
 * be set; in the supervisor.
 */
#ifndef SUPERVISOR_TERMINAL_TEXT_H
#define SUPERVISOR_TERMINAL_TEXT_H

#include <stdbool.h>

#include "ipc/text.h"

struct terminal_style {
	bool ascii; /* nothing else is written */
	bool color;
};

enum terminal_color {
	TERMINAL_PLAIN,
	TERMINAL_BOLD,
	TERMINAL_DIM,
	TERMINAL_RED,
	TERMINAL_GREEN,
	TERMINAL_YELLOW,
	TERMINAL_MAGENTA,
	TERMINAL_CYAN
};

/* From here on; nothing where there are no colours. */
void terminal_color(struct text *, const struct terminal_style *, enum terminal_color);

/*
 * Appends a string, of which what cannot be shown becomes a question mark. One that takes more than
 * `most` columns is cut, and ends with an ellipsis. Returns how many it took.
 */
unsigned terminal_put(struct text *, const struct terminal_style *, const char *, unsigned most);

/* The same, and spaces up to `columns`. */
void terminal_put_padded(struct text *, const struct terminal_style *, const char *,
			 unsigned columns);

/*
 * Appends words in lines of at most `columns`, the second and further ones behind `indent` spaces;
 * the first begins at column `at`. Ends with a newline.
 */
void terminal_put_wrapped(struct text *, const struct terminal_style *, const char *, unsigned at,
			  unsigned indent, unsigned columns);

#endif
