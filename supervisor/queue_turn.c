/* SPDX-License-Identifier: ISC */
/*
 * queue_turn: which job may begin next, which has ended and what that means for others, which is too
 * old to be kept; see queue_parts.h. In the supervisor, of stintd.
 */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

int
queue_turn_compare(const struct queue_entry *a, const struct queue_entry *b)
{
	const struct store_job *left = &a->job.kept, *right = &b->job.kept;

	if (left->priority != right->priority) {
		return left->priority > right->priority ? -1 : 1;
	}
	return (left->number > right->number) - (left->number < right->number);
}

RB_GENERATE(queue_turns, queue_entry, turn, queue_turn_compare)

static void
leave_turn(struct queue_entry *entry)
{
	if (entry->in_turn) {
		RB_REMOVE(queue_turns, &entry->queue->turns, entry);
		entry->in_turn = false;
	}
}

/* It is looked at again when that job has ended, or is gone. */
static void
await(struct queue_entry *before, uint64_t number)
{
	for (size_t i = 0; i < before->dependent_count; i++) {
		if (before->dependents[i] == number) {
			return;
		}
	}
	before->dependents = reallocarray(before->dependents, before->dependent_count + 1,
					  sizeof(*before->dependents));
	if (before->dependents == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	before->dependents[before->dependent_count++] = number;
}

/* Those that it comes after: how many have not ended, and whether one has ended that forbids it. */
static size_t
look_before(const struct queue_entry *entry, uint64_t *bad)
{
	const struct store_job *kept = &entry->job.kept;
	size_t open = 0;

	*bad = 0;
	for (size_t i = 0; i < kept->after_count; i++) {
		struct queue_entry *other = queue_find(entry->queue, kept->after[i]);

		if (other == NULL) {
			continue; /* it was removed, long ago */
		}
		if (other->job.kept.phase != JOB_ENDED) {
			await(other, kept->number);
			open++;
		} else if (other->job.kept.outcome != JOB_OK && !kept->after_any) {
			*bad = other->job.kept.number;
		}
	}
	return open;
}

void
queue_settle(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;
	uint64_t bad;
	size_t open = look_before(entry, &bad);
	char why[80];
	bool may = entry->whole && entry->job.kept.phase == JOB_QUEUED && !entry->job.kept.paused &&
		   entry->active == NULL && open == 0 && !entry->gone;

	if (entry->whole && bad != 0 && entry->job.kept.phase < JOB_RUNNING) {
		leave_turn(entry);
		snprintf(why, sizeof(why), "job %ju, which it was to come after, did not end ok",
			 (uintmax_t)bad);
		queue_run_refuse(entry, FAULT_NONE, why);
		return;
	}
	if (!may) {
		leave_turn(entry);
	} else if (!entry->in_turn) {
		entry->in_turn = true;
		RB_INSERT(queue_turns, &queue->turns, entry);
		queue_soon(queue);
	}
}

/* Looks what can begin: at once if an engine runs that wants more, else with a new one. */
void
queue_turn_begin(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;

	(void)fd;
	(void)what;
	if (queue->engine_ended) {
		queue_run_free(queue);
	}
	if (queue->paused || queue->interrupts || queue->broken != NULL || !queue->loaded) {
		return;
	}
	if (!RB_EMPTY(&queue->turns) && queue_run_engine(queue)) {
		engine_again(queue->engine);
	}
}

void
queue_soon(struct queue *queue)
{
	event_active(queue->later, EV_TIMEOUT, 0);
}

/* ---- those that have ended --------------------------------------------------------------------- */

void
queue_note_old(struct queue_entry *entry)
{
	TAILQ_INSERT_TAIL(&entry->queue->olds, entry, old);
	entry->queue->old_count++;
	entry->is_old = entry->job.over = true;
	queue_tell_job(entry);
}

/* Those that have waited for it. */
static void
settle_dependents(struct queue *queue, uint64_t *dependents, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct queue_entry *other = queue_find(queue, dependents[i]);

		if (other != NULL) {
			queue_settle(other);
		}
	}
	free(dependents);
}

void
queue_ended(struct queue_entry *entry)
{
	size_t count = entry->dependent_count;
	uint64_t *dependents = entry->dependents;

	queue_note_old(entry);
	entry->dependents = NULL;
	entry->dependent_count = 0;
	settle_dependents(entry->queue, dependents, count);
	queue_trim(entry->queue);
}

void
queue_drop(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;
	size_t count = entry->dependent_count;
	uint64_t *dependents = entry->dependents;

	leave_turn(entry);
	if (entry->is_old) {
		TAILQ_REMOVE(&queue->olds, entry, old);
		queue->old_count--;
	}
	entry->dependents = NULL;
	queue_table_remove(entry);
	settle_dependents(queue, dependents, count);
}

static void
on_trimmed(void *context, const char *error)
{
	(void)context;
	if (error != NULL) {
		daemon_log(DAEMON_WARNING, "old jobs cannot be removed: %s", error);
	}
}

void
queue_trim(struct queue *queue)
{
	int64_t keep_us = queue->config->keep_us, now_us = clock_epoch_us(), left_us;
	uint64_t most = queue->config->keep_jobs, numbers[256];
	struct queue_entry *entry, *next;
	size_t count = 0;

	TAILQ_FOREACH_SAFE(entry, &queue->olds, old, next)
	{
		left_us = entry->job.kept.ended_us + keep_us - now_us;
		if (count == sizeof(numbers) / sizeof(numbers[0]) ||
		    ((most == 0 || queue->old_count <= most) && (keep_us == 0 || left_us > 0))) {
			break;
		}
		numbers[count++] = entry->job.kept.number;
		queue_tell_removed(queue, entry->job.kept.number);
		queue_output_remove(queue, entry->job.kept.number);
		queue_drop(entry);
	}
	if (count > 0) {
		store_remove(queue->store, numbers, count, on_trimmed, NULL);
	}
	entry = TAILQ_FIRST(&queue->olds);
	if (entry != NULL && keep_us > 0) {
		struct timeval wait;

		left_us = entry->job.kept.ended_us + keep_us - now_us;
		left_us = left_us < US_PER_SECOND ? US_PER_SECOND : left_us;
		wait = (struct timeval){.tv_sec = left_us / US_PER_SECOND + 1};
		event_add(queue->expiry, &wait);
	}
}

void
queue_turn_expire(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	queue_trim(arg);
}
