/* SPDX-License-Identifier: ISC */
/*
 * dispatch: the loop of stint-worker: messages that come in are handed to the runs, what these
 * say (reply.c) is sent once a pass. In the loop thread.
 */
#include <err.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/json_value.h"
#include "worker/action_exec.h"
#include "worker/gil.h"
#include "worker/spawn.h"
#include "worker/thread_pool.h"
#include "worker/worker.h"

#define THREADS_DEFAULT 256
#define IDLE_US         5000 /* a computing loop looks at its messages this often */

static struct worker *the_worker; /* for cancel_idle, which has no argument for it */

static void
stop_all(struct worker *worker, enum cancel_reason reason)
{
	struct run *run, *next = NULL;

	TAILQ_FOREACH_SAFE(run, &worker->all, all, next)
	{
		run_stop(worker, run, reason);
	}
}

/* The supervisor is gone, or not to be understood: nothing of ours may outlive us. */
static void
stop_worker(struct worker *worker)
{
	struct run *run;

	worker->stopped = true;
	exec_kill_all();
	TAILQ_FOREACH(run, &worker->all, all)
	{
		cancel_request(&run->cancel, CANCEL_SHUTDOWN);
	}
	event_base_loopbreak(worker->base);
}

static int64_t
idle_in_loop(struct cancel *cancel, int64_t now_us)
{
	struct worker *worker = the_worker;
	struct run *run = (struct run *)(void *)((char *)cancel - offsetof(struct run, cancel));

	if (!run->announced) {
		run->announced = true;
		reply_started(worker, run);
	}
	channel_flush(worker->channel);
	channel_poll(worker->channel);
	return now_us + IDLE_US;
}

static int64_t
idle_in_thread(struct cancel *cancel, int64_t now_us)
{
	(void)cancel;
	thread_pool_wake_loop(thread_pool_mine());
	return now_us + IDLE_US;
}

static int64_t
idle_with_gil(struct cancel *cancel, int64_t now_us)
{
	(void)cancel;
	(void)now_us;
	gil_pass_on();
	return clock_us() + GIL_INTERVAL_US;
}

static bool
take_show(struct worker *worker, struct span value)
{
	static const char *const names[] = {"\"none\"", "\"group\"", "\"line\"", "\"raw\""};

	for (int i = 0; i < 4; i++) {
		if (span_is(value, names[i])) {
			worker->show = (enum show)i;
			return true;
		}
	}
	return false;
}

static bool
take_model(struct worker *worker, const struct message *message)
{
	char *name;
	size_t len;

	if (!json_value_string(message->model, &name, &len)) {
		return false;
	}
	worker->model = model_find(name);
	free(name);
	return worker->model != NULL;
}

/* The threads that the model asks for. */
static void
set_up_threads(struct worker *worker)
{
	switch (worker->model->compute) {
	case COMPUTE_IN_LOOP:
		cancel_set_idle(idle_in_loop);
		break;
	case COMPUTE_IN_THREAD:
		worker->pool =
		    thread_pool_new(worker, 1, idle_in_thread, run_block_step, slot_returned);
		break;
	case COMPUTE_IN_POOL:
		worker->pool = thread_pool_new(worker, worker->threads,
					       worker->model->gil ? idle_with_gil : NULL,
					       run_block_all, run_finish);
		break;
	}
	if (worker->model->compute != COMPUTE_IN_LOOP && worker->pool == NULL) {
		err(3, "threads");
	}
}

static void
set_up_places(struct worker *worker, const struct message *message)
{
	bool many = worker->model->per_cpu && MESSAGE_HAS(message, cores);

	worker->places.worker = (unsigned)message->worker;
	worker->places.cores = many ? (unsigned)message->cores : 1;
}

static bool
on_setup(struct worker *worker, const struct message *message)
{
	char *job = NULL;
	size_t len;

	if (message->version != MESSAGE_VERSION || worker->model != NULL) {
		warnx("the supervisor speaks version %ju of the protocol, this worker %d",
		      (uintmax_t)message->version, MESSAGE_VERSION);
		return false;
	}
	worker->model = model_default();
	if ((MESSAGE_HAS(message, model) && !take_model(worker, message)) ||
	    (MESSAGE_HAS(message, output) && !take_show(worker, message->output)) ||
	    (MESSAGE_HAS(message, job) && !json_value_string(message->job, &job, &len))) {
		return false;
	}
	worker->record_output = MESSAGE_HAS(message, record_output) && message->record_output != 0;
	worker->threads = THREADS_DEFAULT;
	if (MESSAGE_HAS(message, threads) && message->threads > 0 && message->threads < 100000) {
		worker->threads = (unsigned)message->threads;
	}
	spawn_base_set(worker->spawn, job == NULL ? "" : job, (unsigned)message->worker);
	free(job);
	set_up_places(worker, message);
	set_up_threads(worker);
	return true;
}

static bool
on_task(struct worker *worker, const struct message *message)
{
	const char *why;
	struct run *run = run_new(message, &why);

	if (run == NULL) {
		warnx("task %ju: %s", (uintmax_t)message->task, why);
		return false;
	}
	TAILQ_INSERT_TAIL(&worker->all, run, all);
	run_enqueue(&worker->inbox, run);
	return true;
}

static bool
on_recall(struct worker *worker, const struct message *message)
{
	struct run *run;

	for (uint64_t i = 0; i < message->count; i++) {
		if ((run = TAILQ_LAST(&worker->inbox, run_queue)) != NULL) {
			run_dequeue(run);
		} else if ((run = slot_recall(worker)) == NULL) {
			break;
		}
		reply_yield(worker, run);
	}
	return true;
}

