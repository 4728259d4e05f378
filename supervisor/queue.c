/* SPDX-License-Identifier: ISC */
/* queue: see queue.h; the queue as a whole, its beginning and its end. In the
 * supervisor, of stintd. */
#include <err.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ipc/clock.h"
#include "ipc/orphans.h"
#include "supervisor/cores.h"
#include "supervisor/daemon_log.h"
#include "supervisor/guard.h"
#include "supervisor/machine.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"
#include "supervisor/worker_program.h"

#define US_PER_MINUTE (60 * US_PER_SECOND)
#define UNREAD_MOST   512 /* jobs that are read at once, a descriptor each */

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	return memory;
}

/* What ran when the last daemon ended goes on. */
static void
take_loaded(struct queue *queue, const struct store_job *job)
{
	struct queue_entry *entry = queue_table_add(queue, job);
	struct store_job *kept = &entry->job.kept;

	entry->whole = true;
	if (kept->phase == JOB_RUNNING && kept->outcome == JOB_CANCELLED) {
		kept->phase = JOB_ENDED;
		kept->ended_us = clock_epoch_us();
		queue_note_old(entry);
		queue_save(entry, NULL, NULL);
		return;
	}
	if (kept->phase == JOB_RUNNING) {
		kept->phase = JOB_QUEUED;
	}
	if (kept->phase == JOB_ENDED) {
		queue_note_old(entry);
	} else {
		entry->job.estimated = kept->total > 0; /* until its file is read again */
	}
}

static void
on_loaded(void *context, const struct store_job *job)
{
	struct queue *queue = context;

	if (job != NULL) {
		take_loaded(queue, job);
		return;
	}
	queue->loaded = true;
	for (size_t i = 0; i < queue->count; i++) {
		queue_settle(queue->all[i]);
	}
	queue_trim(queue);
	queue->ready(queue->ready_context);
}

static void
on_broken(void *context, const char *why)
{
	struct queue *queue = context;

	if (queue->broken == NULL) {
		daemon_log(DAEMON_ERROR, "%s; nothing is taken any more, and nothing is started",
			   why);
		if (asprintf(&queue->broken,
			     "%s; when that is mended, `stint shutdown`, and start it anew",
			     why) < 0) {
			err(EXIT_SYSTEM, "queue");
		}
		queue_tell_status(queue);
	}
	if (!queue->loaded) { /* it will not be */
		queue->loaded = true;
		queue->ready(queue->ready_context);
	}
}

static void
on_room(void *context)
{
	queue_tell_room(context);
}

static void
on_child(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;
	pid_t pid;

	(void)fd;
	(void)what;
	if (queue->engine != NULL && !queue->engine_ended) {
		engine_reap(queue->engine);
		return;
	}
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		guard_reaped(pid);
	}
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;

	(void)fd;
	(void)what;
	if (queue->engine != NULL && !queue->engine_ended) {
		engine_second(queue->engine);
		queue_stop_rest(queue);
	}
}

static void
make_events(struct queue *queue)
{
	queue->child = evsignal_new(queue->base, SIGCHLD, on_child, queue);
	queue->second = event_new(queue->base, -1, EV_PERSIST, on_second, queue);
	queue->later = evtimer_new(queue->base, queue_turn_begin, queue);
	queue->expiry = evtimer_new(queue->base, queue_turn_expire, queue);
	if (queue->child == NULL || queue->second == NULL || queue->later == NULL ||
	    queue->expiry == NULL || event_add(queue->child, NULL) != 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
}

static void
set_options(struct queue *queue)
{
	const struct daemon_config *config = queue->config;
	unsigned cores = cores_available();

	queue->options = (struct run_options){
	    .model = model_find("hybrid"),
	    .cores = config->cores == 0 ? cores : config->cores,
	    .more_cores = true,
	    .waiting = config->waiting,
	    .memory_most = config->memory,
	    .worker = worker_program_find(config->worker),
	    .output = OUTPUT_LINE,
	    .results = "kept", /* records have what tasks write */
	    .sync = SYNC_NONE,
	};
}

/* A part of the descriptors that there may be. */
static unsigned
unread_most(void)
{
	struct rlimit files;
	bool known = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < UNREAD_MOST * 4;

	return known ? (unsigned)files.rlim_cur / 4 : UNREAD_MOST;
}

/* By somebody, when another daemon was here. */
static bool
was_so(const char *directory, const char *name)
{
	struct text path = TEXT_INIT;
	struct stat info;
	bool so;

	text_printf(&path, "%s/%s", directory, name);
	text_terminate(&path);
	so = lstat(path.data, &info) == 0;
	text_free(&path);
	return so;
}

struct queue *
queue_new(struct event_base *base, const struct daemon_config *config, void (*ready)(void *context),
	  void *context, struct text *error)
{
	static const struct store_events events = {
	    .loaded = on_loaded, .broken = on_broken, .room = on_room};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct queue *queue = check(calloc(1, sizeof(*queue)));

	queue->base = base;
	queue->config = config;
	queue->ready = ready;
	queue->ready_context = context;
	queue->began_us = clock_us();
	RB_INIT(&queue->turns);
	STAILQ_INIT(&queue->readings);
	TAILQ_INIT(&queue->olds);
	LIST_INIT(&queue->watches);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	make_events(queue); /* before the store may answer */
	queue->store = store_open(base, config->state_directory, &events, queue, error);
	if (queue->store == NULL) {
		queue_free(queue);
		return NULL;
	}
	queue->begun = begun_open(config->state_directory, error);
	if (queue->begun == NULL) {
		queue_free(queue);
		return NULL;
	}
	queue->paused = was_so(config->state_directory, QUEUE_PAUSED);
	queue->draining = was_so(config->state_directory, QUEUE_DRAINING);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	guard_start();
	set_options(queue);
	queue->active_most = machine_jobs_most();
	queue->unread_most = unread_most();
	return queue;
}

void
queue_configure(struct queue *queue, const struct daemon_config *config)
{
	queue->config = config;
	set_options(queue);
	if (queue->engine != NULL && !queue->engine_ended) {
		engine_set_cores(queue->engine, queue->options.cores);
		engine_set_memory(queue->engine);
		engine_again(queue->engine);
	}
	queue_trim(queue);
}

void
queue_free(struct queue *queue)
{
	struct event *events[] = {queue->child,  queue->second,   queue->later, queue->idle,
				  queue->expiry, queue->patience, queue->again};

	queue->interrupts = true;
	queue_read_end(queue);
	queue_run_free(queue);
	if (queue->store != NULL) {
		store_close(queue->store);
	}
	begun_close(queue->begun);
	orphans_end();
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	queue_table_free(queue);
	free(queue->broken);
	free(queue->trouble);
	free(queue);
}
