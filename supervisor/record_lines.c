/* SPDX-License-Identifier: ISC */
/* record_lines: see record_lines.h. In the supervisor. */
#include "supervisor/record_lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/result_record.h"
#include "supervisor/line_source.h"
#include "supervisor/ids.h"

#define READ_SIZE ((size_t)256 << 10)
#define LINE_MOST ((size_t)40 << 20) /* what a worker may send, and an id and a name as long */

void
record_lines_begin(struct record_lines *lines, int fd)
{
	*lines = (struct record_lines){.fd = fd};
	lines->pipe = lseek(fd, 0, SEEK_CUR) < 0 && errno == ESPIPE;
	frame_init(&lines->frame, LINE_MOST);
}

void
record_lines_end(struct record_lines *lines)
{
	frame_free(&lines->frame);
}

static bool
fill(struct record_lines *lines)
{
	char *room = frame_room(&lines->frame, READ_SIZE);
	ssize_t got;

	do {
		got = lines->pipe ? read(lines->fd, room, READ_SIZE)
				  : pread(lines->fd, room, READ_SIZE, (off_t)lines->read_at);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return false;
	}
	lines->ended = got == 0;
	lines->read_at += (uint64_t)got;
	frame_filled(&lines->frame, (size_t)got);
	return true;
}

/* The rest of a line that is too long, to its newline or to the end of the file. */
static enum record_line
pass_over(struct record_lines *lines)
{
	while (!frame_skip(&lines->frame)) {
		if (lines->ended) {
			lines->line = SPAN_EMPTY;
			return RECORD_TORN;
		}
		if (!fill(lines)) {
			return RECORD_FAIL;
		}
	}
	return RECORD_OVERLONG;
}

static enum record_line
take_rest(struct record_lines *lines)
{
	lines->line = frame_take_rest(&lines->frame);
	return lines->line.len > 0 ? RECORD_TORN : RECORD_END;
}

static enum record_line
cut_line(struct record_lines *lines)
{
	for (;;) {
		switch (frame_next(&lines->frame, &lines->line)) {
		case FRAME_LINE:
			return line_is_blank(lines->line) ? RECORD_BLANK : RECORD_LINE;
		case FRAME_TOO_LONG:
			return pass_over(lines);
		case FRAME_MORE:
			break;
		}
		if (lines->ended) {
			return take_rest(lines);
		}
		if (!fill(lines)) {
			return RECORD_FAIL;
		}
	}
}

enum record_line
record_lines_next(struct record_lines *lines)
{
	enum record_line kind;

	lines->begin = lines->end;
	kind = cut_line(lines);
	lines->end = lines->read_at - frame_rest(&lines->frame).len;
	lines->number++;
	return kind;
}

uint64_t
record_key_id(struct span id)
{
	struct text quoted = TEXT_INIT, plain = TEXT_INIT;
	uint64_t h;

	if (memchr(id.at, '\\', id.len) == NULL) {
		return ids_hash(id.at, id.len);
	}
	text_char(&quoted, '"');
	text_span(&quoted, id);
	text_char(&quoted, '"');
	if (!json_value_append(&plain, (struct span){quoted.data, quoted.len})) {
		text_span(&plain, id);
	}
	h = ids_hash(plain.data, plain.len);
	text_free(&quoted);
	text_free(&plain);
	return h;
}

static bool
is_status(struct span value, bool *ok)
{
	if (value.len < 2 || value.at[0] != '"') {
		return false;
	}
	value = (struct span){value.at + 1, value.len - 2};
	*ok = span_is(value, task_status_name(STATUS_ok));
	for (int i = 0; i < STATUSES; i++) {
		if (span_is(value, task_status_name((enum task_status)i))) {
			return true;
		}
	}
	return false;
}

/* A hash in hexadecimal, quotes included; 0, which is nobody's, if it is none. */
static uint64_t
hash_of(struct span value)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t sum = 0;

	if (value.len != 18 || value.at[0] != '"') {
		return 0;
	}
	for (size_t i = 1; i < 17; i++) {
		const char *digit = value.at[i] == '\0' ? NULL : strchr(digits, value.at[i]);

		if (digit == NULL) {
			return 0;
		}
		sum = sum << 4 | (uint64_t)(digit - digits);
	}
	return sum;
}

bool
record_key_parse(struct span line, struct record_key *record)
{
	struct json_members members;
	struct span key, value;
	bool has_status = false, ok = false;

	*record = (struct record_key){.id = 0};
	json_members_begin(&members, line);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "id") && value.at[0] == '"') {
			record->id = record_key_id((struct span){value.at + 1, value.len - 2});
		} else if (span_is(key, "status")) {
			has_status = is_status(value, &ok);
		} else if (span_is(key, "hash")) {
			record->spec = hash_of(value);
		}
	}
	record->spec = ok ? record->spec : 0;
	return !members.failed && record->id != 0 && has_status;
}
