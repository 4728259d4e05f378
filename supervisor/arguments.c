/* SPDX-License-Identifier: ISC */
/* arguments: see arguments.h. In the supervisor. */
#include "supervisor/arguments.h"

#include <err.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/argument_reader.h"

/* One place that values come from, which are asked for by their number. */
struct source {
	char *const *values; /* of a list */
	struct argument_reader reader;
	struct words read; /* of a file: values from number `first` on */
	size_t first;
	size_t count; /* of a list; of a file: those read so far */
	bool keeps;   /* earlier values are asked for again */
	bool ended;   /* `count` is that of all */
};

/* Sources whose values go together; the groups are multiplied. */
struct group {
	size_t from, to; /* its sources */
	size_t place;    /* in all of them */
};

struct arguments {
	struct source *sources;
	size_t source_count;
	struct group *groups;
	size_t group_count;
	bool link;
	bool split;
	regex_t separator;
	struct text error;
};

static bool
fail(struct text *error, const char *file, const char *why)
{
	text_printf(error, "%s: %s", file, why);
	return false;
}

static bool
compile(struct arguments *arguments, const char *columns, struct text *error)
{
	char why[128];
	int failed;

	if (columns == NULL) {
		return true;
	}
	failed = regcomp(&arguments->separator, columns, REG_EXTENDED);
	if (failed != 0) {
		regerror(failed, &arguments->separator, why, sizeof(why));
		text_printf(error, "-C: \"%s\": %s; a regular expression, as of grep -E", columns,
			    why);
		return false;
	}
	arguments->split = true;
	return true;
}

static bool
open_source(struct source *source, const struct arguments_source *from,
	    const struct arguments_options *options, struct text *error)
{
	const char *why;

	source->values = from->values;
	if (from->values != NULL) {
		source->count = from->count;
		source->ended = true;
		return true;
	}
	why = argument_reader_open(&source->reader, from->path, options->delimiter,
				   options->skip_blank);
	return why == NULL || fail(error, from->path, why);
}

/* What is linked to the source before it is in its group. */
static void
make_groups(struct arguments *arguments, const struct arguments_source *from)
{
	for (size_t i = 0; i < arguments->source_count; i++) {
		if (i == 0 || (!from[i].linked && !arguments->link)) {
			arguments->groups[arguments->group_count++] = (struct group){.from = i};
		}
		arguments->groups[arguments->group_count - 1].to = i + 1;
		arguments->sources[i].keeps =
		    arguments->group_count > 1 || (arguments->link && arguments->source_count > 1);
	}
}

static bool
stdin_twice(const struct arguments_source *from, size_t count, struct text *error)
{
	size_t times = 0;

	for (size_t i = 0; i < count; i++) {
		times += from[i].values == NULL && strcmp(from[i].path, "-") == 0;
	}
	return times > 1 && !fail(error, "-", "stdin can be only one of the sources");
}

struct arguments *
arguments_new(const struct arguments_source *from, size_t count,
	      const struct arguments_options *options, struct text *error)
{
	struct arguments *arguments = calloc(1, sizeof(*arguments));
	bool good = !stdin_twice(from, count, error);

	if (arguments == NULL ||
	    (arguments->sources = calloc(count, sizeof(*arguments->sources))) == NULL ||
	    (arguments->groups = calloc(count, sizeof(*arguments->groups))) == NULL) {
		err(3, "arguments");
	}
	arguments->link = options->link;
	good = good && compile(arguments, options->columns, error);
	while (good && arguments->source_count < count) {
		size_t i = arguments->source_count++;

		good = open_source(&arguments->sources[i], &from[i], options, error);
	}
	if (!good) {
		arguments_free(arguments);
		return NULL;
	}
	make_groups(arguments, from);
	return arguments;
}

void
arguments_free(struct arguments *arguments)
{
	if (arguments == NULL) {
		return;
	}
	for (size_t i = 0; i < arguments->source_count; i++) {
		if (arguments->sources[i].values == NULL) {
			argument_reader_close(&arguments->sources[i].reader);
		}
		words_free(&arguments->sources[i].read);
	}
	if (arguments->split) {
		regfree(&arguments->separator);
	}
	free(arguments->sources);
	free(arguments->groups);
	text_free(&arguments->error);
	free(arguments);
}

/* Reads on in a file. */
static enum line_state
read_value(struct source *source)
{
	struct span value;
	enum line_state state = argument_reader_next(&source->reader, &value);

	if (state == LINE_END) {
		source->ended = true;
	}
	if (state != LINE_TAKEN) {
		return state;
	}
	if (!source->keeps) {
		words_clear(&source->read);
		source->first = source->count;
	}
	words_add(&source->read, value);
	source->count++;
	return LINE_TAKEN;
}

