/* SPDX-License-Identifier: ISC */
/* shell_words: see shell_words.h. Pure; any process. */
#include "ipc/shell_words.h"

#include <string.h>

void
shell_words_begin(struct shell_words *shell, const char *script)
{
	shell->rest = (struct span){script, strnlen(script, SHELL_BYTES_MOST)};
	shell->used = 0;
	shell->words[0] = NULL;
}

static char
peek(const struct shell_words *shell, size_t ahead)
{
	return shell->rest.len > ahead ? shell->rest.at[ahead] : '\0';
}

static void
advance(struct shell_words *shell, size_t bytes)
{
	bytes = bytes < shell->rest.len ? bytes : shell->rest.len;
	shell->rest.at += bytes;
	shell->rest.len -= bytes;
}

/* Takes a byte of the script into the word. */
static void
keep(struct shell_words *shell)
{
	if (shell->used < sizeof(shell->bytes) - 1) {
		shell->bytes[shell->used++] = shell->rest.at[0];
	}
	advance(shell, 1);
}

/* To the quote that ends it, which goes, as a backslash before a byte does in double quotes. */
static void
keep_quoted(struct shell_words *shell, char quote)
{
	advance(shell, 1);
	while (shell->rest.len > 0 && peek(shell, 0) != quote) {
		if (quote == '"' && peek(shell, 0) == '\\') {
			advance(shell, 1);
		}
		if (shell->rest.len > 0) {
			keep(shell);
		}
	}
	advance(shell, 1);
}

/* "$(…)", "${…}" or "`…`", as it stands. */
static void
keep_expansion(struct shell_words *shell)
{
	char open = peek(shell, 0), close = '`';
	int depth = 1;

	if (open == '$') {
		keep(shell);
		open = peek(shell, 0);
		close = open == '(' ? ')' : '}';
	}
	keep(shell);
	while (shell->rest.len > 0 && depth > 0) {
		char c = peek(shell, 0);

		if (c == close) {
			depth--;
		} else if (c == open) {
			depth++;
		} else if (c == '\\') {
			keep(shell);
		} else if (c == '\'' && open == '(') {
			keep_quoted(shell, c);
			continue;
		}
		if (shell->rest.len > 0) {
			keep(shell);
		}
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
ends_word(char c)
{
	return c != '\0' && strchr(" \t\r\n;&|<>()", c) != NULL;
}

/* The word that begins here; NULL: there is none. */
static const char *
take_word(struct shell_words *shell)
{
	const char *word = shell->bytes + shell->used, *from = shell->rest.at;

	while (shell->rest.len > 0 && !ends_word(peek(shell, 0))) {
		char c = peek(shell, 0), next = peek(shell, 1);

		if (c == '\'' || c == '"') {
			keep_quoted(shell, c);
		} else if (c == '`' || (c == '$' && (next == '(' || next == '{'))) {
			keep_expansion(shell);
		} else if (c == '\\' && next == '\n') {
			advance(shell, 2);
		} else if (c == '\\' && shell->rest.len > 1) {
			advance(shell, 1);
			keep(shell);
		} else {
			keep(shell);
		}
	}
	if (shell->rest.at == from || shell->used >= sizeof(shell->bytes) - 1) {
		return NULL;
	}
	shell->bytes[shell->used++] = '\0';
	return word;
}

static void
skip_blanks(struct shell_words *shell)
{
	while (is_blank(peek(shell, 0)) || (peek(shell, 0) == '\\' && peek(shell, 1) == '\n')) {
		advance(shell, peek(shell, 0) == '\\' ? 2 : 1);
	}
}

/* ">>file", "2>&1", "<<<word": operator and word. False: no redirection begins here. */
static bool
skip_redirection(struct shell_words *shell)
{
	size_t digits = 0, used = shell->used;

	while (peek(shell, digits) >= '0' && peek(shell, digits) <= '9') {
		digits++;
	}
	if (peek(shell, digits) == '&' && peek(shell, digits + 1) == '>') {
		digits++; /* "&>file" */
	}
	if (peek(shell, digits) != '<' && peek(shell, digits) != '>') {
		return false;
	}
	advance(shell, digits);
	while (peek(shell, 0) != '\0' && strchr("<>&|", peek(shell, 0)) != NULL) {
		advance(shell, 1);
	}
	skip_blanks(shell);
	take_word(shell);
	shell->used = used;
	return true;
}

static void
skip_comment(struct shell_words *shell)
{
	const char *newline = memchr(shell->rest.at, '\n', shell->rest.len);

	advance(shell, newline == NULL ? shell->rest.len : (size_t)(newline - shell->rest.at));
}

int
shell_words_next(struct shell_words *shell)
{
	int count = 0;

	shell->used = 0;
	while (shell->rest.len > 0) {
		const char *word;

		skip_blanks(shell);
		if (peek(shell, 0) == '#') {
			skip_comment(shell);
		}
		if (shell->rest.len == 0 || skip_redirection(shell)) {
			continue;
		}
		if (ends_word(peek(shell, 0))) {
			advance(shell, 1);
			if (count > 0) {
				break;
			}
			continue;
		}
		word = take_word(shell);
		if (word != NULL && count < SHELL_WORDS_MOST) {
			shell->words[count++] = word;
		}
	}
	shell->words[count] = NULL;
	return count;
}
