/* SPDX-License-Identifier: ISC */
/* cmd_submit: `stint submit`: gives a job to the daemon. In the client. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/client_output.h"
#include "supervisor/client_wait.h"
#include "supervisor/command_text.h"
#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/submit_source.h"
#include "supervisor/supervisor.h"

#define USAGE                               \
	"stint submit [options] FILE | -\n" \
	"       stint submit [options] -- COMMAND [ARG...]"

#define NAME_MOST 100 /* bytes of a name that is made of a command */

/* ---- a command -------------------------------------------------------------------------------- */

/* A word of the command; names of files may be any bytes. */
static void
put_word(struct text *task, const char *word)
{
	size_t len = strlen(word);

	if (text_is_utf8(word, len)) {
		text_json_string(task, word, len);
	} else {
		text_string(task, "{\"base64\":");
		text_json_base64(task, word, len);
		text_char(task, '}');
	}
}

static void
put_text(struct text *task, const char *option, const char *string)
{
	if (!text_is_utf8(string, strlen(string))) {
		errx(EXIT_USAGE, "%s: \"%s\": is not UTF-8; give it by way of a script", option,
		     options_shown(string));
	}
	text_json_string(task, string, strlen(string));
}

/* Of NAME=VALUE, or what NAME is here. */
static const char *
value_of(const char *setting)
{
	const char *equals = strchr(setting, '='), *here = equals == NULL ? getenv(setting) : "";

	if (here == NULL) {
		errx(EXIT_USAGE, "--env: \"%s\": is not set here; --env NAME=VALUE sets it",
		     options_shown(setting));
	}
	return equals == NULL ? here : equals + 1;
}

static void
put_variable(struct text *task, const char *setting)
{
	char *name = strndup(setting, strcspn(setting, "="));

	if (name == NULL) {
		err(EXIT_SYSTEM, "--env");
	}
	put_text(task, "--env", name);
	text_char(task, ':');
	put_text(task, "--env", value_of(setting));
	free(name);
}

/* One task, a line of JSON. */
static void
make_task(struct text *task, const struct client_options *options, char **words, int count)
{
	text_string(task, "{\"exec\":[");
	for (int i = 0; i < count; i++) {
		text_string(task, i == 0 ? "" : ",");
		put_word(task, words[i]);
	}
	text_char(task, ']');
	for (size_t i = 0; i < options->env_count; i++) {
		text_string(task, i == 0 ? ",\"env\":{" : ",");
		put_variable(task, options->env[i]);
	}
	text_string(task, options->env_count > 0 ? "}}\n" : "}\n");
}

/* What is no UTF-8 becomes question marks, and so do control characters. */
static void
make_shown(struct text *name)
{
	bool utf8 = text_is_utf8(name->data, name->len);

	for (size_t i = 0; i < name->len; i++) {
		char c = name->data[i];

		name->data[i] = c == '\n' || c == '\t' ? ' ' : (c & 0x80) != 0 && !utf8 ? '?' : c;
	}
	text_terminate(name);
	text_printable(name->data);
}

/* The command line as one would type it, in one line that is not too long to be a name. */
static void
put_command_name(struct text *name, char **words, int count)
{
	for (int i = 0; i < count && name->len <= NAME_MOST; i++) {
		text_string(name, i == 0 ? "" : " ");
		command_text_quote(name, span_of(words[i]));
	}
	make_shown(name);
	if (name->len > NAME_MOST) {
		name->len = text_cut((struct span){name->data, name->len}, NAME_MOST - 3);
		text_string(name, "...");
		text_terminate(name);
	}
}

/* ---- what is sent ----------------------------------------------------------------------------- */

/* The numbers of the jobs in a list, into the message. */
static void
put_after(struct text *numbers, struct control_client *client, const char *list)
{
	for (const char *at = list; at != NULL;) {
		size_t len = strcspn(at, ",");
		char *job = strndup(at, len);

		if (job == NULL) {
			err(EXIT_SYSTEM, "--after");
		}
		text_string(numbers, numbers->len == 0 ? "" : ",");
		text_uint(numbers, control_client_job(client, job));
		free(job);
		at = at[len] == ',' ? at + len + 1 : NULL;
	}
}

static void
put_directory(struct control_client *client)
{
	char *directory = getcwd(NULL, 0);

	if (directory == NULL) {
		err(EXIT_SYSTEM, "the working directory");
	}
	if (!text_is_utf8(directory, strlen(directory))) {
		errx(EXIT_USAGE, "%s: the name of the working directory is not UTF-8; go elsewhere",
		     options_shown(directory));
	}
	control_client_string(client, "directory", span_of(directory));
	free(directory);
}

static uint64_t
begin_submit(struct control_client *client, const struct client_options *options, const char *name,
	     const char *file)
{
	const char *list = options->after != NULL ? options->after : options->after_any;
	struct text after = TEXT_INIT;
	uint64_t number;

	put_after(&after, client, list);
	number = control_client_begin(client, "submit");
	if (text_is_utf8(name, strlen(name))) {
		control_client_string(client, "name", span_of(name));
	}
	if (file != NULL && text_is_utf8(file, strlen(file))) {
		control_client_string(client, "file", span_of(file));
	}
	put_directory(client);
	if (options->priority != 0) {
		control_client_int(client, "priority", options->priority);
	}
	if (options->weight != 0) {
		control_client_uint(client, "weight", options->weight);
	}
	if (options->hold) {
		control_client_true(client, "hold");
	}
	if (after.len > 0) {
		control_client_raw(client, "after", (struct span){after.data, after.len});
	}
	if (options->after_any != NULL) {
		control_client_true(client, "after_any");
	}
	text_free(&after);
	return number;
}

