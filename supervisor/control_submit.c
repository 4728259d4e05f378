/* SPDX-License-Identifier: ISC */
/*
 * control_submit: the requests by which jobs come in: submit, and the pieces that follow. In the
 * supervisor, of stintd.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/control_parts.h"
#include "supervisor/daemon_log.h"

#define PRIORITY_MOST 1000
#define WEIGHT_MOST   1000
#define AFTER_MOST    10000 /* jobs that one may wait for */

/* What a request says of the job, decoded. */
struct wanted {
	char *name, *file, *directory;
	uint64_t *after;
	size_t after_count;
	char *text;
	size_t len;
};

static void
wanted_free(struct wanted *wanted)
{
	free(wanted->name);
	free(wanted->file);
	free(wanted->directory);
	free(wanted->after);
	free(wanted->text);
}

static bool
take_after(struct control_session *session, const struct control_message *message,
	   struct wanted *wanted)
{
	struct json_members elements;
	struct span element;
	uint64_t number;

	if (!CONTROL_HAS(message, after)) {
		return true;
	}
	wanted->after = malloc(message->after.len * sizeof(*wanted->after) / 2 + sizeof(number));
	json_elements_begin(&elements, message->after);
	while (wanted->after != NULL && json_elements_next(&elements, &element)) {
		json_value_uint(element, &number);
		if (queue_job(session->control->queue, number) == NULL) {
			control_refuse(session, message->request,
				       "after: there is no job %" PRIu64
				       "; `stint jobs` lists those there are",
				       number);
			return false;
		}
		wanted->after[wanted->after_count++] = number;
		if (wanted->after_count > AFTER_MOST) {
			control_refuse(session, message->request,
				       "after: names more than %d jobs, which is the most",
				       AFTER_MOST);
			return false;
		}
	}
	if (wanted->after == NULL) {
		control_refuse(session, message->request, "out of memory");
	}
	return wanted->after != NULL;
}

bool
control_check_numbers(struct control_session *session, const struct control_message *message)
{
	if (message->priority < -PRIORITY_MOST || message->priority > PRIORITY_MOST) {
		control_refuse(session, message->request, "priority: must be from -%d to %d",
			       PRIORITY_MOST, PRIORITY_MOST);
		return false;
	}
	if (CONTROL_HAS(message, weight) &&
	    (message->weight == 0 || message->weight > WEIGHT_MOST)) {
		control_refuse(session, message->request, "weight: must be from 1 to %d",
			       WEIGHT_MOST);
		return false;
	}
	return true;
}

static bool
take_wanted(struct control_session *session, const struct control_message *message,
	    struct wanted *wanted)
{
	*wanted = (struct wanted){.len = 0};
	if (!control_check_numbers(session, message) || !take_after(session, message, wanted) ||
	    !control_string(session, message, CONTROL_FIELD_name, message->name, &wanted->name) ||
	    !control_string(session, message, CONTROL_FIELD_file, message->file, &wanted->file) ||
	    !control_string(session, message, CONTROL_FIELD_directory, message->directory,
			    &wanted->directory)) {
		return false;
	}
	if (wanted->directory != NULL && wanted->directory[0] != '/') {
		control_refuse(session, message->request,
			       "directory: must begin with a slash, as commands run in it");
		return false;
	}
	if (!json_value_string(message->text, &wanted->text, &wanted->len)) {
		wanted->text = NULL;
		control_refuse(session, message->request, "text: out of memory");
		return false;
	}
	return true;
}

/* More of it is to come, by the same number of the client's. */
static bool
open_submit(struct control_session *session, uint64_t request)
{
	struct control_submit *submit;

	if (session->submits >= CONTROL_SUBMITS || (submit = calloc(1, sizeof(*submit))) == NULL) {
		control_refuse(
		    session, request,
		    "%d submits have begun on this connection and not ended, which is as "
		    "many as there may be; end one first",
		    CONTROL_SUBMITS);
		return false;
	}
	submit->request = request;
	LIST_INSERT_HEAD(&session->open, submit, link);
	session->submits++;
	return true;
}

static struct control_submit *
find_submit(struct control_session *session, uint64_t request)
{
	struct control_submit *submit;

	LIST_FOREACH(submit, &session->open, link)
	{
		if (submit->request == request) {
			break;
		}
	}
	return submit;
}

static void
close_submit(struct control_session *session, struct control_submit *submit)
{
	LIST_REMOVE(submit, link);
	session->submits--;
	free(submit);
}

/* The job is safe; or it is refused, and what still comes of it is passed over. */
static void
on_stored(void *context, const char *error)
{
	struct control_request *request = context;
	struct control_submit *submit;

	if (!control_called_back(request)) {
		return;
	}
	if (error == NULL) {
		control_done_job(request);
		return;
	}
	submit = find_submit(request->session, request->number);
	if (submit != NULL) {
		submit->job = 0;
		submit->answer = NULL;
	}
	control_fail(request, "%s", error);
}

static void
submit_wanted(struct control_session *session, const struct control_message *message,
	      const struct wanted *wanted)
{
	struct store_job what = {.name = wanted->name,
				 .file = wanted->file,
				 .directory = wanted->directory,
				 .after = wanted->after,
				 .after_count = wanted->after_count,
				 .after_any = message->after_any,
				 .priority = (int)message->priority,
				 .weight =
				     CONTROL_HAS(message, weight) ? (unsigned)message->weight : 1};
	struct control *control = session->control;
	struct control_submit *submit;
	struct control_request *request;
	uint64_t number;

	if (find_submit(session, message->request) != NULL) {
		control_refuse(session, message->request,
			       "request: a submit of that number is under way; take another");
		return;
	}
	if (message->more && !open_submit(session, message->request)) {
		return;
	}
	request = control_request_new(session, message, false);
	if (request == NULL) {
		return; /* `open` keeps what was refused, until its last piece */
	}
	request->awaited = true;
	request->job = 0;
	/* It may call back before it returns: then `request` is gone, and the number is 0. */
	number = queue_submit(control->queue, &what, message->hold,
			      (struct span){wanted->text, wanted->len}, !message->more, on_stored,
			      request);
	if (number == 0) {
		return;
	}
	request->job = number;
	submit = message->more ? find_submit(session, message->request) : NULL;
	if (submit != NULL) {
		submit->job = number;
		submit->answer = request;
	}
	daemon_log(DAEMON_INFO, "job %" PRIu64 ": submitted by user %u (process %d)", number,
		   (unsigned)session->uid, (int)session->pid);
	control_watch_store(control);
}

void
control_take_submit(struct control_session *session, const struct control_message *message)
{
	struct wanted wanted;

	if (take_wanted(session, message, &wanted)) {
		submit_wanted(session, message, &wanted);
	} else if (message->more && find_submit(session, message->request) == NULL) {
		open_submit(session, message->request); /* its pieces are on their way already */
	}
	wanted_free(&wanted);
}

void
control_take_piece(struct control_session *session, const struct control_message *message)
{
	struct control_submit *submit = find_submit(session, message->request);
	uint64_t job;
	char *text;
	size_t len;

	if (submit == NULL) {
		control_session_drop(session, "it sent a piece of what it has not begun to submit");
		return;
	}
	job = submit->job;
	if (!message->more) {
		close_submit(session, submit);
	}
	if (job == 0) {
		return;
	}
	if (!json_value_string(message->text, &text, &len)) {
		control_session_drop(session, "out of memory");
		return;
	}
	queue_submit_more(session->control->queue, job, (struct span){text, len}, !message->more);
	free(text);
	control_watch_store(session->control);
}
