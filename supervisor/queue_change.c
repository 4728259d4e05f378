/* SPDX-License-Identifier: ISC */
/*
 * queue_change: what people do to jobs, and to the queue: see queue.h. In the supervisor, of stintd.
 */
#include <err.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

/* The job, or NULL after `done` was told that there is none. */
static struct queue_entry *
find(struct queue *queue, uint64_t number, queue_done *done, void *context)
{
	struct queue_entry *entry = queue_find(queue, number);
	char why[64];

	if (entry == NULL) {
		snprintf(why, sizeof(why), "there is no job %ju", (uintmax_t)number);
		done(context, why);
	}
	return entry;
}

bool
queue_refuses(const struct queue *queue)
{
	return queue->refuses;
}

static void
refuse(const struct queue_entry *entry, const char *why, queue_done *done, void *context)
{
	char words[160];

	snprintf(words, sizeof(words), "job %ju %s", (uintmax_t)entry->job.kept.number, why);
	entry->queue->refuses = true;
	done(context, words);
	entry->queue->refuses = false;
}

static void
forget_reason(struct store_job *kept)
{
	free((void *)(uintptr_t)kept->reason);
	kept->reason = NULL;
}

/* ---- cancel ----------------------------------------------------------------------------------- */

static void
cancel_active(struct queue_active *active, enum stopping how)
{
	active->cancelled = true;
	if (active->in_engine && !active->over) {
		job_stop(&active->job, how);
	}
}

struct ending {
	struct queue_entry *entry;
	enum job_phase phase; /* before */
	queue_done *done;
	void *context;
};

static void
on_cancelled(void *context, const char *error)
{
	struct ending *ending = context;
	struct queue_entry *entry = ending->entry;

	if (error == NULL) {
		queue_ended(entry);
	} else {
		entry->job.kept.phase = ending->phase;
		entry->job.kept.outcome = JOB_OPEN;
		entry->job.kept.ended_us = 0;
		forget_reason(&entry->job.kept);
	}
	ending->done(ending->context, error);
	free(ending);
}

/* One that has not begun ends at once. */
static void
cancel_queued(struct queue_entry *entry, queue_done *done, void *context)
{
	struct ending *ending = calloc(1, sizeof(*ending));

	if (ending == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	*ending = (struct ending){entry, entry->job.kept.phase, done, context};
	entry->job.kept.phase = JOB_ENDED;
	entry->job.kept.outcome = JOB_CANCELLED;
	entry->job.kept.ended_us = clock_epoch_us();
	entry->job.kept.reason = strdup("it was cancelled before it began");
	queue_settle(entry);
	queue_save(entry, on_cancelled, ending);
}

static void
cancel_task(struct queue_entry *entry, const char *task, bool kill, queue_done *done, void *context)
{
	struct queue_active *active = entry->active;

	if (entry->job.kept.phase == JOB_ENDED) {
		refuse(entry, "has ended", done, context);
		return;
	}
	if (active == NULL || !active->in_engine || active->over ||
	    !job_cancel(&active->job, task, kill)) {
		refuse(entry, "has no such task that is to run, or runs", done, context);
		return;
	}
	done(context, NULL);
}

static void
cancel_job(struct queue_entry *entry, enum stopping how, queue_done *done, void *context)
{
	if (entry->job.kept.phase == JOB_ENDED) {
		refuse(entry, "has ended", done, context);
	} else if (!entry->whole) {
		refuse(entry, "is still being submitted", done, context);
	} else if (entry->active != NULL) {
		cancel_active(entry->active, how);
		entry->job.kept.outcome = JOB_CANCELLED; /* also if the daemon dies now */
		queue_save(entry, done, context);
	} else {
		cancel_queued(entry, done, context);
	}
}

void
queue_cancel(struct queue *queue, uint64_t number, const char *task, bool kill, queue_done *done,
	     void *context)
{
	struct queue_entry *entry = find(queue, number, done, context);

	if (entry != NULL && task != NULL) {
		cancel_task(entry, task, kill, done, context);
	} else if (entry != NULL) {
		cancel_job(entry, kill ? STOP_KILL : STOP_TERM, done, context);
	}
}

/* ---- again ------------------------------------------------------------------------------------ */

static bool
is_of_another(void *context, uint64_t job, uint64_t task, bool late)
{
	const uint64_t *number = context;

	(void)task;
	(void)late;
	return job != *number;
}

/* What was begun before it ended does not count as attempts of what is to come. */
static void
forget_begun(struct queue *queue, uint64_t number)
{
	begun_write(queue->begun);
	begun_keep(queue->begun, begun_size(queue->begun), is_of_another, &number);
}

void
queue_retry(struct queue *queue, uint64_t number, bool failed, queue_done *done, void *context)
{
	struct queue_entry *entry = find(queue, number, done, context);
	struct store_job *kept = entry == NULL ? NULL : &entry->job.kept;
	uint64_t ok;

	if (entry == NULL) {
		return;
	}
	if (!entry->is_old) {
		refuse(entry, "has not ended", done, context);
		return;
	}
	if (queue->stopping || queue->draining || queue->broken != NULL) {
		done(context, "the queue takes no more: nothing can be run again now");
		return;
	}
	forget_begun(queue, number);
	TAILQ_REMOVE(&queue->olds, entry, old);
	queue->old_count--;
	entry->is_old = entry->job.over = false;
	ok = failed ? kept->by_status[STATUS_ok] : 0;
	memset(kept->by_status, 0, sizeof(kept->by_status));
	kept->by_status[STATUS_ok] = ok;
	kept->round_bytes = kept->result_bytes;
	kept->round_all = !failed;
	kept->phase = JOB_QUEUED;
	kept->outcome = JOB_OPEN;
	kept->fault = FAULT_NONE;
	kept->paused = false;
	kept->ended_us = 0;
	forget_reason(kept);
	queue_save(entry, done, context);
	queue_settle(entry);
}

/* ---- pause ------------------------------------------------------------------------------------ */

static void
pause_active(struct queue_entry *entry)
{
	struct queue_active *active = entry->active;

	if (active != NULL && active->in_engine && !active->over) {
		job_pause(&active->job,
			  entry->job.kept.paused || entry->queue->paused || entry->queue->stopping);
	}
}

void
queue_pause_all(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (queue->all[i] != NULL && queue->all[i]->active != NULL) {
			pause_active(queue->all[i]);
		}
	}
	queue_soon(queue);
}

