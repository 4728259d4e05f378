/* SPDX-License-Identifier: ISC */
/* test_frame: the same lines come out however the bytes were chunked. */
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"
#include "tests/unit.h"

#define MOST 16

static const char stream[] = "one\n\n{\"a\":1}\nfifteen bytes!!\nx\n\n\nlast";
static const char *const stream_lines[] = {"one", "", "{\"a\":1}", "fifteen bytes!!", "x", "", ""};

/* Takes out all complete lines and holds them against the expected ones from *next on. */
static void
take_lines(struct frame *frame, size_t *next)
{
	struct span line;
	enum frame_state state;

	while ((state = frame_next(frame, &line)) == FRAME_LINE) {
		ck_assert_uint_lt(*next, LENGTH(stream_lines));
		ck_assert_str_eq(unit_string(line), stream_lines[*next]);
		++*next;
	}
	ck_assert_int_eq(state, FRAME_MORE);
}

static void
assert_stream_ended(struct frame *frame, size_t lines)
{
	ck_assert_uint_eq(lines, LENGTH(stream_lines));
	ck_assert_str_eq(unit_string(frame_rest(frame)), "last");
	ck_assert_str_eq(unit_string(frame_take_rest(frame)), "last");
	ck_assert_uint_eq(frame_rest(frame).len, 0);
	frame_free(frame);
}

START_TEST(lines_are_the_same_for_every_pair_of_cuts)
{
	size_t len = sizeof(stream) - 1;

	for (size_t first = 0; first <= len; first++) {
		for (size_t second = first; second <= len; second++) {
			struct frame frame;
			size_t lines = 0;

			frame_init(&frame, MOST);
			frame_feed(&frame, stream, first);
			take_lines(&frame, &lines);
			frame_feed(&frame, stream + first, second - first);
			take_lines(&frame, &lines);
			frame_feed(&frame, stream + second, len - second);
			take_lines(&frame, &lines);
			assert_stream_ended(&frame, lines);
		}
	}
}
END_TEST

START_TEST(lines_come_out_of_single_bytes)
{
	struct frame frame;
	size_t lines = 0;

	frame_init(&frame, MOST);
	for (size_t i = 0; i < sizeof(stream) - 1; i++) {
		*frame_room(&frame, 1) = stream[i];
		frame_filled(&frame, 1);
		take_lines(&frame, &lines);
	}
	assert_stream_ended(&frame, lines);
}
END_TEST

START_TEST(lines_are_the_same_in_chunks_of_any_size)
{
	for (size_t chunk = 1; chunk < 40; chunk++) {
		struct frame frame;
		size_t lines = 0;

		frame_init(&frame, MOST);
		for (size_t at = 0; at < sizeof(stream) - 1; at += chunk) {
			size_t left = sizeof(stream) - 1 - at;

			frame_feed(&frame, stream + at, left < chunk ? left : chunk);
			take_lines(&frame, &lines);
		}
		assert_stream_ended(&frame, lines);
	}
}
END_TEST

START_TEST(a_megabyte_of_lines_survives_random_chunks)
{
	uint64_t state = 7;
	size_t fed = 0, len = 0, taken = 0;
	char *all = malloc(1 << 20);
	struct frame frame;
	struct span line;

	for (; len < (1 << 20); len++) {
		all[len] = unit_random(&state) % 40 == 0 ? '\n' : (char)('a' + len % 26);
	}
	frame_init(&frame, 1 << 20);
	while (fed < len) {
		size_t chunk = unit_random(&state) % 300;

		chunk = chunk < len - fed ? chunk : len - fed;
		frame_feed(&frame, all + fed, chunk);
		fed += chunk;
		while (unit_random(&state) % 4 != 0 && frame_next(&frame, &line) == FRAME_LINE) {
			ck_assert_mem_eq(line.at, all + taken, line.len);
			taken += line.len;
			ck_assert_int_eq(all[taken++], '\n');
		}
	}
	while (frame_next(&frame, &line) == FRAME_LINE) {
		ck_assert_mem_eq(line.at, all + taken, line.len);
		taken += line.len + 1;
	}
	ck_assert_uint_eq(frame_rest(&frame).len, len - taken);
	frame_free(&frame);
	free(all);
}
END_TEST

