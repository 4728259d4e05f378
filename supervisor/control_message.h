/* SPDX-License-Identifier: ISC */
/*
 * control_message: a line of a client, decoded once, by the list in supervisor/requests.def. Strict:
 * what is not known, is there twice, or is of another kind than it should be is not passed over.
 * Pure; in the supervisor.
 */
#ifndef SUPERVISOR_CONTROL_MESSAGE_H
#define SUPERVISOR_CONTROL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/message.h"
#include "ipc/text.h"

#define CONTROL_VERSION  1
#define CONTROL_LINE_MAX MESSAGE_LINE_MAX /* bytes, the newline included, both ways */

enum control_request_type {
#define REQUEST(name, required, optional) CONTROL_##name,
#include "supervisor/requests.def"
#undef REQUEST
	CONTROL_REQUESTS
};

enum control_field {
#define FIELD(name, kind) CONTROL_FIELD_##name,
#include "supervisor/requests.def"
#undef FIELD
	CONTROL_FIELDS
};

#define CONTROL_HAS(message, field) (((message)->has & (1U << CONTROL_FIELD_##field)) != 0)

#define CONTROL_MEMBER_UINT(name)    uint64_t name;
#define CONTROL_MEMBER_INT(name)     int64_t name;
#define CONTROL_MEMBER_BOOL(name)    bool name;
#define CONTROL_MEMBER_STRING(name)  struct span name;
#define CONTROL_MEMBER_NUMBERS(name) struct span name;

/* What is not there is 0, false or empty. The spans point into the line that was decoded. */
struct control_message {
	enum control_request_type type;
	uint64_t request; /* the client's number for it */
	uint32_t has;     /* a bit for each field that is there */
#define FIELD(name, kind) CONTROL_MEMBER_##kind(name)
#include "supervisor/requests.def"
#undef FIELD
};

enum control_verdict {
	CONTROL_GOOD,
	CONTROL_WRONG,   /* it asks for something, by its number, that it may not; to be answered */
	CONTROL_NONSENSE /* it is no request; who sends that cannot be talked to */
};

/* Decodes one line, without its newline. Unless it is good, `why` is one sentence for people. */
enum control_verdict control_message_decode(struct span line, struct control_message *,
					    struct text *why);

const char *control_request_name(enum control_request_type);

#endif
