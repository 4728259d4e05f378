/* SPDX-License-Identifier: ISC */
/* map_source: see map_source.h. In the supervisor. */
#include "supervisor/map_source.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/message.h"
#include "ipc/task_spec.h"
#include "supervisor/shell_quote.h"

#define LINE_MOST     (MESSAGE_LINE_MAX - 4096) /* as of a job file */
#define ARGUMENT_ROOM ((size_t)128 << 10)       /* of one: MAX_ARG_STRLEN of execve(2) */
#define ROOM_MOST     ((size_t)2 << 20)
#define ROOM_OWN      ((size_t)8 << 10) /* for the variables that tasks get, and the file's name */

struct map_source {
	const struct template *template;
	struct arguments *arguments;
	struct map_batches batches;
	enum map_print print;
	bool ended;        /* no more rows will come */
	unsigned spread;   /* commands that the last rows are for, from now on */
	uint64_t sequence; /* of the last command */

	struct words pending; /* arguments that were read, */
	size_t *rows;         /* row by row: how many are behind each, and how */
	size_t *sizes;        /* large a command with all up to here would be */
	size_t row_count;
	size_t row_room;

	struct words command;
	struct text line;
};

struct map_source *
map_source_new(const struct template *template, struct arguments *arguments,
	       const struct map_batches *batches, enum map_print print)
{
	struct map_source *source = calloc(1, sizeof(*source));

	if (source == NULL) {
		err(3, "tasks");
	}
	source->template = template;
	source->arguments = arguments;
	source->batches = *batches;
	source->spread = batches->spread;
	source->print = print;
	return source;
}

void
map_source_free(struct map_source *source)
{
	if (source != NULL) {
		words_free(&source->pending);
		words_free(&source->command);
		text_free(&source->line);
		free(source->rows);
		free(source->sizes);
		free(source);
	}
}

size_t
map_source_room(bool shell)
{
	long most = sysconf(_SC_ARG_MAX);
	size_t room = most <= 0 || (size_t)most > ROOM_MOST ? ROOM_MOST : (size_t)most;
	size_t used = ROOM_OWN;

	if (shell) {
		return ARGUMENT_ROOM - ROOM_OWN; /* all of it is one argument of the shell */
	}
	for (char **variable = environ; *variable != NULL; variable++) {
		used += strlen(*variable) + 1 + sizeof(char *);
	}
	return used + ARGUMENT_ROOM > room ? ARGUMENT_ROOM : room - used;
}

/*
 * What the arguments from number `begin` of the pending ones add to a command. One that no command
 * can have gets all the room of one, so that no other argument fails with it.
 */
static size_t
size_from(const struct map_source *source, size_t begin)
{
	size_t size = 0;

	for (size_t i = begin; i < source->pending.count; i++) {
		size_t one = template_size_with(source->template, words_at(&source->pending, i));

		size += one < ARGUMENT_ROOM ? one : one + source->batches.room;
	}
	return size;
}

static void
note_row(struct map_source *source, size_t begin)
{
	size_t before = source->row_count == 0 ? 0 : source->sizes[source->row_count - 1];

	if (source->row_count == source->row_room) {
		source->row_room = source->row_room == 0 ? 16 : 2 * source->row_room;
		source->rows = reallocarray(source->rows, source->row_room, sizeof(*source->rows));
		source->sizes =
		    reallocarray(source->sizes, source->row_room, sizeof(*source->sizes));
		if (source->rows == NULL || source->sizes == NULL) {
			err(3, "arguments");
		}
	}
	source->rows[source->row_count] = source->pending.count;
	source->sizes[source->row_count] =
	    before + (source->batches.fill ? size_from(source, begin) : 0);
	source->row_count++;
}

/* There is as much as is looked at before the next command is made. */
static bool
has_enough(const struct map_source *source)
{
	size_t size = source->row_count == 0 ? 0 : source->sizes[source->row_count - 1];

	if (source->ended) {
		return true;
	}
	if (source->batches.fill) {
		return size > source->batches.room * source->batches.spread;
	}
	return source->row_count >= source->batches.most;
}

/* How many rows the next command takes: those that fit; of the last, its share. */
static size_t
next_rows(struct map_source *source)
{
	size_t used = template_size(source->template), fit = 1, share = source->row_count;

	if (source->batches.most > 0 && share > source->batches.most) {
		share = source->batches.most;
	}
	if (!source->batches.fill) {
		return share;
	}
	while (fit < source->row_count && used + source->sizes[fit] <= source->batches.room) {
		fit++;
	}
	if (source->ended) {
		size_t dealt = (source->row_count + source->spread - 1) / source->spread;

		share = dealt < share ? dealt : share;
		source->spread -= source->spread > 1;
	}
	return fit < share ? fit : share;
}

