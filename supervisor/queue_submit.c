/* SPDX-License-Identifier: ISC */
/* queue_submit: jobs come in, and what is kept of them changes; see queue.h. In the supervisor, of stintd. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	return memory;
}

static void
on_saved(void *context, const char *error)
{
	struct queue_saving *saving = context;
	struct queue_entry *entry = queue_find(saving->queue, saving->number);

	if (error == NULL && entry != NULL) {
		queue_tell_job(entry);
	}
	if (saving->done != NULL) {
		saving->done(saving->context, error);
	}
	free(saving);
}

void
queue_save(struct queue_entry *entry, queue_done *done, void *context)
{
	struct queue_saving *saving = check(calloc(1, sizeof(*saving)));

	*saving = (struct queue_saving){entry->queue, entry->job.kept.number, done, context};
	if (entry->active != NULL) {
		queue_keep_gathered(entry->active); /* what is counted must be there first */
	}
	store_update(entry->queue->store, &entry->job.kept, on_saved, saving);
}

/* Why it is not taken; NULL: it is. */
static const char *
refuse(const struct queue *queue, const struct store_job *what)
{
	static char why[120];

	if (queue->broken != NULL) {
		return queue->broken;
	}
	if (queue->stopping) {
		return "the daemon is about to end";
	}
	if (queue->draining) {
		return "the queue takes no more jobs for now; \"stint resume\" ends that";
	}
	for (size_t i = 0; i < what->after_count; i++) {
		if (queue_find(queue, what->after[i]) == NULL) {
			snprintf(why, sizeof(why), "there is no job %ju for it to come after",
				 (uintmax_t)what->after[i]);
			return why;
		}
	}
	return NULL;
}

static void
on_submitted(void *context, const char *error)
{
	struct queue_saving *saving = context;
	struct queue_entry *entry = queue_find(saving->queue, saving->number);

	if (entry != NULL) {
		entry->submitting = NULL;
	}
	if (entry != NULL && error != NULL) {
		queue_drop(entry);
	} else if (entry != NULL) {
		entry->whole = true;
		queue_tell_job(entry);
		queue_settle(entry);
	}
	saving->done(saving->context, error);
	free(saving);
}

uint64_t
queue_submit(struct queue *queue, const struct store_job *what, bool hold, struct span piece,
	     bool last, queue_done *done, void *context)
{
	const char *why = refuse(queue, what);
	struct queue_saving *saving;
	struct queue_entry *entry;
	struct store_job job = *what;

	if (why != NULL) {
		done(context, why);
		return 0;
	}
	job.number = store_next_number(queue->store);
	job.phase = hold ? JOB_HELD : JOB_QUEUED;
	job.outcome = JOB_OPEN;
	job.weight = job.weight == 0 ? 1 : job.weight;
	job.submitted_us = clock_epoch_us();
	job.bytes = piece.len;
	entry = queue_table_add(queue, &job);
	saving = check(calloc(1, sizeof(*saving)));
	*saving = (struct queue_saving){queue, job.number, done, context};
	entry->submitting = saving;
	store_submit(queue->store, &entry->job.kept, piece, last, on_submitted, saving);
	return job.number;
}

void
queue_submit_more(struct queue *queue, uint64_t number, struct span piece, bool last)
{
	struct queue_entry *entry = queue_find(queue, number);

	if (entry != NULL && !entry->whole) {
		entry->job.kept.bytes += piece.len;
		store_submit_more(queue->store, number, piece, last);
	}
}

void
queue_abandon(struct queue *queue, uint64_t number)
{
	struct queue_entry *entry = queue_find(queue, number);

	if (entry != NULL && !entry->whole) {
		store_abandon(queue->store, number); /* which does not answer then */
		free(entry->submitting);
		queue_drop(entry);
	}
}
