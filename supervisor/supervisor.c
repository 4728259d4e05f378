/* SPDX-License-Identifier: ISC */
/*
 * supervisor: see supervisor.h; the front of `stint run`: one job, signals, the terminal. In the
 * supervisor.
 */
#include "supervisor/supervisor.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "ipc/cgroup.h"
#include "ipc/clock.h"
#include "ipc/orphans.h"
#include "supervisor/engine.h"
#include "supervisor/guard.h"
#include "supervisor/running.h"
#include "supervisor/sink_progress.h"
#include "supervisor/suspend.h"

#define TICK_US 100000
#define END_US  (5 * US_PER_SECOND) /* for the workers to end when all is done */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

struct front {
	struct event_base *base;
	struct engine *engine;
	struct job job;
	struct job_slots job_slots; /* -j @FILE */
	struct event *on[SIGNALS];
	struct event *tick;    /* progress */
	struct event *second;  /* what is looked at once a second */
	struct event *suspend; /* Ctrl-Z */
	int suspend_fd;
};

/* ---- what happens ----------------------------------------------------------------------------- */

/* The job is over: the workers may end. */
static void
over(void *context, struct job *job)
{
	const struct timeval wait = {.tv_sec = END_US / US_PER_SECOND};
	struct front *front = context;

	job_measure(job);
	if (job->patience != NULL) {
		event_del(job->patience);
	}
	event_base_loopexit(front->base, &wait);
	engine_finish(front->engine);
}

static void
ended(void *context)
{
	struct front *front = context;

	event_base_loopbreak(front->base);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct front *front = arg;
	struct run_status status;

	(void)fd;
	(void)what;
	running_status(&front->job, &status);
	sinks_tick(front->job.sinks, &status);
}

/* The first Ctrl-C starts nothing more, the second ends what runs, the third kills it. */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct front *front = arg;
	struct job *job = &front->job;

	(void)what;
	if (number == SIGCHLD) {
		engine_reap(front->engine);
		return;
	}
	if (number == SIGUSR1) {
		explain_running(front->engine);
		return;
	}
	job->signal = (int)number;
	if (job->stopping == STOP_KILL || job->over) {
		return;
	}
	job_stop(job,
		 number != SIGINT && job->stopping < STOP_TERM ? STOP_TERM : job->stopping + 1);
	job_say_stopping(job);
}

static void
on_suspend(evutil_socket_t fd, short what, void *arg)
{
	struct front *front = arg;

	(void)fd;
	(void)what;
	sinks_suspend(front->job.sinks, true);
	suspend_run(front->engine->pool);
	sinks_suspend(front->job.sinks, false);
}

/* Has -j @FILE changed? */
static void
heed_job_slots(struct front *front)
{
	struct job_slots *job_slots = &front->job_slots;
	unsigned cores;

	if (job_slots_changed(job_slots, &cores)) {
		progress_hide();
		warnx("-j: %u core%s from now on", cores, cores == 1 ? "" : "s");
		engine_set_cores(front->engine, cores);
	} else if (job_slots->wrong != NULL) {
		progress_hide();
		warnx("-j: %s: %s; %u as before", job_slots->file, job_slots->wrong,
		      scheduler_cores(front->engine->scheduler));
	}
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	struct front *front = arg;

	(void)fd;
	(void)what;
	if (front->job.over) {
		return;
	}
	if (front->job.options->model->per_cpu) {
		heed_job_slots(front);
	}
	engine_second(front->engine);
}

/* ---- beginning and end ------------------------------------------------------------------------ */

/* As under nohup(1), or in the background of a script: it stays ignored. */
static bool
is_ignored(int number)
{
	struct sigaction action;

	return (number == SIGHUP || number == SIGINT || number == SIGTSTP) &&
	       sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void
make_loop(struct front *front)
{
	static const struct timeval tick = {.tv_usec = TICK_US}, second = {.tv_sec = 1};
	const struct run_options *options = front->job.options;

	front->base = event_base_new();
	if (front->base == NULL) {
		errx(EXIT_SYSTEM, "cannot make an event loop");
	}
	front->tick = event_new(front->base, -1, EV_PERSIST, on_tick, front);
	front->second = event_new(front->base, -1, EV_PERSIST, on_second, front);
	front->suspend_fd = suspend_watch();
	front->suspend =
	    event_new(front->base, front->suspend_fd, EV_READ | EV_PERSIST, on_suspend, front);
	if (front->tick == NULL || front->second == NULL || front->suspend == NULL ||
	    front->suspend_fd < 0 ||
	    (!is_ignored(SIGTSTP) && event_add(front->suspend, NULL) != 0) ||
	    event_add(front->second, &second) != 0 ||
	    ((options->progress || options->top) && event_add(front->tick, &tick) != 0)) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	for (size_t i = 0; i < SIGNALS; i++) {
		front->on[i] = evsignal_new(front->base, signals[i], on_signal, front);
		if (front->on[i] == NULL ||
		    (!is_ignored(signals[i]) && event_add(front->on[i], NULL) != 0)) {
			errx(EXIT_SYSTEM, "cannot set up signals");
		}
	}
}

static void
clean_up(struct front *front)
{
	job_end(&front->job);
	engine_free(front->engine);
	orphans_end();
	cgroup_remove_left(getenv("STINT_RUN"));
	for (size_t i = 0; i < SIGNALS; i++) {
		event_free(front->on[i]);
	}
	event_free(front->tick);
	event_free(front->second);
	event_free(front->suspend);
	suspend_unwatch(front->suspend_fd);
	event_base_free(front->base);
}

/* Whatever was inherited. */
static void
set_signals(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	sigaction(SIGPIPE, &ignore, NULL); /* a write says EPIPE instead */
	sigaction(SIGXFSZ, &ignore, NULL); /* likewise EFBIG */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int
supervisor_run(const struct run_options *options, struct jobfile *jobfile, struct sinks *sinks,
	       struct summary *summary)
{
	static const struct engine_ops ops = {.over = over, .ended = ended};
	struct front front = {
	    .job = {.options = options, .jobfile = jobfile, .sinks = sinks, .summary = summary},
	    .job_slots = options->job_slots};

	set_signals();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	guard_start();
	make_loop(&front);
	front.engine = engine_new(front.base, options, summary->job, &ops, &front);
	job_begin(front.engine, &front.job);
	sinks_attach(sinks, front.base);
	event_base_dispatch(front.base);
	sinks_attach(sinks, NULL);
	clean_up(&front);
	return job_exit_status(&front.job);
}
