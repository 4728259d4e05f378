/* SPDX-License-Identifier: ISC */
/* supervisor: see supervisor.h; the loop of a run, its beginning and its end. */
#include "supervisor/supervisor.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/orphans.h"
#include "supervisor/engine.h"
#include "supervisor/sink_progress.h"

#define TICK_US      100000
#define WAITING_MOST 1000000 /* waiting tasks in flight, whatever memory there is */
#define WAITING_SIZE 640     /* bytes of memory that one takes, on both sides together */
#define MEMORY_SHARE 64      /* they may take this part of the machine's memory */
#define POOL_THREADS 256     /* likewise the threads of the pool models */
#define TERM_S       7 /* for tasks to end: the worker's time from TERM to KILL, and a little */
#define KILL_S       2 /* likewise after KILL */
#define NAP_US       1500
#define END_US       (5 * US_PER_SECOND) /* for the workers to end when all is done */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

void
engine_stop(struct engine *engine, enum stopping how)
{
	if (how <= engine->stopping) {
		return;
	}
	engine->stopping = how;
	engine->summary->more |= !engine->read_all;
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
		const struct timeval wait = {.tv_sec = how == STOP_TERM ? TERM_S : KILL_S};

		event_add(engine->patience, &wait);
	}
	event_active(engine->again, EV_TIMEOUT, 0);
}

/* A worker that was told to end its tasks, and has not in good time, is ended itself. */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	if (engine->stopping < STOP_KILL) {
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

static unsigned
in_progress(const struct engine *engine)
{
	return scheduler_load(engine->scheduler).sent;
}

/* Workers as they are needed: a task of one's own does not want for all cores. */
static void
want_workers(struct engine *engine)
{
	struct scheduler_load load = scheduler_load(engine->scheduler);
	unsigned tasks = load.ready + load.sent;

	if (tasks > 0 && !engine->finishing) {
		unsigned workers = engine->summary->workers;

		pool_want(engine->pool, 0, tasks < workers ? tasks : workers);
		pool_want(engine->pool, workers, scheduler_cells(engine->scheduler));
	}
}

static void
finish(struct engine *engine)
{
	const struct timeval wait = {.tv_sec = END_US / US_PER_SECOND};

	if (engine->finishing) {
		return;
	}
	engine->finishing = true;
	engine->summary->wall_us = clock_us() - engine->began_us;
	pool_shutdown(engine->pool);
	event_del(engine->watch);
	event_del(engine->patience);
	event_base_loopexit(engine->base, &wait);
	if (pool_running(engine->pool) == 0) {
		event_base_loopbreak(engine->base);
	}
}

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

/*
 * While the workers have enough at hand, their results are left in the pipes for a moment, to be
 * taken together: waking up for every one of them costs more than handling it.
 */
static void
nap(const struct engine *engine)
{
	int64_t slack_us = scheduler_slack_us(engine->scheduler);
	struct timespec time = {.tv_nsec = NAP_US * 1000};

	if (slack_us >= 2 * NAP_US && engine->stopping == STOP_NOT) {
		nanosleep(&time, NULL);
	}
}

/* One pass: everything that can go on does. */
static void
step(struct engine *engine)
{
	static const struct timeval watch = {.tv_usec = SCHED_TICK_US};

	if (engine->finishing) {
		return;
	}
	intake_fill(engine);
	want_workers(engine);
	intake_dispatch(engine);
	pool_flush(engine->pool);
	flush_sinks(engine);
	if (engine->read_all && in_progress(engine) == 0 &&
	    scheduler_load(engine->scheduler).ready == 0) {
		finish(engine);
	} else if (scheduler_watch(engine->scheduler) &&
		   !event_pending(engine->watch, EV_TIMEOUT, NULL)) {
		event_add(engine->watch, &watch);
	}
	nap(engine);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	step(arg);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	unsigned count;
	int worker;

	(void)fd;
	(void)what;
	if (engine->stopping == STOP_NOT &&
	    scheduler_recall(engine->scheduler, clock_us(), &worker, &count)) {
		intake_recall(engine, worker, count);
	}
	step(engine);
}

static const char *
stopping_words(const struct engine *engine)
{
	static const char *const words[] = {NULL, "stopping: no more are started",
					    "stopping: terminated", "stopping: killed"};

	return words[engine->stopping];
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct scheduler_load load = scheduler_load(engine->scheduler);
	struct run_status status = {.elapsed_us = clock_us() - engine->began_us,
				    .total = jobfile_total(engine->jobfile, engine->handed_out),
				    .done = engine->summary->tasks,
				    .failed = summary_not_ok(engine->summary),
				    .computing = load.computing,
				    .waiting = load.waiting,
				    .stopping = stopping_words(engine)};

	(void)fd;
	(void)what;
	sinks_tick(engine->sinks, &status);
}

static void
say_stopping(const struct engine *engine)
{
	static const char *const words[] = {"", "no more tasks are started", "ending them",
					    "killing them"};
	static const char *const more[] = {"", "; again to end them", "; again to kill them", ""};
	unsigned running = in_progress(engine);

	progress_hide();
	warnx("stopping: %s, %u still running%s", words[engine->stopping], running,
	      running == 0 ? "" : more[engine->stopping]);
}

/* The first Ctrl-C starts nothing more, the second ends what runs, the third kills it. */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct engine *engine = arg;

	(void)what;
	if (number == SIGCHLD) {
		pool_reap(engine->pool);
		step(engine);
		return;
	}
	engine->signal = (int)number;
	if (engine->stopping == STOP_KILL || engine->finishing) {
		return;
	}
	engine_stop(engine, number != SIGINT && engine->stopping < STOP_TERM
				? STOP_TERM
				: engine->stopping + 1);
	say_stopping(engine);
}

