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

#include "ipc/cgroup.h"
#include "ipc/clock.h"
#include "ipc/orphans.h"
#include "supervisor/engine.h"
#include "supervisor/guard.h"
#include "supervisor/history.h"
#include "supervisor/machine.h"
#include "supervisor/running.h"
#include "supervisor/sink_progress.h"
#include "supervisor/suspend.h"

#define TICK_US      100000
#define POOL_THREADS 256 /* of the pool models */
#define NAP_US       1500
#define END_US       (5 * US_PER_SECOND) /* for the workers to end when all is done */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

unsigned
engine_in_progress(const struct engine *engine)
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
		unsigned workers = scheduler_cores(engine->scheduler);

		pool_want(engine->pool, 0, tasks < workers ? tasks : workers);
		pool_want(engine->pool, engine->workers, scheduler_cells(engine->scheduler));
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
	jobfile_path(engine->jobfile, &engine->summary->path_us, &engine->summary->path);
	summary_end(engine->summary, engine->began_us + engine->summary->wall_us);
	pool_shutdown(engine->pool);
	event_del(engine->watch);
	event_del(engine->patience);
	event_base_loopexit(engine->base, &wait);
	if (pool_running(engine->pool) == 0) {
		event_base_loopbreak(engine->base);
	}
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

/* What was written is synced in time, also when nothing else happens. */
static void
look_again_in_time(struct engine *engine)
{
	static const struct timeval wait = {.tv_sec = 1};

	if (engine->options->sync == SYNC_BATCH &&
	    (engine->options->results != NULL || engine->options->joblog != NULL) &&
	    !event_pending(engine->again, EV_TIMEOUT, NULL)) {
		event_add(engine->again, &wait);
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
	if (engine->options->sync == SYNC_EACH) {
		outgoing_flush(engine); /* before anything depends on what has ended */
	}
	intake_fill(engine);
	want_workers(engine);
	intake_dispatch(engine);
	pool_flush(engine->pool);
	outgoing_flush(engine);
	if (engine->read_all && engine_in_progress(engine) == 0 &&
	    scheduler_load(engine->scheduler).ready == 0 && intake_waiting(engine) == 0) {
		finish(engine);
	} else if (scheduler_watch(engine->scheduler) &&
		   !event_pending(engine->watch, EV_TIMEOUT, NULL)) {
		event_add(engine->watch, &watch);
	}
	if (!engine->finishing) {
		look_again_in_time(engine);
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

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct run_status status;

	(void)fd;
	(void)what;
	running_status(engine, &status);
	sinks_tick(engine->sinks, &status);
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
	if (number == SIGUSR1) {
		explain_running(engine);
		return;
	}
	engine->signal = (int)number;
	if (engine->stopping == STOP_KILL || engine->finishing) {
		return;
	}
	engine_stop(engine, number != SIGINT && engine->stopping < STOP_TERM
				? STOP_TERM
				: engine->stopping + 1);
	stopping_say(engine);
}

static void
on_suspend(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	sinks_suspend(engine->sinks, true);
	suspend_run(engine->pool);
	sinks_suspend(engine->sinks, false);
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

	engine->greeted = true;
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
on_lost(void *arg, int number, const struct worker_end *end)
{
	struct engine *engine = arg;

	outcome_worker_lost(engine, number, end);
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
	bool silent =
	    options->json || (options->results != NULL && strcmp(options->results, "-") == 0);
	unsigned waiting = options->waiting;

	if (waiting == 0) {
		waiting = options->model->compute == COMPUTE_IN_POOL ? POOL_THREADS
								     : machine_waits_most();
	}
	if (silent) {
		setup.output = "none";
	}
	if ((silent || options->output == OUTPUT_NONE) &&
	    (options->results_dir != NULL || options->joblog != NULL)) {
		setup.output = "group"; /* it is kept or counted, though it is not shown */
	}
	engine->kinds = kinds_new();
	intake_begin(engine);
	engine->workers = engine->summary->workers;
	if (options->job_slots.file != NULL && options->model->per_cpu) {
		engine->workers = JOB_SLOTS_MOST;
	}
	engine->pool =
	    pool_new(engine->base, &setup, engine->workers + SCHED_CELLS, &events, engine);
	engine->scheduler = scheduler_new(options->model, engine->workers, waiting);
	if (engine->scheduler == NULL) {
		err(EXIT_SYSTEM, "scheduler");
	}
	scheduler_set_cores(engine->scheduler, engine->summary->workers);
	engine->commands_most = machine_commands_most(engine->summary->workers);
	scheduler_cap(engine->scheduler, engine->commands_most, false);
}

/* Has -j @FILE changed? */
static void
heed_job_slots(struct engine *engine)
{
	struct job_slots *job_slots = &engine->job_slots;
	unsigned cores;

	if (job_slots_changed(job_slots, &cores)) {
		progress_hide();
		warnx("-j: %u core%s from now on", cores, cores == 1 ? "" : "s");
		scheduler_set_cores(engine->scheduler, cores);
		if (cores > engine->summary->cores) {
			engine->summary->cores = cores;
		}
	} else if (job_slots->wrong != NULL) {
		progress_hide();
		warnx("-j: %s: %s; %u as before", job_slots->file, job_slots->wrong,
		      scheduler_cores(engine->scheduler));
	}
}

/* Once a second: has -j @FILE changed, is the machine short of memory? */
static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	if (engine->finishing) {
		return;
	}
	if (engine->options->model->per_cpu) {
		heed_job_slots(engine);
	}
	if (scheduler_load(engine->scheduler).commands > 0 || engine->short_of_memory) {
		engine->short_of_memory = machine_short_of_memory();
		scheduler_cap(engine->scheduler, engine->commands_most, engine->short_of_memory);
	}
	pool_second(engine->pool);
	step(engine);
}

/* As under nohup(1), or in the background of a script: it stays ignored. */
static bool
is_ignored(int number)
{
	struct sigaction action;

	return (number == SIGHUP || number == SIGINT || number == SIGTSTP) &&
	       sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void
make_loop(struct engine *engine, struct event *on[SIGNALS])
{
	static const struct timeval tick = {.tv_usec = TICK_US}, second = {.tv_sec = 1};

	engine->base = event_base_new();
	if (engine->base == NULL) {
		errx(EXIT_SYSTEM, "cannot make an event loop");
	}
	engine->again = evtimer_new(engine->base, on_again, engine);
	engine->watch = evtimer_new(engine->base, on_watch, engine);
	engine->patience = evtimer_new(engine->base, stopping_patience, engine);
	engine->tick = event_new(engine->base, -1, EV_PERSIST, on_tick, engine);
	engine->second = event_new(engine->base, -1, EV_PERSIST, on_second, engine);
	engine->suspend_fd = suspend_watch();
	engine->suspend =
	    event_new(engine->base, engine->suspend_fd, EV_READ | EV_PERSIST, on_suspend, engine);
	if (engine->again == NULL || engine->watch == NULL || engine->tick == NULL ||
	    engine->patience == NULL || engine->second == NULL || engine->suspend == NULL ||
	    engine->suspend_fd < 0 ||
	    (!is_ignored(SIGTSTP) && event_add(engine->suspend, NULL) != 0) ||
	    event_add(engine->second, &second) != 0 ||
	    ((engine->options->progress || engine->options->top) &&
	     event_add(engine->tick, &tick) != 0)) {
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
	cgroup_remove_left(getenv("STINT_RUN"));
	slots_free(&engine->slots);
	scheduler_free(engine->scheduler);
	gate_free(engine->gate);
	if (engine->learns) {
		history_save(engine->kinds);
	}
	kinds_free(engine->kinds);
	deadlines_free(&engine->retries);
	for (size_t i = 0; i < SIGNALS; i++) {
		event_free(on[i]);
	}
	event_free(engine->again);
	event_free(engine->watch);
	event_free(engine->patience);
	event_free(engine->tick);
	event_free(engine->second);
	event_free(engine->suspend);
	suspend_unwatch(engine->suspend_fd);
	if (engine->retry != NULL) {
		event_free(engine->retry);
	}
	if (engine->readable != NULL) {
		event_free(engine->readable);
	}
	outgoing_free(engine);
	event_base_free(engine->base);
}

static int
exit_status(const struct engine *engine)
{
	uint64_t not_ok = summary_not_ok(engine->summary);

	if (engine->exit_status != EXIT_ALL_OK) {
		return engine->exit_status;
	}
	if (engine->signal != 0 && engine->stopping != STOP_NOT) {
		return EXIT_SIGNAL + engine->signal;
	}
	if (engine->halted && engine->options->halt.what == HALT_SUCCESS) {
		return EXIT_ALL_OK;
	}
	if (engine->halted) { /* that others were cancelled is what was asked for */
		not_ok -= engine->summary->by_status[STATUS_cancelled];
	}
	return not_ok > 0 ? EXIT_NOT_ALL_OK : EXIT_ALL_OK;
}

int
supervisor_run(const struct run_options *options, struct jobfile *jobfile, struct sinks *sinks,
	       struct summary *summary)
{
	struct engine engine = {.options = options,
				.jobfile = jobfile,
				.sinks = sinks,
				.summary = summary,
				.job_slots = options->job_slots,
				.began_us = clock_us()};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct event *on[SIGNALS];
	sigset_t none;

	summary->began_us = clock_epoch_us();
	sigaction(SIGPIPE, &ignore, NULL); /* a write says EPIPE instead */
	sigaction(SIGXFSZ, &ignore, NULL); /* likewise EFBIG */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* whatever was inherited */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	guard_start();
	make_loop(&engine, on);
	make_pool(&engine);
	sinks_attach(sinks, engine.base);
	event_active(engine.again, EV_TIMEOUT, 0);
	event_base_dispatch(engine.base);
	sinks_attach(sinks, NULL);
	summary->not_started += jobfile_left(jobfile);
	clean_up(&engine, on);
	return exit_status(&engine);
}
