/* SPDX-License-Identifier: ISC */
/* control_message: see control_message.h. Pure; in the supervisor. */
#include "supervisor/control_message.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/nearest.h"

#define SHOWN 64 /* bytes of what a client sent that a message quotes */

enum field_kind { UINT, INT, BOOL, STRING, NUMBERS };

static const struct {
	const char *name;
	enum field_kind kind;
	size_t offset;
} fields[CONTROL_FIELDS] = {
#define FIELD(name, kind) {#name, kind, offsetof(struct control_message, name)},
#include "supervisor/requests.def"
#undef FIELD
};

#define HAS(field) (1U << CONTROL_FIELD_##field)

static const struct {
	const char *name;
	uint32_t required;
	uint32_t known;
} requests[CONTROL_REQUESTS] = {
#define REQUEST(name, required, optional) {#name, required, (required) | (optional)},
#include "supervisor/requests.def"
#undef REQUEST
};

/* What is found out of a line while its members come. */
struct decoding {
	struct control_message *message;
	struct text *why; /* the first thing that is wrong */
	struct span type; /* quotes included; empty: not there */
	bool numbered;
	bool wrong;
};

const char *
control_request_name(enum control_request_type type)
{
	return requests[type].name;
}

/* What a client sent, short, and harmless in a message. */
static const char *
shown(struct span text, char room[static SHOWN + 4])
{
	size_t len = text_cut(text, SHOWN);

	memcpy(room, text.at, len);
	snprintf(room + len, 4, "%s", len < text.len ? "..." : "");
	return text_printable(room);
}

static const char *
kind_wanted(enum field_kind kind)
{
	switch (kind) {
	case UINT:
		return "must be a whole number, 0 or more";
	case INT:
		return "must be a whole number";
	case BOOL:
		return "must be true or false";
	case STRING:
		return "must be a string";
	case NUMBERS:
		return "must be an array of whole numbers";
	}
	return "";
}

static bool
take_int(struct span value, int64_t *out)
{
	bool negative = value.at[0] == '-';
	uint64_t size;

	if (negative) {
		value = (struct span){value.at + 1, value.len - 1};
	}
	if (!json_value_uint(value, &size)) {
		return false;
	}
	*out = negative ? -(int64_t)size : (int64_t)size;
	return true;
}

static bool
are_numbers(struct span value)
{
	struct json_members elements;
	struct span element;
	uint64_t number;

	json_elements_begin(&elements, value);
	while (json_elements_next(&elements, &element)) {
		if (!json_value_uint(element, &number)) {
			return false;
		}
	}
	return !elements.failed;
}

static bool
take_value(void *member, enum field_kind kind, struct span value)
{
	switch (kind) {
	case UINT:
		return json_value_uint(value, member);
	case INT:
		return take_int(value, member);
	case BOOL:
		*(bool *)member = value.at[0] == 't';
		return value.at[0] == 't' || value.at[0] == 'f';
	case STRING:
		*(struct span *)member = value;
		return value.at[0] == '"';
	case NUMBERS:
		*(struct span *)member = value;
		return are_numbers(value);
	}
	return false;
}

/* Only the first mistake is told. */
static void
complain(struct decoding *decoding, struct span key, const char *what)
{
	char room[SHOWN + 4];

	if (!decoding->wrong) {
		text_printf(decoding->why, "%s: %s", shown(key, room), what);
		decoding->wrong = true;
	}
}

static void
complain_unknown(struct decoding *decoding, struct span key)
{
	char room[SHOWN + 4],
	    what[SHOWN + 64] = "unknown key; stint-protocol(7) has those there are";
	struct nearest nearest = NEAREST_INIT(shown(key, room));

	for (int i = 0; i < CONTROL_FIELDS && !decoding->wrong; i++) {
		nearest_offer(&nearest, fields[i].name);
	}
	if (nearest.word != NULL) {
		snprintf(what, sizeof(what), "unknown key, did you mean \"%s\"?", nearest.word);
	}
	complain(decoding, key, what);
}

static void
take_number(struct decoding *decoding, struct span key, struct span value)
{
	if (decoding->numbered) {
		complain(decoding, key, "is there twice; once is enough");
	}
	decoding->numbered = json_value_uint(value, &decoding->message->request);
}

