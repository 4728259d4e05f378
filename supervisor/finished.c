/* SPDX-License-Identifier: ISC */
/* finished: a task that has ended, as the line of it that results have; see sink.h. Pure. */
#include "supervisor/sink.h"

/* What it was given, by which a reader knows it: of `stint map`, the arguments. */
static void
put_tag(const struct task *task, struct text *out)
{
	struct span tag = task_tag(task);

	if (tag.len == 0) {
		return;
	}
	if (text_is_utf8(tag.at, tag.len)) {
		text_string(out, ",\"tag\":");
		text_json_string(out, tag.at, tag.len);
	} else {
		text_string(out, ",\"tag_base64\":");
		text_json_base64(out, tag.at, tag.len);
	}
}

void
finished_encode(const struct finished *finished, struct text *out)
{
	static const char digits[] = "0123456789abcdef";
	const struct task *task = finished->task;

	text_string(out, "{\"id\":");
	task_put_id(task, out);
	if (task->text->has_name) {
		text_string(out, ",\"name\":\"");
		text_span(out, task_name(task));
		text_char(out, '"');
	}
	put_tag(task, out);
	text_char(out, ',');
	text_bytes(out, finished->text.at + 1, finished->text.len - 2);
	if (task->attempt > 0) {
		text_string(out, ",\"attempt\":");
		text_uint(out, task->attempt);
	}
	if (finished->worker >= 0) {
		text_string(out, ",\"worker\":");
		text_uint(out, (uint64_t)finished->worker);
	}
	if (task_needs(task).len > 0) { /* a reader can draw the graph */
		text_string(out, ",\"needs\":[");
		text_span(out, task_needs(task));
		text_char(out, ']');
	}
	if (task_earlier(task).len > 0) {
		text_string(out, ",\"earlier\":[");
		text_span(out, task_earlier(task));
		text_char(out, ']');
	}
	text_string(out, ",\"hash\":\"");
	for (int shift = 60; shift >= 0; shift -= 4) {
		text_char(out, digits[task->text->hash >> shift & 15]);
	}
	text_string(out, "\"}\n");
}