static void
drop_rows(struct map_source *source, size_t count)
{
	size_t words = source->rows[count - 1], size = source->sizes[count - 1];

	words_drop_front(&source->pending, words);
	source->row_count -= count;
	for (size_t i = 0; i < source->row_count; i++) {
		source->rows[i] = source->rows[i + count] - words;
		source->sizes[i] = source->sizes[i + count] - size;
	}
}

static void
put_string(struct text *out, struct span bytes)
{
	if (text_is_utf8(bytes.at, bytes.len)) {
		text_json_string(out, bytes.at, bytes.len);
	} else {
		text_string(out, "{\"base64\":");
		text_json_base64(out, bytes.at, bytes.len);
		text_char(out, '}');
	}
}

static void
put_shell(struct text *out, struct span script)
{
	if (text_is_utf8(script.at, script.len) && script.len > 0) {
		text_string(out, "\"shell\":");
		put_string(out, script);
	} else {
		text_string(out, "\"exec\":[\"/bin/sh\",\"-c\",");
		put_string(out, script);
		text_char(out, ']');
	}
}

/* What a task is called in output, results and messages: its arguments, as many as there is room for. */
static void
put_tag(struct text *out, const struct words *arguments, size_t count)
{
	struct text tag = TEXT_INIT;
	struct span shown;

	for (size_t i = 0; i < count && tag.len <= TASK_ID_MAX; i++) {
		struct span argument = words_at(arguments, i);

		if (i > 0) {
			text_char(&tag, ' ');
		}
		text_bytes(&tag, argument.at, strnlen(argument.at, argument.len));
	}
	shown = (struct span){tag.data, tag.len};
	shown.len = text_cut(shown, TASK_ID_MAX);
	if (shown.len > 0) {
		text_string(out, ",\"tag\":");
		put_string(out, shown);
	}
	text_free(&tag);
}

static void
print_task(struct map_source *source, size_t count)
{
	struct text *out = &source->line;

	text_char(out, '{');
	if (template_is_shell(source->template)) {
		put_shell(out, words_at(&source->command, 0));
	} else {
		text_string(out, "\"exec\":[");
		for (size_t i = 0; i < source->command.count; i++) {
			if (i > 0) {
				text_char(out, ',');
			}
			put_string(out, words_at(&source->command, i));
		}
		text_char(out, ']');
	}
	put_tag(out, &source->pending, count);
	text_char(out, '}');
}

static void
print_command(struct map_source *source)
{
	if (template_is_shell(source->template)) {
		text_span(&source->line, words_at(&source->command, 0));
		return;
	}
	for (size_t i = 0; i < source->command.count; i++) {
		if (i > 0) {
			text_char(&source->line, ' ');
		}
		shell_quote(&source->line, words_at(&source->command, i));
	}
}

/* NULL, or why the command that was made is none. */
static const char *
wrong_with(const struct map_source *source)
{
	if (source->command.count == 0 || words_at(&source->command, 0).len == 0) {
		return template_is_shell(source->template) ? NULL : "the command's name is empty";
	}
	if (memchr(source->command.bytes.data, '\0', source->command.bytes.len) != NULL) {
		return "an argument with a NUL byte in it; are they separated by NUL? Then -0";
	}
	if (source->line.len > LINE_MOST) {
		return "the command is longer than 16 MiB";
	}
	return NULL;
}

/* Makes the next command, of the first rows. */
static enum line_state
make(struct map_source *source, struct span *line)
{
	size_t rows = next_rows(source), count = source->rows[rows - 1];
	const char *wrong;

	words_clear(&source->command);
	text_clear(&source->line);
	source->sequence++;
	template_fill(source->template, &source->pending, source->batches.none ? 0 : count,
		      source->sequence, &source->command);
	if (source->print == MAP_COMMANDS) {
		print_command(source);
	} else {
		print_task(source, count);
	}
	wrong = wrong_with(source);
	drop_rows(source, rows);
	if (wrong != NULL) {
		text_clear(&source->line);
		text_printf(&source->line, "task %" PRIu64 ": %s", source->sequence, wrong);
	}
	*line = (struct span){source->line.data, source->line.len};
	return wrong == NULL ? LINE_TAKEN : LINE_REFUSED;
}

enum line_state
map_source_next(void *context, struct line_source *progress, struct span *line)
{
	struct map_source *source = context;

	*line = SPAN_EMPTY;
	while (!has_enough(source)) {
		size_t begin = source->pending.count;
		enum line_state state =
		    arguments_next(source->arguments, &source->pending, progress, line);

		if (state == LINE_END) {
			source->ended = true;
		} else if (state == LINE_TAKEN) {
			note_row(source, begin);
		} else {
			return state;
		}
	}
	return source->row_count == 0 ? LINE_END : make(source, line);
}
