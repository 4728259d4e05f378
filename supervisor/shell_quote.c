/* SPDX-License-Identifier: ISC */
/* shell_quote: see shell_quote.h. In the supervisor; pure. */
#include "supervisor/shell_quote.h"

#include <string.h>

#define SEPARATORS " \t\n;(&|" /* of words; with its terminator, for the beginning */

static bool
is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_@%+=:,./-", c) != NULL);
}

void
shell_quote(struct text *out, struct span word)
{
	size_t safe = 0;

	while (safe < word.len && is_safe(word.at[safe])) {
		safe++;
	}
	if (safe == word.len && word.len > 0) {
		text_span(out, word);
		return;
	}
	text_char(out, '\'');
	while (word.len > 0) {
		const char *quote = memchr(word.at, '\'', word.len);
		size_t len = quote == NULL ? word.len : (size_t)(quote - word.at);

		text_bytes(out, word.at, len);
		if (quote != NULL) {
			text_string(out, "'\\''");
			len++;
		}
		word.at += len;
		word.len -= len;
	}
	text_char(out, '\'');
}

static char
innermost(const struct shell_place *place)
{
	return place->depth == 0 ? '\0' : place->inside[place->depth - 1];
}

static void
enter(struct shell_place *place, char what)
{
	if (place->depth == SHELL_DEPTH) {
		place->lost = true;
		return;
	}
	place->inside[place->depth++] = what;
}

static bool
is_within(const struct shell_place *place, char what)
{
	return place->depth > 0 && memchr(place->inside, what, (size_t)place->depth) != NULL;
}

/* `$(`, `$((`, `${` and backquotes, which count between double quotes too. */
static bool
enter_expansion(struct shell_place *place, char c)
{
	if (c == '(' && place->last[0] == '$') {
		enter(place, '(');
	} else if (c == '(' && place->last[0] == '(' && place->last[1] == '$') {
		enter(place, '+');
	} else if (c == '{' && place->last[0] == '$') {
		enter(place, '{');
	} else if (c == '`') {
		enter(place, '`');
	} else {
		return false;
	}
	return true;
}

/* Whether this byte ends the word `case`. */
static bool
ends_case(const struct shell_place *place, char c)
{
	const char *last = place->last;

	return c == 'e' && last[0] == 's' && last[1] == 'a' && last[2] == 'c' &&
	       strchr(SEPARATORS, last[3]) != NULL;
}

/* Outside quotes: in the command itself, or one in parentheses. */
static void
feed_command(struct shell_place *place, char c)
{
	char last = place->last[0];

	if (enter_expansion(place, c)) {
		return;
	}
	if (c == '"' || c == '\'') {
		place->lost |= last == '$'; /* $'…' is not the same in every shell */
		enter(place, c);
	} else if (c == '#' && strchr(SEPARATORS, last) != NULL) {
		enter(place, '#');
	} else if (c == '(') {
		enter(place, '(');
	} else if (c == ')' && innermost(place) == '(') {
		place->depth--;
	}
	place->lost |= c == '<' && last == '<'; /* a here-document: its quoting is another */
	/* A `case` has parentheses that only close; within quotes that would matter. */
	place->lost |= ends_case(place, c) && is_within(place, '"');
}

/* In ${…} and $((…)), where quotes are no two shells' same. */
static void
feed_expression(struct shell_place *place, char c)
{
	char inside = innermost(place);

	if (c == '"' || c == '\'' || c == '`') {
		place->lost = true;
	} else if (inside == '{' && c == '{') {
		enter(place, '{');
	} else if (inside == '+' && c == '(') {
		enter(place, '+');
	} else if (c == (inside == '{' ? '}' : ')')) {
		place->depth--;
	}
}

static void
feed_inside(struct shell_place *place, char c)
{
	char inside = innermost(place);

	switch (inside) {
	case '\'':
		place->depth -= c == '\'';
		break;
	case '#':
		place->depth -= c == '\n';
		break;
	case '`':
		place->depth -= c == '`';
		break;
	case '"':
		if (c == '"') {
			place->depth--;
		} else {
			enter_expansion(place, c);
		}
		break;
	case '{':
	case '+':
		feed_expression(place, c);
		break;
	default:
		feed_command(place, c);
	}
}

void
shell_place_feed(struct shell_place *place, char c)
{
	char inside = innermost(place);

	if (place->escaped) {
		place->escaped = false;
		c = 'x';
	} else if (c == '\\' && inside != '\'' && inside != '#') {
		place->escaped = true;
	} else {
		feed_inside(place, c);
	}
	memmove(place->last + 1, place->last, sizeof(place->last) - 1);
	place->last[0] = c;
}

bool
shell_place_takes(const struct shell_place *place, char *quote)
{
	char inside = innermost(place);

	*quote = inside == '"' || inside == '\'' ? inside : '\0';
	if (place->lost || place->escaped || (place->last[0] == '$' && *quote != '\'') ||
	    is_within(place, '`') || is_within(place, '+') || is_within(place, '{')) {
		return false;
	}
	return inside != '#';
}
