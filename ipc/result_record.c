/* SPDX-License-Identifier: ISC */
/* result_record: see result_record.h. Pure; any process. */
#include "ipc/result_record.h"

#include <stddef.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

static const char *const status_names[STATUSES] = {
#define X(name) #name,
    TASK_STATUSES(X)
#undef X
};

static const struct span quoted_names[STATUSES] = {
#define X(name) SPAN_LITERAL("\"" #name "\""),
    TASK_STATUSES(X)
#undef X
};

const char *
task_status_name(enum task_status status)
{
	return status_names[status];
}

/* span_is() for keys whose length is known: this is asked a dozen times a record. */
static bool
same(struct span a, struct span b)
{
	return a.len == b.len && a.at[0] == b.at[0] && memcmp(a.at, b.at, a.len) == 0;
}

static bool
take_status(struct span value, struct result_record *record)
{
	for (int i = 0; i < STATUSES; i++) {
		if (same(value, quoted_names[i])) {
			record->status = (enum task_status)i;
			return true;
		}
	}
	return false;
}

static bool
take_int(struct span value, int *out)
{
	uint64_t whole;

	if (!json_value_uint(value, &whole) || whole > 65535) {
		return false;
	}
	*out = (int)whole;
	return true;
}

/* A row for each key: what it holds, and where in struct result_record. */
static const struct {
	struct span key;
	enum { SECONDS, SMALL, BYTES, STRING, ANY } kind;
	size_t offset;
} members_known[] = {
    {SPAN_LITERAL("wall"), SECONDS, offsetof(struct result_record, wall_us)},
    {SPAN_LITERAL("start"), SECONDS, offsetof(struct result_record, start_us)},
    {SPAN_LITERAL("user"), SECONDS, offsetof(struct result_record, user_us)},
    {SPAN_LITERAL("sys"), SECONDS, offsetof(struct result_record, sys_us)},
    {SPAN_LITERAL("exit"), SMALL, offsetof(struct result_record, exit)},
    {SPAN_LITERAL("signal"), SMALL, offsetof(struct result_record, signal)},
    {SPAN_LITERAL("maxrss"), BYTES, offsetof(struct result_record, maxrss)},
    {SPAN_LITERAL("value"), ANY, offsetof(struct result_record, value)},
    {SPAN_LITERAL("stdout"), STRING, offsetof(struct result_record, output[0])},
    {SPAN_LITERAL("stderr"), STRING, offsetof(struct result_record, output[1])},
    {SPAN_LITERAL("stdout_base64"), STRING, offsetof(struct result_record, output_base64[0])},
    {SPAN_LITERAL("stderr_base64"), STRING, offsetof(struct result_record, output_base64[1])},
    {SPAN_LITERAL("error"), STRING, offsetof(struct result_record, error)},
};

#define MEMBERS (sizeof(members_known) / sizeof(members_known[0]))

static bool
take_member(struct span key, struct span value, struct result_record *record, unsigned *seen)
{
	size_t i = 0;
	void *place;

	while (i < MEMBERS && !same(key, members_known[i].key)) {
		i++;
	}
	if (i == MEMBERS) {
		if (span_is(key, "status")) {
			return record->status == STATUSES && take_status(value, record);
		}
		record->truncated |= span_is(key, "truncated") && value.at[0] == 't';
		record->foreign |= !span_is(key, "truncated") && !span_is(key, "class");
		return true;
	}
	if ((*seen & (1U << i)) != 0) {
		return false;
	}
	*seen |= 1U << i;
	place = (char *)record + members_known[i].offset;
	switch (members_known[i].kind) {
	case SECONDS:
		return json_value_us(value, place) && *(int64_t *)place >= 0;
	case SMALL:
		record->has_exit |= place == &record->exit;
		return take_int(value, place);
	case BYTES:
		return json_value_uint(value, place);
	case STRING:
	case ANY:
		*(struct span *)place = value;
		return members_known[i].kind == ANY || value.at[0] == '"';
	}
	return false;
}

const char *
result_record_decode(struct span object, struct result_record *record)
{
	struct json_members members;
	struct span key, value;
	unsigned seen = 0;

	*record = (struct result_record){.status = STATUSES, .wall_us = -1};
	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (!take_member(key, value, record, &seen)) {
			return "a record with a member that does not fit";
		}
	}
	if (members.failed) {
		return "a record that is not a JSON object";
	}
	if (record->status == STATUSES || record->wall_us < 0) {
		return "a record without status or wall";
	}
	return NULL;
}

static void
member_span(struct text *out, const char *key, struct span value)
{
	if (value.len > 0) {
		text_string(out, key);
		text_span(out, value);
	}
}

static void
member_seconds(struct text *out, const char *key, int64_t us)
{
	text_string(out, key);
	text_seconds(out, us);
}

void
result_record_encode(struct text *out, const struct result_record *record)
{
	text_string(out, "{\"status\":\"");
	text_string(out, status_names[record->status]);
	text_char(out, '"');
	if (record->has_exit) {
		text_string(out, ",\"exit\":");
		text_int(out, record->exit);
	}
	if (record->signal != 0) {
		text_string(out, ",\"signal\":");
		text_int(out, record->signal);
	}
	member_span(out, ",\"value\":", record->value);
	if (record->start_us != 0) {
		member_seconds(out, ",\"start\":", record->start_us);
	}
	member_seconds(out, ",\"wall\":", record->wall_us);
	member_seconds(out, ",\"user\":", record->user_us);
	member_seconds(out, ",\"sys\":", record->sys_us);
	if (record->maxrss != 0) {
		text_string(out, ",\"maxrss\":");
		text_uint(out, record->maxrss);
	}
	if (record->start_us != 0) {
		text_string(out, ",\"class\":\"");
		text_string(out, result_record_class(record));
		text_char(out, '"');
	}
	member_span(out, ",\"stdout\":", record->output[0]);
	member_span(out, ",\"stdout_base64\":", record->output_base64[0]);
	member_span(out, ",\"stderr\":", record->output[1]);
	member_span(out, ",\"stderr_base64\":", record->output_base64[1]);
	if (record->truncated) {
		text_string(out, ",\"truncated\":true");
	}
	member_span(out, ",\"error\":", record->error);
	text_char(out, '}');
}

const char *
result_record_class(const struct result_record *record)
{
	double cpu_us = (double)record->user_us + (double)record->sys_us;

	if (cpu_us >= 0.8 * (double)record->wall_us) {
		return "cpu";
	}
	return cpu_us <= 0.2 * (double)record->wall_us ? "wait" : "mixed";
}
