/* SPDX-License-Identifier: ISC */
/* thread_pool: see thread_pool.h. In stint-worker; the functions say in which thread. */
#include "worker/thread_pool.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "worker/worker.h"

#define STACK_SIZE    ((size_t)256 << 10)
#define RETRY_US      (50 * INT64_C(1000)) /* when there is no thread to be had */
#define GIVE_UP_US    (60 * US_PER_SECOND)
#define HOLD_BACK_US  500 /* a single thread hands results over at least this often */
#define HOLD_BACK_MAX 128 /* and at least after so many */

/* A thread; `cond` wakes it alone, for its own run. */
struct pool_thread {
	pthread_cond_t cond;
	bool answered;
};

struct thread_pool {
	struct worker *worker;
	void (*body)(struct worker *, struct run *);
	void (*returned)(struct worker *, struct run *);
	cancel_idle *idle;
	struct event *wake;
	int wake_fd;
	struct event *retry; /* set while there is work and no thread to be had */
	int64_t short_us;    /* since when */

	pthread_mutex_t lock; /* for all that follows */
	pthread_cond_t work;
	struct run_queue todo;
	struct run_queue asked; /* the loop is to do their step */
	struct run_queue done;
	struct run *current; /* of a single thread */
	bool announced;      /* `started` was sent for it */
	unsigned size;
	unsigned threads;
	unsigned waiting; /* threads without a run, also such that were woken and do not know yet */
	unsigned queued;  /* in `todo` */
	unsigned held;    /* in `done`, and the loop does not know yet */
	int64_t held_us;  /* since when */
	bool woken;       /* the loop was told, and has not looked yet */
};

static _Thread_local struct thread_pool *mine;

struct thread_pool *
thread_pool_mine(void)
{
	return mine;
}

/* With the lock held. */
static void
tell_loop(struct thread_pool *pool)
{
	uint64_t one = 1;

	pool->held = 0;
	if (!pool->woken) {
		pool->woken = true;
		if (write(pool->wake_fd, &one, sizeof(one)) < 0) {
			_exit(3); /* an eventfd takes 2^64 - 2 of these */
		}
	}
}

void
thread_pool_wake_loop(struct thread_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->held > 0) {
		tell_loop(pool);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* With the lock held. A single thread that has more to do gathers results for a moment. */
static void
hand_back(struct thread_pool *pool, struct run *run)
{
	TAILQ_INSERT_TAIL(&pool->done, run, queue);
	if (pool->held++ == 0) {
		pool->held_us = run->end_us;
	}
	if (pool->size > 1 || TAILQ_EMPTY(&pool->todo) || pool->held >= HOLD_BACK_MAX ||
	    run->end_us - pool->held_us >= HOLD_BACK_US) {
		tell_loop(pool);
	}
}

static void *
thread_main(void *arg)
{
	struct pool_thread self = {.answered = false};
	struct thread_pool *pool = arg;
	pthread_condattr_t monotonic;
	struct run *run;

	mine = pool;
	cancel_set_idle(pool->idle);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&self.cond, &monotonic);
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while ((run = TAILQ_FIRST(&pool->todo)) == NULL) {
			pool->waiting++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->waiting--;
		}
		TAILQ_REMOVE(&pool->todo, run, queue);
		pool->queued--;
		run->thread = &self;
		pool->current = run;
		pool->announced = false;
		pthread_mutex_unlock(&pool->lock);
		pool->body(pool->worker, run);
		pthread_mutex_lock(&pool->lock);
		pool->current = NULL;
		run->thread = NULL;
		hand_back(pool, run);
	}
	return NULL;
}

/* With the lock held, in the loop: the first thread was not to be had, as when commands are many. */
static void
try_later(struct thread_pool *pool, int error)
{
	static const struct timeval delay = {.tv_usec = RETRY_US};
	int64_t now_us = clock_us();

	if (pool->short_us == 0) {
		pool->short_us = now_us;
	} else if (now_us - pool->short_us >= GIVE_UP_US) {
		errno = error;
		err(3, "cannot start a thread");
	}
	event_add(pool->retry, &delay);
}

/* With the lock held, in the loop: one more thread. If there are others it is not missed. */
static void
add_thread(struct thread_pool *pool)
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attr, thread_main, pool);
	pthread_attr_destroy(&attr);
	if (error == 0) {
		pool->threads++;
	} else if (pool->threads == 0) {
		try_later(pool, error);
	}
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct thread_pool *pool = arg;

	(void)fd;
	(void)what;
	pthread_mutex_lock(&pool->lock);
	if (TAILQ_EMPTY(&pool->todo)) {
		pool->short_us = 0;
	} else if (pool->threads == 0) {
		add_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
}

