/* SPDX-License-Identifier: ISC */
/* queue_watch: who wants to know what happens to jobs; see queue.h. In the supervisor, of stintd. */
#include <err.h>
#include <stdlib.h>

#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

struct queue_watch {
	LIST_ENTRY(queue_watch) link;
	uint64_t number; /* 0: all */
	const struct queue_watch_ops *ops;
	void *context;
};

struct queue_watch *
queue_watch(struct queue *queue, uint64_t number, const struct queue_watch_ops *ops, void *context)
{
	struct queue_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	*watch = (struct queue_watch){.number = number, .ops = ops, .context = context};
	LIST_INSERT_HEAD(&queue->watches, watch, link);
	return watch;
}

void
queue_unwatch(struct queue_watch *watch)
{
	if (watch != NULL) {
		LIST_REMOVE(watch, link);
		free(watch);
	}
}

static bool
is_for(const struct queue_watch *watch, uint64_t number)
{
	return watch->number == 0 || watch->number == number;
}

void
queue_tell_job(struct queue_entry *entry)
{
	uint64_t number = entry->job.kept.number;
	struct queue_watch *watch, *next;

	if (!LIST_EMPTY(&entry->queue->watches)) {
		queue_measure(entry);
	}
	LIST_FOREACH_SAFE(watch, &entry->queue->watches, link, next)
	{
		if (is_for(watch, number) && watch->ops->job != NULL) {
			watch->ops->job(watch->context, number, &entry->job);
		}
	}
}

void
queue_tell_status(struct queue *queue)
{
	struct queue_watch *watch, *next;

	LIST_FOREACH_SAFE(watch, &queue->watches, link, next)
	{
		if (watch->ops->status != NULL) {
			watch->ops->status(watch->context);
		}
	}
}

void
queue_tell_room(struct queue *queue)
{
	struct queue_watch *watch, *next;

	LIST_FOREACH_SAFE(watch, &queue->watches, link, next)
	{
		if (watch->ops->room != NULL) {
			watch->ops->room(watch->context);
		}
	}
}

void
queue_tell_removed(struct queue *queue, uint64_t number)
{
	struct queue_watch *watch, *next;

	LIST_FOREACH_SAFE(watch, &queue->watches, link, next)
	{
		if (is_for(watch, number) && watch->ops->job != NULL) {
			watch->ops->job(watch->context, number, NULL);
		}
	}
}

void
queue_tell_results(struct queue *queue, uint64_t number, struct span lines)
{
	struct queue_watch *watch, *next;

	LIST_FOREACH_SAFE(watch, &queue->watches, link, next)
	{
		if (is_for(watch, number) && watch->ops->results != NULL) {
			watch->ops->results(watch->context, number, lines);
		}
	}
}

void
queue_tell_output(struct queue *queue, uint64_t number, const char *task, int stream,
		  struct span bytes)
{
	struct queue_watch *watch, *next;

	LIST_FOREACH_SAFE(watch, &queue->watches, link, next)
	{
		if (is_for(watch, number) && watch->ops->output != NULL) {
			watch->ops->output(watch->context, number, task, stream, bytes);
		}
	}
}

bool
queue_is_watched(const struct queue *queue, uint64_t number)
{
	const struct queue_watch *watch;

	LIST_FOREACH(watch, &queue->watches, link)
	{
		if (is_for(watch, number) &&
		    (watch->ops->results != NULL || watch->ops->output != NULL)) {
			return true;
		}
	}
	return false;
}
