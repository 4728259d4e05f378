/* SPDX-License-Identifier: ISC */
/* ready: see ready.h. Pure; in the supervisor. */
#include "supervisor/ready.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/scheduler.h"

#define STEP_BITS 6
#define STEPS     (1U << STEP_BITS)

struct ready_level {
	struct sched_list tasks;
	uint32_t order;
};

/* 64 steps an octave: the place of the highest bit, and the bits behind it. */
static uint32_t
logarithm(uint64_t us)
{
	uint32_t octave = 63U - (uint32_t)__builtin_clzll(us);

	if (octave < STEP_BITS) {
		return (uint32_t)us;
	}
	return (octave - STEP_BITS + 1) * STEPS +
	       (uint32_t)(us >> (octave - STEP_BITS) & (STEPS - 1));
}

uint32_t
ready_order(int priority, int64_t rank_us)
{
	uint32_t rank = rank_us > 0 ? logarithm((uint64_t)rank_us) : 0;

	rank = rank < READY_RANKS ? rank : READY_RANKS - 1;
	return (uint32_t)(priority + TASK_PRIORITY_MOST) * READY_RANKS + rank;
}

/* The place of the first level that is not below `order`. */
static unsigned
search(const struct ready *ready, uint32_t order)
{
	unsigned low = 0, high = ready->level_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (ready->levels[middle]->order < order) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct ready_level *
insert_level(struct ready *ready, unsigned place, uint32_t order)
{
	struct ready_level *level = ready->spare;

	ready->spare = NULL;
	if (level == NULL && (level = malloc(sizeof(*level))) == NULL) {
		err(3, "tasks");
	}
	if (ready->level_count == ready->room) {
		ready->room = ready->room == 0 ? 8 : ready->room * 2;
		ready->levels = reallocarray(ready->levels, ready->room, sizeof(level));
		if (ready->levels == NULL) {
			err(3, "tasks");
		}
	}
	memmove(ready->levels + place + 1, ready->levels + place,
		(ready->level_count - place) * sizeof(level));
	ready->levels[place] = level;
	ready->level_count++;
	level->order = order;
	TAILQ_INIT(&level->tasks);
	return level;
}

static struct ready_level *
level_of(struct ready *ready, uint32_t order)
{
	if (ready->recent == NULL || ready->recent->order != order) {
		unsigned place = search(ready, order);

		if (place < ready->level_count && ready->levels[place]->order == order) {
			ready->recent = ready->levels[place];
		} else {
			ready->recent = insert_level(ready, place, order);
		}
	}
	return ready->recent;
}

void
ready_add(struct ready *ready, struct sched_task *task)
{
	TAILQ_INSERT_TAIL(&level_of(ready, task->order)->tasks, task, link);
	ready->count++;
}

void
ready_add_first(struct ready *ready, struct sched_task *task)
{
	TAILQ_INSERT_HEAD(&level_of(ready, task->order)->tasks, task, link);
	ready->count++;
}

void
ready_remove(struct ready *ready, struct sched_task *task)
{
	TAILQ_REMOVE(&level_of(ready, task->order)->tasks, task, link);
	ready->count--;
}

static void
drop_level(struct ready *ready, unsigned place)
{
	struct ready_level *level = ready->levels[place];

	if (ready->recent == level) {
		ready->recent = NULL;
	}
	free(ready->spare);
	ready->spare = level;
	ready->level_count--;
	memmove(ready->levels + place, ready->levels + place + 1,
		(ready->level_count - place) * sizeof(level));
}

struct sched_task *
ready_first(struct ready *ready)
{
	while (ready->count > 0) {
		struct ready_level *level = ready->levels[ready->level_count - 1];

		if (!TAILQ_EMPTY(&level->tasks)) {
			return TAILQ_FIRST(&level->tasks);
		}
		drop_level(ready, ready->level_count - 1);
	}
	return NULL;
}

struct sched_task *
ready_last(struct ready *ready)
{
	while (ready->count > 0) {
		if (!TAILQ_EMPTY(&ready->levels[0]->tasks)) {
			return TAILQ_LAST(&ready->levels[0]->tasks, sched_list);
		}
		drop_level(ready, 0);
	}
	return NULL;
}

void
ready_free(struct ready *ready)
{
	for (unsigned i = 0; i < ready->level_count; i++) {
		free(ready->levels[i]);
	}
	free(ready->spare);
	free(ready->levels);
	*ready = (struct ready){.count = 0};
}
