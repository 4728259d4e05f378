/* SPDX-License-Identifier: ISC */
/*
 * report_html: one page that holds all it needs: style and script, which the policy in it allows
 * by their hashes and nothing else, and the runs as data. In the supervisor.
 */
#include <string.h>

#include "supervisor/page_text.h"
#include "supervisor/report.h"
#include "supervisor/report_html_data.h"
#include "supervisor/report_page.h"

static void
put_escaped(struct text *out, const char *string)
{
	bool good = text_is_utf8(string, strlen(string));

	for (; *string != '\0'; string++) {
		if (strchr("<>&\"'", *string) != NULL) {
			text_printf(out, "&#%d;", *string);
		} else {
			text_char(out, good || (unsigned char)*string < 0x80 ? *string : '?');
		}
	}
}

/* JSON has its "<" in strings only; written otherwise there, none can end the element it is in. */
static void
put_data(struct text *out, const struct report *report)
{
	struct text json = TEXT_INIT;

	report_html_data(report, &json);
	text_reserve(out, json.len + json.len / 8);
	for (size_t at = 0; at < json.len;) {
		const char *found = memchr(json.data + at, '<', json.len - at);
		size_t plain = found == NULL ? json.len - at : (size_t)(found - json.data) - at;

		text_bytes(out, json.data + at, plain);
		text_string(out, found == NULL ? "" : "\\u003c");
		at += plain + 1;
	}
	text_free(&json);
}

static void
put_mark(void *context, struct span mark, struct text *out)
{
	const struct report *report = context;

	if (span_is(mark, "policy")) {
		page_policy(report_page_script(), report_page_style(), out);
	} else if (span_is(mark, "title")) {
		put_escaped(out, report->title);
	} else if (span_is(mark, "style")) {
		text_span(out, report_page_style());
	} else if (span_is(mark, "data")) {
		put_data(out, report);
	} else if (span_is(mark, "script")) {
		text_span(out, report_page_script());
	}
}

static void
write_html(const struct report *report, struct text *out)
{
	page_fill(report_page_html(), put_mark, (void *)(uintptr_t)report, out);
}

const struct report_ops report_html = {
    .name = "html",
    .suffix = ".html",
    .several = true,
    .limits = {.each = 2000, .all = (size_t)1 << 20},
    .write = write_html,
};
