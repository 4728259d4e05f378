/* SPDX-License-Identifier: ISC */
/*
 * queue_open: the way of a job into the engine: what it is made of is fetched, then, if it has run
 * before, what has come of it; then its file is read. See queue_parts.h. In the supervisor, of
 * stintd.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

#define OPENING_MOST 256 /* jobs at once that are not in the engine yet */

void
queue_open_free(struct queue_active *active)
{
	struct text error = TEXT_INIT;

	if (active->job.sinks != NULL) {
		sinks_close(active->job.sinks, &error);
	}
	jobfile_free(active->job.jobfile);
	resume_free(active->done);
	summary_free(&active->summary);
	fds_close(&active->source);
	free((void *)(uintptr_t)active->job.variables.at);
	queue_output_free(active);
	text_free(&active->lines);
	text_free(&active->unseen);
	text_free(&error);
	active->entry->queue->active_count--;
	active->entry->queue->opening_count -= !active->in_engine;
	active->entry->active = NULL;
	free(active);
}

static void
give_up(struct queue_active *active, enum job_fault fault, const char *why)
{
	struct queue_entry *entry = active->entry;

	queue_open_free(active);
	queue_run_refuse(entry, fault, why);
	queue_soon(entry->queue);
	if (entry->queue->active_count == 0) {
		queue_run_idle(entry->queue);
	}
}

/* The store does not give it out, which is no fault of the job: it is tried again another time. */
static void
go_back(struct queue_active *active, const char *error)
{
	struct queue_entry *entry = active->entry;
	struct queue *queue = entry->queue;
	struct text why = TEXT_INIT;

	queue_open_free(active);
	entry->job.kept.phase = JOB_QUEUED;
	if (store_broken(queue->store) == NULL) {
		text_printf(&why, "job %ju cannot be read: %s", (uintmax_t)entry->job.kept.number,
			    error);
		text_terminate(&why);
		queue_trouble(queue, why.data);
		text_free(&why);
	}
	queue_settle(entry);
	if (queue->active_count == 0) {
		queue_run_idle(queue);
	}
}

/* "STINT_JOB":"its name" */
static struct span
variables_of(const char *name)
{
	struct text json = TEXT_INIT;

	text_string(&json, "\"STINT_JOB\":");
	text_json_string(&json, name, strlen(name));
	return (struct span){json.data, json.len};
}

void
queue_open_read(struct queue_active *active, const char *error)
{
	struct store_job *kept = &active->entry->job.kept;

	if (active->cancelled) {
		give_up(active, FAULT_NONE, "it was cancelled before it began");
		return;
	}
	if (error != NULL) {
		give_up(active, FAULT_INVALID, error);
		return;
	}
	active->options.done = active->done;
	active->job.options = &active->options;
	active->job.sinks = sinks_of(&queue_sink, active);
	if (kept->name == NULL) {
		kept->name = strdup(jobfile_name(active->job.jobfile));
	}
	summary_init(&active->summary, active->options.model, active->options.cores,
		     kept->name == NULL ? "job" : kept->name);
	active->job.summary = &active->summary;
	active->job.directory = kept->directory;
	active->job.variables = variables_of(active->summary.job);
	active->job.owner = active;
	queue_run_begin(active);
}

static void
read_file(struct queue_active *active, int results)
{
	int source = active->source;

	active->source = -1;
	if (queue_run_put_off(active)) {
		fds_close(&source);
		fds_close(&results);
	} else {
		queue_read(active, source, results);
	}
}

static void
on_results(void *context, int fd, const char *error)
{
	struct queue_active *active = context;

	active->unanswered--;
	if (active->cancelled) {
		fds_close(&fd);
		give_up(active, FAULT_NONE, "it was cancelled before it began");
	} else if (fd < 0) {
		go_back(active, error);
	} else {
		read_file(active, fd);
	}
}

static void
on_source(void *context, int fd, const char *error)
{
	struct queue_active *active = context;
	struct queue_entry *entry = active->entry;

	active->unanswered--;
	active->source = fd;
	if (active->cancelled) {
		give_up(active, FAULT_NONE, "it was cancelled before it began");
	} else if (fd < 0) {
		go_back(active, error);
	} else if (entry->job.kept.result_bytes > 0) {
		active->unanswered++;
		store_get_results(entry->queue->store, entry->job.kept.number, on_results, active);
	} else {
		read_file(active, -1);
	}
}

static void
open_job(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;
	struct queue_active *active = calloc(1, sizeof(*active));

	if (active == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	active->entry = entry;
	active->source = -1;
	active->options = queue->options;
	active->options.results = NULL;
	active->options.output = OUTPUT_NONE;
	active->options.quiet = true;
	entry->active = active;
	queue->active_count++;
	queue->opening_count++;
	entry->job.kept.phase = JOB_RUNNING;
	if (entry->job.kept.began_us == 0) {
		entry->job.kept.began_us = clock_epoch_us();
	}
	active->unanswered++;
	store_source(queue->store, entry->job.kept.number, on_source, active);
}

/* One that is open takes memory, and a descriptor until it is read. */
static bool
has_room(const struct queue *queue)
{
	return queue->active_count < queue->active_most && queue->opening_count < OPENING_MOST &&
	       queue->opening_count + queue->engine->stirring_count < queue->unread_most;
}

void
queue_open_next(void *context)
{
	struct queue *queue = context;

	if (queue->paused || queue->interrupts || queue->broken != NULL) {
		return;
	}
	while (!RB_EMPTY(&queue->turns) && has_room(queue)) {
		struct queue_entry *entry = RB_MIN(queue_turns, &queue->turns);

		if (!scheduler_wants_job(queue->engine->scheduler, entry->job.kept.priority)) {
			return;
		}
		RB_REMOVE(queue_turns, &queue->turns, entry);
		entry->in_turn = false;
		open_job(entry);
	}
}
