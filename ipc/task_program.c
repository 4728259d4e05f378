/* SPDX-License-Identifier: ISC */
/*
 * task_program: task_spec_program() of task_spec.h: which program a command comes down to. A guess
 * for learning and for people; a wrong one costs a worse forecast and nothing else. Pure; any
 * process.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "ipc/shell_words.h"
#include "ipc/task_spec.h"

#define DEPTH_MOST 6   /* of shells in shells */
#define NAME_MOST  128 /* bytes */

/* Programs that run the rest of their command line, and their options that take an argument. */
static const struct wrapper {
	const char *name;
	const char *with_argument;    /* letters */
	const char *const *long_ones; /* likewise, whole words; ends with NULL */
	const char *attached;         /* letters that take the rest of their word, if any */
	int operands;                 /* before the command */
} wrappers[] = {
#define LONG(...) ((const char *const[]){__VA_ARGS__, NULL})
    {"env", "uC", LONG("--unset", "--chdir"), "", 0},
    {"nice", "n", LONG("--adjustment"), "", 0},
    {"nohup", "", NULL, "", 0},
    {"timeout", "sk", LONG("--signal", "--kill-after"), "", 1},
    {"stdbuf", "ioe", LONG("--input", "--output", "--error"), "", 0},
    {"ionice", "cnpPu", LONG("--class", "--classdata"), "", 0},
    {"chrt", "TPD", LONG("--sched-runtime", "--sched-period", "--sched-deadline"), "", 1},
    {"taskset", "", NULL, "", 1},
    {"setsid", "", NULL, "", 0},
    {"xargs", "InPLsdaE",
     LONG("--max-args", "--max-procs", "--max-chars", "--arg-file", "--delimiter",
	  "--process-slot-var"),
     "iel", 0},
    {"sudo", "ughpCTDRUrt", LONG("--user", "--group", "--chdir", "--host"), "", 0},
    {"doas", "uC", NULL, "", 0},
    {"busybox", "", NULL, "", 0},
    {"time", "fo", LONG("--format", "--output"), "", 0},
    {"exec", "a", NULL, "", 0},
    {"command", "", NULL, "", 0},
    {"builtin", "", NULL, "", 0},
    {"flock", "wE", LONG("--timeout", "--wait", "--conflict-exit-code"), "", 1},
    {"numactl", "CNmilpx", LONG("--cpunodebind", "--physcpubind", "--membind"), "", 0},
};

/* Programs that are known by the script that they run. */
static const struct interpreter {
	const char *name; /* a pattern */
	const char *with_argument;
	const char *const *long_ones;
	const char *attached;
	const char *code;   /* letters: the code itself follows */
	const char *module; /* letters: the name of a module follows, and its arguments */
	const char *file;   /* likewise of a file; whole words */
} interpreters[] = {
    {"python*", "WX", LONG("--check-hash-based-pycs"), "", "c", "m", ""},
    {"pypy*", "WX", NULL, "", "c", "m", ""},
    {"perl*", "I", NULL, "iFM0xVDC", "eE", "", ""},
    {"ruby*", "IrCEF", NULL, "0iKTWx", "e", "", ""},
    {"node", "rC", LONG("--require", "--import", "--loader", "--eval", "--print"), "", "ep", "",
     ""},
    {"nodejs", "rC", LONG("--require", "--import", "--loader"), "", "ep", "", ""},
    {"java", "",
     LONG("-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules",
	  "--add-opens", "--add-exports"),
     "XDae", "", "m", "-jar"},
    {"Rscript", "e", LONG("-g"), "", "e", "", ""},
    {"php*", "dcz", NULL, "", "rBRE", "", "-f"},
    {"lua*", "l", NULL, "", "e", "", ""},
    {"julia", "pLtCJHi", LONG("--load", "--threads", "--procs", "--sysimage"), "", "eE", "", ""},
#undef LONG
};

static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash"};

/* What scripts do before their first command that takes any time. */
static const char *const preludes[] = {"cd",       "pushd",   "popd",    "set",   "unset", "export",
				       "readonly", "declare", "typeset", "local", "umask", "ulimit",
				       "trap",     "shopt",   "alias",   ":",     ".",     "source",
				       "true",     "test",    "[",       "[[",    "for",   "done",
				       "fi",       "esac",    "}",       "module"};

