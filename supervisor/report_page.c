/* SPDX-License-Identifier: ISC */
/*
 * report_page: see report_page.h. The assembler puts the files in; the Makefile knows that this
 * object depends on them. In the supervisor.
 */
#include "supervisor/report_page.h"

#include "supervisor/embed.h"

#define SOURCE(file) EMBED_FILE("supervisor/report_page/" file)

EMBED(html, SOURCE("page.html"))
EMBED(style, SOURCE("page.css"))
EMBED(script, SOURCE("format.js") SOURCE("data.js") SOURCE("view.js") SOURCE("lanes.js")
		  SOURCE("areas.js") SOURCE("panel.js") SOURCE("details.js") SOURCE("table.js")
		      SOURCE("summary.js") SOURCE("main.js"))

struct span
report_page_html(void)
{
	return (struct span){embedded_html, embedded_html_size};
}

struct span
report_page_style(void)
{
	return (struct span){embedded_style, embedded_style_size};
}

struct span
report_page_script(void)
{
	return (struct span){embedded_script, embedded_script_size};
}
