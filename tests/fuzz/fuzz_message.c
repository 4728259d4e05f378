/* SPDX-License-Identifier: ISC */
/*
 * fuzz_message: any line in either direction; what is accepted and written again must be accepted
 * with the same fields.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
write_again(const struct message *message, struct text *out)
{
	message_begin(out, message->type);
#define PUT_UINT(name)   message_uint(out, FIELD_##name, message->name)
#define PUT_STRING(name) message_raw(out, FIELD_##name, message->name)
#define PUT_OBJECT(name) message_raw(out, FIELD_##name, message->name)
#define PUT_ARRAY(name)  message_raw(out, FIELD_##name, message->name)
#define FIELD(name, kind)                 \
	if (MESSAGE_HAS(message, name)) { \
		PUT_##kind(name);         \
	}
#include "ipc/messages.def"
#undef FIELD
	message_end(out);
}

static void
try(struct span line, enum message_direction direction)
{
	struct message message, again;
	struct text out = TEXT_INIT;

	if (message_decode(line, direction, &message) != NULL) {
		return;
	}
	write_again(&message, &out);
	if (message_decode((struct span){out.data, out.len - 1}, direction, &again) != NULL ||
	    again.type != message.type || again.has != message.has) {
		abort();
	}
	text_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* A copy that ends where the line does, so that reading on is seen. */
	char *line = malloc(len + (len == 0));

	memcpy(line, bytes, len);
	try((struct span){line, len}, MESSAGE_UP);
	try((struct span){line, len}, MESSAGE_DOWN);
	free(line);
	return 0;
}
