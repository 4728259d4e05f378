/* SPDX-License-Identifier: ISC */
/*
 * message: the typed messages of the wire, made from the list in ipc/messages.def. A line is
 * decoded once, here; what follows works on struct message.
 * Pure; used by the supervisor and by stint-worker.
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

#define MESSAGE_VERSION  1
#define SIGNAL_SUSPEND   SIGUSR2 /* to a worker that said "suspend": stop, with the clock */
#define MESSAGE_LINE_MAX ((size_t)16 << 20) /* bytes, the newline included */

enum message_type {
#define MESSAGE(name, direction, required, optional) MESSAGE_##name,
#include "ipc/messages.def"
#undef MESSAGE
	MESSAGE_TYPES
};

enum message_direction { MESSAGE_DOWN, MESSAGE_UP };

enum message_field {
#define FIELD(name, kind) FIELD_##name,
#include "ipc/messages.def"
#undef FIELD
	MESSAGE_FIELDS
};

#define MESSAGE_HAS(message, field) (((message)->has & (1U << FIELD_##field)) != 0)

#define MESSAGE_MEMBER_UINT(name)   uint64_t name;
#define MESSAGE_MEMBER_STRING(name) struct span name;
#define MESSAGE_MEMBER_OBJECT(name) struct span name;
#define MESSAGE_MEMBER_ARRAY(name)  struct span name;

/* The spans point into the line that was decoded. */
struct message {
	enum message_type type;
	uint32_t has; /* a bit for each field that is there */
#define FIELD(name, kind) MESSAGE_MEMBER_##kind(name)
#include "ipc/messages.def"
#undef FIELD
};

/*
 * Decodes one line (without its newline) that came in `direction`. Unknown keys are passed over.
 * Returns NULL, or what is wrong with it (a constant string).
 */
const char *message_decode(struct span line, enum message_direction, struct message *);

/* Appends {"type":"…" of a message; members follow; message_end() closes it with the newline. */
void message_begin(struct text *, enum message_type);
void message_uint(struct text *, enum message_field, uint64_t);
void message_raw(struct text *, enum message_field,
		 struct span json); /* JSON, passed on as it is */
void message_string(struct text *, enum message_field, const char *string); /* plain, UTF-8 */
void message_key(struct text *, enum message_field); /* the key alone; its value is appended next */
void message_end(struct text *);

const char *message_name(enum message_type);

#endif