static void
on_up(void *arg, int number)
{
	struct engine *engine = arg;

	scheduler_worker_up(engine->scheduler, number, 0); /* until it says what it can */
}

static void
on_hello(void *arg, int number, const struct worker_caps *caps)
{
	struct engine *engine = arg;

	unsigned abilities = WORKER_GREETED;

	abilities |= caps->queues && caps->recalls ? WORKER_QUEUES : 0U;
	abilities |= caps->measures ? WORKER_MEASURES : 0U;
	scheduler_worker_up(engine->scheduler, number, abilities);
}

static const char *
on_message(void *arg, int number, const struct message *message)
{
	return outcome_message(arg, number, message);
}

static void
on_batch(void *arg)
{
	step(arg);
}

static void
on_lost(void *arg, int number, const char *why)
{
	struct engine *engine = arg;

	outcome_worker_lost(engine, number, why);
	if (engine->finishing && pool_running(engine->pool) == 0) {
		event_base_loopbreak(engine->base);
	}
	if (!engine->finishing) {
		event_active(engine->again, EV_TIMEOUT, 0);
	}
}

static void
on_hopeless(void *arg, const char *why)
{
	struct engine *engine = arg;

	engine_fail(engine, why);
	if (pool_running(engine->pool) == 0) {
		event_active(engine->again, EV_TIMEOUT, 0);
	}
}

/* How many waiting tasks there is room for. */
static unsigned
waiting_most(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	long most = pages / MEMORY_SHARE * size / WAITING_SIZE;

	return most < 1000 ? 1000 : most > WAITING_MOST ? WAITING_MOST : (unsigned)most;
}

