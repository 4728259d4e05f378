/* SPDX-License-Identifier: ISC */
/* spec_texts: see spec_texts.h. */
#include "tests/spec_texts.h"

#include <string.h>

#include "tests/unit.h"

struct task_spec *
spec_good(const char *text)
{
	struct spec_error error;
	struct task_spec *spec = task_spec_parse(span_of(text), SPEC_TASK, &error);

	ck_assert_msg(spec != NULL, "%s: %s", text, error.message);
	return spec;
}

void
spec_describe(const struct spec_error *error, struct text *out)
{
	text_clear(out);
	if (error->line > 0) {
		text_printf(out, "%d:%d", error->line, error->column);
	} else {
		spec_error_path(error, out);
	}
	text_printf(out, ": %s", error->message);
	text_terminate(out);
}

void
spec_assert_mistakes(enum spec_kind kind, const struct mistake *mistakes, size_t count)
{
	struct text out = TEXT_INIT;

	for (size_t i = 0; i < count; i++) {
		struct spec_error error;
		struct task_spec *spec = task_spec_parse(span_of(mistakes[i].text), kind, &error);

		ck_assert_msg(spec == NULL, "accepted: %s", mistakes[i].text);
		spec_describe(&error, &out);
		ck_assert_msg(strncmp(out.data, mistakes[i].said, strlen(mistakes[i].said)) == 0,
			      "%s\n  %s\n  not %s", mistakes[i].text, out.data, mistakes[i].said);
	}
	text_free(&out);
}
