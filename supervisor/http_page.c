/* SPDX-License-Identifier: ISC */
/*
 * http_page: the page, one answer that holds all it needs, and the page that lets one in. Its
 * policy allows its own script and style, by their hashes, and to ask us. In the supervisor, of
 * stintd.
 */
#include "supervisor/dashboard_parts.h"
#include "supervisor/embed.h"
#include "supervisor/page_text.h"

#define PART(file) EMBED_FILE("supervisor/dashboard_page/" file)

EMBED(dashboard, PART("index.html"))
EMBED(way_in, PART("login.html"))
/* Colours, shapes and ways to write times are those of the reports. */
EMBED(dashboard_style, EMBED_FILE("supervisor/report_page/page.css") PART("page.css"))
EMBED(dashboard_script,
      EMBED_FILE("supervisor/report_page/format.js") PART("state.js") PART("spark.js")
	  PART("queue.js") PART("job.js") PART("task.js") PART("main.js"))
EMBED(way_in_script, PART("login.js"))

struct page {
	struct span html, script, style;
	bool write;
};

static void
put_mark(void *context, struct span mark, struct text *out)
{
	const struct page *page = context;

	if (span_is(mark, "style")) {
		text_span(out, page->style);
	} else if (span_is(mark, "script")) {
		text_span(out, page->script);
	} else if (span_is(mark, "write")) {
		text_string(out, page->write ? "true" : "false");
	}
}

void
http_page(struct dashboard *dashboard, struct http_call *call)
{
	struct page page = {.html = {embedded_dashboard, embedded_dashboard_size},
			    .script = {embedded_dashboard_script, embedded_dashboard_script_size},
			    .style = {embedded_dashboard_style, embedded_dashboard_style_size},
			    .write = dashboard->guard.write};
	struct text policy = TEXT_INIT, body = TEXT_INIT;

	if (!call->known) {
		page.html = (struct span){embedded_way_in, embedded_way_in_size};
		page.script = (struct span){embedded_way_in_script, embedded_way_in_script_size};
	}
	page_policy(page.script, page.style, &policy);
	text_string(&policy, "; connect-src 'self'; img-src data:; frame-ancestors 'none'");
	text_terminate(&policy);
	page_fill(page.html, put_mark, &page, &body);
	http_answer(call, call->known ? 200 : 401, HTTP_HTML, policy.data, &body);
	text_free(&policy);
}
