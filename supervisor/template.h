/* SPDX-License-Identifier: ISC */
/*
 * template: a command with replacement strings, as `stint map` takes it, and the commands that
 * it makes of arguments. The replacement strings are those of GNU parallel:
 *	{}  {.}  {/}  {//}  {/.}    all arguments: as they are, without extension, base name,
 *	                            folder, base name without extension
 *	{2} {-1} {2.} {2/} …        one of them, counted from the front, from the back
 *	{#} {%}                     the command's number, its slot
 * In the supervisor; pure.
 */
#ifndef SUPERVISOR_TEMPLATE_H
#define SUPERVISOR_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/words.h"

#define TEMPLATE_SLOT "STINT_SLOT" /* the variable that {%} stands for */

struct template;

struct template_options {
	const char *braces; /* instead of {}; NULL: that */
	bool append;        /* arguments go to the end of a command without replacement strings */
	bool each;          /* a word with {} is there once for each argument, not once for all */
};

/*
 * A command as words, which run without a shell; as the text of a shell command, in which all that
 * is put in is quoted; or of no words at all: each argument is a shell command of its own.
 * NULL: `error` says what is wrong.
 */
struct template *template_of_words(char *const *words, size_t count,
				   const struct template_options *, struct text *error);
struct template *template_of_shell(const char *command, const struct template_options *,
				   struct text *error);
struct template *template_of_nothing(void);
void template_free(struct template *);

/* True: what it makes is one word, a command for /bin/sh. */
bool template_is_shell(const struct template *);

/* The largest n of its {n} and {-n}; 0: it has none. */
unsigned template_highest(const struct template *);

/* Appends the command that the first `count` arguments make, as number `sequence`. */
void template_fill(const struct template *, const struct words *arguments, size_t count,
		   uint64_t sequence, struct words *command);

/*
 * What a command takes of the room that the system has for one: without arguments, and how much
 * more with this one. At least what it takes, for {#} and {n} not exactly.
 */
size_t template_size(const struct template *);
size_t template_size_with(const struct template *, struct span argument);

#endif
