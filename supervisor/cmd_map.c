/* SPDX-License-Identifier: ISC */
/*
 * cmd_map: `stint map`: a command for each argument, from the command line to the summary. The
 * tasks are made while the run goes on (map_source), and run as those of a job file. In the
 * supervisor.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/nearest.h"
#include "supervisor/commands.h"
#include "supervisor/guard.h"
#include "supervisor/map_source.h"
#include "supervisor/options.h"
#include "supervisor/path_part.h"
#include "supervisor/run_job.h"
#include "supervisor/supervisor.h"

#define USAGE                                                                                \
	"stint map [options] [--] COMMAND... [::: ARG... | :::: FILE...]...\n"               \
	"       stint map [options] --shell 'COMMAND {} | ...' [::: ARG...]...\n\n"          \
	"  {} {.} {/} {//} {/.}       the argument; without extension; name, folder; both\n" \
	"  {1} {2.} {-1/} {#} {%}     of the first, second, last source; number, slot"

/* What stands between operands. */
static const struct marker {
	const char *word;
	bool files;
	bool linked;
} markers[] = {
    {":::", false, false}, {":::+", false, true}, {"::::", true, false}, {"::::+", true, true}};

/* All that a map is made of. */
struct map {
	struct command_line line;
	char **words; /* the command */
	size_t word_count;
	struct arguments_source *sources;
	size_t source_count;
	struct template *template;
	struct arguments *arguments;
	struct map_source *source;
};

static const struct marker *
find_marker(const char *word)
{
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		if (strcmp(word, markers[i].word) == 0) {
			return &markers[i];
		}
	}
	return NULL;
}

static void
add_source(struct map *map, struct arguments_source source)
{
	map->sources = reallocarray(map->sources, map->source_count + 1, sizeof(*map->sources));
	if (map->sources == NULL) {
		err(EXIT_SYSTEM, "arguments");
	}
	map->sources[map->source_count++] = source;
}

/* What stands behind one marker. */
static void
add_operands(struct map *map, const struct marker *marker, char **operands, size_t count)
{
	if (marker->linked && map->source_count == 0) {
		errx(EXIT_USAGE, "%s: there is no source before it to link to", marker->word);
	}
	if (!marker->files) {
		add_source(map, (struct arguments_source){
				    .values = operands, .count = count, .linked = marker->linked});
		return;
	}
	if (count == 0) {
		errx(EXIT_USAGE, "%s: which file? (- is stdin)", marker->word);
	}
	for (size_t i = 0; i < count; i++) {
		add_source(
		    map, (struct arguments_source){.path = operands[i], .linked = marker->linked});
	}
}

/* The command, and the sources of arguments in the order in which {1} counts them. */
static void
take_operands(struct map *map, char **operands, size_t count)
{
	const struct marker *marker = NULL;
	size_t begin = 0;

	for (size_t i = 0; i < map->line.map.file_count; i++) {
		add_source(map, (struct arguments_source){.path = map->line.map.files[i]});
	}
	map->words = operands;
	for (size_t i = 0; i <= count; i++) {
		if (i < count && find_marker(operands[i]) == NULL) {
			continue;
		}
		if (marker == NULL) {
			map->word_count = i;
		} else {
			add_operands(map, marker, operands + begin, i - begin);
		}
		marker = i < count ? find_marker(operands[i]) : NULL;
		begin = i + 1;
	}
	if (map->source_count == 0) {
		add_source(map, (struct arguments_source){.path = "-"});
	}
}

static bool
has_blank(const char *word)
{
	return strpbrk(word, " \t\n") != NULL;
}

/* No shell reads these words, though they were written for one. */
static void
warn_of_shell_words(const struct map *map)
{
	for (size_t i = 1; i < map->word_count; i++) {
		const char *word = map->words[i];
		size_t len = strlen(word);

		if (strcmp(word, "|") == 0 || strcmp(word, "||") == 0 || strcmp(word, "&&") == 0 ||
		    (len > 1 && word[len - 1] == ';' && word[len - 2] != '\\')) {
			warnx("\"%s\" is an argument of %s like any other; for a command with | "
			      "or ; put all of it into one word, or use --shell",
			      word, map->words[0]);
			return;
		}
	}
}

static struct template *
make_template(const struct map *map, struct text *error)
{
	const struct map_options *options = &map->line.map;
	const struct template_options how = {
	    .braces = options->braces, .append = !options->none, .each = options->each};

	if (options->shell != NULL && map->word_count > 0) {
		text_string(error, "--shell and a command: which of the two?");
		return NULL;
	}
	if (options->shell != NULL) {
		return template_of_shell(options->shell, &how, error);
	}
	if (map->word_count == 0) {
		return template_of_nothing();
	}
	if (map->word_count == 1 && has_blank(map->words[0])) {
		return template_of_shell(map->words[0], &how, error);
	}
	warn_of_shell_words(map);
	return template_of_words(map->words, map->word_count, &how, error);
}