static void
take_type(struct decoding *decoding, struct span key, struct span value)
{
	if (decoding->type.len > 0) {
		complain(decoding, key, "is there twice; once is enough");
	}
	decoding->type = value;
}

static void
take_member(struct decoding *decoding, struct span key, struct span value)
{
	struct control_message *message = decoding->message;

	if (span_is(key, "type")) {
		take_type(decoding, key, value);
		return;
	}
	if (span_is(key, "request")) {
		take_number(decoding, key, value);
		return;
	}
	for (int i = 0; i < CONTROL_FIELDS; i++) {
		if (!span_is(key, fields[i].name)) {
			continue;
		}
		if ((message->has & 1U << i) != 0) {
			complain(decoding, key, "is there twice; once is enough");
		}
		message->has |= 1U << i;
		if (!take_value((char *)message + fields[i].offset, fields[i].kind, value)) {
			complain(decoding, key, kind_wanted(fields[i].kind));
		}
		return;
	}
	complain_unknown(decoding, key);
}

static bool
find_type(struct decoding *decoding)
{
	struct span name = {decoding->type.at + 1, decoding->type.len - 2};

	for (int i = 0; i < CONTROL_REQUESTS; i++) {
		if (span_is(name, requests[i].name)) {
			decoding->message->type = (enum control_request_type)i;
			return true;
		}
	}
	return false;
}

static void
complain_type(struct decoding *decoding)
{
	char room[SHOWN + 4];
	struct span name = {decoding->type.at + 1, decoding->type.len - 2};
	struct nearest nearest = NEAREST_INIT(shown(name, room));

	for (int i = 0; i < CONTROL_REQUESTS; i++) {
		nearest_offer(&nearest, requests[i].name);
	}
	text_clear(decoding->why);
	text_printf(decoding->why, "type: \"%s\" is no request that this stintd knows", room);
	if (nearest.word != NULL) {
		text_printf(decoding->why, ", did you mean \"%s\"?", nearest.word);
	} else {
		text_string(decoding->why, "; stint-protocol(7) has those there are");
	}
	decoding->wrong = true;
}

/* Of a request that is known: has it what it needs, and nothing else? */
static void
check_members(struct decoding *decoding)
{
	const struct control_message *message = decoding->message;
	uint32_t missing = requests[message->type].required & ~message->has,
		 surplus = message->has & ~requests[message->type].known;
	char what[SHOWN + 32];

	snprintf(what, sizeof(what), "has no place in %s; leave it out",
		 requests[message->type].name);
	for (int i = 0; i < CONTROL_FIELDS; i++) {
		if ((surplus & 1U << i) != 0) {
			complain(decoding, span_of(fields[i].name), what);
		}
	}
	snprintf(what, sizeof(what), "is missing; %s needs it", requests[message->type].name);
	for (int i = 0; i < CONTROL_FIELDS; i++) {
		if ((missing & 1U << i) != 0) {
			complain(decoding, span_of(fields[i].name), what);
		}
	}
}

static enum control_verdict
nonsense(struct text *why, const char *what)
{
	text_clear(why);
	text_string(why, what);
	return CONTROL_NONSENSE;
}

enum control_verdict
control_message_decode(struct span line, struct control_message *message, struct text *why)
{
	struct decoding decoding = {.message = message, .why = why};
	struct json_members members;
	struct span key, value;
	bool known;

	*message = (struct control_message){.has = 0};
	json_members_begin(&members, line);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		take_member(&decoding, key, value);
	}
	if (members.failed) {
		return nonsense(why, "not a JSON object in one line of UTF-8");
	}
	if (decoding.type.len == 0 || decoding.type.at[0] != '"') {
		return nonsense(why, "no request: it has no \"type\" that is a string");
	}
	known = find_type(&decoding);
	if (known && message->type == CONTROL_hello) { /* other versions may say more */
		return CONTROL_HAS(message, version) && !(decoding.wrong && message->version == 0)
			   ? CONTROL_GOOD
			   : nonsense(why, "hello: has no \"version\" that is a whole number");
	}
	if (!decoding.numbered) {
		return nonsense(why, "no request: it has no \"request\" that is a whole number");
	}
	if (!known) {
		complain_type(&decoding);
	} else {
		check_members(&decoding);
	}
	return decoding.wrong ? CONTROL_WRONG : CONTROL_GOOD;
}
