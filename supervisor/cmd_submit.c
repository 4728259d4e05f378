/* SPDX-License-Identifier: ISC */
/* cmd_submit: `stint submit`: gives a job to the daemon. In the client. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/client_wait.h"
#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/submit_source.h"
#include "supervisor/supervisor.h"

#define USAGE                               \
	"stint submit [options] FILE | -\n" \
	"       stint submit [options] -- COMMAND [ARG...]"

/* ---- a command -------------------------------------------------------------------------------- */

static void
put_word(struct text *task, const char *word)
{
	if (!text_is_utf8(word, strlen(word))) {
		errx(EXIT_USAGE,
		     "\"%s\": is not UTF-8, as all of a job must be; give it by way of a script",
		     options_shown(word));
	}
	text_json_string(task, word, strlen(word));
}

static void
put_variable(struct text *task, const char *setting)
{
	size_t len = strcspn(setting, "=");
	char *name = strndup(setting, len);
	const char *value = setting[len] == '=' ? setting + len + 1 : NULL;

	if (name == NULL) {
		err(EXIT_SYSTEM, "--env");
	}
	value = value == NULL ? getenv(name) : value;
	if (value == NULL) {
		errx(EXIT_USAGE, "--env: \"%s\": is not set here; --env NAME=VALUE sets it",
		     options_shown(setting));
	}
	put_word(task, name);
	text_char(task, ':');
	put_word(task, value);
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
	const char *slash = strrchr(words[0], '/'), *base = slash == NULL ? words[0] : slash + 1;
	struct text task = TEXT_INIT;

	make_task(&task, options, words, count);
	begin_submit(client, options, options->name != NULL ? options->name : base, NULL);
	control_client_string(client, "text", (struct span){task.data, task.len});
	control_client_send(client);
	text_free(&task);
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
	if (count == 0) {
		errx(EXIT_USAGE, "which job file? (- is stdin) usage: stint submit [options] FILE");
	}
}

static void
say(const struct client_options *options, uint64_t job, uint64_t tasks)
{
	printf("%" PRIu64 "\n", job);
	if (fflush(stdout) != 0) {
		warn("stdout");
		exit(EXIT_SYSTEM);
	}
	if (isatty(STDERR_FILENO) != 1 || options->wait) {
		return;
	}
	fprintf(stderr, "stint: job %" PRIu64, job);
	if (tasks > 0) {
		fprintf(stderr, ", %" PRIu64 " task%s,", tasks, tasks == 1 ? "" : "s");
	}
	fprintf(stderr, " is %s; `stint %s %" PRIu64 "` %s\n", options->hold ? "held" : "queued",
		options->hold ? "resume" : "wait", job,
		options->hold ? "lets it begin" : "waits for its end");
}

int
cmd_submit(int argc, char **argv)
{
	int words = words_behind(argc, argv), status = EXIT_ALL_OK;
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
	say(&line.client, job, words < 0 ? source.tasks : 1);
	if (line.client.wait) {
		status = client_wait_for(&client, &job, 1, -1);
	}
	submit_source_close(&source);
	free(line.client.env);
	return control_client_finish(&client, status);
}