/* The daemon may refuse while there is still much to be sent. */
static void
check_refused(struct control_client *client)
{
	struct control_answer answer;
	int status;

	if (control_client_wait(client, 0)) {
		control_client_receive(client, &answer, &status);
		if (answer.kind == ANSWER_ERROR) {
			exit(status);
		}
	}
}

/* Sends all of it; the number of the job, when it is safe. */
static uint64_t
finish_submit(struct control_client *client)
{
	struct control_answer answer;
	uint64_t job;
	int status;

	control_client_receive(client, &answer, &status);
	if (answer.kind == ANSWER_ERROR) {
		exit(status);
	}
	if (answer.kind != ANSWER_DONE || !control_answer_uint(&answer, "job", &job)) {
		errx(EXIT_SYSTEM, "what listens there does not speak as stintd does");
	}
	return job;
}

static uint64_t
submit_file(struct control_client *client, const struct client_options *options,
	    struct submit_source *source)
{
	const char *shown = strcmp(source->path, "-") == 0 ? "stdin" : source->path;
	uint64_t number = begin_submit(client, options,
				       options->name != NULL ? options->name : source->name, shown);
	struct span piece;
	bool last;

	for (;;) {
		last = submit_source_next(source, &piece);
		control_client_string(client, "text", piece);
		if (!last) {
			control_client_true(client, "more");
		}
		control_client_send(client);
		if (last) {
			return finish_submit(client);
		}
		check_refused(client);
		control_client_again(client, "piece", number);
	}
}

static uint64_t
submit_command(struct control_client *client, const struct client_options *options, char **words,
	       int count)
{
	struct text task = TEXT_INIT, name = TEXT_INIT;

	make_task(&task, options, words, count);
	put_command_name(&name, words, count);
	begin_submit(client, options, options->name != NULL ? options->name : name.data, NULL);
	control_client_string(client, "text", (struct span){task.data, task.len});
	control_client_send(client);
	text_free(&task);
	text_free(&name);
	return finish_submit(client);
}

/* ---- the command line ------------------------------------------------------------------------- */

/* How many words stand behind --; -1: there is none. Before the options are sorted out. */
static int
words_behind(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			return argc - i - 1;
		}
	}
	return -1;
}

static void
check_operands(const struct client_options *options, int count, int words)
{
	if (options->after != NULL && options->after_any != NULL) {
		errx(EXIT_USAGE, "--after and --after-any: which of the two?");
	}
	if (words < 0 && options->env_count > 0) {
		errx(EXIT_USAGE, "--env: is for a command; a job file says \"env\" itself");
	}
	if (words < 0 && count > 1) {
		errx(EXIT_USAGE, "one job file at a time; for a command: stint submit -- COMMAND");
	}
	if (words > 0 && count > words) {
		errx(EXIT_USAGE, "a job file and a command: which of the two?");
	}
	if (words == 0) {
		errx(EXIT_USAGE, "which command? usage: stint submit [options] -- COMMAND");
	}
	if (count == 0) {
		errx(EXIT_USAGE, "which job file? (- is stdin) usage: stint submit [options] FILE");
	}
}

/* Its number is on stdout, unless that is for what it writes. */
static void
print_number(const struct client_options *options, uint64_t job)
{
	if (!options->follow) {
		printf("%" PRIu64 "\n", job);
		if (fflush(stdout) != 0) {
			err(EXIT_SYSTEM, "stdout");
		}
	}
}

static void
say(const struct client_options *options, uint64_t job, uint64_t tasks)
{
	bool waits = options->wait || options->follow;

	if (isatty(STDERR_FILENO) != 1) {
		return;
	}
	fprintf(stderr, "stint: job %" PRIu64, job);
	if (tasks > 0) {
		fprintf(stderr, ", %" PRIu64 " task%s,", tasks, tasks == 1 ? "" : "s");
	}
	fprintf(stderr, " is %s; ", options->hold ? "held" : "queued");
	if (options->hold) {
		fprintf(stderr, "`stint resume %" PRIu64 "` lets it begin\n", job);
	} else if (waits) {
		fputs("Ctrl-C ends the waiting, and not the job\n", stderr);
	} else {
		fprintf(stderr, "`stint wait %" PRIu64 "` waits for its end\n", job);
	}
}

/* To its end, as far as that is wanted. */
static int
see_end(struct control_client *client, const struct client_options *options, uint64_t job)
{
	int status = EXIT_ALL_OK, ended;

	if (options->follow) {
		status = client_output_show(client, job, NULL, false, true);
	}
	if (!options->follow && !options->wait) {
		return status;
	}
	ended = client_wait_for(client, &job, 1, -1);
	return ended > status ? ended : status;
}

int
cmd_submit(int argc, char **argv)
{
	int words = words_behind(argc, argv), status;
	struct command_line line = {.first = 0};
	struct submit_source source = {.fd = -1};
	struct control_client client;
	uint64_t job;

	client_options_parse(&line, argc, argv, FOR_SUBMIT, USAGE);
	check_operands(&line.client, argc - line.first, words);
	if (words < 0) {
		submit_source_open(&source, argv[line.first]);
		control_client_open(&client, &line.client, true);
		job = submit_file(&client, &line.client, &source);
	} else {
		control_client_open(&client, &line.client, true);
		job = submit_command(&client, &line.client, argv + line.first, words);
	}
	print_number(&line.client, job);
	say(&line.client, job, words < 0 ? source.tasks : 1);
	status = see_end(&client, &line.client, job);
	submit_source_close(&source);
	free(line.client.env);
	return control_client_finish(&client, status);
}
