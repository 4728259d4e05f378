/* SPDX-License-Identifier: ISC */
/* report_html_data: see report_html_data.h. Pure; in the supervisor. */
#include "supervisor/report_html_data.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/areas.h"
#include "supervisor/id_table.h"
#include "supervisor/ids.h"
#include "supervisor/lanes.h"

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "report");
	}
	return memory;
}

/* Any string: a path may be no UTF-8. */
static void
put_string(struct text *out, const char *string)
{
	size_t len = strlen(string);
	char *plain;

	if (text_is_utf8(string, len)) {
		text_json_string(out, string, len);
		return;
	}
	plain = check(strdup(string));
	for (size_t i = 0; i < len; i++) {
		plain[i] = (unsigned char)plain[i] < 0x80 ? plain[i] : '?';
	}
	text_json_string(out, plain, len);
	free(plain);
}

/* What is known of a run while it is written. */
struct page_run {
	const struct recorded_run *run;
	struct lanes lanes;    /* of all attempts */
	uint32_t *row;         /* of the attempt of each task that counts */
	uint32_t *earlier_row; /* of all others, task by task */
	size_t earlier_count;
	struct id_table known; /* of a string's hash: its place in the list */
	struct text strings;   /* the list, without its brackets */
	uint32_t string_count;
};

/* ---- rows: each attempt has one in the lane of its worker ------------------------------------- */

struct bar {
	int64_t start_us;
	int64_t wall_us;
	int worker;
	uint32_t *row; /* where it is to be noted */
};

static int
by_start(const void *a, const void *b)
{
	const struct bar *left = a, *right = b;

	return (left->start_us > right->start_us) - (left->start_us < right->start_us);
}

static size_t
collect_bars(const struct page_run *page, struct bar *bars)
{
	size_t count = 0, earlier = 0;

	for (size_t i = 0; i < page->run->count; i++) {
		const struct recorded_task *task = &page->run->tasks[i];

		for (unsigned k = 0; k < task->earlier_count; k++) {
			const struct recorded_attempt *attempt = &task->earlier[k];

			bars[count++] =
			    (struct bar){attempt->start_us, attempt->wall_us, attempt->worker,
					 &page->earlier_row[earlier++]};
		}
		if (task->start_us >= 0) {
			bars[count++] = (struct bar){task->start_us, task->wall_us, task->worker,
						     &page->row[i]};
		}
	}
	qsort(bars, count, sizeof(*bars), by_start);
	return count;
}

/* Lanes know tasks: each bar stands for one. */
static void
lay_out(struct page_run *page)
{
	struct recorded_run all = {.count = 0};
	struct bar *bars;

	for (size_t i = 0; i < page->run->count; i++) {
		page->earlier_count += page->run->tasks[i].earlier_count;
	}
	page->row = check(calloc(page->run->count + 1, sizeof(*page->row)));
	page->earlier_row = check(calloc(page->earlier_count + 1, sizeof(*page->earlier_row)));
	bars = check(calloc(page->run->count + page->earlier_count + 1, sizeof(*bars)));
	all.count = collect_bars(page, bars);
	all.tasks = check(calloc(all.count + 1, sizeof(*all.tasks)));
	for (size_t i = 0; i < all.count; i++) {
		all.tasks[i].start_us = bars[i].start_us;
		all.tasks[i].wall_us = bars[i].wall_us;
		all.tasks[i].worker = bars[i].worker;
		if (bars[i].worker >= (int)all.lanes) {
			all.lanes = (unsigned)bars[i].worker + 1;
		}
	}
	lanes_make(&page->lanes, &all);
	for (size_t i = 0; i < all.count; i++) {
		*bars[i].row = page->lanes.row[i];
	}
	free(all.tasks);
	free(bars);
}

/* ---- columns ---------------------------------------------------------------------------------- */

/* COLUMN(name, differences, expression of page, task and its place) */
#define COLUMNS(COLUMN)                                       \
	COLUMN(start, true, task->start_us)                   \
	COLUMN(wall, false, task->wall_us)                    \
	COLUMN(user, false, task->user_us)                    \
	COLUMN(sys, false, task->sys_us)                      \
	COLUMN(maxrss, false, (int64_t)(task->maxrss / 1024)) \
	COLUMN(worker, false, task->worker)                   \
	COLUMN(row, true, page->row[i])                       \
	COLUMN(attempt, false, task->attempt)                 \
	COLUMN(exit, false, task->has_exit ? task->exit : -1) \
	COLUMN(signal, false, task->signal)                   \
	COLUMN(status, false, task->status)                   \
	COLUMN(class, false, class_of(task))                  \
	COLUMN(name, false, string_place(page, task->name))   \
	COLUMN(error, false, string_place(page, task->error)) \
	COLUMN(need_count, false, task->need_count)

static const char *const classes[] = {"cpu", "mixed", "wait"};

