/* SPDX-License-Identifier: ISC */
/*
 * report_page: see report_page.h. The assembler puts the files in; the Makefile knows that this
 * object depends on them. In the supervisor.
 */
#include "supervisor/report_page.h"

#define SOURCE(file) ".incbin \"supervisor/report_page/" file "\"\n"
#define EMBED(name, sources)                                                \
	__asm__(".pushsection .rodata\n"                                    \
		"embedded_" #name ":\n" sources "embedded_" #name "_end:\n" \
		".popsection\n");                                           \
	extern const char embedded_##name[], embedded_##name##_end[];

EMBED(html, SOURCE("page.html"))
EMBED(style, SOURCE("page.css"))
EMBED(script, SOURCE("format.js") SOURCE("data.js") SOURCE("view.js") SOURCE("lanes.js")
		  SOURCE("areas.js") SOURCE("panel.js") SOURCE("details.js") SOURCE("table.js")
		      SOURCE("summary.js") SOURCE("main.js"))

struct span
report_page_html(void)
{
	return (struct span){embedded_html, (size_t)(embedded_html_end - embedded_html)};
}

struct span
report_page_style(void)
{
	return (struct span){embedded_style, (size_t)(embedded_style_end - embedded_style)};
}

struct span
report_page_script(void)
{
	return (struct span){embedded_script, (size_t)(embedded_script_end - embedded_script)};
}
