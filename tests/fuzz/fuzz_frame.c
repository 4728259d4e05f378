/* SPDX-License-Identifier: ISC */
/*
 * fuzz_frame: the first eight bytes choose how the rest is chunked; the lines must be those that
 * come out of the whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"

#define CHUNKS 8
#define MOST   24

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* All lines there are for now, each with its length; a long one is skipped. */
static void
take(struct frame *frame, bool *skipping, struct text *out)
{
	struct span line;

	for (;;) {
		if (*skipping && (*skipping = !frame_skip(frame))) {
			return;
		}
		switch (frame_next(frame, &line)) {
		case FRAME_LINE:
			text_printf(out, "%zu:", line.len);
			text_span(out, line);
			break;
		case FRAME_TOO_LONG:
			text_string(out, "long:");
			*skipping = true;
			break;
		case FRAME_MORE:
			return;
		}
	}
}

static void
collect(const uint8_t *bytes, size_t len, const uint8_t *chunks, struct text *out)
{
	struct frame frame;
	bool skipping = false;
	struct span rest;

	frame_init(&frame, MOST);
	for (size_t at = 0, turn = 0; at < len; turn++) {
		size_t chunk = chunks == NULL ? len : (size_t)(chunks[turn % CHUNKS] % 32) + 1;

		chunk = chunk < len - at ? chunk : len - at;
		frame_feed(&frame, bytes + at, chunk);
		at += chunk;
		take(&frame, &skipping, out);
	}
	rest = frame_take_rest(&frame);
	if (!skipping) {
		text_printf(out, "rest %zu:", rest.len);
		text_span(out, rest);
	}
	frame_free(&frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct text whole = TEXT_INIT, chunked = TEXT_INIT;

	if (len < CHUNKS) {
		return 0;
	}
	collect(bytes + CHUNKS, len - CHUNKS, NULL, &whole);
	collect(bytes + CHUNKS, len - CHUNKS, bytes, &chunked);
	if (whole.len != chunked.len ||
	    (whole.len > 0 && memcmp(whole.data, chunked.data, whole.len) != 0)) {
		abort();
	}
	text_free(&whole);
	text_free(&chunked);
	return 0;
}