static const char *const keywords[] = {"if",    "then", "elif", "else", "while",
				       "until", "do",   "!",    "{",    "time"};

#define IS_ONE_OF(word, list) is_one_of(word, list, sizeof(list) / sizeof((list)[0]))

static bool
is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, list[i]) == 0) {
			return true;
		}
	}
	return false;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static bool
is_assignment(const char *word)
{
	size_t name =
	    strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return name > 0 && word[name] == '=' && strchr("0123456789", word[0]) == NULL;
}

/* It is for people and goes into JSON: no control characters, UTF-8, and short. */
static void
put_word(struct text *out, const char *word)
{
	size_t len = strnlen(word, NAME_MOST);

	while (len > 0 && ((unsigned char)word[len] & 0xc0) == 0x80) {
		len--; /* not in the middle of a character */
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];

		text_char(out, c < 0x20 || c == 0x7f ? '?' : word[i]);
	}
	if (!text_is_utf8(out->data + out->len - len, len)) {
		for (size_t i = out->len - len; i < out->len; i++) {
			out->data[i] = (unsigned char)out->data[i] < 0x80 ? out->data[i] : '?';
		}
	}
}

static bool
is_long_one(const char *word, const char *const *long_ones)
{
	for (; long_ones != NULL && *long_ones != NULL; long_ones++) {
		if (strcmp(word, *long_ones) == 0) {
			return true;
		}
	}
	return false;
}

/*
 * Where `letters` of a word of short options meet one of `wanted`; those that take an argument, or
 * the rest of the word, end the search. NULL: nowhere. `takes_next`: its argument is the next word.
 */
static const char *
find_letter(const char *letters, const char *wanted, const char *with_argument,
	    const char *attached, bool *takes_next)
{
	*takes_next = false;
	for (; *letters != '\0'; letters++) {
		if (strchr(wanted, *letters) != NULL) {
			return letters;
		}
		if (strchr(attached, *letters) != NULL) {
			return NULL;
		}
		if (strchr(with_argument, *letters) != NULL) {
			*takes_next = letters[1] == '\0';
			return NULL;
		}
	}
	return NULL;
}

static bool put_command(struct text *out, const char *const *words, int depth);

/* The first command of a script that says something. */
static bool
put_script(struct text *out, const char *script, int depth)
{
	struct shell_words *shell;
	bool found = false;

	if (depth > DEPTH_MOST) {
		return false;
	}
	shell = memory_check(malloc(sizeof(*shell)));
	shell_words_begin(shell, script);
	while (!found && shell_words_next(shell) > 0) {
		const char *const *words = shell->words;

		while (words[0] != NULL &&
		       (is_assignment(words[0]) || IS_ONE_OF(words[0], keywords))) {
			words++;
		}
		if (words[0] != NULL && strcmp(words[0], "case") == 0) {
			break;
		}
		if (words[0] != NULL && !IS_ONE_OF(words[0], preludes)) {
			found = put_command(out, words, depth);
		}
	}
	free(shell);
	return found;
}

/* A shell's -c script, or the file that it runs. */
static void
put_shell(struct text *out, const char *const *words, int depth)
{
	const char *const *at = words + 1;
	bool script = false;

	for (; *at != NULL && (at[0][0] == '-' || at[0][0] == '+') && at[0][1] != '\0'; at++) {
		bool takes_next;

		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		if (at[0][1] == '-') {
			continue;
		}
		script |= find_letter(*at + 1, "c", "", "", &takes_next) != NULL;
		if (find_letter(*at + 1, "oO", "", "", &takes_next) != NULL && at[1] != NULL) {
			at++; /* -o pipefail */
		}
	}
	if (script && *at != NULL && put_script(out, *at, depth + 1)) {
		return;
	}
	put_word(out, base_of(words[0]));
	if (!script && *at != NULL) {
		text_char(out, ' ');
		put_word(out, base_of(*at));
	}
}

static void
put_option(struct text *out, char letter, const char *argument)
{
	text_string(out, " -");
	text_char(out, letter);
	if (argument != NULL) {
		text_char(out, ' ');
		put_word(out, argument);
	}
}

