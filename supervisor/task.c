/* SPDX-License-Identifier: ISC */
/* task: see task.h. In the supervisor. */
#include "supervisor/task.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_value.h"
#include "supervisor/task_hash.h"

#define SHORT_TAG    60   /* bytes */
#define EARLIER_MOST 8192 /* bytes of earlier attempts: what is more is not kept */

static char *
put(char *at, struct span span)
{
	return span.len == 0 ? at : mempcpy(at, span.at, span.len);
}

struct task_text *
task_text_new(struct span spec, struct span id, struct span name)
{
	return task_text_make(&(struct task_parts){.spec = spec, .id = id, .name = name});
}

struct task_text *
task_text_make(const struct task_parts *parts)
{
	size_t len = parts->spec.len + parts->id.len + parts->name.len + parts->program.len +
		     parts->tag.len + parts->needs.len;
	struct task_text *text = malloc(sizeof(*text) + len);

	if (text == NULL) {
		err(3, "tasks");
	}
	*text = (struct task_text){.references = 1,
				   .repeat = 1,
				   .hash = task_hash(parts->spec),
				   .expected_us = -1,
				   .cpus = 1,
				   .spec_len = (uint32_t)parts->spec.len,
				   .id_len = (uint16_t)parts->id.len,
				   .has_name = parts->name.len > 0,
				   .name_len = (uint32_t)parts->name.len,
				   .program_len = (uint8_t)parts->program.len,
				   .tag_len = (uint16_t)parts->tag.len,
				   .needs_len = (uint32_t)parts->needs.len};
	put(put(put(put(put(put(text->bytes, parts->spec), parts->id), parts->name),
		    parts->program),
		parts->tag),
	    parts->needs);
	return text;
}

void
task_text_release(struct task_text *text)
{
	if (text != NULL && --text->references == 0) {
		task_rules_free(text->rules);
		free(text);
	}
}

struct task *
task_new(struct task_text *text, uint64_t number, uint32_t index)
{
	struct task *task = calloc(1, sizeof(*task));

	if (task == NULL) {
		err(3, "tasks");
	}
	text->references++;
	task->text = text;
	task->number = number;
	task->index = index;
	task->sched.computes = text->computes;
	task->sched.worker = SCHED_NOWHERE;
	return task;
}

struct task_extra *
task_extra(struct task *task)
{
	struct task_extra *extra = (struct task_extra *)(void *)task->sched.more;

	if (extra == NULL) {
		extra = calloc(1, sizeof(*extra));
		if (extra == NULL) {
			err(3, "tasks");
		}
		extra->sched.task = &task->sched;
		extra->sched.cpus = 1;
		task->sched.more = &extra->sched;
	}
	return extra;
}

void
task_free(struct task *task)
{
	if (task == NULL) {
		return;
	}
	if (task->sched.more != NULL) {
		struct task_extra *extra = task_extra(task);

		text_free(&extra->carry);
		text_free(&extra->earlier);
		free(extra->granted);
		free(extra);
	}
	task_text_release(task->text);
	free(task);
}

bool
task_begins_with_command(const struct task *task)
{
	const struct task_text *text = task->text;

	return text->commands && (text->computes || text->hint == TASK_CLASS_WAIT);
}

void
task_set_carry(struct task *task, struct span carry)
{
	if (carry.len > 0) {
		text_clear(&task_extra(task)->carry);
		text_span(&task_extra(task)->carry, carry);
	} else if (task->sched.more != NULL) {
		text_free(&task_extra(task)->carry);
	}
}

struct span
task_carry(const struct task *task)
{
	const struct task_extra *extra = (const struct task_extra *)(const void *)task->sched.more;

	return extra == NULL ? SPAN_EMPTY : (struct span){extra->carry.data, extra->carry.len};
}

bool
task_has_begun(const struct task *task)
{
	return task->step > 0 || task_carry(task).len > 0;
}

void
task_note_attempt(struct task *task, enum task_status status, int64_t start_us, int64_t wall_us)
{
	struct text *earlier = &task_extra(task)->earlier;

	if (earlier->len > EARLIER_MOST) {
		return;
	}
	text_printf(earlier,
		    "%s{\"status\":\"%s\",\"worker\":%d,\"start\":", earlier->len == 0 ? "" : ",",
		    task_status_name(status), (int)task->sched.worker);
	text_seconds(earlier, start_us);
	text_string(earlier, ",\"wall\":");
	text_seconds(earlier, wall_us);
	text_char(earlier, '}');
}

