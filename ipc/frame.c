/* SPDX-License-Identifier: ISC */
/* frame: see frame.h. Pure; any process. */
#include "ipc/frame.h"

#include <string.h>

void
frame_init(struct frame *frame, size_t longest_line)
{
	*frame = (struct frame){.most = longest_line};
}

void
frame_free(struct frame *frame)
{
	text_free(&frame->bytes);
}

char *
frame_room(struct frame *frame, size_t want)
{
	if (frame->begin > 0 && frame->bytes.len + want > frame->bytes.cap) {
		text_drop_front(&frame->bytes, frame->begin);
		frame->scanned -= frame->begin;
		frame->begin = 0;
	}
	text_reserve(&frame->bytes, want);
	return frame->bytes.data + frame->bytes.len;
}

void
frame_filled(struct frame *frame, size_t got)
{
	frame->bytes.len += got;
}

void
frame_feed(struct frame *frame, const void *bytes, size_t len)
{
	if (len > 0) {
		memcpy(frame_room(frame, len), bytes, len);
		frame_filled(frame, len);
	}
}

static const char *
find_newline(const struct frame *frame)
{
	size_t left = frame->bytes.len - frame->scanned;

	return left == 0 ? NULL : memchr(frame->bytes.data + frame->scanned, '\n', left);
}

enum frame_state
frame_next(struct frame *frame, struct span *line)
{
	const char *newline = find_newline(frame);
	size_t len;

	if (newline == NULL) {
		frame->scanned = frame->bytes.len;
		if (frame->scanned - frame->begin >= frame->most) {
			return FRAME_TOO_LONG;
		}
		if (frame->begin == frame->bytes.len) {
			frame->begin = frame->scanned = frame->bytes.len = 0;
		}
		return FRAME_MORE;
	}
	len = (size_t)(newline - (frame->bytes.data + frame->begin));
	if (len >= frame->most) {
		return FRAME_TOO_LONG;
	}
	*line = (struct span){frame->bytes.data + frame->begin, len};
	frame->begin += len + 1;
	frame->scanned = frame->begin;
	return FRAME_LINE;
}

bool
frame_skip(struct frame *frame)
{
	const char *newline = find_newline(frame);

	if (newline == NULL) {
		frame->begin = frame->scanned = frame->bytes.len = 0;
		return false;
	}
	frame->begin = frame->scanned = (size_t)(newline - frame->bytes.data) + 1;
	return true;
}

struct span
frame_rest(const struct frame *frame)
{
	return frame->bytes.len == frame->begin ? SPAN_EMPTY
						: (struct span){frame->bytes.data + frame->begin,
								frame->bytes.len - frame->begin};
}

struct span
frame_take_rest(struct frame *frame)
{
	struct span rest = frame_rest(frame);

	frame->begin = frame->scanned = frame->bytes.len;
	return rest;
}
