/* SPDX-License-Identifier: ISC */
/* task_error: struct spec_error of task_spec.h, where a task is wrong. Pure; any process. */
#include <bsd/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipc/task_spec.h"

#define PATH_MOST \
	((int)(sizeof(((struct spec_error *)0)->path) / sizeof(((struct spec_error *)0)->path[0])))

/* What was cut in the middle of a character, or quotes what is not one, must not go further. */
static void
make_utf8(char *string)
{
	while (*string != '\0') {
		size_t most = strnlen(string, 4), len = 1;

		while (len <= most && !text_is_utf8(string, len)) {
			len++;
		}
		if (len > most) {
			*string = '?';
			len = 1;
		}
		string += len;
	}
}

bool
spec_fail(struct spec_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	make_utf8(error->message);
	for (int i = 0; i < error->depth; i++) {
		strlcpy(error->path[i].key, error->entered[i], sizeof(error->path[i].key));
		make_utf8(error->path[i].key);
	}
	return false;
}

void
spec_error_add(struct spec_error *error, const char *format, ...)
{
	size_t len = strlen(error->message);
	va_list args;

	va_start(args, format);
	vsnprintf(error->message + len, sizeof(error->message) - len, format, args);
	va_end(args);
	make_utf8(error->message);
}

void
spec_enter(struct spec_error *error, const char *key, int index)
{
	if (error->depth < PATH_MOST) {
		error->entered[error->depth] = key;
		error->path[error->depth].index = index;
		error->depth++;
	}
}

void
spec_leave(struct spec_error *error)
{
	error->depth--;
}

void
spec_error_path(const struct spec_error *error, struct text *out)
{
	for (int i = 0; i < error->depth; i++) {
		if (error->path[i].index >= 0) {
			text_printf(out, "[%d]", error->path[i].index);
		} else {
			text_printf(out, "%s%s", i == 0 ? "" : ".", error->path[i].key);
		}
	}
}
