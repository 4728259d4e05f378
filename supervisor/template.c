/* SPDX-License-Identifier: ISC */
/* template: see template.h. In the supervisor; pure. */
#include "supervisor/template.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/shell_quote.h"
#include "supervisor/template_parts.h"

#define POSITION_MOST 9999

static struct template *
template_new(void)
{
	struct template *template = calloc(1, sizeof(*template));

	if (template == NULL) {
		err(3, "template");
	}
	return template;
}

void
template_free(struct template *template)
{
	if (template != NULL) {
		text_free(&template->bytes);
		free(template->parts);
		free(template);
	}
}

static struct part *
add_part(struct template *template, struct part part)
{
	if ((template->count & (template->count + 1)) == 0) { /* 0, 1, 3, 7 …: it is full */
		template->parts = reallocarray(template->parts, 2 * template->count + 1,
					       sizeof(*template->parts));
		if (template->parts == NULL) {
			err(3, "template");
		}
	}
	template->parts[template->count] = part;
	return &template->parts[template->count++];
}

static void
add_literal(struct template *template, const char *at, size_t len, bool new_word)
{
	if (len > 0 || new_word) {
		add_part(template, (struct part){.type = PART_LITERAL,
						 .begin = template->bytes.len,
						 .len = len,
						 .new_word = new_word});
		text_bytes(&template->bytes, at, len);
	}
}

/* The digits of {12}, {-1}, {3/.}; `at` is moved behind them. False: no such number. */
static bool
take_position(const char **at, int *position)
{
	const char *digit = *at + (**at == '-');
	int value = 0;

	while (*digit >= '0' && *digit <= '9' && value <= POSITION_MOST) {
		value = 10 * value + (*digit++ - '0');
	}
	if (value == 0 || value > POSITION_MOST) {
		return false;
	}
	*position = **at == '-' ? -value : value;
	*at = digit;
	return true;
}

/* The replacement string that begins here; its length, 0 if there is none. */
static size_t
read_part(const char *text, const char *braces, struct part *part)
{
	static const char *const ends[] = {"}", ".}", "/}", "//}", "/.}"};
	const char *at = text + 1;

	*part = (struct part){.type = PART_ARGUMENT};
	if (strncmp(text, braces, strlen(braces)) == 0) {
		return strlen(braces);
	}
	if (text[0] != '{') {
		return 0;
	}
	if (strncmp(at, "#}", 2) == 0 || strncmp(at, "%}", 2) == 0) {
		part->type = *at == '#' ? PART_SEQUENCE : PART_SLOT;
		return 3;
	}
	if ((*at == '-' || (*at >= '0' && *at <= '9')) && !take_position(&at, &part->position)) {
		return 0;
	}
	for (size_t i = part->position == 0 ? 1 : 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strncmp(at, ends[i], strlen(ends[i])) == 0) {
			part->path = (enum path_part)i;
			return (size_t)(at - text) + strlen(ends[i]);
		}
	}
	return 0;
}

static void
note_part(struct template *template, const struct part *part)
{
	unsigned position = (unsigned)abs(part->position);

	if (position > template->highest) {
		template->highest = position;
	}
	template->has_slot |= part->type == PART_SLOT;
}

/* Whether a replacement string was there. */
static bool
parse_word(struct template *template, const char *word, const char *braces)
{
	const char *begin = word;
	bool new_word = true, found = false;
	struct part part;

	for (const char *at = word; *at != '\0';) {
		size_t len = read_part(at, braces, &part);

		if (len == 0) {
			at++;
			continue;
		}
		if (at > begin) {
			add_literal(template, begin, (size_t)(at - begin), new_word);
			new_word = false;
		}
		part.new_word = new_word;
		note_part(template, add_part(template, part));
		new_word = false;
		found = true;
		at += len;
		begin = at;
	}
	add_literal(template, begin, strlen(begin), new_word);
	return found;
}

static const char *
braces_of(const struct template_options *options)
{
	return options->braces == NULL ? "{}" : options->braces;
}

/*
 * {%} is known only where the command runs, as a variable: a shell puts it in, and is then
 * replaced by the command.
 */
static struct template *
turn_into_shell(struct template *words)
{
	struct template *shell = template_new();
	struct text quoted = TEXT_INIT;

	shell->shell = true;
	shell->highest = words->highest;
	add_literal(shell, "exec", 4, false);
	for (size_t i = 0; i < words->count; i++) {
		struct part part = words->parts[i];

		if (part.new_word) {
			add_literal(shell, " ", 1, false);
		}
		part.new_word = false;
		if (part.type == PART_LITERAL) {
			text_clear(&quoted);
			shell_quote(&quoted, part_literal(words, &part));
			add_literal(shell, quoted.data, quoted.len, false);
		} else {
			add_part(shell, part);
		}
	}
	text_free(&quoted);
	template_free(words);
	return shell;
}

struct template *
template_of_words(char *const *words, size_t count, const struct template_options *options,
		  struct text *error)
{
	struct template *template = template_new();
	bool found = false;

	if (words[0][0] == '\0') {
		text_string(error, "the command's name is empty");
		template_free(template);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		found |= parse_word(template, words[i], braces_of(options));
	}
	if (!found && options->append) {
		add_part(template, (struct part){.type = PART_ARGUMENT, .new_word = true});
	}
	template->each = options->each;
	return template->has_slot ? turn_into_shell(template) : template;
}

static void
fail_place(struct text *error, const char *at, size_t len)
{
	text_printf(error,
		    "%.*s: cannot be quoted at this place of the shell command; put it into a "
		    "variable first, as in  x={}; … \"$x\"",
		    (int)len, at);
}

/* The parts of a shell command, each with the quotes that it stands between. */
static bool
parse_shell(struct template *template, const char *command, const char *braces, bool *found,
	    struct text *error)
{
	struct shell_place place = {.depth = 0};
	const char *begin = command;
	struct part part;

	for (const char *at = command; *at != '\0';) {
		size_t len = read_part(at, braces, &part);

		if (len == 0) {
			shell_place_feed(&place, *at++);
			continue;
		}
		if (!shell_place_takes(&place, &part.quote)) {
			fail_place(error, at, len);
			return false;
		}
		add_literal(template, begin, (size_t)(at - begin), false);
		note_part(template, add_part(template, part));
		shell_place_feed(&place, 'x');
		*found = true;
		at += len;
		begin = at;
	}
	add_literal(template, begin, strlen(begin), false);
	return true;
}

struct template *
template_of_shell(const char *command, const struct template_options *options, struct text *error)
{
	struct template *template = template_new();
	bool found = false;

	template->shell = true;
	if (!parse_shell(template, command, braces_of(options), &found, error)) {
		template_free(template);
		return NULL;
	}
	if (!found && options->append) {
		add_literal(template, " ", 1, false);
		add_part(template, (struct part){.type = PART_ARGUMENT});
	}
	return template;
}

struct template *
template_of_nothing(void)
{
	struct template *template = template_new();

	template->shell = template->raw = true;
	add_part(template, (struct part){.type = PART_ARGUMENT});
	return template;
}

bool
template_is_shell(const struct template *template)
{
	return template->shell;
}

unsigned
template_highest(const struct template *template)
{
	return template->highest;
}