/* "python3 fit.py", "python3 -m http.server", "perl -e". */
static void
put_interpreter(struct text *out, const struct interpreter *row, const char *const *words)
{
	const char *found;
	bool takes_next;

	put_word(out, base_of(words[0]));
	for (words++; *words != NULL && words[0][0] == '-' && words[0][1] != '\0'; words++) {
		if (strcmp(*words, "--") == 0 || strcmp(*words, row->file) == 0) {
			words++;
			break;
		}
		if (is_long_one(*words, row->long_ones)) {
			words += words[1] != NULL;
			continue;
		}
		if (words[0][1] == '-') {
			continue;
		}
		found = find_letter(*words + 1, row->code, row->with_argument, row->attached,
				    &takes_next);
		if (found != NULL) {
			put_option(out, *found, NULL);
			return;
		}
		found = find_letter(*words + 1, row->module, row->with_argument, row->attached,
				    &takes_next);
		if (found != NULL) {
			put_option(out, *found, found[1] != '\0' ? found + 1 : words[1]);
			return;
		}
		words += takes_next && words[1] != NULL;
	}
	if (*words != NULL) {
		text_char(out, ' ');
		put_word(out, base_of(*words));
	}
}

/* Behind the options and operands of a wrapper: the command that it runs, or NULL. */
static const char *const *
command_of(const struct wrapper *row, const char *const *words)
{
	bool takes_next;

	for (words++; *words != NULL && words[0][0] == '-' && words[0][1] != '\0'; words++) {
		if (strcmp(*words, "--") == 0) {
			words++;
			break;
		}
		if (words[0][1] == '-') {
			words += is_long_one(*words, row->long_ones) && words[1] != NULL;
			continue;
		}
		find_letter(*words + 1, "", row->with_argument, row->attached, &takes_next);
		words += takes_next && words[1] != NULL;
	}
	for (int i = 0; i < row->operands && *words != NULL; i++) {
		words++;
	}
	while (*words != NULL && is_assignment(*words)) {
		words++;
	}
	return words;
}

/* `env -S "a command"`, `flock FILE -c "a command"`: the script; NULL: no such thing. */
static const char *
script_of(const char *const *words, const char *name)
{
	const char *option = strcmp(name, "env") == 0     ? "-S"
			     : strcmp(name, "flock") == 0 ? "-c"
							  : "";

	for (int i = 1; option[0] != '\0' && words[i] != NULL; i++) {
		if (words[i][0] != '-' && option[1] == 'S') {
			break;
		}
		if (strncmp(words[i], option, 2) == 0) {
			return words[i][2] != '\0' ? words[i] + 2 : words[i + 1];
		}
		if (words[i][0] != '-' && i > 2) {
			break;
		}
	}
	return NULL;
}

static bool
put_wrapped(struct text *out, const struct wrapper *row, const char *const *words, int depth)
{
	const char *script = script_of(words, row->name);
	const char *const *command = command_of(row, words);

	if (script != NULL && put_script(out, script, depth + 1)) {
		return true;
	}
	if (depth < DEPTH_MOST && command[0] != NULL && put_command(out, command, depth + 1)) {
		return true;
	}
	put_word(out, row->name);
	return true;
}

static bool
put_command(struct text *out, const char *const *words, int depth)
{
	const char *name = words[0] == NULL ? "" : base_of(words[0]);

	if (name[0] == '\0') {
		return false;
	}
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (strcmp(name, wrappers[i].name) == 0) {
			return put_wrapped(out, &wrappers[i], words, depth);
		}
	}
	if (IS_ONE_OF(name, shells)) {
		put_shell(out, words, depth);
		return true;
	}
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		if (fnmatch(interpreters[i].name, name, 0) == 0) {
			put_interpreter(out, &interpreters[i], words);
			return true;
		}
	}
	put_word(out, name);
	return true;
}

void
task_spec_program(const struct task_spec *spec, struct text *out)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		const struct action *action = &spec->actions[i];

		if (action->type == ACTION_exec) {
			put_command(out, (const char *const *)action->strings, 0);
			return;
		}
		if (action->type == ACTION_shell) {
			if (!put_script(out, action->string, 0)) {
				text_string(out, "sh");
			}
			return;
		}
	}
}
