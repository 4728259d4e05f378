/* SPDX-License-Identifier: ISC */
/* page_text: see page_text.h. Pure; in the supervisor. */
#include "supervisor/page_text.h"

#include <sha2.h>
#include <string.h>

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

void
page_policy(struct span script, struct span style, struct text *out)
{
	text_string(out, "default-src 'none'; base-uri 'none'; form-action 'none'; script-src ");
	put_hash(out, script);
	text_string(out, "; style-src ");
	put_hash(out, style);
}

void
page_fill(struct span page, void (*put)(void *context, struct span mark, struct text *out),
	  void *context, struct text *out)
{
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
		put(context, (struct span){mark + 2, (size_t)(end - mark) - 2}, out);
		page.len -= (size_t)(end - page.at) + 2;
		page.at = end + 2;
	}
	text_span(out, page);
}
