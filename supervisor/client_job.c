/* SPDX-License-Identifier: ISC */
/* client_job: see client_job.h. In the client. */
#include "supervisor/client_job.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

/* A string for a terminal; NULL if memory is out. */
static char *
string_of(struct span value)
{
	char *string;
	size_t len;

	return json_value_string(value, &string, &len) ? text_printable(string) : NULL;
}

static int64_t
int_of(struct span value)
{
	bool negative = value.at[0] == '-';
	uint64_t size = 0;

	json_value_uint((struct span){value.at + negative, value.len - negative}, &size);
	return negative ? -(int64_t)size : (int64_t)size;
}

static void
take_counts(struct client_job *job, struct span object)
{
	struct json_members members;
	struct span key, value;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		for (int i = 0; i < STATUSES; i++) {
			if (span_is(key, task_status_name((enum task_status)i)) &&
			    json_value_uint(value, &job->by_status[i])) {
				job->done += job->by_status[i];
			}
		}
	}
}

/* One of the strings of a job; false: it is none of them. */
static bool
take_string(struct client_job *job, struct span key, struct span value)
{
	char **place = span_is(key, "name")        ? &job->name
		       : span_is(key, "reason")    ? &job->reason
		       : span_is(key, "file")      ? &job->file
		       : span_is(key, "directory") ? &job->directory
						   : NULL;

	if (place != NULL && value.at[0] == '"') {
		free(*place);
		*place = string_of(value);
	}
	return place != NULL;
}

static bool
take_number(struct client_job *job, struct span key, struct span value)
{
	uint64_t *place = span_is(key, "job")            ? &job->number
			  : span_is(key, "weight")       ? &job->weight
			  : span_is(key, "result_bytes") ? &job->result_bytes
			  : span_is(key, "tasks")        ? &job->tasks
			  : span_is(key, "running")      ? &job->running
			  : span_is(key, "computing")    ? &job->computing
							 : NULL;

	return place != NULL && json_value_uint(value, place);
}

static bool
take_time(struct client_job *job, struct span key, struct span value)
{
	int64_t *place = span_is(key, "submitted") ? &job->submitted_us
			 : span_is(key, "began")   ? &job->began_us
			 : span_is(key, "ended")   ? &job->ended_us
			 : span_is(key, "wall")    ? &job->wall_us
			 : span_is(key, "cpu")     ? &job->cpu_us
						   : NULL;

	return place != NULL && json_value_us(value, place);
}

/* The most that can be said in a word: how it ended goes before that it has. */
static void
note_state(struct client_job *job, struct span state, struct span outcome, bool paused)
{
	struct span word = outcome.len > 2 ? outcome : state;

	job->ended = span_is(state, "\"ended\"");
	if (paused && !job->ended) {
		strlcpy(job->state, "paused", sizeof(job->state));
	} else if (word.len > 2 && word.len - 2 < sizeof(job->state)) {
		memcpy(job->state, word.at + 1, word.len - 2);
	}
}

bool
client_job_decode(struct client_job *job, struct span object)
{
	struct span key, value, state = SPAN_EMPTY, outcome = SPAN_EMPTY;
	struct json_members members;
	bool paused = false;

	*job = (struct client_job){.number = 0};
	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "state")) {
			state = value;
		} else if (span_is(key, "outcome")) {
			outcome = value;
		} else if (span_is(key, "paused")) {
			paused = span_is(value, "true");
		} else if (span_is(key, "tasks_estimated")) {
			job->estimated = span_is(value, "true");
		} else if (span_is(key, "priority")) {
			job->priority = int_of(value);
		} else if (span_is(key, "after")) {
			job->after = value;
		} else if (span_is(key, "after_any")) {
			job->after_any = span_is(value, "true");
		} else if (span_is(key, "by_status")) {
			take_counts(job, value);
		} else if (!take_string(job, key, value) && !take_number(job, key, value)) {
			take_time(job, key, value);
		}
	}
	note_state(job, state, outcome, paused);
	return !members.failed && job->number != 0;
}

void
client_job_clear(struct client_job *job)
{
	free(job->name);
	free(job->reason);
	free(job->file);
	free(job->directory);
}

int64_t
client_job_wall_us(const struct client_job *job, int64_t now_us)
{
	int64_t end_us = job->ended_us != 0 ? job->ended_us : now_us;

	return job->began_us == 0 || end_us < job->began_us ? 0 : end_us - job->began_us;
}

void
client_job_progress(const struct client_job *job, struct text *out)
{
	text_uint(out, job->done);
	text_char(out, '/');
	if (job->tasks > 0 || job->ended) {
		text_string(out, job->estimated ? "~" : "");
		text_uint(out, job->tasks);
	} else {
		text_char(out, '?');
	}
}
