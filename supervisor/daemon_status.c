/* SPDX-License-Identifier: ISC */
/* daemon_status: how the daemon stands, for ps, systemd and the log. In the supervisor, of stintd. */
#include <bsd/unistd.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_parts.h"
#include "supervisor/notify.h"
#include "supervisor/queue.h"

#define SHOW_MS    500 /* changes that follow each other are shown together */
#define TASKS_MOST 100 /* in the log */

static uint64_t
open_jobs(const struct queue_status *status)
{
	return status->jobs[JOB_HELD] + status->jobs[JOB_QUEUED] + status->jobs[JOB_RUNNING];
}

static void
show_later(struct daemon *daemon)
{
	static const struct timeval wait = {.tv_usec = SHOW_MS * 1000};

	if (daemon->show != NULL && !event_pending(daemon->show, EV_TIMEOUT, NULL)) {
		event_add(daemon->show, &wait);
	}
}

void
daemon_status_show(struct daemon *daemon)
{
	struct queue_status status;
	const char *word = "";
	unsigned tasks;
	uint64_t jobs;

	queue_status(daemon->queue, &status);
	tasks = status.computing + status.waiting;
	jobs = open_jobs(&status);
	if (daemon->stopping) {
		word = "stopping, ";
	} else if (status.broken != NULL) {
		word = "broken, ";
	} else if (status.draining) {
		word = "draining, ";
	} else if (status.paused) {
		word = "paused, ";
	}
	setproctitle("%s%" PRIu64 " job%s, %u running", word, jobs, jobs == 1 ? "" : "s", tasks);
	notify_send("STATUS=%s%" PRIu64 " job%s, %u task%s running", word, jobs,
		    jobs == 1 ? "" : "s", tasks, tasks == 1 ? "" : "s");
	if (tasks > 0) {
		show_later(daemon); /* tasks come and go without a word */
	}
}

static void
on_show(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	daemon_status_show(arg);
}

static void
on_job(void *context, uint64_t number, const struct queue_job *job)
{
	(void)number;
	(void)job;
	show_later(context);
}

bool
daemon_status_start(struct daemon *daemon)
{
	static const struct queue_watch_ops ops = {.job = on_job};

	daemon->show = event_new(daemon->base, -1, 0, on_show, daemon);
	daemon->watch = queue_watch(daemon->queue, 0, &ops, daemon);
	return daemon->show != NULL && daemon->watch != NULL;
}

void
daemon_status_stop(struct daemon *daemon)
{
	if (daemon->watch != NULL) {
		queue_unwatch(daemon->watch);
		daemon->watch = NULL;
	}
	if (daemon->show != NULL) {
		event_free(daemon->show);
		daemon->show = NULL;
	}
}

static bool
log_task(void *context, const struct queue_running *task)
{
	unsigned *left = context;

	daemon_log(DAEMON_NOTICE,
		   "  job %" PRIu64 ", task %s: for %.1f s on worker %d, attempt %u, %s", task->job,
		   task->task, (double)task->for_us / US_PER_SECOND, task->worker, task->attempt,
		   task->computes ? "computes" : "waits");
	return --*left > 0;
}

void
daemon_status_log(struct daemon *daemon)
{
	unsigned left = TASKS_MOST;
	struct queue_status status;

	queue_status(daemon->queue, &status);
	daemon_log(DAEMON_NOTICE,
		   "state: up %.0f s%s%s%s%s; jobs: %" PRIu64 " held, %" PRIu64 " queued, %" PRIu64
		   " running, %" PRIu64 " ended",
		   (double)status.up_us / US_PER_SECOND, status.paused ? ", paused" : "",
		   status.draining ? ", draining" : "", status.broken != NULL ? ", broken: " : "",
		   status.broken != NULL ? status.broken : "", status.jobs[JOB_HELD],
		   status.jobs[JOB_QUEUED], status.jobs[JOB_RUNNING], status.jobs[JOB_ENDED]);
	daemon_log(DAEMON_NOTICE,
		   "state: %u cores, %u workers; tasks: %u computing, %u waiting, %u ready; %.2f "
		   "cores asked for",
		   status.cores, status.workers, status.computing, status.waiting, status.ready,
		   status.asked);
	queue_each_running(daemon->queue, log_task, &left);
	if (left == 0) {
		daemon_log(DAEMON_NOTICE, "  and others: stint jobs and stint status have all");
	}
}
