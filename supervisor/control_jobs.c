/* SPDX-License-Identifier: ISC */
/*
 * control_jobs: requests that ask what there is: jobs, find, status, running, and ping. In the
 * supervisor, of stintd.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/control_parts.h"
#include "supervisor/job_json.h"

#define SCAN_MOST    4096 /* jobs that are looked at in a turn */
#define RUNNING_MOST 1000 /* running tasks that `status` and `running` tell of */
#define NAME_SHOWN   100  /* bytes of a name in a message */
#define NAMED_MOST   8    /* jobs of one name that a message counts up */

/* ---- jobs ------------------------------------------------------------------------------------- */

/* A list that is being sent. */
struct listing {
	uint64_t last; /* the number of the last job that was looked at */
	uint64_t left; /* that may still be told of */
	int phase;     /* enum job_phase; -1: all */
};

static bool
is_listed(const struct queue_job *job, int phase)
{
	return phase < 0 || job->kept.phase == (enum job_phase)phase;
}

static bool
list_more(struct control_request *request)
{
	struct listing *listing = request->state;
	const struct queue *queue = request->control->queue;

	for (int i = 0; control_may_send(request); i++) {
		const struct queue_job *job = queue_next(queue, listing->last);

		if (job == NULL || listing->left == 0) {
			control_done(request);
			return true;
		}
		if (i == SCAN_MOST) {
			control_session_dirty(
			    request->session); /* goes on when others had a turn */
			return false;
		}
		listing->last = job->kept.number;
		if (is_listed(job, listing->phase)) {
			struct text *out = control_answer(request, "job");

			text_string(out, ",\"value\":");
			control_put_job(out, job);
			control_answer_end(request);
			listing->left--;
		}
	}
	return false;
}

static void
clear_state(struct control_request *request)
{
	free(request->state);
}

/* Where the last `count` of the list begin: the number before that of the first. */
static uint64_t
begin_of_last(const struct queue *queue, int phase, uint64_t count)
{
	uint64_t at = UINT64_MAX, first = UINT64_MAX;
	const struct queue_job *job;

	while (count > 0 && (job = queue_before(queue, at)) != NULL) {
		if (is_listed(job, phase)) {
			first = job->kept.number;
			count--;
		}
		if (job->kept.number == 0) {
			break;
		}
		at = job->kept.number - 1;
	}
	return first == UINT64_MAX ? first : first - 1;
}

/* False: it is none, and that was said. */
static bool
take_phase(struct control_session *session, const struct control_message *message, int *phase)
{
	char *state;

	*phase = -1;
	if (!CONTROL_HAS(message, state)) {
		return true;
	}
	if (!control_string(session, message, CONTROL_FIELD_state, message->state, &state)) {
		return false;
	}
	for (int i = JOB_HELD; i <= JOB_ENDED; i++) {
		if (strcmp(state, job_phase_name((enum job_phase)i)) == 0) {
			*phase = i;
		}
	}
	free(state);
	if (*phase < 0) {
		control_refuse(session, message->request,
			       "state: must be held, queued, running or ended");
	}
	return *phase >= 0;
}

void
control_take_jobs(struct control_session *session, const struct control_message *message)
{
	struct control_request *request;
	struct listing *listing;
	int phase;

	if (!take_phase(session, message, &phase) ||
	    (request = control_request_new(session, message, true)) == NULL) {
		return;
	}
	listing = calloc(1, sizeof(*listing));
	if (listing == NULL) {
		control_fail(request, "out of memory");
		return;
	}
	listing->phase = phase;
	listing->left = CONTROL_HAS(message, first) ? message->first : UINT64_MAX;
	listing->last = CONTROL_HAS(message, last)
			    ? begin_of_last(session->control->queue, phase, message->last)
			    : 0;
	request->state = listing;
	request->clear = clear_state;
	request->more = list_more;
	list_more(request);
}

/* ---- find ------------------------------------------------------------------------------------- */

static void
answer_found(struct control_session *session, const struct control_message *message,
	     uint64_t number)
{
	struct control_request *request = control_request_new(session, message, false);

	if (request != NULL) {
		request->job = number;
		control_done_job(request);
	}
}

/* The job of that name; several of one name are told, so that one can be chosen. */
static void
find_by_name(struct control_session *session, const struct control_message *message,
	     const char *name)
{
	const struct queue *queue = session->control->queue;
	const struct queue_job *job = queue_before(queue, UINT64_MAX);
	struct text numbers = TEXT_INIT;
	int shown = (int)text_cut(span_of(name), NAME_SHOWN);
	uint64_t found = 0, count = 0;

	for (; job != NULL; job = queue_before(queue, job->kept.number - 1)) {
		if (job->kept.name == NULL || strcmp(job->kept.name, name) != 0) {
			continue;
		}
		found = job->kept.number;
		if (count++ < NAMED_MOST) {
			text_string(&numbers, count == 1 ? "" : ", ");
			text_uint(&numbers, found);
		}
	}
	text_terminate(&numbers);
	if (count == 1) {
		answer_found(session, message, found);
	} else if (count == 0) {
		control_refuse(session, message->request,
			       "there is no job \"%.*s\"; `stint jobs` lists those there are",
			       shown, name);
	} else {
		control_refuse(session, message->request,
			       "%" PRIu64 " jobs are named \"%.*s\": %s%s; name one by its number",
			       count, shown, name, numbers.data, count > NAMED_MOST ? ", ..." : "");
	}
	text_free(&numbers);
}

