/* SPDX-License-Identifier: ISC */
/* cmd_status: `stint status`: how the daemon is, or one of its jobs. In the client. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipc/clock.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/client_command.h"
#include "supervisor/client_failed.h"
#include "supervisor/client_job.h"
#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"
#include "supervisor/top_view.h"

#define USAGE "stint status [options] [JOB]"

/* ---- values ----------------------------------------------------------------------------------- */

static uint64_t
count(struct span object, const char *key)
{
	uint64_t number = 0;

	json_value_uint(json_member(object, key), &number);
	return number;
}

static void
print_duration(const char *what, int64_t us)
{
	struct text text = TEXT_INIT;

	top_view_put_duration(&text, us, true);
	printf("%-12s %.*s\n", what, (int)text.len, text.data);
	text_free(&text);
}

static void
print_seconds(const char *what, struct span seconds)
{
	int64_t us = 0;

	if (json_value_us(seconds, &us)) {
		print_duration(what, us);
	}
}

static void
print_time(const char *what, int64_t us)
{
	time_t seconds = (time_t)(us / US_PER_SECOND);
	char shown[64];
	struct tm local;

	if (us != 0 && localtime_r(&seconds, &local) != NULL &&
	    strftime(shown, sizeof(shown), "%Y-%m-%d %H:%M:%S", &local) > 0) {
		printf("%-12s %s\n", what, shown);
	}
}

static void
print_string(const char *what, const char *string)
{
	if (string != NULL && string[0] != '\0') {
		printf("%-12s %s\n", what, string);
	}
}

/* "3 ok, 1 failed": the members of an object that are not 0. */
static void
print_counts(const char *what, struct span object)
{
	struct json_members members;
	struct span key, value;
	bool first = true;
	uint64_t number;

	printf("%-12s ", what);
	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (json_value_uint(value, &number) && number > 0) {
			printf("%s%" PRIu64 " %.*s", first ? "" : ", ", number, (int)key.len,
			       key.at);
			first = false;
		}
	}
	puts(first ? "none" : "");
}

/* ---- what is shown ---------------------------------------------------------------------------- */

/* A job keeps its strings; what it has as JSON is of use only now. */
static void
print_job(struct span value, struct client_job *job)
{
	struct text progress = TEXT_INIT;

	if (!client_job_decode(job, value)) {
		return;
	}
	printf("%-12s %" PRIu64 "\n", "job", job->number);
	print_string("name", job->name);
	print_string("state", job->state);
	print_string("reason", job->reason);
	client_job_progress(job, &progress);
	printf("%-12s %.*s\n", "done", (int)progress.len, progress.data);
	print_counts("of them", json_member(value, "by_status"));
	if (job->running > 0) {
		printf("%-12s %" PRIu64 ", %" PRIu64 " of them computing\n", "running",
		       job->running, job->computing);
	}
	printf("%-12s %" PRId64 ", weight %" PRIu64 "\n", "priority", job->priority, job->weight);
	if (job->after.len > 2) {
		printf("%-12s %.*s%s\n", "after", (int)job->after.len - 2, job->after.at + 1,
		       job->after_any ? ", however they end" : "");
	}
	print_string("file", job->file);
	print_string("directory", job->directory);
	print_time("submitted", job->submitted_us);
	print_time("began", job->began_us);
	print_time("ended", job->ended_us);
	if (job->began_us != 0) {
		print_duration("wall", client_job_wall_us(job, clock_epoch_us()));
		print_duration("tasks' wall", job->wall_us);
		print_duration("tasks' CPU", job->cpu_us);
	}
	text_free(&progress);
}

/* The command of one that is called otherwise. */
static void
print_command(struct control_client *client, const struct client_job *job)
{
	struct text command = TEXT_INIT;

	if (job->file == NULL && job->tasks <= 1) {
		client_command_put(client, job->number, &command);
		text_terminate(&command);
	}
	if (command.len > 0 && (job->name == NULL || strcmp(job->name, command.data) != 0)) {
		printf("\n%-12s %s\n", "command", text_printable(command.data));
	}
	text_free(&command);
}

