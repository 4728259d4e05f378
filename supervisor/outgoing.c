/* SPDX-License-Identifier: ISC */
/*
 * outgoing: what leaves the supervisor through the sinks, and what happens when it cannot. In the
 * supervisor.
 */
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>

#include "supervisor/engine.h"
#include "supervisor/supervisor.h"

static void
flush_sinks(struct job *job)
{
	struct text error = TEXT_INIT;

	if (!sinks_flush(job->sinks, &error)) {
		text_terminate(&error);
		if (errno == EPIPE) {
			job->signal = SIGPIPE; /* whoever read our output has gone */
			job_stop(job, STOP_KILL);
		} else {
			job_fail(job, error.data);
		}
	}
	text_free(&error);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct job *job = arg;

	(void)fd;
	(void)what;
	job_again(job);
}

/* A pass follows when the descriptor can be written to. */
static void
await_writable(struct job *job, int fd)
{
	if (job->outgoing != NULL && event_get_fd(job->outgoing) != fd) {
		event_free(job->outgoing);
		job->outgoing = NULL;
	}
	if (job->outgoing == NULL) {
		job->outgoing = event_new(job->engine->base, fd, EV_WRITE, on_writable, job);
	}
	if (job->outgoing == NULL || event_add(job->outgoing, NULL) != 0) {
		err(EXIT_SYSTEM, "cannot wait for who reads the output");
	}
}

/*
 * While our output is not read, the workers wait when there is enough of it; but not for ever when
 * the run is to end: whoever does not read then does not get all.
 */
static void
wait_for_readers(struct job *job)
{
	struct sink_wait wait;

	sinks_wait(job->sinks, &wait);
	if (wait.fd >= 0) {
		await_writable(job, wait.fd);
	}
	if (wait.again) {
		job_again(job);
	}
	job->full = wait.full && job->stopping < STOP_KILL;
}

void
outgoing_flush_job(struct job *job)
{
	flush_sinks(job);
	wait_for_readers(job);
}

void
outgoing_flush(struct engine *engine)
{
	struct job *job;
	bool full = false;

	TAILQ_FOREACH(job, &engine->stirring, stirring)
	{
		outgoing_flush_job(job);
		full |= job->full;
	}
	if (full || engine->paused) {
		engine->paused = full;
		pool_pause(engine->pool, full);
	}
}
