/* SPDX-License-Identifier: ISC */
/* test_channel: two channels over pipes on one event loop, and what the other end may do. */
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "ipc/fds.h"
#include "tests/unit.h"

#define LONGEST ((size_t)1 << 20)

struct end {
	struct channel *channel;
	struct event_base *base;
	struct text lines; /* each with a '|' behind it */
	size_t bytes;      /* of all lines */
	size_t count;
	size_t stop_after; /* lines; then `line` returns false */
	unsigned batches;
	unsigned closed;
	const char *why;
	bool keep;
};

static bool
on_line(void *context, struct span line)
{
	struct end *end = context;

	end->bytes += line.len;
	end->count++;
	if (end->keep) {
		text_span(&end->lines, line);
		text_char(&end->lines, '|');
	}
	return end->stop_after == 0 || end->count < end->stop_after;
}

static void
on_batch(void *context)
{
	((struct end *)context)->batches++;
}

static void
on_closed(void *context, const char *why)
{
	struct end *end = context;

	end->closed++;
	end->why = why;
	event_base_loopbreak(end->base);
}

static const struct channel_events events = {on_line, on_batch, on_closed};

/* Two ends that talk with each other, their pipes as small as they get. */
static void
open_pair(struct event_base *base, struct end ends[2])
{
	int down[2], up[2];

	ck_assert(fds_pipe(down, 4096));
	ck_assert(fds_pipe(up, 4096));
	memset(ends, 0, 2 * sizeof(*ends));
	ends[0].base = ends[1].base = base;
	ends[0].channel = channel_new(base, up[0], down[1], LONGEST, &events, &ends[0]);
	ends[1].channel = channel_new(base, down[0], up[1], LONGEST, &events, &ends[1]);
	ck_assert_ptr_nonnull(ends[0].channel);
	ck_assert_ptr_nonnull(ends[1].channel);
}

static void
ignore_pipe_signal(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGPIPE, &ignore, NULL);
}

/* One end whose other ends are bare: *to_it is read by the channel, *from_it it writes to. */
static struct event_base *
open_one(struct end *end, int *to_it, int *from_it)
{
	struct event_base *base = event_base_new();
	int down[2], up[2];

	ck_assert(fds_pipe(down, 0));
	ck_assert(fds_pipe(up, 0));
	*end = (struct end){.base = base, .keep = true};
	end->channel = channel_new(base, down[0], up[1], LONGEST, &events, end);
	ck_assert_ptr_nonnull(end->channel);
	*to_it = down[1];
	*from_it = up[0];
	return base;
}

static void
close_one(struct end *end, int from_it)
{
	channel_free(end->channel);
	text_free(&end->lines);
	event_base_free(end->base);
	close(from_it);
}

START_TEST(ten_megabytes_both_ways_do_not_deadlock)
{
	static char line[1000];
	struct event_base *base = event_base_new();
	struct end ends[2];

	ignore_pipe_signal();
	open_pair(base, ends);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 10486; i++) {
		for (int e = 0; e < 2; e++) {
			text_bytes(channel_out(ends[e].channel), line, sizeof(line));
			channel_flush(ends[e].channel);
		}
	}
	ck_assert_uint_gt(channel_unsent(ends[0].channel), 0);
	while (ends[0].count < 10486 || ends[1].count < 10486) {
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	}
	for (int e = 0; e < 2; e++) {
		ck_assert_uint_eq(ends[e].bytes, 10486 * (sizeof(line) - 1));
		ck_assert_uint_eq(channel_unsent(ends[e].channel), 0);
		ck_assert_uint_eq(ends[e].closed, 0);
	}
	channel_free(ends[0].channel);
	event_base_loop(base, 0); /* the other one sees the end of file */
	ck_assert_uint_eq(ends[1].closed, 1);
	ck_assert_ptr_null(ends[1].why);
	channel_free(ends[1].channel);
	event_base_free(base);
}
END_TEST

START_TEST(single_bytes_become_lines)
{
	const char *text = "one\n\ntwo\n{\"a\":1}\nhalf";
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	base = open_one(&end, &to_it, &from_it);
	for (const char *at = text; *at != '\0'; at++) {
		ck_assert_int_eq(write(to_it, at, 1), 1);
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	}
	unit_assert_text(&end.lines, "one||two|{\"a\":1}|");
	ck_assert_uint_eq(end.closed, 0);
	close(to_it);
	event_base_loop(base, 0);
	ck_assert_uint_eq(end.closed, 1);
	ck_assert_uint_eq(end.count, 4); /* half a line is none */
	close_one(&end, from_it);
}
END_TEST

