/* SPDX-License-Identifier: ISC */
/*
 * fuzz_control: any line as a request. What is not good says why; what is good is so again, with the
 * same number, whatever white space is put around it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/control_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* A copy that ends where the line does, so that reading on is seen. */
	char *line = malloc(len + (len == 0));
	struct control_message message, again;
	struct text why = TEXT_INIT, spaced = TEXT_INIT;
	enum control_verdict verdict;

	memcpy(line, bytes, len);
	verdict = control_message_decode((struct span){line, len}, &message, &why);
	if ((verdict == CONTROL_GOOD && message.type != CONTROL_hello && why.len > 0) ||
	    (verdict != CONTROL_GOOD && (why.len == 0 || !text_is_utf8(why.data, why.len)))) {
		abort();
	}
	text_char(&spaced, ' ');
	text_bytes(&spaced, line, len);
	text_char(&spaced, '\t');
	text_clear(&why);
	if (control_message_decode((struct span){spaced.data, spaced.len}, &again, &why) !=
		verdict ||
	    again.request != message.request || again.has != message.has) {
		abort();
	}
	text_free(&spaced);
	text_free(&why);
	free(line);
	return 0;
}