/* A line of `len` bytes, cut at `cut`: is it too long? */
static enum frame_state
state_of_line(size_t len, size_t cut)
{
	char bytes[2 * MOST];
	struct frame frame;
	struct span line;
	enum frame_state state;

	memset(bytes, 'x', sizeof(bytes));
	bytes[len] = '\n';
	frame_init(&frame, MOST);
	frame_feed(&frame, bytes, cut);
	state = frame_next(&frame, &line);
	if (state == FRAME_MORE) {
		frame_feed(&frame, bytes + cut, len + 1 - cut);
		state = frame_next(&frame, &line);
	}
	if (state == FRAME_LINE) {
		ck_assert_uint_eq(line.len, len);
	}
	frame_free(&frame);
	return state;
}

START_TEST(the_limit_counts_the_newline)
{
	for (size_t len = 0; len < 2 * MOST - 1; len++) {
		for (size_t cut = 0; cut <= len + 1; cut++) {
			ck_assert_int_eq(state_of_line(len, cut),
					 len + 1 <= MOST ? FRAME_LINE : FRAME_TOO_LONG);
		}
	}
}
END_TEST

/* Feeds the bytes in chunks; a long line is skipped. Collects "line,line,<long>," and so on. */
static void
collect(const char *bytes, size_t chunk, struct text *out)
{
	size_t len = strlen(bytes);
	bool skipping = false;
	struct frame frame;
	struct span line;

	frame_init(&frame, MOST);
	for (size_t at = 0; at < len; at += chunk) {
		frame_feed(&frame, bytes + at, len - at < chunk ? len - at : chunk);
		for (;;) {
			enum frame_state state;

			if (skipping && (skipping = !frame_skip(&frame))) {
				break;
			}
			state = frame_next(&frame, &line);
			if (state == FRAME_MORE) {
				break;
			}
			if (state == FRAME_TOO_LONG) {
				skipping = true;
				text_string(out, "<long>,");
				continue;
			}
			text_span(out, line);
			text_char(out, ',');
		}
	}
	frame_free(&frame);
}

START_TEST(a_long_line_is_skipped_and_nothing_else)
{
	struct text out = TEXT_INIT;

	for (size_t chunk = 1; chunk < 80; chunk++) {
		collect("a\n0123456789abcdefghij\nb\n\n0123456789abcde\n0123456789abcdef\n"
			"0123456789abcdef\nc\nrest",
			chunk, &out);
		unit_assert_text(&out, "a,<long>,b,,0123456789abcde,<long>,<long>,c,");
	}
	text_free(&out);
}
END_TEST

START_TEST(a_skipped_line_does_not_pile_up)
{
	static char block[65536];
	struct frame frame;
	struct span line;

	memset(block, 'y', sizeof(block));
	frame_init(&frame, MOST);
	for (int i = 0; i < 1000; i++) {
		frame_feed(&frame, block, sizeof(block));
		ck_assert_int_eq(frame_next(&frame, &line), FRAME_TOO_LONG);
		ck_assert(!frame_skip(&frame));
	}
	ck_assert_uint_lt(frame.bytes.cap, 4 * sizeof(block));
	frame_feed(&frame, "\nz\n", 3);
	ck_assert(frame_skip(&frame));
	ck_assert_int_eq(frame_next(&frame, &line), FRAME_LINE);
	ck_assert_str_eq(unit_string(line), "z");
	frame_free(&frame);
}
END_TEST

START_TEST(an_empty_frame_has_nothing)
{
	struct frame frame;
	struct span line;

	frame_init(&frame, MOST);
	ck_assert_int_eq(frame_next(&frame, &line), FRAME_MORE);
	frame_feed(&frame, NULL, 0);
	ck_assert_int_eq(frame_next(&frame, &line), FRAME_MORE);
	ck_assert_uint_eq(frame_rest(&frame).len, 0);
	ck_assert_uint_eq(frame_take_rest(&frame).len, 0);
	frame_feed(&frame, "\0\n", 2); /* a NUL is a byte like others */
	ck_assert_int_eq(frame_next(&frame, &line), FRAME_LINE);
	ck_assert_uint_eq(line.len, 1);
	frame_free(&frame);
	frame_free(&frame);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    lines_are_the_same_for_every_pair_of_cuts,
	    lines_come_out_of_single_bytes,
	    lines_are_the_same_in_chunks_of_any_size,
	    a_megabyte_of_lines_survives_random_chunks,
	    the_limit_counts_the_newline,
	    a_long_line_is_skipped_and_nothing_else,
	    a_skipped_line_does_not_pile_up,
	    an_empty_frame_has_nothing,
	};

	return unit_run("frame", tests, LENGTH(tests));
}
