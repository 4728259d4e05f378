/* SPDX-License-Identifier: ISC */
/*
 * queue_stop: what runs is stopped, since the daemon ends, or since it cannot go on; then it tries
 * again after a while. See queue_parts.h. In the supervisor, of stintd.
 */
#include <err.h>
#include <event2/event.h>
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

#define KILL_S        2 /* for tasks to end after KILL, when the daemon ends */
#define AGAIN_FIRST_S 5 /* until it tries again, twice as long each time */
#define AGAIN_MOST_S  600

static void
stop_all(struct queue *queue, enum stopping how)
{
	for (size_t i = 0; i < queue->count; i++) {
		struct queue_active *active = queue->all[i] == NULL ? NULL : queue->all[i]->active;

		if (active != NULL && active->in_engine && !active->over) {
			job_stop(&active->job, how);
		}
	}
}

void
queue_stop_rest(struct queue *queue)
{
	if (queue->stopping && queue->engine != NULL && !queue->engine_ended &&
	    engine_in_progress(queue->engine) == 0) {
		stop_all(queue, STOP_STARTING);
	}
}

/* What stood in the way may be gone; if not, it takes longer until the next time. */
static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;

	(void)fd;
	(void)what;
	if (queue->trouble != NULL && queue->broken == NULL && !queue->stopping) {
		daemon_log(DAEMON_NOTICE, "trying again");
		queue_go_on(queue);
	}
}

static void
try_again(struct queue *queue)
{
	struct timeval wait;

	queue->again_s = queue->again_s == 0                 ? AGAIN_FIRST_S
			 : queue->again_s < AGAIN_MOST_S / 2 ? queue->again_s * 2
							     : AGAIN_MOST_S;
	wait = (struct timeval){.tv_sec = queue->again_s};
	if (queue->again == NULL) {
		queue->again = evtimer_new(queue->base, on_again, queue);
	}
	if (queue->again == NULL || event_add(queue->again, &wait) != 0) {
		errx(EXIT_SYSTEM, "cannot set a timer");
	}
}

void
queue_trouble(struct queue *queue, const char *why)
{
	if (queue->paused) { /* by somebody, who decides when it goes on; or for that already */
		daemon_log(DAEMON_ERROR, "%s", why);
		return;
	}
	queue->paused = true;
	queue->trouble = strdup(why);
	try_again(queue);
	daemon_log(DAEMON_ERROR,
		   "%s; the queue is paused, and tries again in %u s; `stint resume`: now", why,
		   queue->again_s);
	queue_tell_status(queue);
}

void
queue_interrupt(struct queue *queue, const char *why)
{
	queue->interrupts = true;
	queue_trouble(queue, why);
	stop_all(queue, STOP_KILL);
	if (queue->active_count == 0) {
		queue_run_idle(queue);
	}
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval wait = {.tv_sec = KILL_S};
	struct queue *queue = arg;

	(void)fd;
	(void)what;
	stop_all(queue, STOP_TERM);
	event_add(queue->patience, &wait);
}

void
queue_stop(struct queue *queue, int64_t patience_us, void (*ended)(void *context), void *context)
{
	struct timeval wait = {patience_us / US_PER_SECOND, patience_us % US_PER_SECOND};

	queue->stopped = ended;
	queue->stopped_context = context;
	if (queue->stopping) { /* said again: at once */
		stop_all(queue, STOP_KILL);
		return;
	}
	queue->stopping = queue->interrupts = true;
	if (queue->engine == NULL) {
		queue->stopped = NULL;
		ended(context);
		return;
	}
	queue_pause_all(queue);
	queue->patience = evtimer_new(queue->base, on_patience, queue);
	if (queue->patience == NULL || event_add(queue->patience, &wait) != 0) {
		errx(EXIT_SYSTEM, "cannot set a timer");
	}
	queue_stop_rest(queue);
	if (queue->active_count == 0) {
		queue_run_idle(queue);
	}
}