static int
class_of(const struct recorded_task *task)
{
	struct result_record record = {
	    .wall_us = task->wall_us, .user_us = task->user_us, .sys_us = task->sys_us};
	const char *name = result_record_class(&record);
	int i = 0;

	while (i < 2 && strcmp(classes[i], name) != 0) {
		i++;
	}
	return i;
}

/* In the list of strings, each of which is there once, while there is room; 0: there is none. */
static int64_t
string_place(struct page_run *page, const char *string)
{
	uint64_t hash;
	uint32_t place;

	if (string == NULL || string[0] == '\0') {
		return 0;
	}
	if (page->strings.len > HTML_STRINGS_MOST) {
		string = "(left out of this page)";
	}
	hash = ids_hash(string, strlen(string));
	place = id_table_get(&page->known, hash);
	if (place == 0) {
		place = ++page->string_count;
		id_table_set(&page->known, hash, place);
		text_char(&page->strings, ',');
		put_string(&page->strings, string);
	}
	return place;
}

/* One number, if all are the same. */
static void
put_numbers(struct text *out, const char *name, const int64_t *numbers, size_t count,
	    bool differences)
{
	size_t same = 1;

	while (same < count && numbers[same] == numbers[0]) {
		same++;
	}
	text_printf(out, ",\"%s\":", name);
	if (same >= count) {
		text_int(out, count == 0 ? 0 : numbers[0]);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		text_char(out, i == 0 ? '[' : ',');
		text_int(out, numbers[i] - (differences && i > 0 ? numbers[i - 1] : 0));
	}
	text_char(out, ']');
}

static void
put_columns(struct text *out, struct page_run *page)
{
	size_t count = page->run->count;
	int64_t *numbers = check(calloc(count + 1, sizeof(*numbers)));

#define COLUMN(name, differences, expression)                            \
	for (size_t i = 0; i < count; i++) {                             \
		const struct recorded_task *task = &page->run->tasks[i]; \
                                                                         \
		(void)task;                                              \
		numbers[i] = (expression);                               \
	}                                                                \
	put_numbers(out, #name, numbers, count, differences);
	COLUMNS(COLUMN)
#undef COLUMN
	free(numbers);
}

/* How many bytes at their beginning two strings share, characters beyond ASCII not counted. */
static size_t
shared_of(const char *left, const char *right)
{
	size_t shared = 0;

	while (left[shared] != '\0' && left[shared] == right[shared] &&
	       (unsigned char)left[shared] < 0x80) {
		shared++;
	}
	return shared;
}

/* [shared, "rest", ...]: of each what it shares with the one before, and what not. */
static void
put_names(struct text *out, const char *name, const struct recorded_run *run, bool tags)
{
	const char *before = "";
	bool any = false;

	for (size_t i = 0; i < run->count && !any; i++) {
		any = !tags || run->tasks[i].tag != NULL;
	}
	if (!any) {
		return;
	}
	text_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < run->count; i++) {
		const char *now = tags ? run->tasks[i].tag : run->tasks[i].id;
		size_t shared;

		now = now == NULL ? "" : now;
		shared = shared_of(before, now);
		text_string(out, i == 0 ? "" : ",");
		text_uint(out, shared);
		text_char(out, ',');
		put_string(out, now + shared);
		before = now;
	}
	text_char(out, ']');
}

/* How many needs of a task are named, so that no more than HTML_NEEDS_ALL are. */
static unsigned
needs_most(const struct recorded_run *run)
{
	unsigned most = HTML_NEEDS_MOST;

	for (size_t all = SIZE_MAX; most > 1 && all > HTML_NEEDS_ALL;
	     most -= all > HTML_NEEDS_ALL) {
		all = 0;
		for (size_t i = 0; i < run->count; i++) {
			all += run->tasks[i].need_count < most ? run->tasks[i].need_count : most;
		}
	}
	return most;
}

/* How many places before the task each of its needs is, task by task. */
static void
put_needs(struct text *out, const struct recorded_run *run)
{
	unsigned most = needs_most(run);
	bool first = true;

	text_printf(out, ",\"needs_most\":%u,\"needs\":[", most);
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];

		for (unsigned k = 0; k < task->need_count && k < most; k++) {
			text_string(out, first ? "" : ",");
			text_int(out, (int64_t)i - task->needs[k]);
			first = false;
		}
	}
	text_char(out, ']');
}

/* The places of the tasks of the critical path. */
static void
put_path(struct text *out, const struct recorded_run *run)
{
	text_string(out, ",\"path\":[");
	for (size_t i = 0; i < run->path_count && i < HTML_PATH_MOST; i++) {
		text_string(out, i == 0 ? "" : ",");
		text_uint(out, run->path[i]);
	}
	text_char(out, ']');
}