void
control_take_find(struct control_session *session, const struct control_message *message)
{
	const struct queue_job *job;
	char *name;

	if (!control_string(session, message, CONTROL_FIELD_name, message->name, &name)) {
		return;
	}
	if (name != NULL) {
		find_by_name(session, message, name);
		free(name);
		return;
	}
	job = queue_before(session->control->queue, UINT64_MAX);
	if (job != NULL) {
		answer_found(session, message, job->kept.number);
	} else {
		control_refuse(session, message->request,
			       "there are no jobs; stint submit makes one");
	}
}

/* ---- status ----------------------------------------------------------------------------------- */

struct telling {
	struct control_request *request;
	unsigned left;
};

static bool
tell_running(void *context, const struct queue_running *running)
{
	struct telling *telling = context;
	struct text *out;

	if (telling->request->job != 0 && running->job != telling->request->job) {
		return true;
	}
	out = control_answer(telling->request, "running");
	text_printf(out, ",\"value\":{\"job\":%" PRIu64 ",\"task\":", running->job);
	text_json_string(out, running->task, strlen(running->task));
	if (running->tag != NULL && text_is_utf8(running->tag, strlen(running->tag))) {
		text_string(out, ",\"tag\":");
		text_json_string(out, running->tag, strlen(running->tag));
	}
	text_printf(out, ",\"worker\":%d,\"attempt\":%u,\"for\":", running->worker,
		    running->attempt);
	text_seconds(out, running->for_us);
	text_string(out, running->computes ? ",\"computes\":true" : ",\"computes\":false");
	if (running->use >= 0) {
		text_printf(out, ",\"use\":%.3f", running->use);
	}
	text_char(out, '}');
	control_answer_end(telling->request);
	return --telling->left > 0;
}

static void
status_of_job(struct control_request *request)
{
	struct telling telling = {.request = request, .left = RUNNING_MOST};
	const struct queue_job *job = queue_job(request->control->queue, request->job);
	struct text *out = control_answer(request, "job");

	text_string(out, ",\"value\":");
	control_put_job(out, job);
	control_answer_end(request);
	if (job->running > 0) {
		queue_each_running(request->control->queue, tell_running, &telling);
	}
}

static void
put_counts(struct text *out, const struct queue_status *status)
{
	for (int i = JOB_HELD; i <= JOB_ENDED; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == JOB_HELD ? ",\"jobs\":{" : ",",
			    job_phase_name((enum job_phase)i), status->jobs[i]);
	}
	for (int i = JOB_OK; i <= JOB_CANCELLED; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == JOB_OK ? "},\"ended\":{" : ",",
			    job_outcome_name((enum job_outcome)i), status->ended[i]);
	}
	for (int i = 0; i < STATUSES; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == 0 ? "},\"tasks\":{" : ",",
			    task_status_name((enum task_status)i), status->tasks[i]);
	}
	text_char(out, '}');
}

static void
status_of_queue(struct control_request *request)
{
	struct text *out = control_answer(request, "status");
	struct queue_status status = {.paused = false};

	queue_status(request->control->queue, &status);
	text_string(out,
		    status.paused ? ",\"value\":{\"paused\":true" : ",\"value\":{\"paused\":false");
	text_string(out, status.draining ? ",\"draining\":true" : ",\"draining\":false");
	if (status.trouble != NULL) {
		text_string(out, ",\"trouble\":");
		text_json_string(out, status.trouble, strlen(status.trouble));
	}
	if (status.broken != NULL) {
		text_string(out, ",\"broken\":");
		text_json_string(out, status.broken, strlen(status.broken));
	}
	queue_status_put_store(out, &status);
	put_counts(out, &status);
	text_printf(out,
		    ",\"cores\":%u,\"workers\":%u,\"computing\":%u,\"waiting\":%u,\"ready\":%u,"
		    "\"asked\":%.3f,\"clients\":%u,\"wall\":",
		    status.cores, status.workers, status.computing, status.waiting, status.ready,
		    status.asked, request->control->count);
	text_seconds(out, status.wall_us);
	text_string(out, ",\"cpu\":");
	text_seconds(out, status.cpu_us);
	text_string(out, ",\"up\":");
	text_seconds(out, status.up_us);
	text_char(out, '}');
	control_answer_end(request);
}

void
control_take_status(struct control_session *session, const struct control_message *message)
{
	struct control_request *request;

	if (CONTROL_HAS(message, job) && control_job(session, message) == NULL) {
		return;
	}
	request = control_request_new(session, message, false);
	if (request == NULL) {
		return;
	}
	if (CONTROL_HAS(message, job)) {
		status_of_job(request);
	} else {
		status_of_queue(request);
	}
	control_done(request);
}

void
control_take_running(struct control_session *session, const struct control_message *message)
{
	struct telling telling = {.left = RUNNING_MOST};

	if (CONTROL_HAS(message, job) && control_job(session, message) == NULL) {
		return;
	}
	telling.request = control_request_new(session, message, false);
	if (telling.request != NULL) {
		queue_each_running(session->control->queue, tell_running, &telling);
		control_done(telling.request);
	}
}

void
control_take_ping(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = control_request_new(session, message, false);

	if (request != NULL) {
		control_done(request);
	}
}