static void
make_pool(struct engine *engine)
{
	static const struct pool_events events = {
	    .worker = {on_hello, on_message, on_batch, on_lost},
	    .up = on_up,
	    .hopeless = on_hopeless,
	};
	static const char *const outputs[] = {"group", "line", "raw", "none"};
	const struct run_options *options = engine->options;
	struct worker_setup setup = {.program = options->worker,
				     .job = engine->summary->job,
				     .model = options->model->name,
				     .output = outputs[options->output],
				     .threads =
					 options->waiting == 0 ? POOL_THREADS : options->waiting,
				     .cores = options->cores,
				     .record_output = options->results != NULL};
	unsigned waiting = options->waiting;

	if (waiting == 0) {
		waiting =
		    options->model->compute == COMPUTE_IN_POOL ? POOL_THREADS : waiting_most();
	}
	if (options->json || (options->results != NULL && strcmp(options->results, "-") == 0)) {
		setup.output = "none";
	}
	engine->pool =
	    pool_new(engine->base, &setup, engine->summary->workers + SCHED_CELLS, &events, engine);
	engine->scheduler = scheduler_new(options->model, engine->summary->workers, waiting);
	if (engine->scheduler == NULL) {
		err(EXIT_SYSTEM, "scheduler");
	}
}

/* As under nohup(1), or in the background of a script: it stays ignored. */
static bool
is_ignored(int number)
{
	struct sigaction action;

	return (number == SIGHUP || number == SIGINT) && sigaction(number, NULL, &action) == 0 &&
	       action.sa_handler == SIG_IGN;
}

static void
make_loop(struct engine *engine, struct event *on[SIGNALS])
{
	static const struct timeval tick = {.tv_usec = TICK_US};

	engine->base = event_base_new();
	if (engine->base == NULL) {
		errx(EXIT_SYSTEM, "cannot make an event loop");
	}
	engine->again = evtimer_new(engine->base, on_again, engine);
	engine->watch = evtimer_new(engine->base, on_watch, engine);
	engine->patience = evtimer_new(engine->base, on_patience, engine);
	engine->tick = event_new(engine->base, -1, EV_PERSIST, on_tick, engine);
	if (engine->again == NULL || engine->watch == NULL || engine->tick == NULL ||
	    engine->patience == NULL ||
	    (engine->options->progress && event_add(engine->tick, &tick) != 0)) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	for (size_t i = 0; i < SIGNALS; i++) {
		on[i] = evsignal_new(engine->base, signals[i], on_signal, engine);
		if (on[i] == NULL || (!is_ignored(signals[i]) && event_add(on[i], NULL) != 0)) {
			errx(EXIT_SYSTEM, "cannot set up signals");
		}
	}
}

static void
clean_up(struct engine *engine, struct event *on[SIGNALS])
{
	pool_free(engine->pool);
	orphans_end();
	slots_free(&engine->slots);
	scheduler_free(engine->scheduler);
	for (size_t i = 0; i < SIGNALS; i++) {
		event_free(on[i]);
	}
	event_free(engine->again);
	event_free(engine->watch);
	event_free(engine->patience);
	event_free(engine->tick);
	if (engine->readable != NULL) {
		event_free(engine->readable);
	}
	event_base_free(engine->base);
}

static int
exit_status(const struct engine *engine)
{
	if (engine->exit_status != EXIT_ALL_OK) {
		return engine->exit_status;
	}
	if (engine->signal != 0 && engine->stopping != STOP_NOT) {
		return EXIT_SIGNAL + engine->signal;
	}
	return summary_not_ok(engine->summary) > 0 ? EXIT_NOT_ALL_OK : EXIT_ALL_OK;
}

int
supervisor_run(const struct run_options *options, struct jobfile *jobfile, struct sinks *sinks,
	       struct summary *summary)
{
	struct engine engine = {.options = options,
				.jobfile = jobfile,
				.sinks = sinks,
				.summary = summary,
				.began_us = clock_us()};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct event *on[SIGNALS];
	sigset_t none;

	sigaction(SIGPIPE, &ignore, NULL); /* a write says EPIPE instead */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* whatever was inherited */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	make_loop(&engine, on);
	make_pool(&engine);
	event_active(engine.again, EV_TIMEOUT, 0);
	event_base_dispatch(engine.base);
	summary->not_started += jobfile_is_stream(jobfile)
				    ? 0
				    : jobfile_total(jobfile, engine.handed_out) - engine.handed_out;
	clean_up(&engine, on);
	return exit_status(&engine);
}
