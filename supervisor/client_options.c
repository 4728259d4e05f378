/* SPDX-License-Identifier: ISC */
/* client_options: see client_options.h. In the client. */
#include "supervisor/options.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/duration.h"
#include "ipc/text.h"
#include "supervisor/options_getopt.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define NAME_MOST 255 /* bytes */

static take_option take_socket, take_no_autostart, take_json, take_name, take_after, take_after_any,
    take_env, take_hold, take_wait, take_priority, take_weight, take_state, take_last, take_timeout,
    take_follow, take_all, take_kill, take_failed, take_now, take_ended, take_ok;

static const struct option_row rows[] = {
    {0, "name", "NAME", FOR_SUBMIT, REST, take_name,
     "of the job; default: that in it, or its file's"},
    {'p', "priority", "P", FOR_SUBMIT, REST, take_priority,
     "-1000 to 1000, the higher first; default: 0"},
    {0, "weight", "W", FOR_SUBMIT | FOR_PRIORITY, REST, take_weight,
     "1 to 1000: its share among its priority; default: 1"},
    {0, "after", "JOBS", FOR_SUBMIT, REST, take_after, "begin when these ended ok: 12,13"},
    {0, "after-any", "JOBS", FOR_SUBMIT, REST, take_after_any, "begin when these ended, however"},
    {0, "hold", NULL, FOR_SUBMIT, REST, take_hold, "do not begin before stint resume"},
    {0, "env", "NAME[=VALUE]", FOR_SUBMIT, REST, take_env,
     "for the command: as it is here, or VALUE"},
    {0, "wait", NULL, FOR_SUBMIT, REST, take_wait, "wait for its end, exit as stint run"},
    {0, "state", "STATE", FOR_JOBS, REST, take_state, "held queued running ended; default: all"},
    {'n', "last", "N", FOR_JOBS, REST, take_last, "only the last N"},
    {0, "timeout", "D", FOR_WAIT, REST, take_timeout, "give up after this, exit 4: 90 500ms 2m"},
    {'f', "follow", NULL, FOR_SUBMIT, REST, take_follow, "show what it writes, then as --wait"},
    {'f', "follow", NULL, FOR_OUTPUT, REST, take_follow, "go on until the job has ended"},
    {'a', "all", NULL, FOR_OUTPUT | FOR_RESULTS, REST, take_all,
     "of tasks that were run again, earlier tries, too"},
    {'a', "all", NULL, FOR_WAIT, REST, take_all, "for all jobs that have not ended"},
    {'a', "all", NULL, FOR_CANCEL, REST, take_all, "all jobs that have not ended"},
    {'a', "all", NULL, FOR_RETRY, REST, take_all, "all jobs that have failed"},
    {0, "kill", NULL, FOR_CANCEL, REST, take_kill, "by SIGKILL at once, without SIGTERM"},
    {0, "failed", NULL, FOR_RETRY, REST, take_failed, "only tasks that did not end ok"},
    {0, "ended", NULL, FOR_RM, REST, take_ended, "all jobs that have ended"},
    {0, "ok", NULL, FOR_RM, REST, take_ok, "all jobs that have ended ok"},
    {0, "now", NULL, FOR_SHUTDOWN, REST, take_now, "do not wait for what runs"},
    {0, "json", NULL, FOR_JOBS | FOR_STATUS, REST, take_json, "one JSON value on stdout"},
    {0, "socket", "FILE", FOR_CLIENT, REST, take_socket, "where stintd listens; default: yours"},
    {0, "no-autostart", NULL, FOR_SUBMIT | FOR_RETRY | FOR_RESUME, REST, take_no_autostart,
     "start no stintd if none listens"},
};

static void
take_socket(struct command_line *line, const char *value)
{
	line->client.socket = value;
}

#define TAKE_FLAG(flag)                                                       \
	static void take_##flag(struct command_line *line, const char *value) \
	{                                                                     \
		(void)value;                                                  \
		line->client.flag = true;                                     \
	}

TAKE_FLAG(no_autostart)
TAKE_FLAG(json)
TAKE_FLAG(hold)
TAKE_FLAG(wait)
TAKE_FLAG(follow)
TAKE_FLAG(all)
TAKE_FLAG(kill)
TAKE_FLAG(failed)
TAKE_FLAG(now)
TAKE_FLAG(ended)
TAKE_FLAG(ok)

/* What goes into a message as text must be text. */
static const char *
checked(const char *option, const char *value)
{
	if (value[0] == '\0' || !text_is_utf8(value, strlen(value))) {
		errx(EXIT_USAGE, "%s: \"%s\": %s", option, options_shown(value),
		     value[0] == '\0' ? "is empty; leave the option out" : "must be UTF-8");
	}
	return value;
}

static void
take_name(struct command_line *line, const char *value)
{
	line->client.name = checked("--name", value);
	if (strlen(value) > NAME_MOST) {
		errx(EXIT_USAGE, "--name: is longer than %d bytes; give it a shorter one",
		     NAME_MOST);
	}
	if (strspn(value, "0123456789-") == strlen(value) || strchr(value, '/') != NULL) {
		errx(EXIT_USAGE,
		     "--name: \"%s\": is %s, and could not be told from %s; give it a word",
		     options_shown(value), strchr(value, '/') != NULL ? "a path" : "a number",
		     strchr(value, '/') != NULL ? "JOB/TASK" : "that of a job");
	}
}

static void
take_after(struct command_line *line, const char *value)
{
	line->client.after = checked("--after", value);
}

static void
take_after_any(struct command_line *line, const char *value)
{
	line->client.after_any = checked("--after-any", value);
}

static void
take_env(struct command_line *line, const char *value)
{
	struct client_options *client = &line->client;

	checked("--env", value);
	if (value[0] == '=') {
		errx(EXIT_USAGE, "--env: \"%s\": must be NAME or NAME=VALUE", options_shown(value));
	}
	client->env = reallocarray(client->env, client->env_count + 1, sizeof(*client->env));
	if (client->env == NULL) {
		err(EXIT_SYSTEM, "--env");
	}
	client->env[client->env_count++] = value;
}

int
client_options_priority(const char *option, const char *value)
{
	const char *wrong;
	int priority = (int)strtonum(value, -1000, 1000, &wrong);

	if (wrong != NULL) {
		errx(EXIT_USAGE, "%s: \"%s\": must be a whole number from -1000 to 1000", option,
		     options_shown(value));
	}
	return priority;
}

static void
take_priority(struct command_line *line, const char *value)
{
	line->client.priority = client_options_priority("--priority", value);
}

static void
take_weight(struct command_line *line, const char *value)
{
	line->client.weight = options_number("--weight", value, 1000);
}

static void
take_state(struct command_line *line, const char *value)
{
	static const char *const words[] = {"held", "queued", "running", "ended", NULL};

	line->client.state = words[options_choose("--state", value, words)];
}

static void
take_last(struct command_line *line, const char *value)
{
	line->client.last = options_number("-n", value, 1000000000);
}

static void
take_timeout(struct command_line *line, const char *value)
{
	if (!duration_parse(value, &line->client.timeout_us)) {
		errx(EXIT_USAGE, "--timeout: \"%s\": must be a time: 90 500ms 1.5s 2m 1h",
		     options_shown(value));
	}
}

void
client_options_parse(struct command_line *line, int argc, char **argv, enum option_users users,
		     const char *usage)
{
	static const struct option_table table = {rows, sizeof(rows) / sizeof(rows[0])};

	line->client.timeout_us = -1;
	options_getopt(&table, line, argc, argv, users, usage);
}
