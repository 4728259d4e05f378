/* SPDX-License-Identifier: ISC */
/* message: see message.h. Pure; the supervisor and stint-worker. */
#include "ipc/message.h"

#include <stddef.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

enum field_kind { UINT, STRING, OBJECT, ARRAY };

static const struct {
	struct span key;
	struct span open; /* what a member begins with when it is not the first */
	enum field_kind kind;
	size_t offset;
} fields[MESSAGE_FIELDS] = {
#define FIELD(name, kind)                                            \
	{SPAN_LITERAL(#name), SPAN_LITERAL(",\"" #name "\":"), kind, \
	 offsetof(struct message, name)},
#include "ipc/messages.def"
#undef FIELD
};

#define DOWN       MESSAGE_DOWN
#define UP         MESSAGE_UP
#define HAS(field) (1U << FIELD_##field)

static const struct {
	const char *name;
	struct span quoted;
	struct span open;
	enum message_direction direction;
	uint32_t required;
	uint32_t known;
} messages[MESSAGE_TYPES] = {
#define MESSAGE(name, direction, required, optional) \
	{#name,                                      \
	 SPAN_LITERAL("\"" #name "\""),              \
	 SPAN_LITERAL("{\"type\":\"" #name "\""),    \
	 direction,                                  \
	 required,                                   \
	 (required) | (optional)},
#include "ipc/messages.def"
#undef MESSAGE
};

const char *
message_name(enum message_type type)
{
	return messages[type].name;
}

static bool
find_type(struct span value, enum message_type *type)
{
	for (int i = 0; i < MESSAGE_TYPES; i++) {
		if (value.len == messages[i].quoted.len &&
		    memcmp(value.at, messages[i].quoted.at, value.len) == 0) {
			*type = (enum message_type)i;
			return true;
		}
	}
	return false;
}

static bool
kind_fits(enum field_kind kind, struct span value)
{
	static const char first[] = {[STRING] = '"', [OBJECT] = '{', [ARRAY] = '['};

	return value.at[0] == first[kind];
}

/* Puts one member into the message; false if its value is of the wrong kind. */
static bool
take_member(struct message *message, struct span key, struct span value)
{
	for (int i = 0; i < MESSAGE_FIELDS; i++) {
		char *member = (char *)message + fields[i].offset;

		if (key.len != fields[i].key.len || key.at[0] != fields[i].key.at[0] ||
		    memcmp(key.at, fields[i].key.at, key.len) != 0) {
			continue;
		}
		message->has |= 1U << i;
		if (fields[i].kind == UINT) {
			return json_value_uint(value, (uint64_t *)(void *)member);
		}
		*(struct span *)(void *)member = value;
		return kind_fits(fields[i].kind, value);
	}
	return true;
}

const char *
message_decode(struct span line, enum message_direction direction, struct message *message)
{
	struct json_members members;
	struct span key, value;
	bool typed = false;

	message->has = 0;
	json_members_begin(&members, line);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "type")) {
			typed = find_type(value, &message->type);
			if (!typed) {
				return "unknown type of message";
			}
		} else if (!take_member(message, key, value)) {
			return "a member of the wrong kind";
		}
	}
	if (members.failed) {
		return "not a JSON object";
	}
	if (!typed || messages[message->type].direction != direction) {
		return typed ? "a message of the other direction" : "no type";
	}
	if ((messages[message->type].required & ~message->has) != 0) {
		return "a required member is missing";
	}
	message->has &= messages[message->type].known;
	return NULL;
}

void
message_begin(struct text *out, enum message_type type)
{
	text_span(out, messages[type].open);
}

void
message_key(struct text *out, enum message_field field)
{
	text_span(out, fields[field].open);
}

void
message_uint(struct text *out, enum message_field field, uint64_t value)
{
	text_span(out, fields[field].open);
	text_uint(out, value);
}

void
message_raw(struct text *out, enum message_field field, struct span json)
{
	text_span(out, fields[field].open);
	text_span(out, json);
}

void
message_string(struct text *out, enum message_field field, const char *string)
{
	text_span(out, fields[field].open);
	text_json_string(out, string, strlen(string));
}

void
message_end(struct text *out)
{
	text_bytes(out, "}\n", 2);
}