START_TEST(a_batch_is_told_of_once)
{
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	base = open_one(&end, &to_it, &from_it);
	ck_assert_int_eq(write(to_it, "a\nb\nc\n", 6), 6);
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(end.count, 3);
	ck_assert_uint_eq(end.batches, 1);
	ck_assert_int_eq(write(to_it, "d\n", 2), 2);
	channel_poll(end.channel); /* without the loop */
	unit_assert_text(&end.lines, "a|b|c|d|");
	channel_poll(end.channel); /* there is nothing: it does not block */
	ck_assert_uint_eq(end.count, 4);
	close(to_it);
	close_one(&end, from_it);
}
END_TEST

START_TEST(a_line_too_long_closes_and_says_so)
{
	static char block[65536];
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	base = open_one(&end, &to_it, &from_it);
	memset(block, 'y', sizeof(block));
	ck_assert_int_eq(write(to_it, "good\n", 5), 5);
	for (size_t sent = 0; sent < 2 * LONGEST && end.closed == 0; sent += 4096) {
		ck_assert_int_eq(write(to_it, block, 4096), 4096);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(end.closed, 1);
	ck_assert_ptr_nonnull(end.why);
	unit_assert_text(&end.lines, "good|");
	ck_assert_int_eq(write(to_it, "\nmore\n", 6), 6);
	channel_poll(end.channel);
	ck_assert_uint_eq(end.count, 1); /* nothing more is read */
	close(to_it);
	close_one(&end, from_it);
}
END_TEST

START_TEST(false_from_line_ends_the_reading_quietly)
{
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	base = open_one(&end, &to_it, &from_it);
	end.stop_after = 2;
	ck_assert_int_eq(write(to_it, "a\nb\nc\n", 6), 6);
	close(to_it);
	event_base_loop(base, 0); /* ends: nothing is watched any more */
	unit_assert_text(&end.lines, "a|b|");
	ck_assert_uint_eq(end.closed, 0);
	close_one(&end, from_it);
}
END_TEST

START_TEST(lines_before_the_end_of_file_are_handed_over)
{
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	base = open_one(&end, &to_it, &from_it);
	ck_assert_int_eq(write(to_it, "a\nb\n", 4), 4);
	close(to_it);
	event_base_loop(base, 0);
	unit_assert_text(&end.lines, "a|b|");
	ck_assert_uint_eq(end.closed, 1);
	ck_assert_ptr_null(end.why);
	close_one(&end, from_it);
}
END_TEST

START_TEST(a_reader_that_is_gone_costs_nothing_but_the_text)
{
	struct event_base *base;
	struct end end;
	int to_it, from_it;

	ignore_pipe_signal();
	base = open_one(&end, &to_it, &from_it);
	close(from_it);
	text_string(channel_out(end.channel), "lost\n");
	channel_flush(end.channel);
	ck_assert_uint_eq(channel_unsent(end.channel), 0);
	ck_assert(!channel_drain(end.channel));
	ck_assert_int_eq(write(to_it, "a\n", 2), 2); /* it still reads */
	event_base_loop(base, EVLOOP_ONCE);
	unit_assert_text(&end.lines, "a|");
	close(to_it);
	close_one(&end, -1);
}
END_TEST

START_TEST(drain_writes_all)
{
	struct end end;
	char back[16] = "";
	int to_it, from_it;

	open_one(&end, &to_it, &from_it);
	text_string(channel_out(end.channel), "one\n");
	ck_assert_uint_eq(channel_unsent(end.channel), 4);
	ck_assert(channel_drain(end.channel));
	ck_assert_int_eq(read(from_it, back, sizeof(back)), 4);
	ck_assert_str_eq(back, "one\n");
	close(to_it);
	close_one(&end, from_it);
	channel_free(NULL);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    ten_megabytes_both_ways_do_not_deadlock,
	    single_bytes_become_lines,
	    a_batch_is_told_of_once,
	    a_line_too_long_closes_and_says_so,
	    false_from_line_ends_the_reading_quietly,
	    lines_before_the_end_of_file_are_handed_over,
	    a_reader_that_is_gone_costs_nothing_but_the_text,
	    drain_writes_all,
	};

	return unit_run("channel", tests, LENGTH(tests));
}
