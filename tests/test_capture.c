/* SPDX-License-Identifier: ISC */
/* test_capture: what is kept of a command's output, and what is shown of it, and when. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/json_value.h"
#include "tests/unit.h"
#include "worker/capture.h"
#include "worker/worker.h"

#define TASK(spec) "{\"type\":\"task\",\"task\":1,\"attempt\":1,\"id\":\"x\",\"spec\":" spec "}"

/* A worker that has one run with one captured stream; its supervisor is never read. */
struct rig {
	struct worker worker;
	struct run *run;
	struct capture capture;
	int input; /* the end of the pipe that the command would have */
	int ends[4];
};

static int ended;

static void
on_ended(struct run *run)
{
	(void)run;
	ended++;
}

static bool
no_line(void *context, struct span line)
{
	(void)context;
	(void)line;
	return true;
}

static void
no_close(void *context, const char *why)
{
	(void)context;
	(void)why;
}

static void
rig_init(struct rig *rig, const char *task, enum show show, int stream)
{
	static const struct channel_events events = {no_line, NULL, no_close};
	struct message message;
	const char *why;

	memset(rig, 0, sizeof(*rig));
	ended = 0;
	rig->worker.base = event_base_new();
	ck_assert_int_eq(pipe(rig->ends), 0);
	ck_assert_int_eq(pipe(rig->ends + 2), 0);
	rig->worker.channel = channel_new(rig->worker.base, rig->ends[0], rig->ends[3],
					  MESSAGE_LINE_MAX, &events, &rig->worker);
	ck_assert_ptr_nonnull(rig->worker.channel);
	rig->worker.show = show;
	rig->worker.record_output = true;
	backlog_init(&rig->worker);
	TAILQ_INIT(&rig->worker.all);
	TAILQ_INIT(&rig->worker.inbox);
	ck_assert_ptr_null(message_decode(span_of(task), MESSAGE_DOWN, &message));
	rig->run = run_new(&message, &why);
	ck_assert_ptr_nonnull(rig->run);
	ck_assert(
	    capture_open(&rig->capture, &rig->worker, rig->run, stream, &rig->input, on_ended));
}

static void
no_turn(struct worker *worker, struct waiter *waiter)
{
	(void)worker;
	(void)waiter;
}

static void
rig_finish(struct rig *rig)
{
	struct capture streams[2];
	struct waiter waiter = {.go = no_turn};

	capture_none(&streams[0]);
	capture_close(&rig->capture);
	streams[1] = rig->capture;
	ck_assert(capture_show(streams, &waiter));
	capture_free(&rig->capture);
}

static void
rig_free(struct rig *rig)
{
	if (rig->input >= 0) {
		close(rig->input);
	}
	run_free(rig->run);
	channel_free(rig->worker.channel);
	close(rig->ends[1]);
	close(rig->ends[2]);
	event_base_free(rig->worker.base);
}

static void
say(struct rig *rig, const char *bytes)
{
	ck_assert_int_eq(write(rig->input, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	capture_drain(&rig->capture);
}

/* What was shown since the last call, as the supervisor would understand it. */
static void
assert_shown(struct rig *rig, const char *expected)
{
	struct text *out = channel_out(rig->worker.channel), shown = TEXT_INIT;
	size_t at = 0;

	while (at < out->len) {
		size_t len = (size_t)((char *)memchr(out->data + at, '\n', out->len - at) -
				      (out->data + at));
		struct message message;

		ck_assert_ptr_null(
		    message_decode((struct span){out->data + at, len}, MESSAGE_UP, &message));
		ck_assert_int_eq((int)message.type, MESSAGE_output);
		if (MESSAGE_HAS(&message, text)) {
			ck_assert(json_value_append(&shown, message.text));
		} else {
			text_span(&shown, message.base64);
		}
		at += len + 1;
	}
	text_clear(out);
	text_terminate(&shown);
	ck_assert_str_eq(shown.data, expected);
	text_free(&shown);
}

static void
assert_kept(struct rig *rig, const char *expected, bool truncated)
{
	struct run_extra *extra = run_extra(rig->run);

	char kept[100];
	ssize_t len =
	    spill_read(&extra->output[rig->capture.stream - 1], 0, kept, sizeof(kept) - 1);
	uint64_t most =
	    rig->run->spec->context == NULL ? sizeof(kept) : rig->run->spec->context->max_output;

	ck_assert_int_ge(len, 0);
	kept[(uint64_t)len < most ? (uint64_t)len : most] = '\0'; /* as the record has it */
	ck_assert_str_eq(kept, expected);
	ck_assert(extra->truncated == truncated);
}

START_TEST(no_more_than_max_output_is_kept)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"],\"max_output\":10}"), SHOW_GROUP, 1);
	say(&rig, "12345678");
	assert_kept(&rig, "12345678", false);
	say(&rig, "90");
	assert_kept(&rig, "1234567890", false);
	say(&rig, "x");
	assert_kept(&rig, "1234567890", true);
	rig_finish(&rig);
	assert_shown(&rig, "1234567890x"); /* the limit is that of the record */
	rig_free(&rig);
}
END_TEST

