/* SPDX-License-Identifier: ISC */
/*
 * fuzz_task_spec: any text as a task and as defaults. A refusal has a message, and all that is
 * said is UTF-8, because it goes into a record.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ipc/task_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_error(const struct spec_error *error)
{
	struct text said = TEXT_INIT;

	spec_error_path(error, &said);
	text_string(&said, error->message);
	if (error->message[0] == '\0' || !text_is_utf8(said.data, said.len)) {
		abort();
	}
	text_free(&said);
}

static void
try(struct span text, enum spec_kind kind)
{
	struct spec_error error;
	struct task_spec *spec = task_spec_parse(text, kind, &error);

	if (spec == NULL) {
		check_error(&error);
		return;
	}
	if ((kind == SPEC_TASK && spec->count == 0) || spec->repeat == 0) {
		abort();
	}
	for (uint32_t i = 0; i < spec->count; i++) {
		task_spec_computes(spec, i);
	}
	task_spec_free(spec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span text = {(const char *)bytes, len};

	try(text, SPEC_TASK);
	try(text, SPEC_DEFAULTS);
	return 0;
}
