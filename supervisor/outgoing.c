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

static void
flush_sinks(struct engine *engine)
{
	struct text error = TEXT_INIT;

	if (!sinks_flush(engine->sinks, &error)) {
		text_terminate(&error);
		if (errno == EPIPE) {
			engine->signal = SIGPIPE; /* whoever read our output has gone */
			engine_stop(engine, STOP_KILL);
		} else {
			engine_fail(engine, error.data);
		}
	}
	text_free(&error);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	event_active(engine->again, EV_TIMEOUT, 0);
}

/* A pass follows when the descriptor can be written to. */
static void
await_writable(struct engine *engine, int fd)
{
	if (engine->outgoing != NULL && event_get_fd(engine->outgoing) != fd) {
		event_free(engine->outgoing);
		engine->outgoing = NULL;
	}
	if (engine->outgoing == NULL) {
		engine->outgoing = event_new(engine->base, fd, EV_WRITE, on_writable, engine);
	}
	if (engine->outgoing == NULL || event_add(engine->outgoing, NULL) != 0) {
		err(EXIT_SYSTEM, "cannot wait for who reads the output");
	}
}

/*
 * While our output is not read, the workers wait when there is enough of it; but not for ever when
 * the run is to end: whoever does not read then does not get all.
 */
static void
wait_for_readers(struct engine *engine)
{
	struct sink_wait wait;

	sinks_wait(engine->sinks, &wait);
	if (wait.fd >= 0) {
		await_writable(engine, wait.fd);
	}
	if (wait.again) {
		event_active(engine->again, EV_TIMEOUT, 0);
	}
	wait.full = wait.full && engine->stopping < STOP_KILL;
	if (wait.full || engine->paused) {
		engine->paused = wait.full;
		pool_pause(engine->pool, wait.full);
	}
}

void
outgoing_flush(struct engine *engine)
{
	flush_sinks(engine);
	wait_for_readers(engine);
}

void
outgoing_free(struct engine *engine)
{
	if (engine->outgoing != NULL) {
		event_free(engine->outgoing);
	}
}
