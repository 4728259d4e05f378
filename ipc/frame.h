/* SPDX-License-Identifier: ISC */
/*
 * frame: cuts a stream of bytes into lines, however the bytes were chunked. Pure memory.
 *
 * Put bytes in with frame_room() and frame_filled(), or frame_feed(); take lines out with
 * frame_next() until it has no more. A line and its span live until the next call that puts
 * bytes in.
 */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

struct frame {
	struct text bytes;
	size_t begin;   /* of the line that comes next */
	size_t scanned; /* no newline before this */
	size_t most;    /* bytes of a line, newline included */
};

enum frame_state {
	FRAME_LINE,    /* a line was returned, without its newline */
	FRAME_MORE,    /* no complete line is there */
	FRAME_TOO_LONG /* the next line is over the limit; frame_skip() may pass over it */
};

void frame_init(struct frame *, size_t longest_line);
void frame_free(struct frame *);

/* At least `want` bytes to read into; then say how many came. */
char *frame_room(struct frame *, size_t want);
void frame_filled(struct frame *, size_t got);
void frame_feed(struct frame *, const void *, size_t);

enum frame_state frame_next(struct frame *, struct span *line);

/* Drops what is there of a line that is too long. True when its newline was reached. */
bool frame_skip(struct frame *);

/* What is left behind the last newline: the last line of a stream that lacks one. */
struct span frame_rest(const struct frame *);
struct span frame_take_rest(struct frame *); /* and it is done with */

#endif
