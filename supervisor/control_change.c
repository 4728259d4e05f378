/* SPDX-License-Identifier: ISC */
/*
 * control_change: requests that change something, answered when that is in the store: cancel,
 * retry, pause, resume, set, drain, remove, and shutdown. In the supervisor, of stintd.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "supervisor/control_parts.h"
#include "supervisor/daemon_log.h"

/* A request that the queue will call back with; `needs_job`: of a job that there is. NULL: said. */
static struct control_request *
begin(struct control_session *session, const struct control_message *message, bool needs_job)
{
	struct control_request *request;

	if (needs_job && control_job(session, message) == NULL) {
		return NULL;
	}
	request = control_request_new(session, message, false);
	if (request == NULL) {
		return NULL;
	}
	request->awaited = true;
	if (message->job != 0) {
		daemon_log(DAEMON_INFO, "job %" PRIu64 ": %s, by user %u (process %d)",
			   message->job, control_request_name(message->type),
			   (unsigned)session->uid, (int)session->pid);
	} else {
		daemon_log(DAEMON_NOTICE, "%s, by user %u (process %d)",
			   control_request_name(message->type), (unsigned)session->uid,
			   (int)session->pid);
	}
	return request;
}

void
control_take_cancel(struct control_session *session, const struct control_message *message)
{
	struct control_request *request;
	char *task;

	if (!control_string(session, message, CONTROL_FIELD_task, message->task, &task)) {
		return;
	}
	request = begin(session, message, true);
	if (request != NULL) {
		queue_cancel(session->control->queue, message->job, task, message->kill,
			     control_changed, request);
	}
	free(task);
}

void
control_take_retry(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, true);

	if (request != NULL) {
		queue_retry(session->control->queue, message->job, message->failed, control_changed,
			    request);
	}
}

void
control_take_pause(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, CONTROL_HAS(message, job));

	if (request != NULL) {
		queue_pause(session->control->queue, message->job, control_changed, request);
	}
}

void
control_take_resume(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, CONTROL_HAS(message, job));

	if (request != NULL) {
		queue_resume(session->control->queue, message->job, control_changed, request);
	}
}

void
control_take_set(struct control_session *session, const struct control_message *message)
{
	const struct queue_job *job = control_job(session, message);
	struct control_request *request;
	unsigned weight;
	int priority;

	if (job == NULL || !control_check_numbers(session, message)) {
		return;
	}
	priority = CONTROL_HAS(message, priority) ? (int)message->priority : job->kept.priority;
	weight = CONTROL_HAS(message, weight) ? (unsigned)message->weight : job->kept.weight;
	request = begin(session, message, true);
	if (request != NULL) {
		queue_set_priority(session->control->queue, message->job, priority, weight,
				   control_changed, request);
	}
}

void
control_take_remove(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, true);

	if (request != NULL) {
		queue_remove(session->control->queue, message->job, control_changed, request);
	}
}

void
control_take_drain(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, CONTROL_HAS(message, job));

	if (request != NULL) {
		queue_drain(session->control->queue, message->job, control_changed, request);
	}
}

void
control_take_shutdown(struct control_session *session, const struct control_message *message)
{
	struct control_request *request = begin(session, message, false);

	if (request != NULL) {
		request->awaited = false;
		control_done(request);
		session->control->ops->shutdown(session->control->context, message->now);
	}
}

/* It is answered by its session, before it would come here. */
void
control_take_hello(struct control_session *session, const struct control_message *message)
{
	(void)session;
	(void)message;
}
