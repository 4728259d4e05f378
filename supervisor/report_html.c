/* SPDX-License-Identifier: ISC */
/*
 * report_html: one page that holds all it needs: style and script, which the policy in it allows
 * by their hashes and nothing else, and the runs as data. In the supervisor.
 */
#include <sha2.h>
#include <string.h>

#include "supervisor/report.h"
#include "supervisor/report_html_data.h"
#include "supervisor/report_page.h"

static void
put_hash(struct text *out, struct span source)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct text quoted = TEXT_INIT;
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)source.at, source.len);
	SHA256Final(digest, &context);
	text_json_base64(&quoted, digest, sizeof(digest));
	text_string(out, "'sha256-");
	text_bytes(out, quoted.data + 1, quoted.len - 2);
	text_char(out, '\'');
	text_free(&quoted);
}

static void
put_policy(struct text *out)
{
	text_string(out, "default-src 'none'; base-uri 'none'; form-action 'none'; script-src ");
	put_hash(out, report_page_script());
	text_string(out, "; style-src ");
	put_hash(out, report_page_style());
}

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
put_mark(struct text *out, struct span mark, const struct report *report)
{
	if (span_is(mark, "policy")) {
		put_policy(out);
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
	struct span page = report_page_html();

	for (;;) {
		const char *mark = memmem(page.at, page.len, "{{", 2), *end;
		size_t before;

		if (mark == NULL) {
			break;
		}
		before = (size_t)(mark - page.at);
		end = memmem(mark, page.len - before, "}}", 2);
		if (end == NULL) {
			break;
		}
		text_bytes(out, page.at, before);
		put_mark(out, (struct span){mark + 2, (size_t)(end - mark) - 2}, report);
		page.len -= (size_t)(end - page.at) + 2;
		page.at = end + 2;
	}
	text_span(out, page);
}

const struct report_ops report_html = {
    .name = "html",
    .suffix = ".html",
    .several = true,
    .limits = {.each = 2000, .all = (size_t)1 << 20},
    .write = write_html,
};
