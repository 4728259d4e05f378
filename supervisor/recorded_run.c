/* SPDX-License-Identifier: ISC */
/* recorded_run: see recorded_run.h. In the supervisor. */
#include "supervisor/recorded_run.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/id_table.h"
#include "supervisor/ids.h"
#include "supervisor/record_lines.h"
#include "supervisor/recorded_parts.h"

#define FAILED_TIMES 4 /* as much output is kept of one that failed */
#define LANES_MOST   100000

/* Start and wall are of two clocks: each is rounded, and one of them may be slowed or hurried. */
#define ROUNDING_US 2
#define DRIFT       10000

#define CHUNK   ((size_t)256 << 10)
#define ALIGNED sizeof(max_align_t)

struct chunk {
	struct chunk *next;
	char *end;
	alignas(max_align_t) char bytes[];
};

static _Noreturn void
out_of_memory(void)
{
	err(3, "results");
}

struct recorded_run *
recorded_run_new(const struct recorded_limits *limits)
{
	struct recorded_run *run = calloc(1, sizeof(*run));
	struct recorded_parts *parts = run == NULL ? NULL : calloc(1, sizeof(*parts));

	if (parts == NULL) {
		out_of_memory();
	}
	run->parts = parts;
	parts->limits = limits == NULL ? (struct recorded_limits){0, 0} : *limits;
	parts->places.value_words = 1;
	summary_init(&run->summary, model_default(), 1, "");
	return run;
}

void
recorded_run_free(struct recorded_run *run)
{
	struct chunk *chunk;

	if (run == NULL) {
		return;
	}
	while ((chunk = run->parts->chunks) != NULL) {
		run->parts->chunks = chunk->next;
		free(chunk);
	}
	id_table_free(&run->parts->places);
	text_free(&run->parts->plain);
	text_free(&run->parts->list);
	text_free(&run->parts->job);
	text_free(&run->parts->path);
	free(run->parts);
	free(run->tasks);
	free(run->verdict);
	summary_free(&run->summary);
	free(run);
}

void *
recorded_keep(struct recorded_parts *parts, const void *bytes, size_t len)
{
	size_t size = (len + 1 + ALIGNED - 1) / ALIGNED * ALIGNED;
	char *at;

	if (parts->chunks == NULL || parts->chunk_left < size) {
		size_t room = size > CHUNK ? size : CHUNK;
		struct chunk *chunk = malloc(sizeof(*chunk) + room);

		if (chunk == NULL) {
			err(3, "results");
		}
		chunk->next = parts->chunks;
		chunk->end = chunk->bytes + room;
		parts->chunks = chunk;
		parts->chunk_left = room;
	}
	at = parts->chunks->end - parts->chunk_left;
	parts->chunk_left -= size;
	if (len > 0) {
		memcpy(at, bytes, len);
	}
	at[len] = '\0';
	return at;
}

static const char *
keep(struct recorded_run *run, const char *bytes, size_t len)
{
	return recorded_keep(run->parts, bytes, len);
}

/* What a JSON string says, its NULs aside; NULL if it is none. */
static const char *
keep_string(struct recorded_run *run, struct span string)
{
	struct text *plain = &run->parts->plain;

	text_clear(plain);
	if (string.len < 2 || string.at[0] != '"' || !json_value_append(plain, string)) {
		return NULL;
	}
	return keep(run, plain->len == 0 ? "" : plain->data, plain->len);
}

/* As UTF-8, every other byte a question mark. */
static void
make_utf8(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] >= 0x80) {
			bytes[i] = '?';
		}
	}
}

/* base64 of what was no UTF-8, as text; false if it is none. */
static bool
decode_base64(struct text *plain, struct span string)
{
	char *bytes;
	size_t len;

	if (!json_value_base64(string, &bytes, &len)) {
		return false;
	}
	make_utf8(bytes, len);
	text_bytes(plain, bytes, len);
	free(bytes);
	return true;
}

static void
keep_output(struct recorded_run *run, struct recorded_task *task,
	    const struct result_record *record, int stream)
{
	struct recorded_parts *parts = run->parts;
	bool failed = task->status != STATUS_ok;
	size_t each = parts->limits.each * (failed ? FAILED_TIMES : 1);
	size_t all = parts->limits.all * (failed ? FAILED_TIMES : 1), most;
	struct text *plain = &parts->plain;

	text_clear(plain);
	if (record->output_base64[stream].len > 0 &&
	    !decode_base64(plain, record->output_base64[stream])) {
		return;
	}
	if (record->output[stream].len > 2 && !json_value_append(plain, record->output[stream])) {
		return;
	}
	task->output_bytes[stream] = plain->len;
	most = text_cut((struct span){plain->data, plain->len}, each);
	if (most > 0 && parts->output + most <= all) {
		task->output[stream] = keep(run, plain->data, most);
		parts->output += most;
	}
}

/* One of `earlier`: {"status":"failed","worker":0,"start":1.5,"wall":0.5}. */
static bool
take_attempt(struct span object, struct recorded_attempt *attempt)
{
	struct json_members members;
	struct span key, value;
	uint64_t number;

	*attempt = (struct recorded_attempt){.status = STATUS_failed, .worker = -1};
	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "start")) {
			members.failed |= !json_value_us(value, &attempt->start_us);
		} else if (span_is(key, "wall")) {
			members.failed |= !json_value_us(value, &attempt->wall_us);
		} else if (span_is(key, "worker") && json_value_uint(value, &number) &&
			   number < LANES_MOST) {
			attempt->worker = (int)number;
		} else if (span_is(key, "status")) {
			recorded_status(value, &attempt->status);
		}
	}
	return !members.failed;
}