static void
print_running(struct span value, bool first)
{
	struct text id = TEXT_INIT, lasts = TEXT_INIT;
	int64_t us = 0;

	if (first) {
		printf("\n%-24s %6s %7s %9s  %s\n", "running task", "worker", "attempt", "for", "");
	}
	json_value_append(&id, json_member(value, "task"));
	text_terminate(&id);
	json_value_us(json_member(value, "for"), &us);
	top_view_put_duration(&lasts, us, true);
	printf("%-24s %6" PRIu64 " %7" PRIu64 " %9.*s  %s\n", text_printable(id.data),
	       count(value, "worker"), count(value, "attempt"), (int)lasts.len, lasts.data,
	       span_is(json_member(value, "computes"), "true") ? "computes" : "waits");
	text_free(&id);
	text_free(&lasts);
}

static void
print_reason(struct span status, const char *key)
{
	struct text why = TEXT_INIT;

	if (json_value_append(&why, json_member(status, key))) {
		text_terminate(&why);
		print_string(key, text_printable(why.data));
	}
	text_free(&why);
}

static void
print_status(struct span value)
{
	print_reason(value, "broken");
	print_reason(value, "store_hangs");
	print_reason(value, "trouble");
	printf("%-12s %s%s\n", "queue",
	       span_is(json_member(value, "paused"), "true") ? "paused" : "running",
	       span_is(json_member(value, "draining"), "true") ? ", takes no more jobs" : "");
	print_counts("jobs", json_member(value, "jobs"));
	print_counts("ended", json_member(value, "ended"));
	printf("%-12s %" PRIu64 " computing, %" PRIu64 " waiting, %" PRIu64 " ready\n", "tasks",
	       count(value, "computing"), count(value, "waiting"), count(value, "ready"));
	printf("%-12s %" PRIu64 ", workers %" PRIu64 "\n", "cores", count(value, "cores"),
	       count(value, "workers"));
	print_seconds("up", json_member(value, "up"));
	puts("\nsince the start");
	print_counts("tasks ended", json_member(value, "tasks"));
	print_seconds("their wall", json_member(value, "wall"));
	print_seconds("their CPU", json_member(value, "cpu"));
}

/* ---- as JSON ---------------------------------------------------------------------------------- */

/* The job, and as one more member the tasks that run. */
static void
put_json(struct text *out, const struct control_answer *answer, struct span value, unsigned number)
{
	if (number == 0) {
		text_bytes(out, value.at, value.len - 1);
		text_string(out, span_is(answer->type, "job") ? ",\"running_tasks\":[" : "");
	} else {
		text_string(out, number == 1 ? "" : ",");
		text_span(out, value);
	}
}

static void
end_json(struct text *out, bool of_job)
{
	text_string(out, of_job ? "]}\n" : "}\n");
	fwrite(out->data, 1, out->len, stdout);
}

static void
print_answer(const struct control_answer *answer, struct span value, unsigned number,
	     struct client_job *job)
{
	if (span_is(answer->type, "running")) {
		print_running(value, number == 1);
	} else if (span_is(answer->type, "job")) {
		print_job(value, job);
	} else {
		print_status(value);
	}
}

int
cmd_status(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct text json = TEXT_INIT;
	struct control_client client;
	struct control_answer answer;
	struct client_job shown = {.number = 0};
	unsigned number = 0;
	struct span value;
	uint64_t job = 0;
	int status;

	client_options_parse(&line, argc, argv, FOR_STATUS, USAGE);
	if (argc - line.first > 1) {
		errx(EXIT_USAGE, "of one job at a time; usage: " USAGE);
	}
	control_client_open(&client, &line.client, false);
	if (argc > line.first) {
		job = control_client_job(&client, argv[line.first]);
	}
	control_client_begin(&client, "status");
	if (argc > line.first) {
		control_client_uint(&client, "job", job);
	}
	control_client_send(&client);
	for (;;) {
		control_client_receive(&client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		if (!control_answer_member(&answer, "value", &value)) {
			continue;
		}
		if (line.client.json) {
			put_json(&json, &answer, value, number++);
		} else {
			print_answer(&answer, value, number++, &shown);
		}
	}
	if (line.client.json && answer.kind == ANSWER_DONE) {
		end_json(&json, argc > line.first);
	} else if (answer.kind == ANSWER_DONE && shown.number != 0) {
		print_command(&client, &shown);
		status = client_failed_print(&client, &shown);
	}
	client_job_clear(&shown);
	text_free(&json);
	return control_client_finish(&client, status);
}