START_TEST(a_group_is_shown_when_it_is_complete)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"]}"), SHOW_GROUP, 1);
	say(&rig, "one\ntwo\n");
	assert_shown(&rig, "");
	say(&rig, "three");
	rig_finish(&rig);
	assert_shown(&rig, "one\ntwo\nthree");
	rig_free(&rig);
}
END_TEST

START_TEST(lines_are_shown_when_they_are_whole)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"],\"max_output\":3}"), SHOW_LINE, 1);
	say(&rig, "on");
	assert_shown(&rig, "");
	say(&rig, "e\ntwo\nthr");
	assert_shown(&rig, "one\ntwo\n"); /* the limit is that of the record */
	say(&rig, "ee");
	assert_shown(&rig, "");
	rig_finish(&rig);
	assert_shown(&rig, "three");
	assert_kept(&rig, "one", true);
	rig_free(&rig);
}
END_TEST

START_TEST(raw_output_is_shown_as_it_comes)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"]}"), SHOW_RAW, 2);
	say(&rig, "o");
	assert_shown(&rig, "o");
	say(&rig, "\xff");
	assert_shown(&rig, "\"/w==\"");
	rig_finish(&rig);
	assert_shown(&rig, "");
	rig_free(&rig);
}
END_TEST

START_TEST(nothing_is_shown_where_nothing_is_wanted)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"]}"), SHOW_NONE, 1);
	say(&rig, "one\n");
	rig_finish(&rig);
	assert_shown(&rig, "");
	assert_kept(&rig, "one\n", false);
	rig_free(&rig);
}
END_TEST

START_TEST(the_last_line_is_known_however_much_came_before)
{
	struct rig rig;
	struct span line;

	rig_init(&rig, TASK("{\"exec\":[\"true\"],\"max_output\":0}"), SHOW_GROUP, 2);
	for (int i = 0; i < 1000; i++) {
		say(&rig, "a line of output, one of many\n");
	}
	say(&rig, "the rea");
	say(&rig, "son \n\n");
	line = capture_last_line(&rig.capture);
	ck_assert(span_is(line, "the reason"));
	rig_finish(&rig);
	rig_free(&rig);
}
END_TEST