static void
take_earlier(struct recorded_run *run, struct span array, struct recorded_task *task)
{
	struct recorded_attempt attempt;
	struct json_members elements;
	struct span value;

	text_clear(&run->parts->list);
	json_elements_begin(&elements, array);
	while (!elements.failed && json_elements_next(&elements, &value)) {
		if (take_attempt(value, &attempt) && attempt.start_us > 0) {
			text_bytes(&run->parts->list, &attempt, sizeof(attempt));
			task->earlier_count++;
		}
	}
	task->earlier = recorded_keep(run->parts, run->parts->list.data, run->parts->list.len);
}

/* The members that the supervisor has put beside the worker's. */
static bool
take_own(struct recorded_run *run, struct span line, struct recorded_task *task)
{
	struct json_members members;
	struct span key, value;
	uint64_t number;

	json_members_begin(&members, line);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "id")) {
			task->id = keep_string(run, value);
		} else if (span_is(key, "name")) {
			task->name = keep_string(run, value);
		} else if (span_is(key, "tag")) {
			task->tag = keep_string(run, value);
		} else if (span_is(key, "tag_base64")) {
			text_clear(&run->parts->plain);
			if (decode_base64(&run->parts->plain, value)) {
				task->tag =
				    keep(run, run->parts->plain.data, run->parts->plain.len);
			}
		} else if (span_is(key, "worker") && json_value_uint(value, &number) &&
			   number < LANES_MOST) {
			task->worker = (int)number;
		} else if (span_is(key, "attempt") && json_value_uint(value, &number) &&
			   number <= UINT16_MAX) {
			task->attempt = (unsigned)number;
		} else if (span_is(key, "earlier")) {
			take_earlier(run, value, task);
		} else if (span_is(key, "needs")) {
			task->needs = recorded_keep_needs(run->parts, value);
		}
	}
	return !members.failed && task->id != NULL;
}

/* The place of a task: that of its former record, or a new one. */
static struct recorded_task *
place_of(struct recorded_run *run, const char *id)
{
	uint64_t hash = ids_hash(id, strlen(id));
	uint32_t place = id_table_get(&run->parts->places, hash);

	if (place != 0) {
		return &run->tasks[place - 1];
	}
	if (run->count == run->parts->room) {
		size_t room = run->parts->room < 64 ? 64 : run->parts->room * 2;

		run->tasks = reallocarray(run->tasks, room, sizeof(*run->tasks));
		if (run->tasks == NULL || run->count >= UINT32_MAX / 2) {
			out_of_memory();
		}
		run->parts->room = room;
	}
	id_table_set(&run->parts->places, hash, (uint32_t)++run->count);
	return &run->tasks[run->count - 1];
}

bool
recorded_run_add(struct recorded_run *run, struct span line)
{
	struct recorded_task task = {.worker = -1, .attempt = 0};
	struct result_record record;

	if (result_record_decode(line, &record) != NULL || !take_own(run, line, &task)) {
		return false;
	}
	task.status = record.status;
	task.has_exit = record.has_exit;
	task.exit = record.exit;
	task.signal = record.signal;
	task.start_us = record.start_us == 0 ? -1 : record.start_us;
	task.wall_us = record.wall_us;
	task.user_us = record.user_us;
	task.sys_us = record.sys_us;
	task.maxrss = record.maxrss;
	task.truncated = record.truncated;
	if (record.error.len > 0) {
		task.error = keep_string(run, record.error);
	}
	keep_output(run, &task, &record, 0);
	keep_output(run, &task, &record, 1);
	*place_of(run, task.id) = task;
	return true;
}

/* A line without its end may be half a record, or a whole one; anything else is in a wrong file. */
static bool
add_torn(struct recorded_run *run, struct span line)
{
	static const char begin[] = "{\"id\":";
	size_t len = line.len < sizeof(begin) - 1 ? line.len : sizeof(begin) - 1;

	return recorded_run_add(run, line) || (len > 0 && memcmp(line.at, begin, len) == 0);
}

bool
recorded_run_read_fd(struct recorded_run *run, int fd, const char *path, struct text *error)
{
	struct record_lines lines;
	enum record_line kind;
	bool good = true;

	record_lines_begin(&lines, fd);
	while (good && (kind = record_lines_next(&lines)) != RECORD_END) {
		if (kind == RECORD_FAIL) {
			text_printf(error, "%s: %s", path, strerror(errno));
			good = false;
		} else if (kind == RECORD_OVERLONG ||
			   (kind == RECORD_LINE && !recorded_run_add(run, lines.line)) ||
			   (kind == RECORD_TORN && !add_torn(run, lines.line))) {
			text_printf(error,
				    "%s:%ju: not a record of results, as `stint run -o FILE` "
				    "writes them",
				    path, (uintmax_t)lines.number);
			good = false;
		}
	}
	record_lines_end(&lines);
	return good;
}

bool
recorded_run_read(struct recorded_run *run, const char *path, struct text *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
		return false;
	}
	good = recorded_run_read_fd(run, fd, path, error);
	fds_close(&fd);
	return good;
}

int64_t
recorded_end_us(const struct recorded_task *task)
{
	return task->start_us < 0 ? -1 : task->start_us + task->wall_us;
}

int64_t
recorded_over_us(int64_t start_us, int64_t wall_us)
{
	return start_us + wall_us - ROUNDING_US - wall_us / DRIFT;
}