/* [task, start, wall, status, worker, row, ...] of each attempt that did not count. */
static void
put_earlier(struct text *out, const struct page_run *page)
{
	size_t at = 0;

	text_string(out, ",\"earlier\":[");
	for (size_t i = 0; i < page->run->count; i++) {
		const struct recorded_task *task = &page->run->tasks[i];

		for (unsigned k = 0; k < task->earlier_count; k++) {
			const struct recorded_attempt *attempt = &task->earlier[k];

			text_printf(out, "%s%zu,%jd,%jd,%d,%d,%u", at == 0 ? "" : ",", i,
				    (intmax_t)attempt->start_us, (intmax_t)attempt->wall_us,
				    (int)attempt->status, attempt->worker, page->earlier_row[at]);
			at++;
		}
	}
	text_char(out, ']');
}

/* [[task, "stdout", "stderr", bytes, bytes, truncated], ...], as far as there is room. */
static void
put_outputs(struct text *out, const struct recorded_run *run)
{
	size_t begin = out->len, room = begin < HTML_WANTED ? HTML_WANTED - begin : 0;

	room = room < HTML_OUTPUT_MOST ? room : HTML_OUTPUT_MOST;

	text_string(out, ",\"outputs\":[");
	for (size_t i = 0; i < run->count; i++) {
		const struct recorded_task *task = &run->tasks[i];
		size_t before = out->len;

		if (task->output_bytes[0] + task->output_bytes[1] == 0 && !task->truncated) {
			continue;
		}
		text_printf(out, "%s[%zu", out->data[out->len - 1] == '[' ? "" : ",", i);
		for (int k = 0; k < 2; k++) {
			text_char(out, ',');
			put_string(out, task->output[k] == NULL ? "" : task->output[k]);
		}
		text_printf(out, ",%zu,%zu,%d]", task->output_bytes[0], task->output_bytes[1],
			    task->truncated);
		if (out->len - begin > room) {
			out->len = before;
			break;
		}
	}
	text_char(out, ']');
}

/* ---- a run, and all --------------------------------------------------------------------------- */

static void
put_idle(struct text *out, const struct recorded_run *run)
{
	int64_t idle_us[IDLE_COUNT] = {0};

	areas_idle(run, idle_us);
	text_string(out, ",\"idle\":[");
	for (int i = 0; i < IDLE_COUNT; i++) {
		text_printf(out, "%s[\"%s\",%jd]", i == 0 ? "" : ",",
			    idle_words((enum idle_cause)i), (intmax_t)idle_us[i]);
	}
	text_char(out, ']');
}

/* Each: at, cut. */
static void
put_gaps(struct text *out, const struct recorded_run *run)
{
	text_string(out, ",\"gaps\":[");
	for (unsigned i = 0; i < run->gap_count; i++) {
		text_printf(out, "%s[%jd,%jd]", i == 0 ? "" : ",", (intmax_t)run->gaps[i].at_us,
			    (intmax_t)run->gaps[i].cut_us);
	}
	text_char(out, ']');
}

static void
put_run(struct text *out, const struct recorded_run *run, const char *label)
{
	struct page_run page = {.run = run, .known.value_words = 1};

	lay_out(&page);
	text_string(out, "{\"label\":");
	put_string(out, label);
	text_string(out, ",\"summary\":");
	summary_json(&run->summary, out);
	text_printf(out, ",\"measured\":%s,\"began\":%jd,\"count\":%zu,\"rows\":[",
		    run->measured ? "true" : "false", (intmax_t)run->began_us, run->count);
	for (unsigned i = 0; i < page.lanes.count; i++) {
		text_printf(out, "%s%u", i == 0 ? "" : ",", page.lanes.rows[i]);
	}
	text_char(out, ']');
	put_idle(out, run);
	put_names(out, "id", run, false);
	put_names(out, "tag", run, true);
	put_columns(out, &page);
	put_needs(out, run);
	put_path(out, run);
	put_gaps(out, run);
	put_earlier(out, &page);
	text_string(out, ",\"strings\":[\"\"");
	text_span(out, (struct span){page.strings.data, page.strings.len});
	text_char(out, ']');
	put_outputs(out, run);
	text_char(out, '}');
	lanes_free(&page.lanes);
	id_table_free(&page.known);
	text_free(&page.strings);
	free(page.row);
	free(page.earlier_row);
}

void
report_html_data(const struct report *report, struct text *json)
{
	text_string(json, "{\"made\":\"stint " STINT_VERSION "\",\"title\":");
	put_string(json, report->title);
	text_string(json, ",\"classes\":[");
	for (int i = 0; i < 3; i++) {
		text_printf(json, "%s\"%s\"", i == 0 ? "" : ",", classes[i]);
	}
	text_string(json, "],\"statuses\":[");
	for (int i = 0; i < STATUSES; i++) {
		text_printf(json, "%s\"%s\"", i == 0 ? "" : ",",
			    task_status_name((enum task_status)i));
	}
	text_string(json, "],\"runs\":[");
	for (size_t i = 0; i < report->count; i++) {
		text_string(json, i == 0 ? "" : ",\n");
		put_run(json, report->runs[i], report->labels[i]);
	}
	text_string(json, "]}\n");
}