static _Noreturn void
fail(struct text *error)
{
	text_terminate(error);
	errx(EXIT_USAGE, "%s", text_printable(error->data));
}

static void
check_positions(const struct map *map)
{
	size_t columns = arguments_columns(map->arguments);
	unsigned highest = template_highest(map->template);

	if (columns > 0 && highest > columns && map->line.map.most <= 1 && !map->line.map.fill) {
		errx(EXIT_USAGE,
		     "{%u}: there %s only %zu source%s of arguments; ::: begins another, -C splits "
		     "lines",
		     highest, columns == 1 ? "is" : "are", columns, columns == 1 ? "" : "s");
	}
}

static void
open_sources(struct map *map)
{
	const struct map_options *options = &map->line.map;
	const struct arguments_options how = {.delimiter = options->delimiter,
					      .columns = options->columns,
					      .skip_blank = options->skip_blank,
					      .link = options->link};
	struct map_batches batches = {.most =
					  options->most == 0 && !options->fill ? 1 : options->most,
				      .fill = options->fill,
				      .none = options->none,
				      .spread = map->line.run.cores};
	struct text error = TEXT_INIT;

	map->template = make_template(map, &error);
	if (map->template == NULL) {
		fail(&error);
	}
	batches.room = map_source_room(template_is_shell(map->template));
	map->arguments = arguments_new(map->sources, map->source_count, &how, &error);
	if (map->arguments == NULL) {
		fail(&error);
	}
	check_positions(map);
	map->source = map_source_new(map->template, map->arguments, &batches,
				     map->line.run.dry_run ? MAP_COMMANDS : MAP_TASKS);
}

static int
print(struct map *map)
{
	struct line_source progress = {.fd = -1};
	int status = EXIT_ALL_OK;
	enum line_state state;
	struct span line;

	while ((state = map_source_next(map->source, &progress, &line)) != LINE_END) {
		struct pollfd ready = {.fd = progress.fd, .events = POLLIN};

		if (state == LINE_TAKEN) {
			fwrite(line.at, 1, line.len, stdout);
			putchar('\n');
		} else if (state == LINE_WAIT) {
			fflush(stdout);
			poll(&ready, 1, -1);
		} else {
			warnx("%.*s", (int)line.len, line.at);
			status = state == LINE_FAIL ? EXIT_SYSTEM : EXIT_USAGE;
		}
		if (state == LINE_FAIL || ferror(stdout)) {
			break;
		}
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warn("stdout");
		return EXIT_SYSTEM;
	}
	return status;
}

/* Writing to a file of arguments would destroy it, or read what is written. */
static void
refuse_source(const struct map *map, const char *option, const char *path)
{
	if (path != NULL && arguments_is(map->arguments, path)) {
		errx(EXIT_USAGE, "%s: %s is where arguments are read; name another", option, path);
	}
}

/* The job is named by its program. */
static char *
name_job(const struct map *map)
{
	struct span name = SPAN_LITERAL("map");
	char *string;

	if (map->word_count > 0 && !template_is_shell(map->template)) {
		name = path_part(span_of(map->words[0]), PATH_BASE);
	}
	if (name.len == 0 || !text_is_utf8(name.at, name.len)) {
		name = SPAN_LITERAL("map");
	}
	string = strndup(name.at, name.len);
	if (string == NULL) {
		err(EXIT_SYSTEM, "job");
	}
	return string;
}

static int
run(struct map *map)
{
	const struct line_maker maker = {map_source_next, map->source};
	char *name = name_job(map);
	struct jobfile *jobfile;
	int status;

	refuse_source(map, "-o", map->line.run.results);
	refuse_source(map, "--summary", map->line.run.summary);
	refuse_source(map, "--joblog", map->line.run.joblog);
	refuse_source(map, "--report", map->line.run.report);
	jobfile = jobfile_open_lines(&maker, name, &map->line.run.defaults);
	status = run_job(&map->line.run, jobfile);
	jobfile_free(jobfile);
	free(name);
	return status;
}

int
cmd_map(int argc, char **argv)
{
	struct map map = {.line = {.map = {.delimiter = '\n'}}};
	int status;

	options_parse(&map.line, argc, argv, FOR_MAP, USAGE);
	if (!map.line.run.dry_run && !map.line.map.jobfile) {
		guard_start();
	}
	take_operands(&map, argv + map.line.first, (size_t)(argc - map.line.first));
	open_sources(&map);
	if (arguments_on_terminal(map.arguments)) {
		warnx("reading arguments from the terminal, one a line; end with Ctrl-D");
		map.line.run.top = false; /* its keys are arguments */
	}
	status = map.line.run.dry_run || map.line.map.jobfile ? print(&map) : run(&map);
	map_source_free(map.source);
	arguments_free(map.arguments);
	template_free(map.template);
	free(map.sources);
	free(map.line.map.files);
	free(map.line.map.columns);
	return status;
}
