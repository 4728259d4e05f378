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
#include "supervisor/supervisor.h"

#define TERM_S 2 /* for tasks to end, beyond the longest grace */
#define KILL_S 2 /* likewise after KILL */

#define MORE_US (5 * US_PER_SECOND) /* between the parts of a large output */

/* Each of its tasks that is with a worker; or all that the workers have, if none is of another. */
static void
send_cancels(struct job *job, int stages)
{
	struct engine *engine = job->engine;
	struct task *task;

	for (int stage = 0; stage < stages && !job_is_only(job); stage++) {
		TAILQ_FOREACH(task, &job->tasks, of_job)
		{
			sending_cancel(engine, task);
		}
	}
	for (unsigned i = 0; i < pool_size(engine->pool); i++) {
		struct worker_proc *worker = pool_worker(engine->pool, (int)i);

		if (worker == NULL) {
			continue;
		}
		for (int stage = 0; stage < stages && job_is_only(job); stage++) {
			struct text *out = worker_proc_out(worker);

			message_begin(out, MESSAGE_cancel);
			message_end(out);
		}
		worker_proc_flush(worker);
	}
}

/* A worker that was told to end its tasks, and has not in good time, is ended itself. */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval wait = {.tv_sec = 1};
	struct job *job = arg;

	(void)fd;
	(void)what;
	if (job->stopping < STOP_KILL && clock_us() - job->more_us < MORE_US) {
		/* Its tasks have ended, it says what they wrote. */
		event_add(job->patience, &wait);
	} else if (job->stopping < STOP_KILL) {
		job_stop(job, STOP_KILL);
	} else if (!job->over && job_is_only(job)) {
		pool_kill(job->engine->pool);
	}
}

static void
be_patient(struct job *job)
{
	const struct timeval wait = {.tv_sec = job->stopping == STOP_TERM
						   ? TERM_S + slots_grace_s(&job->engine->slots)
						   : KILL_S};

	if (job->patience == NULL) {
		job->patience = evtimer_new(job->engine->base, on_patience, job);
	}
	if (job->patience == NULL || event_add(job->patience, &wait) != 0) {
		err(EXIT_SYSTEM, "cannot set a timer");
	}
}

void
job_stop(struct job *job, enum stopping how)
{
	struct engine *engine = job->engine;

	if (how <= job->stopping) {
		return;
	}
	job->stopping = how;
	job->summary->more |= !job->read_all && !jobfile_is_read(job->jobfile);
	job->read_all = true;
	job_drop_ready(job);
	for (unsigned i = 0; i < pool_size(engine->pool); i++) {
		sending_recall(engine, (int)i, UINT32_MAX);
	}
	send_cancels(job, (int)how - STOP_STARTING);
	if (how >= STOP_TERM) {
		sinks_hurry(job->sinks);
		be_patient(job);
	}
	job_again(job);
}

void
job_fail(struct job *job, const char *why)
{
	if (job->exit_status != EXIT_SYSTEM) {
		progress_hide();
		warnx("%s", why);
		job->exit_status = EXIT_SYSTEM;
	}
	job_stop(job, STOP_KILL);
}

const char *
stopping_words(const struct job *job)
{
	static const char *const words[] = {NULL, "stopping: no more are started",
					    "stopping: terminated", "stopping: killed"};

	return words[job->stopping];
}

void
job_say_stopping(const struct job *job)
{
	static const char *const words[] = {"", "no more tasks are started", "ending them",
					    "killing them"};
	static const char *const more[] = {"", "; again to end them", "; again to kill them", ""};
	unsigned running = engine_in_progress(job->engine);

	progress_hide();
	warnx("stopping: %s, %u still running%s", words[job->stopping], running,
	      running == 0 ? "" : more[job->stopping]);
}
