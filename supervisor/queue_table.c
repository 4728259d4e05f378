/* SPDX-License-Identifier: ISC */
/* queue_table: the jobs of the queue, by number; see queue_parts.h. In the supervisor, of stintd. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

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

/* Where the first of this number, or above it, is. */
static size_t
search(const struct queue *queue, uint64_t number)
{
	size_t low = 0, high = queue->count;

	while (low < high) {
		size_t middle = (low + high) / 2, at = middle;

		while (at < high && queue->all[at] == NULL) { /* a hole says nothing */
			at++;
		}
		if (at < high && queue->all[at]->job.kept.number < number) {
			low = at + 1;
		} else {
			high = middle;
		}
	}
	while (low < queue->count && queue->all[low] == NULL) {
		low++;
	}
	return low;
}

struct queue_entry *
queue_find(const struct queue *queue, uint64_t number)
{
	size_t at = search(queue, number);

	return at < queue->count && queue->all[at]->job.kept.number == number &&
		       !queue->all[at]->gone
		   ? queue->all[at]
		   : NULL;
}

/* As it is told: of one that runs, with what is with workers now. */
static const struct queue_job *
told(struct queue_entry *entry)
{
	queue_measure(entry);
	return &entry->job;
}

const struct queue_job *
queue_job(const struct queue *queue, uint64_t number)
{
	struct queue_entry *entry = queue_find(queue, number);

	return entry == NULL ? NULL : told(entry);
}

const struct queue_job *
queue_next(const struct queue *queue, uint64_t number)
{
	for (size_t at = search(queue, number + 1); at < queue->count; at++) {
		if (queue->all[at] != NULL && !queue->all[at]->gone) {
			return told(queue->all[at]);
		}
	}
	return NULL;
}

const struct queue_job *
queue_before(const struct queue *queue, uint64_t number)
{
	for (size_t at = search(queue, number == UINT64_MAX ? number : number + 1); at-- > 0;) {
		if (queue->all[at] != NULL && !queue->all[at]->gone) {
			return told(queue->all[at]);
		}
	}
	return NULL;
}

static char *
copy(const char *string)
{
	return string == NULL ? NULL : check(strdup(string));
}

struct queue_entry *
queue_table_add(struct queue *queue, const struct store_job *job)
{
	struct queue_entry *entry = check(calloc(1, sizeof(*entry)));
	uint64_t *after = NULL;

	if (queue->count == queue->room) {
		queue->room = queue->room == 0 ? 64 : queue->room * 2;
		queue->all = check(reallocarray(queue->all, queue->room, sizeof(entry)));
	}
	if (job->after_count > 0) {
		after = check(calloc(job->after_count, sizeof(*after)));
		memcpy(after, job->after, job->after_count * sizeof(*after));
	}
	entry->queue = queue;
	entry->job.kept = *job;
	entry->job.kept.name = copy(job->name);
	entry->job.kept.file = copy(job->file);
	entry->job.kept.directory = copy(job->directory);
	entry->job.kept.reason = copy(job->reason);
	entry->job.kept.after = after;
	queue->all[queue->count++] = entry;
	return entry;
}

/* Holes are closed when they are half of the table. */
static void
close_holes(struct queue *queue)
{
	size_t count = 0;

	for (size_t i = 0; i < queue->count; i++) {
		if (queue->all[i] != NULL) {
			queue->all[count++] = queue->all[i];
		}
	}
	queue->count = count;
	queue->holes = 0;
}

static void
free_entry(struct queue_entry *entry)
{
	struct store_job *kept = &entry->job.kept;

	free((void *)(uintptr_t)kept->name);
	free((void *)(uintptr_t)kept->file);
	free((void *)(uintptr_t)kept->directory);
	free((void *)(uintptr_t)kept->reason);
	free((void *)(uintptr_t)kept->after);
	free(entry->dependents);
	free(entry);
}

void
queue_table_remove(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;

	queue->all[search(queue, entry->job.kept.number)] = NULL;
	if (++queue->holes > 64 && queue->holes * 2 > queue->count) {
		close_holes(queue);
	}
	free_entry(entry);
}

void
queue_table_free(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (queue->all[i] != NULL) {
			free_entry(queue->all[i]);
		}
	}
	free(queue->all);
}
