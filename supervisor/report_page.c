/* SPDX-License-Identifier: ISC */
/*
 * report_page: see report_page.h. The assembler puts the files in; the Makefile knows that this
 * object depends on them. In the supervisor.
 */
#include "supervisor/report_page.h"

#define SOURCE(file) ".incbin \"supervisor/report_page/" file "\"\n"
#define EMBED(name, sources)                               \
	__asm__(".pushsection .rodata\n"                   \
		".balign 4\n"                              \
		"embedded_" #name "_size: .long 2f - 1f\n" \
		"embedded_" #name ":\n"                    \
		"1:\n" sources "2:\n"                      \
		".popsection\n");                          \
	extern const char embedded_##name[];               \
	extern const uint32_t embedded_##name##_size;

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
