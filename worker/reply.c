/* SPDX-License-Identifier: ISC */
/*
 * reply: what stint-worker says about its runs: each function appends one message, which
 * dispatch_flush() sends. In the loop thread.
 */
#include <err.h>
#include <string.h>

#include "ipc/clock.h"
#include "worker/worker.h"

#define OUTPUT_CHUNK ((size_t)1 << 20)
#define ESCAPED_MOST ((size_t)6 << 20) /* two of these fit into a message */

/* Begins a message about a run. */
static struct text *
about(struct worker *worker, enum message_type type, const struct run *run)
{
	struct text *out = channel_out(worker->channel);

	message_begin(out, type);
	message_uint(out, FIELD_task, run->task);
	message_uint(out, FIELD_attempt, run->attempt);
	return out;
}

void
reply_started(struct worker *worker, const struct run *run)
{
	message_end(about(worker, MESSAGE_started, run));
}

void
reply_phase(struct worker *worker, const struct run *run, const char *phase)
{
	struct text *out = about(worker, MESSAGE_phase, run);

	message_string(out, FIELD_phase, phase);
	message_end(out);
}

void
reply_use(struct worker *worker, const struct run *run, unsigned use)
{
	struct text *out = about(worker, MESSAGE_phase, run);

	message_string(out, FIELD_phase, use < METER_COMPUTES ? "wait" : "cpu");
	message_uint(out, FIELD_use, use);
	message_end(out);
}

void
reply_output(struct worker *worker, const struct run *run, int fd, struct span bytes, bool more)
{
	while (bytes.len > 0) {
		size_t chunk = bytes.len < OUTPUT_CHUNK ? bytes.len : OUTPUT_CHUNK;
		struct text *out = about(worker, MESSAGE_output, run);

		message_string(out, FIELD_stream, fd == 1 ? "stdout" : "stderr");
		if (text_is_utf8(bytes.at, chunk)) {
			message_key(out, FIELD_text);
			text_json_string(out, bytes.at, chunk);
		} else {
			message_key(out, FIELD_base64);
			text_json_base64(out, bytes.at, chunk);
		}
		bytes.at += chunk;
		bytes.len -= chunk;
		if (more || bytes.len > 0) {
			message_uint(out, FIELD_more, 1);
		}
		message_end(out);
	}
}

/* The first bytes of a stream, as many as the record may have. */
static bool
read_output(const struct run *run, const struct spill *output, struct text *bytes)
{
	const struct task_context *context = run->spec->context;
	size_t most = context == NULL ? TASK_OUTPUT_DEFAULT : context->max_output;

	most = most < output->len ? most : (size_t)output->len;
	text_reserve(bytes, most);
	while (bytes->len < most) {
		ssize_t got =
		    spill_read(output, bytes->len, bytes->data + bytes->len, most - bytes->len);

		if (got <= 0) {
			warn("task %s: its output, in a file in %s", run_label(run), spill_place());
			return false;
		}
		bytes->len += (size_t)got;
	}
	return true;
}

/* One stream of the output into a record, as text where it is text and not too long for that. */
static void
put_output(struct result_record *record, const struct run *run, int stream, struct text *json)
{
	const struct spill *output = &run->extra->output[stream];
	struct text bytes = TEXT_INIT;

	record->truncated |= !read_output(run, output, &bytes);
	if (bytes.len > 0 && text_is_utf8(bytes.data, bytes.len)) {
		text_json_string(json, bytes.data, bytes.len);
		if (json->len <= ESCAPED_MOST) {
			record->output[stream] = (struct span){json->data, json->len};
			text_free(&bytes);
			return;
		}
		text_clear(json);
	}
	if (bytes.len > 0) {
		text_json_base64(json, bytes.data, bytes.len);
		record->output_base64[stream] = (struct span){json->data, json->len};
	}
	text_free(&bytes);
}

/* Appends the record of what the run came to so far. */
static void
put_record(const struct run *run, bool with_output, struct text *out)
{
	struct result_record record = {.status = run->status,
				       .start_us = run->start_us,
				       .user_us = run->user_us,
				       .sys_us = run->sys_us,
				       .maxrss = run->maxrss};
	struct text json[3] = {TEXT_INIT, TEXT_INIT, TEXT_INIT};
	const struct run_extra *extra = run->extra;

	record.wall_us = run->carried_us + (run->begin_us == 0 ? 0 : run->end_us - run->begin_us);
	if (extra != NULL) {
		record.has_exit = extra->exit >= 0;
		record.exit = extra->exit;
		record.signal = extra->signal;
		record.truncated = extra->truncated;
		record.value = (struct span){extra->value.data, extra->value.len};
		for (int i = 0; i < 2 && with_output; i++) {
			put_output(&record, run, i, &json[i]);
		}
		if (extra->error != NULL) {
			text_json_string(&json[2], extra->error, strlen(extra->error));
			record.error = (struct span){json[2].data, json[2].len};
		}
	}
	result_record_encode(out, &record);
	for (int i = 0; i < 3; i++) {
		text_free(&json[i]);
	}
}

void
reply_result(struct worker *worker, const struct run *run)
{
	struct text *out = about(worker, MESSAGE_result, run);

	message_key(out, FIELD_record);
	put_record(run, worker->record_output, out);
	message_end(out);
}

void
reply_yield(struct worker *worker, struct run *run)
{
	struct text *out = about(worker, MESSAGE_yield, run);

	run->end_us = clock_us();
	message_uint(out, FIELD_step, run->step);
	if (run->begin_us != 0 || run->carried_us != 0) {
		message_key(out, FIELD_carry);
		put_record(run, worker->record_output, out);
	}
	message_end(out);
	TAILQ_REMOVE(&worker->all, run, all);
	run_free(run);
}
