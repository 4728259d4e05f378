/* SPDX-License-Identifier: ISC */
/* engine: see engine.h; its loop, its beginning and its end. In the supervisor. */
#include "supervisor/engine.h"

#include <err.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipc/clock.h"
#include "supervisor/history.h"
#include "supervisor/machine.h"
#include "supervisor/supervisor.h"

#define POOL_THREADS 256 /* of the pool models */
#define NAP_US       1500
#define END_US       (5 * US_PER_SECOND) /* for the workers to end when all is done */

unsigned
engine_in_progress(const struct engine *engine)
{
	return scheduler_load(engine->scheduler).sent;
}

void
engine_again(struct engine *engine)
{
	event_active(engine->again, EV_TIMEOUT, 0);
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

/*
 * While the workers have enough at hand, their results are left in the pipes for a moment, to be
 * taken together: waking up for every one of them costs more than handling it.
 */
static void
nap(const struct engine *engine)
{
	int64_t slack_us = scheduler_slack_us(engine->scheduler);
	struct timespec time = {.tv_nsec = NAP_US * 1000};
	const struct job *job;

	if (slack_us < 2 * NAP_US) {
		return;
	}
	TAILQ_FOREACH(job, &engine->stirring, stirring)
	{
		if (job->stopping != STOP_NOT) {
			return;
		}
	}
	nanosleep(&time, NULL);
}

static bool
is_synced_in_time(const struct job *job)
{
	return job->options->sync == SYNC_BATCH &&
	       (job->options->results != NULL || job->options->joblog != NULL);
}

/* What was written is synced in time, also when nothing else happens. */
static void
look_again_in_time(struct engine *engine)
{
	static const struct timeval wait = {.tv_sec = 1};
	const struct job *job;

	TAILQ_FOREACH(job, &engine->stirring, stirring)
	{
		if (is_synced_in_time(job) && !event_pending(engine->again, EV_TIMEOUT, NULL)) {
			event_add(engine->again, &wait);
		}
	}
}

/* Of what can begin: a job is over when all that it had has come to its end. */
static void
end_jobs(struct engine *engine)
{
	struct job *job, *next;

	TAILQ_FOREACH_SAFE(job, &engine->stirring, stirring, next)
	{
		if (job->read_all && job->open == 0 && !job->over) {
			job->over = true;
			engine->ops->over(engine->context, job);
		}
	}
}

/* Nothing is to be done for it until job_stir(). One that is alone may have timers of its own. */
static bool
is_at_rest(const struct job *job)
{
	return job->share != NULL && (job->over || job->read_all) && !job->full &&
	       job->stopping == STOP_NOT && (job->over || intake_waiting(job) == 0);
}

/* However many jobs only wait, a pass is as short as if they were not there. */
static void
let_rest(struct engine *engine)
{
	struct job *job, *next;

	TAILQ_FOREACH_SAFE(job, &engine->stirring, stirring, next)
	{
		if (is_at_rest(job)) {
			job_rest(job);
		}
	}
}

/* One pass: everything that can go on does. */
static void
step(struct engine *engine)
{
	static const struct timeval watch = {.tv_usec = SCHED_TICK_US};
	struct job *job;

	if (engine->finishing) {
		return;
	}
	TAILQ_FOREACH(job, &engine->stirring, stirring)
	{
		if (job->options->sync == SYNC_EACH) {
			outgoing_flush_job(job); /* before anything depends on what has ended */
		}
		intake_fill(job);
	}
	passage_yield_memory(engine);
	if (engine->ops->wants != NULL) {
		engine->ops->wants(engine->context);
	}
	want_workers(engine);
	sending_dispatch(engine);
	if (engine->ops->sending != NULL) {
		engine->ops->sending(engine->context);
	}
	pool_flush(engine->pool);
	outgoing_flush(engine);
	end_jobs(engine);
	if (engine->finishing) {
		return;
	}
	if (scheduler_watch(engine->scheduler) && !event_pending(engine->watch, EV_TIMEOUT, NULL)) {
		event_add(engine->watch, &watch);
	}
	look_again_in_time(engine);
	let_rest(engine);
	nap(engine);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	step(arg);
}

/* Whether what is taken back from a worker could be sent to another. */
static bool
starts_more(const struct engine *engine)
{
	const struct job *job;

	TAILQ_FOREACH(job, &engine->jobs, link)
	{
		if (job->stopping == STOP_NOT) {
			return true;
		}
	}
	return false;
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	unsigned count;
	int worker;

	(void)fd;
	(void)what;
	if (starts_more(engine) &&
	    scheduler_recall(engine->scheduler, clock_us(), &worker, &count)) {
		sending_recall(engine, worker, count);
	}
	step(engine);
}

void
engine_reap(struct engine *engine)
{
	pool_reap(engine->pool);
	step(engine);
}

/* ---- workers ---------------------------------------------------------------------------------- */

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

/* The last worker has gone, after engine_finish(). */
static void
look_for_end(struct engine *engine)
{
	if (engine->finishing && pool_running(engine->pool) == 0) {
		engine->ops->ended(engine->context);
	}
}

static void
on_lost(void *arg, int number, const struct worker_end *end)
{
	struct engine *engine = arg;

	outcome_worker_lost(engine, number, end);
	if (engine->finishing) {
		look_for_end(engine);
	} else {
		engine_again(engine);
	}
}

void
engine_fail(struct engine *engine, const char *why)
{
	struct job *job;

	if (engine->ops->failed != NULL) {
		engine->ops->failed(engine->context, why);
		return;
	}
	TAILQ_FOREACH(job, &engine->jobs, link)
	{
		job_fail(job, why);
	}
}

static void
on_hopeless(void *arg, const char *why)
{
	struct engine *engine = arg;

	engine_fail(engine, why);
	if (pool_running(engine->pool) == 0) {
		engine_again(engine);
	}
}

static void
make_pool(struct engine *engine, const char *name)
{
	static const struct pool_events events = {
	    .worker = {on_hello, on_message, on_batch, on_lost},
	    .up = on_up,
	    .hopeless = on_hopeless,
	};
	static const char *const outputs[] = {"group", "line", "raw", "none"};
	const struct run_options *options = engine->options;
	struct worker_setup setup = {.program = options->worker,
				     .job = name,
				     .model = options->model->name,
				     .output = outputs[options->output],
				     .threads =
					 options->waiting == 0 ? POOL_THREADS : options->waiting,
				     .cores = options->cores,
				     .record_output = options->results != NULL};
	bool silent =
	    options->json || (options->results != NULL && strcmp(options->results, "-") == 0);
	unsigned cores = options->model->per_cpu ? options->cores : 1, waiting = options->waiting;

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
	engine->workers = cores;
	if ((options->job_slots.file != NULL || options->more_cores) && options->model->per_cpu) {
		engine->workers = JOB_SLOTS_MOST;
	}
	engine->pool =
	    pool_new(engine->base, &setup, engine->workers + SCHED_CELLS, &events, engine);
	engine->scheduler = scheduler_new(options->model, engine->workers, waiting);
	if (engine->scheduler == NULL) {
		err(EXIT_SYSTEM, "scheduler");
	}
	scheduler_set_cores(engine->scheduler, cores);
	engine->commands_most = machine_commands_most(cores);
	scheduler_cap(engine->scheduler, engine->commands_most, false);
}

void
engine_set_cores(struct engine *engine, unsigned cores)
{
	struct job *job;

	scheduler_set_cores(engine->scheduler, cores);
	TAILQ_FOREACH(job, &engine->jobs, link)
	{
		if (cores > job->summary->cores) {
			job->summary->cores = cores;
		}
	}
}

void
engine_set_memory(struct engine *engine)
{
	passage_set_memory(engine);
	engine_again(engine);
}

void
engine_second(struct engine *engine)
{
	if (engine->finishing) {
		return;
	}
	if (scheduler_load(engine->scheduler).commands > 0 || engine->short_of_memory) {
		engine->short_of_memory = machine_short_of_memory();
		scheduler_cap(engine->scheduler, engine->commands_most, engine->short_of_memory);
	}
	pool_second(engine->pool);
	step(engine);
}

/* ---- beginning and end ------------------------------------------------------------------------ */

struct engine *
engine_new(struct event_base *base, const struct run_options *options, const char *name,
	   const struct engine_ops *ops, void *context)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL) {
		err(EXIT_SYSTEM, "engine");
	}
	engine->options = options;
	engine->ops = ops;
	engine->context = context;
	engine->base = base;
	TAILQ_INIT(&engine->jobs);
	TAILQ_INIT(&engine->stirring);
	engine->again = evtimer_new(base, on_again, engine);
	engine->watch = evtimer_new(base, on_watch, engine);
	if (engine->again == NULL || engine->watch == NULL) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	engine->kinds = kinds_new();
	make_pool(engine, name);
	return engine;
}

void
engine_finish(struct engine *engine)
{
	engine->finishing = true;
	pool_shutdown(engine->pool);
	event_del(engine->watch);
	look_for_end(engine);
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL) {
		return;
	}
	pool_free(engine->pool);
	gate_memory_free(engine->shared_memory);
	slots_free(&engine->slots);
	scheduler_free(engine->scheduler);
	if (engine->learns) {
		history_save(engine->kinds);
	}
	kinds_free(engine->kinds);
	deadlines_free(&engine->retries);
	event_free(engine->again);
	event_free(engine->watch);
	if (engine->retry != NULL) {
		event_free(engine->retry);
	}
	free(engine);
}