void
thread_pool_push(struct thread_pool *pool, struct run *run)
{
	run->pooled = true;
	pthread_mutex_lock(&pool->lock);
	TAILQ_INSERT_TAIL(&pool->todo, run, queue);
	pool->queued++;
	if (pool->waiting > 0) {
		pthread_cond_signal(&pool->work);
	}
	if (pool->queued > pool->waiting && pool->threads < pool->size &&
	    !event_pending(pool->retry, EV_TIMEOUT, NULL)) {
		add_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
}

struct run *
thread_pool_recall(struct thread_pool *pool)
{
	struct run *run;

	pthread_mutex_lock(&pool->lock);
	run = TAILQ_LAST(&pool->todo, run_queue);
	if (run != NULL) {
		TAILQ_REMOVE(&pool->todo, run, queue);
		pool->queued--;
		run->pooled = false;
	}
	pthread_mutex_unlock(&pool->lock);
	return run;
}

/* With the lock held. */
static bool
in_queue(const struct run_queue *queue, const struct run *run)
{
	const struct run *other;

	TAILQ_FOREACH(other, queue, queue)
	{
		if (other == run) {
			return true;
		}
	}
	return false;
}

bool
thread_pool_stop(struct thread_pool *pool, struct run *run)
{
	bool queued = false, asked;

	pthread_mutex_lock(&pool->lock);
	asked = run->asked;
	if (run->thread != NULL) {
		pthread_cond_signal(&run->thread->cond);
	} else if ((queued = in_queue(&pool->todo, run))) {
		TAILQ_REMOVE(&pool->todo, run, queue);
		pool->queued--;
	}
	pthread_mutex_unlock(&pool->lock);
	if (queued) {
		run->pooled = false;
		if (pool->size == 1) {
			pool->worker->slot.computing--;
		}
		run_unbegun_stop(pool->worker, run);
	}
	return !asked;
}

void
thread_pool_answer(struct thread_pool *pool, struct run *run)
{
	pthread_mutex_lock(&pool->lock);
	run->asked = false;
	run->thread->answered = true;
	pthread_cond_signal(&run->thread->cond);
	pthread_mutex_unlock(&pool->lock);
}

void
thread_pool_announce(struct thread_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->size == 1 && pool->current != NULL && !pool->announced) {
		pool->announced = true;
		reply_started(pool->worker, pool->current);
	}
	pthread_mutex_unlock(&pool->lock);
}

void
thread_pool_ask(struct thread_pool *pool, struct run *run)
{
	struct pool_thread *self = run->thread;

	pthread_mutex_lock(&pool->lock);
	self->answered = false;
	run->asked = true;
	TAILQ_INSERT_TAIL(&pool->asked, run, queue);
	tell_loop(pool);
	while (!self->answered) {
		pthread_cond_wait(&self->cond, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
}

void
thread_pool_sleep(struct thread_pool *pool, struct run *run, int64_t until_us)
{
	pthread_mutex_lock(&pool->lock);
	while (cancel_reason(&run->cancel) == CANCEL_NONE && clock_us() < until_us) {
		int64_t at_us = clock_monotonic_us(until_us);
		struct timespec until = {.tv_sec = at_us / US_PER_SECOND,
					 .tv_nsec = at_us % US_PER_SECOND * 1000};

		pthread_cond_timedwait(&run->thread->cond, &pool->lock, &until);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* In the loop: takes what the threads have left there. */
static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct run_queue asked = TAILQ_HEAD_INITIALIZER(asked);
	struct run_queue done = TAILQ_HEAD_INITIALIZER(done);
	struct thread_pool *pool = arg;
	struct run *run;
	uint64_t count;

	(void)what;
	pthread_mutex_lock(&pool->lock);
	if (read(fd, &count, sizeof(count)) > 0) {
		pool->woken = false;
	}
	pool->held = 0;
	TAILQ_CONCAT(&asked, &pool->asked, queue);
	TAILQ_CONCAT(&done, &pool->done, queue);
	pthread_mutex_unlock(&pool->lock);
	while ((run = TAILQ_FIRST(&asked)) != NULL) {
		TAILQ_REMOVE(&asked, run, queue);
		if (run_start(pool->worker, run) == RUN_DONE) {
			thread_pool_answer(pool, run);
		}
	}
	while ((run = TAILQ_FIRST(&done)) != NULL) {
		TAILQ_REMOVE(&done, run, queue);
		run->pooled = false;
		pool->returned(pool->worker, run);
	}
	slot_fill(pool->worker);
	thread_pool_announce(pool);
	dispatch_flush(pool->worker);
}

struct thread_pool *
thread_pool_new(struct worker *worker, unsigned size, cancel_idle *idle,
		void (*body)(struct worker *, struct run *),
		void (*returned)(struct worker *, struct run *))
{
	struct thread_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL) {
		return NULL;
	}
	pool->worker = worker;
	pool->size = size;
	pool->idle = idle;
	pool->body = body;
	pool->returned = returned;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	TAILQ_INIT(&pool->todo);
	TAILQ_INIT(&pool->asked);
	TAILQ_INIT(&pool->done);
	pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pool->wake = pool->wake_fd < 0 ? NULL
				       : event_new(worker->base, pool->wake_fd,
						   EV_READ | EV_PERSIST, on_wake, pool);
	pool->retry = evtimer_new(worker->base, on_retry, pool);
	if (pool->wake == NULL || pool->retry == NULL || event_add(pool->wake, NULL) != 0) {
		free(pool);
		return NULL;
	}
	return pool;
}
