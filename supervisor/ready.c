/* SPDX-License-Identifier: ISC */
/* ready: see ready.h. Pure; in the supervisor. */
#include "supervisor/ready.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/scheduler.h"
#include "supervisor/share.h"

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
search(const struct ready_lane *lane, uint32_t order)
{
	unsigned low = 0, high = lane->level_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (lane->levels[middle]->order < order) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct ready_level *
insert_level(struct ready_lane *lane, unsigned place, uint32_t order)
{
	struct ready_level *level = lane->spare;

	lane->spare = NULL;
	if (level == NULL && (level = malloc(sizeof(*level))) == NULL) {
		err(3, "tasks");
	}
	if (lane->level_count == lane->room) {
		lane->room = lane->room == 0 ? 8 : lane->room * 2;
		lane->levels = reallocarray(lane->levels, lane->room, sizeof(level));
		if (lane->levels == NULL) {
			err(3, "tasks");
		}
	}
	memmove(lane->levels + place + 1, lane->levels + place,
		(lane->level_count - place) * sizeof(level));
	lane->levels[place] = level;
	lane->level_count++;
	level->order = order;
	TAILQ_INIT(&level->tasks);
	return level;
}

static struct ready_level *
level_of(struct ready_lane *lane, uint32_t order)
{
	if (lane->recent == NULL || lane->recent->order != order) {
		unsigned place = search(lane, order);

		if (place < lane->level_count && lane->levels[place]->order == order) {
			lane->recent = lane->levels[place];
		} else {
			lane->recent = insert_level(lane, place, order);
		}
	}
	return lane->recent;
}

/* ---- lanes ------------------------------------------------------------------------------------ */

static struct ready_lane *
add_lane(struct ready *ready, const struct share *share)
{
	struct ready_lane *lane = calloc(1, sizeof(*lane));

	if (ready->lane_count == ready->room) {
		ready->room = ready->room == 0 ? 1 : ready->room * 2;
		ready->lanes = reallocarray(ready->lanes, ready->room, sizeof(lane));
	}
	if (lane == NULL || ready->lanes == NULL) {
		err(3, "tasks");
	}
	lane->share = share;
	ready->lanes[ready->lane_count++] = lane;
	return lane;
}

/* The lane of the share; the only one there is, if it is empty, becomes that of any. */
static struct ready_lane *
lane_of(struct ready *ready, const struct share *share)
{
	if (ready->recent != NULL && ready->recent->share == share) {
		return ready->recent;
	}
	if (ready->lane_count == 1 && ready->count == 0) {
		ready->lanes[0]->share = share;
	}
	for (unsigned i = 0; i < ready->lane_count; i++) {
		if (ready->lanes[i]->share == share) {
			return ready->recent = ready->lanes[i];
		}
	}
	return ready->recent = add_lane(ready, share);
}

static void
free_lane(struct ready_lane *lane)
{
	for (unsigned i = 0; i < lane->level_count; i++) {
		free(lane->levels[i]);
	}
	free(lane->spare);
	free(lane->levels);
	free(lane);
}

static void
drop_lane(struct ready *ready, struct ready_lane *lane)
{
	unsigned i = 0;

	while (ready->lanes[i] != lane) {
		i++;
	}
	ready->lanes[i] = ready->lanes[--ready->lane_count];
	ready->recent = NULL;
	free_lane(lane);
}

/* Whose turn it is; NULL: there is no task. */
static struct ready_lane *
next_lane(const struct ready *ready)
{
	struct ready_lane *next = NULL;

	for (unsigned i = 0; i < ready->lane_count; i++) {
		struct ready_lane *lane = ready->lanes[i];

		if (lane->count > 0 &&
		    (next == NULL || (lane->share != NULL && next->share != NULL &&
				      share_compare(lane->share, next->share) < 0))) {
			next = lane;
		}
	}
	return next;
}

void
ready_add(struct ready *ready, struct sched_task *task)
{
	struct ready_lane *lane = lane_of(ready, task->share);

	TAILQ_INSERT_TAIL(&level_of(lane, task->order)->tasks, task, link);
	lane->count++;
	ready->count++;
}

void
ready_add_first(struct ready *ready, struct sched_task *task)
{
	struct ready_lane *lane = lane_of(ready, task->share);

	TAILQ_INSERT_HEAD(&level_of(lane, task->order)->tasks, task, link);
	lane->count++;
	ready->count++;
}

void
ready_remove(struct ready *ready, struct sched_task *task)
{
	struct ready_lane *lane = lane_of(ready, task->share);

	TAILQ_REMOVE(&level_of(lane, task->order)->tasks, task, link);
	ready->count--;
	if (--lane->count == 0 && ready->lane_count > 1) {
		drop_lane(ready, lane);
	}
}

static void
drop_level(struct ready_lane *lane, unsigned place)
{
	struct ready_level *level = lane->levels[place];

	if (lane->recent == level) {
		lane->recent = NULL;
	}
	free(lane->spare);
	lane->spare = level;
	lane->level_count--;
	memmove(lane->levels + place, lane->levels + place + 1,
		(lane->level_count - place) * sizeof(level));
}

struct sched_task *
ready_lane_first(struct ready_lane *lane)
{
	while (lane->level_count > 0) {
		struct ready_level *level = lane->levels[lane->level_count - 1];

		if (!TAILQ_EMPTY(&level->tasks)) {
			return TAILQ_FIRST(&level->tasks);
		}
		drop_level(lane, lane->level_count - 1);
	}
	return NULL;
}

struct sched_task *
ready_first(struct ready *ready)
{
	struct ready_lane *lane = next_lane(ready);

	return lane == NULL ? NULL : ready_lane_first(lane);
}

struct sched_task *
ready_last(struct ready *ready)
{
	struct ready_lane *lane = next_lane(ready);

	while (lane != NULL) {
		if (!TAILQ_EMPTY(&lane->levels[0]->tasks)) {
			return TAILQ_LAST(&lane->levels[0]->tasks, sched_list);
		}
		drop_level(lane, 0);
	}
	return NULL;
}

bool
ready_has(const struct ready *ready, const struct sched_task *task)
{
	for (unsigned i = 0; i < ready->lane_count; i++) {
		const struct ready_lane *lane = ready->lanes[i];
		unsigned place = search(lane, task->order);
		const struct sched_task *other;

		if (lane->share != task->share || place == lane->level_count) {
			continue;
		}
		TAILQ_FOREACH(other, &lane->levels[place]->tasks, link)
		{
			if (other == task) {
				return true;
			}
		}
	}
	return false;
}

void
ready_free(struct ready *ready)
{
	for (unsigned i = 0; i < ready->lane_count; i++) {
		free_lane(ready->lanes[i]);
	}
	free(ready->lanes);
	*ready = (struct ready){.count = 0};
}
