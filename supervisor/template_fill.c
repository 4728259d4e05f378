/* SPDX-License-Identifier: ISC */
/* template_fill: from a template and arguments to a command; see template.h. In the supervisor; pure. */
#include <stdlib.h>

#include "supervisor/shell_quote.h"
#include "supervisor/template_parts.h"

#define WORD_SIZE (sizeof(char *) + 1) /* beside its bytes: its place in argv, its terminator */

/* A command that is being made. */
struct filling {
	const struct template *template;
	const struct words *arguments;
	size_t count; /* of those that it takes */
	uint64_t sequence;
	struct words *command;
};

static bool
is_all(const struct part *part)
{
	return part->type == PART_ARGUMENT && part->position == 0;
}

/* The one argument that a part with a position stands for. False: there is none. */
static bool
find_argument(const struct filling *filling, const struct part *part, struct span *argument)
{
	size_t place = (size_t)abs(part->position);

	if (place > filling->count) {
		return false;
	}
	place = part->position > 0 ? place - 1 : filling->count - place;
	*argument = path_part(words_at(filling->arguments, place), part->path);
	return true;
}

static struct span
argument_for(const struct filling *filling, const struct part *part, size_t place)
{
	return path_part(words_at(filling->arguments, place), part->path);
}

/* Of a command of words: all but {}. */
static void
put_part(const struct filling *filling, const struct part *part)
{
	struct text *out = &filling->command->bytes;
	struct span argument;

	if (part->type == PART_LITERAL && part->len > 0) {
		text_span(out, part_literal(filling->template, part));
	} else if (part->type == PART_SEQUENCE) {
		text_uint(out, filling->sequence);
	} else if (part->type == PART_ARGUMENT && find_argument(filling, part, &argument)) {
		text_span(out, argument);
	}
}

/* The word of these parts, with the arguments from `first` to before `last`, each a word, for {}. */
static void
put_word(const struct filling *filling, const struct part *from, const struct part *to,
	 size_t first, size_t last)
{
	for (const struct part *part = from; part < to; part++) {
		if (!is_all(part)) {
			put_part(filling, part);
			continue;
		}
		for (size_t i = first; i < last; i++) {
			if (i > first) {
				words_close(filling->command);
			}
			text_span(&filling->command->bytes, argument_for(filling, part, i));
		}
	}
	words_close(filling->command);
}

/* What stands for an argument that is not there, and nothing else, is no word. */
static void
fill_word(const struct filling *filling, const struct part *from, const struct part *to)
{
	bool all = false;
	struct span argument;

	for (const struct part *part = from; part < to; part++) {
		all |= is_all(part);
	}
	if (to - from == 1 && from->type == PART_ARGUMENT &&
	    (all ? filling->count == 0 : !find_argument(filling, from, &argument))) {
		return;
	}
	if (!all || !filling->template->each || filling->count == 0) {
		put_word(filling, from, to, 0, filling->count);
		return;
	}
	for (size_t i = 0; i < filling->count; i++) {
		put_word(filling, from, to, i, i + 1);
	}
}

/* Between quotes, arguments are one word together. */
static void
put_quoted(const struct filling *filling, const struct part *part)
{
	struct text *out = &filling->command->bytes, joined = TEXT_INIT;
	bool apart = part->quote == '\0' && !filling->template->raw;
	struct span argument;

	if (!is_all(part)) {
		if (find_argument(filling, part, &argument)) {
			shell_quote(out, argument);
		}
		return;
	}
	for (size_t i = 0; i < filling->count; i++) {
		struct text *to = apart ? out : &joined;

		if (i > 0) {
			text_char(to, ' ');
		}
		if (apart) {
			shell_quote(out, argument_for(filling, part, i));
		} else {
			text_span(&joined, argument_for(filling, part, i));
		}
	}
	if (filling->template->raw) {
		text_bytes(out, joined.data, joined.len);
	} else if (!apart) {
		shell_quote(out, (struct span){joined.data, joined.len});
	}
	text_free(&joined);
}

static void
fill_shell(const struct filling *filling)
{
	struct text *out = &filling->command->bytes;

	for (size_t i = 0; i < filling->template->count; i++) {
		const struct part *part = &filling->template->parts[i];

		if (part->quote != '\0') {
			text_char(out, part->quote);
		}
		switch (part->type) {
		case PART_SLOT:
			text_string(out, "\"$" TEMPLATE_SLOT "\"");
			break;
		case PART_ARGUMENT:
			put_quoted(filling, part);
			break;
		case PART_LITERAL:
		case PART_SEQUENCE:
			put_part(filling, part);
		}
		if (part->quote != '\0') {
			text_char(out, part->quote);
		}
	}
	words_close(filling->command);
}

void
template_fill(const struct template *template, const struct words *arguments, size_t count,
	      uint64_t sequence, struct words *command)
{
	struct filling filling = {template, arguments, count, sequence, command};
	const struct part *end = template->parts + template->count, *to;

	if (template->shell) {
		fill_shell(&filling);
		return;
	}
	for (const struct part *from = template->parts; from < end; from = to) {
		to = from + 1;
		while (to < end && !to->new_word) {
			to++;
		}
		fill_word(&filling, from, to);
	}
}

size_t
template_size(const struct template *template)
{
	size_t size = WORD_SIZE;

	for (size_t i = 0; i < template->count; i++) {
		size += template->parts[i].len + (template->parts[i].new_word ? WORD_SIZE : 0);
	}
	return size;
}

size_t
template_size_with(const struct template *template, struct span argument)
{
	struct text quoted = TEXT_INIT;
	size_t size = 0, literals = 0;

	if (template->shell) {
		shell_quote(&quoted, argument);
		argument.len = quoted.len;
		text_free(&quoted);
	}
	for (size_t i = 0; i < template->count; i++) {
		literals += template->each ? template->parts[i].len : 0;
		if (template->parts[i].type == PART_ARGUMENT) {
			size += argument.len + 1 + WORD_SIZE;
		}
	}
	return size + literals;
}