START_TEST(the_end_of_the_pipe_is_told_once)
{
	struct rig rig;

	rig_init(&rig, TASK("{\"exec\":[\"true\"]}"), SHOW_GROUP, 1);
	ck_assert(capture_begin(&rig.capture));
	ck_assert_int_eq(write(rig.input, "last words", 10), 10);
	close(rig.input);
	rig.input = -1;
	while (ended == 0) {
		ck_assert_int_eq(event_base_loop(rig.worker.base, EVLOOP_ONCE), 0);
	}
	assert_kept(&rig, "last words", false);
	event_base_loop(rig.worker.base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(ended, 1);
	rig_finish(&rig);
	rig_free(&rig);
}
END_TEST

/* Reads one end of the worker's channel; how many bytes of output that was, and of what. */
struct supervisor {
	struct text lines;
	struct text shown;
	bool complete; /* the last message said that nothing belongs to it any more */
};

static void
read_some(struct rig *rig, struct supervisor *supervisor)
{
	static char bytes[1 << 20];
	ssize_t got = read(rig->ends[2], bytes, sizeof(bytes));
	struct message message;
	char *newline;

	ck_assert_int_gt(got, 0);
	text_bytes(&supervisor->lines, bytes, (size_t)got);
	while ((newline = memchr(supervisor->lines.data, '\n', supervisor->lines.len)) != NULL) {
		size_t len = (size_t)(newline - supervisor->lines.data);

		ck_assert_ptr_null(message_decode((struct span){supervisor->lines.data, len},
						  MESSAGE_UP, &message));
		ck_assert(!supervisor->complete);
		ck_assert(json_value_append(&supervisor->shown, message.text));
		supervisor->complete = !MESSAGE_HAS(&message, more);
		text_drop_front(&supervisor->lines, len + 1);
	}
}

static bool went;

static void
on_turn(struct worker *worker, struct waiter *waiter)
{
	backlog_leave(worker, waiter);
	went = true;
}

START_TEST(a_supervisor_that_is_behind_gets_a_group_as_it_takes_it)
{
	struct waiter waiter = {.go = on_turn};
	struct supervisor supervisor = {.complete = false};
	struct capture streams[2];
	struct text line = TEXT_INIT;
	struct rig rig;
	unsigned turns = 1;

	rig_init(&rig, TASK("{\"exec\":[\"true\"]}"), SHOW_GROUP, 1);
	rig.worker.again = evtimer_new(rig.worker.base, NULL, NULL);
	rig.worker.timer_fd = -1;
	for (int i = 0; i < 500; i++) {
		char bytes[30001];

		memset(bytes, 'a' + i % 26, 30000);
		bytes[30000] = '\0';
		say(&rig, bytes);
		text_string(&line, bytes);
	}
	capture_none(&streams[1]);
	capture_close(&rig.capture);
	streams[0] = rig.capture;
	while (!capture_show(streams, &waiter)) {
		ck_assert_uint_le(channel_unsent(rig.worker.channel), 6 << 20);
		for (went = false; !went;) {
			read_some(&rig, &supervisor);
			event_base_loop(rig.worker.base, EVLOOP_NONBLOCK);
		}
		turns++;
	}
	while (!supervisor.complete) {
		channel_flush(rig.worker.channel);
		read_some(&rig, &supervisor);
	}
	ck_assert_uint_gt(turns, 2);
	ck_assert_uint_eq(supervisor.shown.len, line.len);
	ck_assert_mem_eq(supervisor.shown.data, line.data, line.len);
	capture_free(&streams[0]);
	event_free(rig.worker.again);
	text_free(&line);
	text_free(&supervisor.lines);
	text_free(&supervisor.shown);
	rig_free(&rig);
}
END_TEST

START_TEST(a_long_line_is_shown_in_one_piece)
{
	struct rig rig;
	struct text *out;

	rig_init(&rig, TASK("{\"exec\":[\"true\"],\"max_output\":0}"), SHOW_LINE, 1);
	out = channel_out(rig.worker.channel);
	for (int i = 0; i < 100; i++) {
		char bytes[10001];

		memset(bytes, 'x', 10000);
		bytes[10000] = '\0';
		say(&rig, bytes);
	}
	ck_assert_uint_eq(out->len, 0);
	say(&rig, "\n");
	ck_assert_uint_gt(out->len, 1000000);
	text_terminate(out);
	ck_assert_ptr_nonnull(strstr(out->data, "\"more\":1"));
	text_clear(out);
	rig_finish(&rig);
	assert_shown(&rig, "");
	rig_free(&rig);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {no_more_than_max_output_is_kept,
				      a_group_is_shown_when_it_is_complete,
				      lines_are_shown_when_they_are_whole,
				      raw_output_is_shown_as_it_comes,
				      nothing_is_shown_where_nothing_is_wanted,
				      the_last_line_is_known_however_much_came_before,
				      the_end_of_the_pipe_is_told_once,
				      a_supervisor_that_is_behind_gets_a_group_as_it_takes_it,
				      a_long_line_is_shown_in_one_piece};

	return unit_run("capture", tests, LENGTH(tests));
}