static bool
on_cancel(struct worker *worker, const struct message *message)
{
	struct run *run;

	if (!MESSAGE_HAS(message, task)) {
		stop_all(worker, CANCEL_REQUEST);
		return true;
	}
	TAILQ_FOREACH(run, &worker->all, all)
	{
		if (run->task == message->task && run->attempt == message->attempt) {
			run_stop(worker, run, CANCEL_REQUEST);
			break;
		}
	}
	return true;
}

static bool
on_line(void *arg, struct span line)
{
	struct worker *worker = arg;
	struct message message;
	const char *why = message_decode(line, MESSAGE_DOWN, &message);
	bool good = false;

	if (why != NULL) {
		warnx("from the supervisor: %s: %.*s", why, (int)(line.len < 200 ? line.len : 200),
		      line.at);
	} else if (message.type == MESSAGE_setup) {
		good = on_setup(worker, &message);
	} else if (worker->model == NULL) {
		warnx("from the supervisor: `%s` before `setup`", message_name(message.type));
	} else if (message.type == MESSAGE_task) {
		good = on_task(worker, &message);
	} else if (message.type == MESSAGE_recall) {
		good = on_recall(worker, &message);
	} else if (message.type == MESSAGE_cancel) {
		good = on_cancel(worker, &message);
	} else {
		good = worker->draining = true;
	}
	if (!good) {
		stop_worker(worker);
	}
	return good;
}

static void
on_batch(void *arg)
{
	struct worker *worker = arg;

	event_active(worker->again, EV_TIMEOUT, 0);
}

static void
on_closed(void *arg, const char *why)
{
	if (why != NULL) {
		warnx("from the supervisor: %s", why);
	}
	stop_worker(arg);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run_pump(arg);
	dispatch_flush(arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	uint64_t expirations;

	(void)what;
	if (read(fd, &expirations, sizeof(expirations)) < 0) {
		return; /* it was set anew meanwhile */
	}
	worker->timer_us = 0;
	looks_due(worker);
	run_due(worker);
	dispatch_flush(worker);
}

static void
on_child(evutil_socket_t fd, short what, void *arg)
{
	struct signalfd_siginfo info[8];

	(void)what;
	if (read(fd, info, sizeof(info)) < 0) {
		return;
	}
	exec_reap(arg);
	run_pump(arg);
	dispatch_flush(arg);
}

/*
 * A timerfd and a signalfd, not the loop's own timers and signals: those cost system calls in
 * every pass of the loop, these only when there is something to set or to read.
 */
static void
set_up_clock_and_children(struct worker *worker)
{
	sigset_t children;
	int child_fd;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL); /* in all threads: none is there yet */
	child_fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	worker->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (child_fd < 0 || worker->timer_fd < 0) {
		err(3, "signalfd, timerfd");
	}
	worker->child = event_new(worker->base, child_fd, EV_READ | EV_PERSIST, on_child, worker);
	worker->timer =
	    event_new(worker->base, worker->timer_fd, EV_READ | EV_PERSIST, on_timer, worker);
	if (worker->child == NULL || worker->timer == NULL || event_add(worker->child, NULL) != 0 ||
	    event_add(worker->timer, NULL) != 0) {
		errx(3, "cannot set up the event loop");
	}
}

void
dispatch_start(struct worker *worker, int in, int out)
{
	static const struct channel_events events = {on_line, on_batch, on_closed};
	struct text *hello;

	the_worker = worker;
	TAILQ_INIT(&worker->all);
	TAILQ_INIT(&worker->inbox);
	slot_init(&worker->slot);
	looks_init(&worker->looks);
	worker->channel = channel_new(worker->base, in, out, MESSAGE_LINE_MAX, &events, worker);
	worker->again = evtimer_new(worker->base, on_again, worker);
	if (worker->channel == NULL || worker->again == NULL) {
		errx(3, "cannot set up the event loop");
	}
	backlog_init(worker);
	set_up_clock_and_children(worker);
	hello = channel_out(worker->channel);
	message_begin(hello, MESSAGE_hello);
	message_uint(hello, FIELD_version, MESSAGE_VERSION);
	message_uint(hello, FIELD_pid, (uint64_t)getpid());
	message_raw(hello, FIELD_capabilities,
		    SPAN_LITERAL("[\"queue\",\"recall\",\"steps\",\"measure\",\"suspend\"]"));
	message_end(hello);
	channel_flush(worker->channel);
}

/* Sets the timer for the first deadline or look. */
static void
set_timer(struct worker *worker)
{
	const struct deadline *first = deadlines_first(&worker->deadlines);
	int64_t at_us = looks_next_us(&worker->looks);
	struct itimerspec when = {.it_interval = {0, 0}};

	if (first != NULL && (at_us == 0 || first->at_us < at_us)) {
		at_us = first->at_us;
	}
	if (at_us == 0 || (worker->timer_us != 0 && worker->timer_us <= at_us)) {
		return; /* it wakes us early enough; then it is set anew */
	}
	worker->timer_us = at_us;
	at_us = clock_monotonic_us(at_us);
	when.it_value.tv_sec = at_us / US_PER_SECOND;
	when.it_value.tv_nsec = at_us % US_PER_SECOND * 1000;
	timerfd_settime(worker->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void
dispatch_flush(struct worker *worker)
{
	set_timer(worker);
	if (worker->draining && TAILQ_EMPTY(&worker->all)) {
		struct text *out = channel_out(worker->channel);

		message_begin(out, MESSAGE_bye);
		message_end(out);
		channel_drain(worker->channel);
		event_base_loopbreak(worker->base);
		return;
	}
	channel_flush(worker->channel);
}
