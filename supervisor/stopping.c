/* SPDX-License-Identifier: ISC */
/*
 * stopping: how a run is brought to its end before its tasks are all done: nothing more begins,
 * what runs is ended, what does not end is killed. In the supervisor.
 */
#include <err.h>
#include <event2/event.h>

#include "ipc/clock.h"
#include "supervisor/engine.h"
#include "supervisor/sink_progress.h"

#define TERM_S 2 /* for tasks to end, beyond the longest grace */
#define KILL_S 2 /* likewise after KILL */

#define MORE_US (5 * US_PER_SECOND) /* between the parts of a large output */

void
engine_stop(struct engine *engine, enum stopping how)
{
	if (how <= engine->stopping) {
		return;
	}
	engine->stopping = how;
	engine->summary->more |= !engine->read_all && !jobfile_is_read(engine->jobfile);
	engine->read_all = true;
	intake_drop_ready(engine);
	for (unsigned i = 0; i < pool_size(engine->pool); i++) {
		struct worker_proc *worker = pool_worker(engine->pool, (int)i);

		if (worker == NULL) {
			continue;
		}
		intake_recall(engine, (int)i, UINT32_MAX);
		for (int stage = STOP_TERM; stage <= (int)how; stage++) {
			struct text *out = worker_proc_out(worker);

			message_begin(out, MESSAGE_cancel);
			message_end(out);
		}
		worker_proc_flush(worker);
	}
	if (how >= STOP_TERM) {
		const struct timeval wait = {
		    .tv_sec = how == STOP_TERM ? TERM_S + slots_grace_s(&engine->slots) : KILL_S};

		sinks_hurry(engine->sinks);
		event_add(engine->patience, &wait);
	}
	event_active(engine->again, EV_TIMEOUT, 0);
}

/* A worker that was told to end its tasks, and has not in good time, is ended itself. */
void
stopping_patience(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval wait = {.tv_sec = 1};
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	if (engine->stopping < STOP_KILL && clock_us() - engine->more_us < MORE_US) {
		/* Its tasks have ended, it says what they wrote. */
		event_add(engine->patience, &wait);
	} else if (engine->stopping < STOP_KILL) {
		engine_stop(engine, STOP_KILL);
	} else if (!engine->finishing) {
		pool_kill(engine->pool);
	}
}

void
engine_fail(struct engine *engine, const char *why)
{
	if (engine->exit_status != EXIT_SYSTEM) {
		progress_hide();
		warnx("%s", why);
		engine->exit_status = EXIT_SYSTEM;
	}
	engine_stop(engine, STOP_KILL);
}

const char *
stopping_words(const struct engine *engine)
{
	static const char *const words[] = {NULL, "stopping: no more are started",
					    "stopping: terminated", "stopping: killed"};

	return words[engine->stopping];
}

void
stopping_say(const struct engine *engine)
{
	static const char *const words[] = {"", "no more tasks are started", "ending them",
					    "killing them"};
	static const char *const more[] = {"", "; again to end them", "; again to kill them", ""};
	unsigned running = engine_in_progress(engine);

	progress_hide();
	warnx("stopping: %s, %u still running%s", words[engine->stopping], running,
	      running == 0 ? "" : more[engine->stopping]);
}
