/* SPDX-License-Identifier: ISC */
/* canvas: see canvas.h. In the supervisor. */
#include "supervisor/canvas.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST 1024 /* bytes that canvas_printf() makes */

void
canvas_resize(struct canvas *canvas, unsigned rows, unsigned columns)
{
	size_t count = (size_t)rows * columns;

	if (canvas->cells == NULL || rows != canvas->rows || columns != canvas->columns) {
		free(canvas->cells);
		canvas->cells = calloc(count > 0 ? count : 1, sizeof(*canvas->cells));
		if (canvas->cells == NULL) {
			err(3, "the view");
		}
		canvas->rows = rows;
		canvas->columns = columns;
	}
	for (size_t i = 0; i < count; i++) {
		canvas->cells[i] = (struct canvas_cell){L' ', CANVAS_PLAIN};
	}
}

void
canvas_free(struct canvas *canvas)
{
	free(canvas->cells);
	canvas->cells = NULL;
	canvas->rows = canvas->columns = 0;
}

/* The next character of the text, as it may be shown; how many columns it takes. */
static int
next_char(bool ascii, struct span *text, wchar_t *shown)
{
	unsigned char byte = (unsigned char)text->at[0];
	mbstate_t state = {0};
	size_t len = 1;
	int width;

	*shown = L'?';
	if (byte >= 0x80 && !ascii) {
		len = mbrtowc(shown, text->at, text->len, &state);
		if (len == 0 || len > text->len) {
			*shown = L'?';
			len = 1;
		}
	} else if (byte < 0x80) {
		*shown = (wchar_t)byte;
	}
	text->at += len;
	text->len -= len;
	if (byte >= 0x80 && byte < 0xc0 && ascii) {
		return 0; /* of a character that was shown as one question mark */
	}
	width = wcwidth(*shown);
	if (width < 0) {
		*shown = L'?';
		width = 1;
	}
	return width;
}

static struct canvas_cell *
cell_at(struct canvas *canvas, unsigned row, unsigned column)
{
	return row < canvas->rows && column < canvas->columns
		   ? &canvas->cells[(size_t)row * canvas->columns + column]
		   : NULL;
}

static void
set(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style, wchar_t shown)
{
	struct canvas_cell *cell = cell_at(canvas, row, column);

	if (cell != NULL) {
		*cell = (struct canvas_cell){shown, (uint8_t)style};
	}
}

/* Up to the column `end`; what does not fit whole is left out. */
static unsigned
put_until(struct canvas *canvas, unsigned row, unsigned column, unsigned end,
	  enum canvas_style style, struct span text)
{
	while (text.len > 0 && column < end) {
		wchar_t shown;
		int width = next_char(canvas->ascii, &text, &shown);

		if (width <= 0) {
			continue;
		}
		if (column + (unsigned)width > end) {
			break;
		}
		set(canvas, row, column, style, shown);
		if (width == 2) {
			set(canvas, row, column + 1, style, L'\0');
		}
		column += (unsigned)width;
	}
	return column;
}

unsigned
canvas_put(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
	   struct span text)
{
	return put_until(canvas, row, column, canvas->columns, style, text);
}

unsigned
canvas_string(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
	      const char *string)
{
	return canvas_put(canvas, row, column, style, span_of(string));
}

unsigned
canvas_printf(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
	      const char *format, ...)
{
	char line[LINE_MOST];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return canvas_string(canvas, row, column, style, line);
}

unsigned
canvas_width(bool ascii, struct span text)
{
	unsigned columns = 0;

	while (text.len > 0) {
		wchar_t shown;
		int width = next_char(ascii, &text, &shown);

		columns += width > 0 ? (unsigned)width : 0;
	}
	return columns;
}

unsigned
canvas_within(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
	      enum canvas_style style, struct span text)
{
	const char *dots = canvas->ascii ? ".." : "\u2026";
	unsigned taken = canvas->ascii ? 2 : 1;

	if (column >= canvas->columns) {
		return column;
	}
	if (width > canvas->columns - column) {
		width = canvas->columns - column;
	}
	if (width <= taken || canvas_width(canvas->ascii, text) <= width) {
		return put_until(canvas, row, column, column + width, style, text);
	}
	column = put_until(canvas, row, column, column + width - taken, style, text);
	return canvas_string(canvas, row, column, style, dots);
}

void
canvas_right(struct canvas *canvas, unsigned row, unsigned end, enum canvas_style style,
	     const char *string)
{
	unsigned width = canvas_width(canvas->ascii, span_of(string));

	if (width <= end) {
		canvas_string(canvas, row, end - width, style, string);
	}
}

unsigned
canvas_fill(struct canvas *canvas, unsigned row, unsigned column, unsigned count,
	    enum canvas_style style, wchar_t shown)
{
	for (unsigned i = 0; i < count; i++) {
		set(canvas, row, column + i, style, shown);
	}
	return column + count;
}