/* That the whole queue is paused, or draining, outlives the daemon: a file each says so. */
static void
note_state(const struct queue *queue, const char *name, bool so)
{
	int state = open(queue->config->state_directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	int fd = -1;

	if (!so) {
		unlinkat(state, name, 0);
	} else if ((fd = openat(state, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0) {
		fsync(fd);
	}
	fds_close(&fd);
	fsync(state);
	fds_close(&state);
}

/* Somebody has a say: it does not try again by itself. */
static void
forget_trouble(struct queue *queue)
{
	if (queue->again != NULL) {
		event_del(queue->again);
	}
	free(queue->trouble);
	queue->trouble = NULL;
}

void
queue_go_on(struct queue *queue)
{
	forget_trouble(queue);
	queue->paused = false;
	queue_pause_all(queue);
	queue_tell_status(queue);
}

void
queue_pause(struct queue *queue, uint64_t number, queue_done *done, void *context)
{
	struct queue_entry *entry;

	if (number == 0) {
		queue->paused = true;
		forget_trouble(queue);
		note_state(queue, QUEUE_PAUSED, true);
		queue_pause_all(queue);
		queue_tell_status(queue);
		done(context, NULL);
		return;
	}
	entry = find(queue, number, done, context);
	if (entry == NULL) {
		return;
	}
	if (entry->job.kept.phase == JOB_ENDED) {
		refuse(entry, "has ended", done, context);
		return;
	}
	entry->job.kept.paused = true;
	pause_active(entry);
	queue_settle(entry);
	queue_save(entry, done, context);
}

void
queue_resume(struct queue *queue, uint64_t number, queue_done *done, void *context)
{
	struct queue_entry *entry;

	if (number == 0) {
		queue->draining = false;
		note_state(queue, QUEUE_PAUSED, false);
		note_state(queue, QUEUE_DRAINING, false);
		queue_go_on(queue);
		done(context, NULL);
		return;
	}
	entry = find(queue, number, done, context);
	if (entry == NULL) {
		return;
	}
	if (entry->job.kept.phase == JOB_ENDED) {
		refuse(entry, "has ended", done, context);
		return;
	}
	entry->job.kept.paused = false;
	if (entry->job.kept.phase == JOB_HELD) {
		entry->job.kept.phase = JOB_QUEUED;
	}
	pause_active(entry);
	queue_settle(entry);
	queue_save(entry, done, context);
}

void
queue_set_priority(struct queue *queue, uint64_t number, int priority, unsigned weight,
		   queue_done *done, void *context)
{
	struct queue_entry *entry = find(queue, number, done, context);
	bool in_turn;

	if (entry == NULL) {
		return;
	}
	if (entry->job.kept.phase == JOB_ENDED) {
		refuse(entry, "has ended", done, context);
		return;
	}
	in_turn = entry->in_turn;
	if (in_turn) {
		RB_REMOVE(queue_turns, &queue->turns, entry);
	}
	entry->job.kept.priority = priority;
	entry->job.kept.weight = weight == 0 ? 1 : weight;
	if (in_turn) {
		RB_INSERT(queue_turns, &queue->turns, entry);
	}
	if (entry->active != NULL && entry->active->in_engine) {
		scheduler_share(queue->engine->scheduler, &entry->active->share, priority,
				entry->job.kept.weight);
	}
	queue_save(entry, done, context);
}

void
queue_drain(struct queue *queue, uint64_t number, queue_done *done, void *context)
{
	struct queue_entry *entry = number == 0 ? NULL : find(queue, number, done, context);

	if (number == 0) {
		queue->draining = true;
		note_state(queue, QUEUE_DRAINING, true);
		queue_tell_status(queue);
		done(context, NULL);
	} else if (entry != NULL) {
		cancel_job(entry, STOP_STARTING, done, context);
	}
}

/* ---- removing --------------------------------------------------------------------------------- */

void
queue_remove(struct queue *queue, uint64_t number, queue_done *done, void *context)
{
	struct queue_entry *entry = find(queue, number, done, context);

	if (entry == NULL) {
		return;
	}
	if (!entry->is_old) {
		refuse(entry, "has not ended; cancel it first", done, context);
		return;
	}
	queue_tell_removed(queue, number);
	queue_output_remove(queue, number);
	queue_drop(entry);
	store_remove(queue->store, &number, 1, done, context);
}
