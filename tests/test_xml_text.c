/* SPDX-License-Identifier: ISC */
/* test_xml_text: whatever a string holds, it ends nothing and stands for itself. */
#include "supervisor/xml_text.h"

#include "tests/unit.h"

START_TEST(what_has_a_meaning_is_a_reference)
{
	static const struct {
		struct span plain;
		const char *xml;
	} cases[] = {
	    {SPAN_LITERAL(""), ""},
	    {SPAN_LITERAL("plain 1-2_3 {x}"), "plain 1-2_3 {x}"},
	    {SPAN_LITERAL("<b>\"&'"), "&#60;b&#62;&#34;&#38;&#39;"},
	    {SPAN_LITERAL("]]>"), "]]&#62;"},
	    {SPAN_LITERAL("a\nb\tc\r"), "a&#10;b&#9;c&#13;"},
	    {SPAN_LITERAL("\001\033[1m\177"), "&#65533;&#65533;[1m&#127;"},
	    {SPAN_LITERAL("a\0b"), "a&#65533;b"},
	    {SPAN_LITERAL("\u00e4\u20ac\U0001f600"), "&#228;&#8364;&#128512;"},
	    {SPAN_LITERAL("\xef\xbf\xbf"), "&#65533;"},
	    {SPAN_LITERAL("\xff"
			  "a\xc3"),
	     "&#65533;a&#65533;"},
	    {SPAN_LITERAL("\xed\xa0\x80"), "&#65533;&#65533;&#65533;"},
	};
	struct text xml = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		xml_text(&xml, cases[i].plain);
		unit_assert_text(&xml, cases[i].xml);
	}
	text_free(&xml);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {what_has_a_meaning_is_a_reference};

	return unit_run("xml_text", tests, LENGTH(tests));
}
