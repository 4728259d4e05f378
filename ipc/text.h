/* SPDX-License-Identifier: ISC */
/*
 * text: a growable byte buffer, and what is appended to it: the JSON that stint writes.
 * Used by every process; pure memory, no file descriptors.
 *
 * The writers are here instead of jansson's because a result record is written a million times
 * in a run: text_seconds() costs 15 ns where a JSON real costs 400.
 */
#ifndef IPC_TEXT_H
#define IPC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* `len` bytes, NOT terminated; NULL while nothing was ever appended */
	size_t len;
	size_t cap;
};

/* A piece of text that somebody else owns. */
struct span {
	const char *at;
	size_t len;
};

#define TEXT_INIT          \
	{                  \
		NULL, 0, 0 \
	}
#define SPAN_LITERAL(s) ((struct span){(s), sizeof(s) - 1})
#define SPAN_EMPTY      ((struct span){NULL, 0})

struct span span_of(const char *string); /* of a terminated string, which stays the caller's */
bool span_is(struct span, const char *string);

/*
 * Memory that runs out ends the process (err(3) is not called: a message on stderr and
 * _exit(3)), so that no caller has to carry a half-written record.
 */
void text_reserve(struct text *, size_t more); /* room for `more` bytes beyond len */
void text_bytes(struct text *, const void *, size_t);
void text_span(struct text *, struct span);
void text_string(struct text *, const char *string); /* without its terminator */
void text_char(struct text *, char);
void text_uint(struct text *, uint64_t);
void text_int(struct text *, int64_t);
void text_seconds(struct text *, int64_t us); /* microseconds as decimal seconds: 1.000000 */
void text_printf(struct text *, const char *, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string, quotes included. `bytes` must be UTF-8 (text_is_utf8()). */
void text_json_string(struct text *, const void *bytes, size_t);
/* A JSON string, quotes included, of the bytes in base64 (RFC 4648 section 4, padded). */
void text_json_base64(struct text *, const void *bytes, size_t);

void text_terminate(struct text *); /* appends '\0' beyond len, so that data is a C string */
void text_drop_front(struct text *, size_t); /* the first bytes go, the others move up */
void text_clear(struct text *);              /* len = 0, the memory stays */
void text_free(struct text *);               /* and the memory goes; ready for use again */

/* In place: control characters become '?', so that a message stays one line. Returns it. */
char *text_printable(char *string);

/* Strict UTF-8: no overlong form, no surrogate, nothing past U+10FFFF. */
bool text_is_utf8(const void *, size_t);

/* How many of the first `most` bytes there are without the beginning of a character that is cut. */
size_t text_cut(struct span, size_t most);

#endif
