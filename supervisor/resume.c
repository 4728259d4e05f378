/* SPDX-License-Identifier: ISC */
/* resume: see resume.h; reading, and the verdicts. In the supervisor. */
#include "supervisor/resume.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/resume_state.h"

#define DAMAGED_SHOWN 3

struct resume *
resume_new(enum resume_wanted wanted)
{
	struct resume *resume = calloc(1, sizeof(*resume));

	if (resume == NULL) {
		err(3, "resume");
	}
	resume->wanted = wanted;
	resume->index = record_index_new();
	return resume;
}

void
resume_free(struct resume *resume)
{
	if (resume != NULL) {
		record_index_free(resume->index);
		free(resume);
	}
}

void
resume_set_round(struct resume *resume, uint64_t bytes, bool none)
{
	resume->round = bytes;
	resume->none_before = none;
}

/* A record that ends at this place of the file. */
static void
take_record(struct resume *resume, const struct record_key *record, uint64_t end)
{
	resume->records++;
	if (end <= resume->round && (resume->none_before || record->spec == 0)) {
		record_index_remove(resume->index, record->id);
		return;
	}
	resume->replaced +=
	    !record_index_put(resume->index, record->id, record->spec, resume->records);
}

static void
take_damaged(struct resume *resume, const char *path, uint64_t line)
{
	if (++resume->damaged <= DAMAGED_SHOWN) {
		warnx("%s:%" PRIu64 ": is damaged, not a record; if it was of a task, that runs "
		      "again",
		      path, line);
	}
}

/* What a record that was cut short can look like; after a power cut also zeros. */
static bool
is_torn_record(struct span line)
{
	static const char start[] = "{\"id\":\"";
	size_t len = line.len < sizeof(start) - 1 ? line.len : sizeof(start) - 1;
	size_t zeros = 0;

	while (zeros < line.len && line.at[zeros] == '\0') {
		zeros++;
	}
	return line.len > 0 && (memcmp(line.at, start, len) == 0 || zeros == line.len);
}

/* The last line, without a newline: a whole record is kept. */
static bool
take_torn(struct resume *resume, const struct record_lines *lines, const char *path)
{
	struct record_key record;

	if (lines->line.len > 0 && record_key_parse(lines->line, &record)) {
		take_record(resume, &record, lines->end);
		return true;
	}
	warnx("%s:%" PRIu64 ": was not written to its end; it is cut off, its task runs again",
	      path, lines->number);
	return false;
}

/* False: this is no results file. */
static bool
take_line(struct resume *resume, const struct record_lines *lines, enum record_line kind,
	  const char *path)
{
	struct record_key record;

	if (kind == RECORD_LINE && record_key_parse(lines->line, &record)) {
		if (resume->records == RECORDS_MOST) {
			return false;
		}
		take_record(resume, &record, lines->end);
	} else if (resume->records == 0) {
		return false;
	} else {
		take_damaged(resume, path, lines->number);
	}
	return true;
}

static bool
fail(struct text *error, const char *path, const char *why)
{
	text_printf(error, "%s: %s", path, why);
	return false;
}

static bool
read_all(struct resume *resume, struct record_lines *lines, const char *path, bool *unended,
	 struct text *error)
{
	static const char foreign[] =
	    "its first line is not a record; these are not results to go on from, nothing was "
	    "changed";
	enum record_line kind;

	while ((kind = record_lines_next(lines)) != RECORD_END) {
		if (kind == RECORD_FAIL) {
			return fail(error, path, strerror(errno));
		}
		if (kind == RECORD_TORN) {
			if (resume->records == 0 && !is_torn_record(lines->line)) {
				return fail(error, path, foreign);
			}
			*unended = take_torn(resume, lines, path);
			resume->end = *unended ? lines->end : lines->begin;
			return true;
		}
		if (kind != RECORD_BLANK && !take_line(resume, lines, kind, path)) {
			return fail(error, path, resume->records == 0 ? foreign : "is too large");
		}
		resume->end = lines->end;
	}
	return true;
}

bool
resume_read(struct resume *resume, int fd, const char *path, uint64_t *end, bool *unended,
	    struct text *error)
{
	struct record_lines lines;
	bool good;

	*unended = false;
	record_lines_begin(&lines, fd);
	good = read_all(resume, &lines, path, unended, error);
	record_lines_end(&lines);
	if (resume->damaged > DAMAGED_SHOWN) {
		warnx("%s: %" PRIu64 " damaged lines in all", path, resume->damaged);
	}
	*end = resume->end;
	resume->end += *unended; /* as soon as it has its newline */
	return good;
}

static uint64_t
id_of(const struct task *task)
{
	struct text id = TEXT_INIT;
	uint64_t h;

	task_put_id(task, &id);
	h = record_key_id((struct span){id.data + 1, id.len - 2});
	text_free(&id);
	return h;
}

enum resume_verdict
resume_verdict(const struct resume *resume, const struct task *task)
{
	uint64_t spec;
	bool known;

	if (resume == NULL) {
		return RESUME_RUN;
	}
	known = record_index_get(resume->index, id_of(task), &spec);
	if (spec != 0 && (resume->wanted != WANTED_NOT_OK || spec == task->text->hash)) {
		return RESUME_DONE;
	}
	if (resume->wanted == WANTED_FAILED && !known) {
		return RESUME_LEAVE;
	}
	return resume->wanted == WANTED_OPEN && known ? RESUME_ENDED : RESUME_RUN;
}

void
resume_replaced(struct resume *resume, const struct task *task)
{
	resume->replaced += record_index_drop(resume->index, id_of(task));
}