/* The value of that number; LINE_END: there are not so many. */
static enum line_state
find_value(struct source *source, size_t number, struct span *value)
{
	enum line_state state = LINE_TAKEN;

	while (number >= source->count && !source->ended && state == LINE_TAKEN) {
		state = read_value(source);
	}
	if (state != LINE_TAKEN) {
		return state;
	}
	if (number >= source->count) {
		return LINE_END;
	}
	*value = source->values != NULL ? span_of(source->values[number])
					: words_at(&source->read, number - source->first);
	return LINE_TAKEN;
}

/* Whether there is a row at the group's place. */
static enum line_state
look(struct arguments *arguments, const struct group *group, struct source **waiting)
{
	size_t ended = 0;

	for (size_t i = group->from; i < group->to; i++) {
		struct source *source = &arguments->sources[i];
		struct span value;
		enum line_state state = find_value(source, group->place, &value);

		*waiting = source;
		if (state == LINE_WAIT || state == LINE_FAIL) {
			return state;
		}
		ended += state == LINE_END;
	}
	if (ended == 0 || (arguments->link && ended < group->to - group->from)) {
		return LINE_TAKEN;
	}
	return LINE_END;
}

/*
 * Goes on to the next row that is there, like an odometer: where a group has ended, it begins anew
 * and the one before it goes on.
 */
static enum line_state
advance(struct arguments *arguments, struct source **waiting)
{
	struct group *groups = arguments->groups;

	for (size_t i = 0; i < arguments->group_count;) {
		enum line_state state = look(arguments, &groups[i], waiting);

		if (state == LINE_WAIT || state == LINE_FAIL ||
		    (state == LINE_END && (i == 0 || groups[i].place == 0))) {
			return state;
		}
		if (state == LINE_END) {
			groups[i].place = 0;
			groups[i - 1].place++;
			i = 0;
		} else {
			i++;
		}
	}
	return LINE_TAKEN;
}

/* A value by its columns. What separates nothing is passed over. */
static void
append_columns(const regex_t *separator, struct span value, struct words *row)
{
	struct text copy = TEXT_INIT;
	regmatch_t match;
	char *at;

	text_span(&copy, value);
	text_terminate(&copy);
	at = copy.data;
	while (regexec(separator, at, 1, &match, at == copy.data ? 0 : REG_NOTBOL) == 0 &&
	       match.rm_eo > 0) {
		words_add(row, (struct span){at, (size_t)match.rm_so});
		at += match.rm_eo;
	}
	words_add(row, (struct span){at, (size_t)(copy.data + copy.len - at)});
	text_free(&copy);
}

static void
append_row(struct arguments *arguments, struct words *row)
{
	for (size_t i = 0; i < arguments->group_count; i++) {
		const struct group *group = &arguments->groups[i];

		for (size_t j = group->from; j < group->to; j++) {
			struct source *source = &arguments->sources[j];
			size_t place = group->place;
			struct span value = SPAN_EMPTY;

			if (arguments->link && source->ended && source->count > 0) {
				place %= source->count;
			}
			find_value(source, place, &value);
			if (arguments->split) {
				append_columns(&arguments->separator, value, row);
			} else {
				words_add(row, value);
			}
		}
	}
}

/* How much of the first source was taken is how much of all was. */
static void
note_progress(const struct arguments *arguments, struct line_source *progress)
{
	const struct source *first = &arguments->sources[0];

	progress->taken = first->values == NULL ? first->reader.taken : arguments->groups[0].place;
	progress->size = first->values == NULL ? first->reader.size : first->count;
}

enum line_state
arguments_next(struct arguments *arguments, struct words *row, struct line_source *progress,
	       struct span *why)
{
	struct source *waiting = NULL;
	enum line_state state = advance(arguments, &waiting);

	if (state == LINE_TAKEN) {
		append_row(arguments, row);
		arguments->groups[arguments->group_count - 1].place++;
		note_progress(arguments, progress);
	} else if (state == LINE_WAIT) {
		progress->fd = waiting->reader.fd;
	} else if (state == LINE_FAIL) {
		text_clear(&arguments->error);
		fail(&arguments->error, waiting->reader.shown,
		     errno == EFBIG ? "an argument of more than 256 MiB; is it a list of them?"
				    : strerror(errno));
		*why = (struct span){arguments->error.data, arguments->error.len};
	}
	progress->ended = state == LINE_END;
	return state;
}

size_t
arguments_columns(const struct arguments *arguments)
{
	return arguments->split ? 0 : arguments->source_count;
}

bool
arguments_is(const struct arguments *arguments, const char *path)
{
	struct stat ours, other;

	for (size_t i = 0; i < arguments->source_count; i++) {
		const struct source *source = &arguments->sources[i];

		if (source->values == NULL && source->reader.regular && stat(path, &other) == 0 &&
		    fstat(source->reader.fd, &ours) == 0 && ours.st_dev == other.st_dev &&
		    ours.st_ino == other.st_ino) {
			return true;
		}
	}
	return false;
}

bool
arguments_on_terminal(const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->source_count; i++) {
		if (arguments->sources[i].values == NULL &&
		    isatty(arguments->sources[i].reader.fd) == 1) {
			return true;
		}
	}
	return false;
}
