/* SPDX-License-Identifier: ISC */
/* pool: see pool.h. In the supervisor. */
#include "supervisor/pool.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/orphans.h"
#include "supervisor/guard.h"

#define DELAY_FIRST_US (50 * INT64_C(1000)) /* after a worker that did nothing; then doubled */
#define DELAY_MOST_US  (5 * US_PER_SECOND)
#define FAILURES_MOST  6 /* in a row, over all workers, before the pool gives up */
#define SHORT_MOST_US  (60 * US_PER_SECOND) /* without a worker, for want of a process */
#define DEATHS_QUICK   10   /* workers in a row that their task ended, replaced at once */
#define DEATHS_MOST    1000 /* likewise, before the pool gives up */

struct place {
	struct worker_proc *worker;
	struct pool *pool;
	struct event *retry; /* set while its worker is to be started again later */
	int number;
};

struct pool {
	struct event_base *base;
	struct worker_setup setup;
	const struct pool_events *events;
	struct worker_events worker_events;
	void *context;
	struct place *places;
	unsigned size;
	unsigned failures; /* workers in a row that did nothing */
	unsigned deaths;   /* likewise, that had said hello: their tasks are to blame */
	int64_t delay_us;
	int64_t short_us; /* since when there is no process to be had for any worker; 0: there is */
	bool served;      /* a worker has said hello */
	bool closing;
};

static void start(struct pool *, struct place *);

#define FINDING "it is found beside stint, or by --worker or STINT_WORKER"
#define HAVING  "see `ulimit -u` and pids.max of the control group"

static void
give_up(struct pool *pool, const char *what, const char *remedy)
{
	char why[512];

	pool->closing = true;
	snprintf(why, sizeof(why), "%s: %s; %s", pool->setup.program, what, remedy);
	pool->events->hopeless(pool->context, why);
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct place *place = arg;

	(void)fd;
	(void)what;
	if (!place->pool->closing) {
		start(place->pool, place);
	}
}

static void
start_later(struct pool *pool, struct place *place)
{
	struct timeval delay = {.tv_sec = pool->delay_us / US_PER_SECOND,
				.tv_usec = pool->delay_us % US_PER_SECOND};

	pool->delay_us = pool->delay_us * 2 > DELAY_MOST_US ? DELAY_MOST_US : pool->delay_us * 2;
	event_add(place->retry, &delay);
}

/* No process was to be had, or no pipes for one. The workers that there are go on; it is tried again, for a time. */
static void
fall_short(struct pool *pool, struct place *place, const char *what)
{
	int64_t now_us = clock_us();

	if (pool_running(pool) > 0) {
		pool->short_us = 0;
	} else if (pool->short_us == 0) {
		pool->short_us = now_us;
		warnx("cannot start a worker: %s; trying again for %d seconds", what,
		      (int)(SHORT_MOST_US / US_PER_SECOND));
	} else if (now_us - pool->short_us >= SHORT_MOST_US) {
		give_up(pool, what, HAVING);
		return;
	}
	start_later(pool, place);
}

static void
start(struct pool *pool, struct place *place)
{
	place->worker =
	    worker_proc_start(pool->base, &pool->setup, place->number, &pool->worker_events, pool);
	if (place->worker != NULL) {
		pool->short_us = 0;
		pool->events->up(pool->context, place->number);
	} else if (errno == EAGAIN || errno == ENOMEM ||
		   (pool->served && (errno == EMFILE || errno == ENFILE))) {
		fall_short(pool, place, strerror(errno));
	} else {
		give_up(pool, strerror(errno), FINDING);
	}
}

static void
on_hello(void *arg, int number, const struct worker_caps *caps)
{
	struct pool *pool = arg;

	pool->served = true;
	pool->events->worker.hello(pool->context, number, caps);
}

static const char *
on_message(void *arg, int number, const struct message *message)
{
	struct pool *pool = arg;

	if (message->type == MESSAGE_result) {
		pool->failures = pool->deaths = 0;
		pool->delay_us = DELAY_FIRST_US;
	}
	return pool->events->worker.message(pool->context, number, message);
}

static void
on_batch(void *arg)
{
	struct pool *pool = arg;

	pool->events->worker.batch(pool->context);
}

