/* SPDX-License-Identifier: ISC */
/* jobfile_error: see jobfile_error.h. In the supervisor; pure. */
#include "supervisor/jobfile_error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipc/json_scan.h"

uint64_t
jobfile_count_lines(const char *from, const char *to)
{
	uint64_t lines = 0;

	while (from < to && (from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
		lines++;
		from++;
	}
	return lines;
}

void
jobfile_complain(struct text *out, const char *file, uint64_t line, const char *path,
		 const char *format, ...)
{
	size_t start = out->len;
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	text_string(out, file);
	if (line > 0) {
		text_printf(out, ":%" PRIu64, line);
	}
	text_printf(out, ": %s%s%s", path, path[0] == '\0' ? "" : ": ", message);
	text_terminate(out);
	text_printable(out->data + start); /* whatever the file has: one line */
}

/* One step down the error's path. False: the text does not have it (a truncated key). */
static bool
descend(struct span *at, const char *key, int index)
{
	struct json_members members;
	struct span name, value;

	if (index >= 0) {
		json_elements_begin(&members, *at);
		while (json_elements_next(&members, &value)) {
			if (index-- == 0) {
				*at = value;
				return true;
			}
		}
		return false;
	}
	json_members_begin(&members, *at);
	while (json_members_next(&members, &name, &value)) {
		if (span_is(name, key)) {
			/* The key's own place, but the value is where the path goes on. */
			*at = value;
			return true;
		}
	}
	return false;
}

/* The place that the error's path leads to, as far as it can be followed. */
static const char *
locate(const struct spec_error *error, struct span text)
{
	for (int i = 0; i < error->depth; i++) {
		if (!descend(&text, error->path[i].key, error->path[i].index)) {
			break;
		}
	}
	return text.at;
}

static void
describe(const struct piece *piece, const struct spec_error *error, const char *message,
	 struct text *out)
{
	struct text path = TEXT_INIT;
	uint64_t line = piece->line;

	if (error->line > 0) {
		line += (uint64_t)error->line - 1;
		text_printf(&path, "column %d", error->column);
	} else {
		line += jobfile_count_lines(piece->text.at, locate(error, piece->text));
		text_string(&path, piece->prefix);
		if (piece->prefix[0] != '\0' && error->depth > 0 && error->path[0].index < 0) {
			text_char(&path, '.');
		}
		spec_error_path(error, &path);
	}
	text_terminate(&path);
	jobfile_complain(out, piece->file, line, path.data, "%s", message);
	text_free(&path);
}

void
jobfile_describe(const struct piece *piece, const struct spec_error *error, struct text *out)
{
	describe(piece, error, error->message, out);
}

void
jobfile_describe_need(const struct piece *piece, int index, const char *message, struct text *out)
{
	struct spec_error error = {.depth = 0};

	spec_enter(&error, "needs", -1);
	if (index >= 0) {
		spec_enter(&error, "", index);
	}
	spec_fail(&error, "%s", ""); /* completes the path; its message would be too short */
	describe(piece, &error, message, out);
}
