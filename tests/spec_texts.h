/* SPDX-License-Identifier: ISC */
/* spec_texts: what the tests of task_spec's decoders share. */
#ifndef TESTS_SPEC_TEXTS_H
#define TESTS_SPEC_TEXTS_H

#include "ipc/task_spec.h"

struct task_spec *spec_good(const char *text); /* of a task that must be valid */

/* "path: message", or "line:column: message" of a syntax error. */
void spec_describe(const struct spec_error *, struct text *out);

struct mistake {
	const char *text;
	const char *said; /* how it begins */
};

void spec_assert_mistakes(enum spec_kind, const struct mistake *, size_t count);

#endif