static void
on_lost(void *arg, int number, const struct worker_end *end)
{
	struct pool *pool = arg;
	struct place *place = &pool->places[number];
	struct worker_proc *worker = place->worker;
	bool useful = worker_proc_was_useful(worker), greeted = worker_proc_greeted(worker);

	place->worker = NULL;
	if (end->why != NULL && !pool->closing) {
		warnx("worker %d (pid %d) %s", number, (int)worker_proc_pid(worker), end->why);
	}
	pool->events->worker.lost(pool->context, number, end);
	worker_proc_free(worker);
	if (pool->closing) {
		return;
	}
	if (greeted && !useful && ++pool->deaths == DEATHS_MOST) {
		give_up(pool, "its workers end with every task that they get", FINDING);
	} else if (useful || (greeted && pool->deaths <= DEATHS_QUICK)) {
		start(pool, place);
	} else if (greeted) {
		pool->delay_us = DELAY_FIRST_US;
		start_later(pool, place);
	} else if (end->killed ? ++pool->deaths < DEATHS_MOST : ++pool->failures < FAILURES_MOST) {
		start_later(pool, place);
	} else {
		give_up(pool, "its workers end before they have said hello", FINDING);
	}
}

struct pool *
pool_new(struct event_base *base, const struct worker_setup *setup, unsigned size,
	 const struct pool_events *events, void *context)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL || (pool->places = calloc(size, sizeof(*pool->places))) == NULL) {
		err(3, "workers");
	}
	pool->base = base;
	pool->setup = *setup;
	pool->size = size;
	pool->events = events;
	pool->context = context;
	pool->delay_us = DELAY_FIRST_US;
	pool->worker_events = (struct worker_events){on_hello, on_message, on_batch, on_lost};
	for (unsigned i = 0; i < size; i++) {
		struct place *place = &pool->places[i];

		place->pool = pool;
		place->number = (int)i;
		place->retry = evtimer_new(base, on_retry, place);
		if (place->retry == NULL) {
			err(3, "workers");
		}
	}
	return pool;
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL) {
		return;
	}
	for (unsigned i = 0; i < pool->size; i++) {
		worker_proc_free(pool->places[i].worker);
		event_free(pool->places[i].retry);
	}
	free(pool->places);
	free(pool);
}

void
pool_want(struct pool *pool, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count && i < pool->size && !pool->closing; i++) {
		struct place *place = &pool->places[i];

		if (place->worker == NULL && !event_pending(place->retry, EV_TIMEOUT, NULL)) {
			start(pool, place);
		}
	}
}

struct worker_proc *
pool_worker(struct pool *pool, int number)
{
	return pool->places[number].worker;
}

void
pool_pause(struct pool *pool, bool paused)
{
	for (unsigned i = 0; i < pool->size; i++) {
		if (pool->places[i].worker != NULL) {
			worker_proc_pause(pool->places[i].worker, paused);
		}
	}
}

void
pool_flush(struct pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++) {
		if (pool->places[i].worker != NULL) {
			worker_proc_flush(pool->places[i].worker);
		}
	}
}

unsigned
pool_size(const struct pool *pool)
{
	return pool->size;
}

unsigned
pool_running(const struct pool *pool)
{
	unsigned count = 0;

	for (unsigned i = 0; i < pool->size; i++) {
		count += pool->places[i].worker != NULL;
	}
	return count;
}

static struct worker_proc *
find_by_pid(struct pool *pool, pid_t pid)
{
	for (unsigned i = 0; i < pool->size; i++) {
		struct worker_proc *worker = pool->places[i].worker;

		if (worker != NULL && worker_proc_pid(worker) == pid) {
			return worker;
		}
	}
	return NULL;
}

static bool
is_worker(void *pool, pid_t pid)
{
	return find_by_pid(pool, pid) != NULL;
}

void
pool_reap(struct pool *pool)
{
	bool some = false;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		struct worker_proc *worker = find_by_pid(pool, pid);

		if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
			if (worker != NULL) {
				worker_proc_stopped(worker, WIFSTOPPED(status));
			}
			continue;
		}
		some = true;
		if (worker != NULL) {
			worker_proc_reaped(worker, status);
		} else {
			guard_reaped(pid);
		}
	}
	if (some) { /* a dead worker's tasks have come to us, or an orphan's children */
		orphans_kill(is_worker, pool);
	}
}

void
pool_second(struct pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++) {
		if (pool->places[i].worker != NULL) {
			worker_proc_second(pool->places[i].worker);
		}
	}
}

void
pool_shutdown(struct pool *pool)
{
	pool->closing = true;
	for (unsigned i = 0; i < pool->size; i++) {
		event_del(pool->places[i].retry);
		if (pool->places[i].worker != NULL) {
			worker_proc_shutdown(pool->places[i].worker);
		}
	}
}

void
pool_kill(struct pool *pool)
{
	pool->closing = true;
	for (unsigned i = 0; i < pool->size; i++) {
		if (pool->places[i].worker != NULL) {
			worker_proc_kill(pool->places[i].worker, "was killed at the end");
		}
	}
}
