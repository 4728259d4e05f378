/* SPDX-License-Identifier: ISC */
/* test_report_html: what of a run is in the page, and that nothing of it can be more than text. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/report.h"
#include "supervisor/report_html_data.h"
#include "tests/unit.h"

static struct recorded_run *
make_run(const char *const *lines, size_t count)
{
	struct recorded_run *run = recorded_run_new(&report_html.limits);

	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(recorded_run_add(run, span_of(lines[i])), "%s", lines[i]);
	}
	recorded_run_finish(run, 0);
	return run;
}

static struct text
make_page(struct recorded_run *run, const char *label)
{
	struct recorded_run *runs[] = {run};
	struct report report = {.runs = runs, .labels = &label, .count = 1, .title = label};
	struct text page = TEXT_INIT;

	report_html.write(&report, &page);
	text_terminate(&page);
	return page;
}

/* The first run of what the page's script reads. */
static json_t *
read_data(struct recorded_run *run)
{
	struct recorded_run *runs[] = {run};
	const char *label = "run";
	struct report report = {.runs = runs, .labels = &label, .count = 1, .title = label};
	struct text data = TEXT_INIT;
	json_error_t error;
	json_t *all, *first;

	report_html_data(&report, &data);
	all = json_loadb(data.data, data.len, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(all != NULL, "%s at %d", error.text, error.position);
	first = json_incref(json_array_get(json_object_get(all, "runs"), 0));
	json_decref(all);
	text_free(&data);
	return first;
}

static void
assert_member(json_t *run, const char *name, const char *expected)
{
	char *is = json_dumps(json_object_get(run, name), JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_ptr_nonnull(is);
	ck_assert_str_eq(is, expected);
	free(is);
}

START_TEST(columns_are_small)
{
	static const char *const lines[] = {
	    "{\"id\":\"part-10\",\"status\":\"ok\",\"start\":100.0,\"wall\":1.0,\"user\":1.0,"
	    "\"sys\":0.0,\"worker\":0,\"attempt\":1,\"name\":\"sum\"}",
	    "{\"id\":\"part-11\",\"status\":\"ok\",\"start\":100.5,\"wall\":1.0,\"user\":0.0,"
	    "\"sys\":0.0,\"worker\":0,\"attempt\":1,\"name\":\"sum\"}",
	    "{\"id\":\"p\xc3\xa4rt\",\"status\":\"skipped\",\"attempt\":0,\"wall\":0,\"user\":0,"
	    "\"sys\":0,\"needs\":[\"part-10\"],\"error\":\"why\"}",
	};
	struct recorded_run *run = make_run(lines, LENGTH(lines));
	json_t *data = read_data(run);

	assert_member(data, "id", "[0,\"part-10\",6,\"1\",1,\"\xc3\xa4rt\"]");
	assert_member(data, "start", "[0,500000,-500001]"); /* -1: it never began */
	assert_member(data, "wall", "[1000000,1000000,0]");
	assert_member(data, "row", "[0,1,-1]");
	assert_member(data, "rows", "[2]");
	assert_member(data, "worker", "[0,0,-1]");
	assert_member(data, "signal", "0");
	assert_member(data, "name", "[1,1,0]");
	assert_member(data, "strings", "[\"\",\"sum\",\"why\"]");
	assert_member(data, "need_count", "[0,0,1]");
	assert_member(data, "needs", "[2]");
	ck_assert_ptr_null(json_object_get(data, "tag"));
	json_decref(data);
	recorded_run_free(run);
}
END_TEST

START_TEST(earlier_attempts_have_rows)
{
	/* The first attempt was on a worker that has no task otherwise, beside another's. */
	static const char *const lines[] = {
	    "{\"id\":\"a\",\"status\":\"ok\",\"start\":105.0,\"wall\":1.0,\"user\":0,\"sys\":0,"
	    "\"worker\":0,\"attempt\":3,\"earlier\":[{\"status\":\"failed\",\"worker\":2,"
	    "\"start\":100.0,\"wall\":2.0},{\"status\":\"timeout\",\"worker\":0,\"start\":103.0,"
	    "\"wall\":1.0}]}",
	    "{\"id\":\"b\",\"status\":\"ok\",\"start\":103.5,\"wall\":1.0,\"user\":0,\"sys\":0,"
	    "\"worker\":0,\"attempt\":1}",
	};
	struct recorded_run *run = make_run(lines, LENGTH(lines));
	json_t *data = read_data(run);

	assert_member(data, "rows", "[2,0,1]");
	assert_member(data, "row", "[1,-1]"); /* of b, then of a */
	assert_member(data, "earlier", "[1,0,2000000,1,2,0,1,3000000,1000000,2,0,0]");
	json_decref(data);
	recorded_run_free(run);
}
END_TEST

START_TEST(what_was_cut_out_is_known)
{
	/* Two parts of a run, eleven hours apart. */
	static const char *const lines[] = {
	    "{\"id\":\"a\",\"status\":\"ok\",\"start\":100.0,\"wall\":2.0,\"user\":0,\"sys\":0,"
	    "\"worker\":0,\"attempt\":1}",
	    "{\"id\":\"b\",\"status\":\"ok\",\"start\":40000.0,\"wall\":1.0,\"user\":0,\"sys\":0,"
	    "\"worker\":0,\"attempt\":1}",
	};
	struct recorded_run *run = make_run(lines, LENGTH(lines));
	json_t *data = read_data(run);

	assert_member(data, "start", "[0,2000000]");
	assert_member(data, "gaps", "[[2000000,39898000000]]");
	json_decref(data);
	recorded_run_free(run);
}
END_TEST

START_TEST(nothing_ends_the_data)
{
	static const char *const lines[] = {
	    "{\"id\":\"</script><!--\",\"status\":\"failed\",\"start\":100.0,\"wall\":1.0,"
	    "\"user\":1.0,\"sys\":0.0,\"worker\":0,\"attempt\":1,\"error\":\"<b>\","
	    "\"stdout\":\"</script><script>alert(1)</script>{{title}}\"}",
	};
	struct recorded_run *run = make_run(lines, LENGTH(lines));
	struct text page = make_page(run, "<i>\"&\xff");
	const char *data = strstr(page.data, "id=\"data\">"), *end;

	ck_assert_ptr_nonnull(data);
	end = strstr(data, "</script>");
	ck_assert_ptr_nonnull(memmem(data, (size_t)(end - data), "\\u003c/script>\\u003c!--", 22));
	ck_assert_ptr_nonnull(memmem(data, (size_t)(end - data), "{{title}}", 9));
	ck_assert_ptr_null(memchr(data, '<', (size_t)(end - data)));
	ck_assert_ptr_nonnull(strstr(page.data, "<h1>&#60;i&#62;&#34;&#38;?</h1>"));
	ck_assert(text_is_utf8(page.data, page.len));
	text_free(&page);
	recorded_run_free(run);
}
END_TEST

START_TEST(output_is_bounded)
{
	enum { TASKS = 3000, EACH = 2000 };
	struct recorded_run *run = recorded_run_new(&report_html.limits);
	struct text line = TEXT_INIT, page;

	for (int i = 0; i < TASKS; i++) { /* each byte of it takes six */
		text_clear(&line);
		text_printf(
		    &line,
		    "{\"id\":\"%d\",\"status\":\"failed\",\"start\":%d,\"wall\":1,\"user\":0,"
		    "\"sys\":0,\"worker\":0,\"attempt\":1,\"stdout\":\"",
		    i, 100 + i);
		for (int k = 0; k < EACH; k++) {
			text_string(&line, "\\u0001");
		}
		text_string(&line, "\"}");
		ck_assert(recorded_run_add(run, (struct span){line.data, line.len}));
	}
	recorded_run_finish(run, 0);
	page = make_page(run, "run");
	ck_assert_uint_gt(page.len, HTML_OUTPUT_MOST / 2);
	ck_assert_uint_lt(page.len, HTML_OUTPUT_MOST + ((size_t)1 << 20));
	text_free(&page);
	text_free(&line);
	recorded_run_free(run);
}
END_TEST

START_TEST(needs_are_bounded)
{
	enum { TASKS = 25000 };
	struct recorded_run *run = recorded_run_new(NULL);
	struct text line = TEXT_INIT;
	json_t *data;

	for (int i = 0; i < TASKS; i++) {
		text_clear(&line);
		text_printf(&line,
			    "{\"id\":\"%d\",\"status\":\"ok\",\"start\":%d,\"wall\":1,\"user\":0,"
			    "\"sys\":0,\"worker\":0,\"attempt\":1,\"needs\":[",
			    i, 100 + i);
		for (int k = 1; k <= 30 && k <= i; k++) {
			text_printf(&line, "%s\"%d\"", k == 1 ? "" : ",", i - k);
		}
		text_string(&line, "]}");
		ck_assert(recorded_run_add(run, (struct span){line.data, line.len}));
	}
	recorded_run_finish(run, 0);
	data = read_data(run);
	assert_member(data, "needs_most", "8");
	ck_assert_uint_le(json_array_size(json_object_get(data, "needs")), HTML_NEEDS_ALL);
	json_decref(data);
	text_free(&line);
	recorded_run_free(run);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {columns_are_small,         earlier_attempts_have_rows,
				      what_was_cut_out_is_known, nothing_ends_the_data,
				      output_is_bounded,         needs_are_bounded};

	return unit_run("report_html", tests, LENGTH(tests));
}