struct span
task_earlier(const struct task *task)
{
	const struct task_extra *extra = (const struct task_extra *)(const void *)task->sched.more;

	return extra == NULL ? SPAN_EMPTY : (struct span){extra->earlier.data, extra->earlier.len};
}

uint64_t
task_received(const struct task *task, int stream)
{
	const struct task_extra *extra = (const struct task_extra *)(const void *)task->sched.more;

	return extra == NULL || extra->received_in != task->attempt ? 0
								    : extra->received[stream - 1];
}

void
task_receive(struct task *task, int stream, size_t bytes)
{
	struct task_extra *extra = task_extra(task);

	if (extra->received_in != task->attempt) {
		extra->received_in = task->attempt;
		extra->received[0] = extra->received[1] = 0;
	}
	extra->received[stream - 1] += bytes;
}

struct span
task_spec_text(const struct task *task)
{
	return (struct span){task->text->bytes, task->text->spec_len};
}

struct span
task_name(const struct task *task)
{
	const struct task_text *text = task->text;

	return (struct span){text->bytes + text->spec_len + text->id_len, text->name_len};
}

struct span
task_text_id(const struct task_text *text)
{
	return (struct span){text->bytes + text->spec_len, text->id_len};
}

struct span
task_program(const struct task_text *text)
{
	return (struct span){text->bytes + text->spec_len + text->id_len + text->name_len,
			     text->program_len};
}

const struct task_rules *
task_rules(const struct task_text *text)
{
	return text->rules == NULL ? &task_rules_none : text->rules;
}

static void
put_id(const struct task *task, struct text *out)
{
	const struct task_text *text = task->text;

	if (text->id_len > 0) {
		text_bytes(out, text->bytes + text->spec_len, text->id_len);
	} else {
		text_uint(out, text->ordinal);
	}
	if (task->index > 0) {
		text_char(out, '.');
		text_uint(out, task->index);
	}
}

void
task_put_id(const struct task *task, struct text *out)
{
	text_char(out, '"');
	put_id(task, out);
	text_char(out, '"');
}

void
task_put_plain_id(const struct task *task, struct text *out)
{
	struct text quoted = TEXT_INIT;

	task_put_id(task, &quoted);
	json_value_append(out, (struct span){quoted.data, quoted.len});
	text_free(&quoted);
}

struct span
task_needs(const struct task *task)
{
	const struct task_text *text = task->text;
	const char *end = text->bytes + text->spec_len + text->id_len + text->name_len +
			  text->program_len + text->tag_len;

	return (struct span){end, text->needs_len};
}

struct span
task_tag(const struct task *task)
{
	const struct task_text *text = task->text;

	return (struct span){text->bytes + text->spec_len + text->id_len + text->name_len +
				 text->program_len,
			     text->tag_len};
}

void
task_put_tag(const struct task *task, struct text *out)
{
	struct span tag = task_tag(task);

	if (tag.len == 0) {
		task_put_plain_id(task, out);
		return;
	}
	for (size_t i = 0; i < tag.len; i++) { /* a line is to stay one */
		text_char(out, (unsigned char)tag.at[i] < ' ' ? '?' : tag.at[i]);
	}
}

void
task_put_short_tag(const struct task *task, struct text *out)
{
	struct span tag = task_tag(task);
	bool plain = !text_is_utf8(tag.at, tag.len);
	size_t len = text_cut(tag, SHORT_TAG);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)tag.at[i];
		bool shown = c >= ' ' && c != 0x7f && (c < 0x80 || !plain);

		text_char(out, shown ? (char)c : '?');
	}
	if (len < tag.len) {
		text_string(out, "…");
	}
}

void
task_put_label(const struct task *task, struct text *out)
{
	task_put_plain_id(task, out);
	if (task_tag(task).len > 0) {
		text_string(out, " (");
		task_put_short_tag(task, out);
		text_char(out, ')');
	}
}
