/* SPDX-License-Identifier: ISC */
/* stage: see stage.h. In the supervisor. */
#include "supervisor/stage.h"

#include <bsd/sys/queue.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>

#include "ipc/spill.h"

#define HELD_MEMORY ((size_t)4 << 20)  /* bytes of what is held back */
#define LEFT_MOST   ((size_t)16 << 20) /* bytes that wait to be written */

/* What a task says that is held back, or that is to be shown in one piece. */
struct group {
	TAILQ_ENTRY(group) link;
	uint64_t number; /* of the task */
	struct spill held[2];
	uint64_t shown[2]; /* bytes of `held` */
	bool open;         /* more belongs to it */
};

TAILQ_HEAD(groups, group);

/* A task whose turn is still to come, where they have an order. */
struct turn {
	struct group *group; /* NULL: it said nothing yet */
	bool done;
};

struct stage {
	struct outlet *outlet;
	bool in_order;
	int failed; /* errno: something could not be held back */

	struct group *current; /* whose output is shown; NULL: whoever comes */
	struct groups growing; /* without an order: that are held back, and not complete */
	struct groups ready;   /* likewise, complete */

	struct turn *turns; /* with an order: of the task numbers from `turn`, modulo `room` */
	uint64_t room;      /* a power of two */
	uint64_t turn;
};

struct stage *
stage_new(struct outlet *outlet, bool in_order)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	if (stage == NULL) {
		err(3, "output");
	}
	stage->outlet = outlet;
	stage->in_order = in_order;
	stage->turn = 1;
	TAILQ_INIT(&stage->growing);
	TAILQ_INIT(&stage->ready);
	spill_limits(HELD_MEMORY, 0);
	return stage;
}

/* The place of a task whose turn is, or is still to come. */
static struct turn *
turn_of(struct stage *stage, uint64_t number)
{
	if (number - stage->turn >= stage->room) {
		uint64_t room = stage->room == 0 ? 64 : stage->room;
		struct turn *more;

		while (number - stage->turn >= room) {
			room *= 2;
		}
		more = calloc(room, sizeof(*more));
		if (more == NULL) {
			err(3, "output");
		}
		for (uint64_t i = stage->turn; i < stage->turn + stage->room; i++) {
			more[i % room] = stage->turns[i & (stage->room - 1)];
		}
		free(stage->turns);
		stage->turns = more;
		stage->room = room;
	}
	return &stage->turns[number % stage->room];
}

/* The group of the task, if it has one. */
static struct group *
find(struct stage *stage, uint64_t number)
{
	struct group *group;

	if (stage->current != NULL && stage->current->number == number) {
		return stage->current;
	}
	if (stage->in_order) {
		return turn_of(stage, number)->group;
	}
	TAILQ_FOREACH(group, &stage->growing, link)
	{
		if (group->number == number) {
			return group;
		}
	}
	return NULL;
}

static struct group *
make(struct stage *stage, uint64_t number)
{
	struct group *group = calloc(1, sizeof(*group));

	if (group == NULL) {
		err(3, "output");
	}
	group->number = number;
	if (stage->in_order && number != stage->turn) {
		turn_of(stage, number)->group = group;
	} else if (stage->current == NULL && TAILQ_EMPTY(&stage->ready)) {
		stage->current = group;
	} else {
		TAILQ_INSERT_TAIL(&stage->growing, group, link);
	}
	return group;
}

static void
free_group(struct group *group)
{
	if (group != NULL) {
		spill_free(&group->held[0]);
		spill_free(&group->held[1]);
		free(group);
	}
}

static bool
all_shown(const struct group *group)
{
	return group == NULL ||
	       (group->shown[0] == group->held[0].len && group->shown[1] == group->held[1].len);
}

bool
stage_has_room(const struct stage *stage)
{
	return outlet_left(stage->outlet) < LEFT_MOST;
}

/* Whether what this task says can be shown at once. */
static bool
goes_through(const struct stage *stage, uint64_t number, const struct group *group)
{
	if (!stage_has_room(stage) || !all_shown(group)) {
		return false;
	}
	if (stage->in_order) {
		return number == stage->turn;
	}
	return group == stage->current && (group != NULL || TAILQ_EMPTY(&stage->ready));
}

/* Nothing more belongs to the group. */
static void
complete(struct stage *stage, struct group *group)
{
	group->open = false;
	if (!stage->in_order && group != stage->current) {
		TAILQ_REMOVE(&stage->growing, group, link);
		TAILQ_INSERT_TAIL(&stage->ready, group, link);
	} else if (group == stage->current && all_shown(group)) {
		stage->current = NULL;
		free_group(group);
	}
}

void
stage_say(struct stage *stage, uint64_t number, int stream, struct span bytes, bool more)
{
	struct group *group = find(stage, number);
	bool through = goes_through(stage, number, group);

	if (group == NULL && (more || !through)) {
		group = make(stage, number);
	}
	if (through) {
		outlet_put(stage->outlet, stream, bytes);
	} else if (stage->failed == 0 &&
		   !spill_append(&group->held[stream - 1], bytes.at, bytes.len)) {
		stage->failed = errno;
	}
	if (group != NULL) {
		group->open = more;
	}
	if (group != NULL && !more) {
		complete(stage, group);
	}
}

void
stage_end(struct stage *stage, uint64_t number)
{
	struct group *group = find(stage, number);

	if (group != NULL && group->open) {
		complete(stage, group);
	}
}

void
stage_done(struct stage *stage, uint64_t number)
{
	stage_end(stage, number);
	if (stage->in_order) {
		turn_of(stage, number)->done = true;
	}
}

/* Shows a part of what is held back of the current group. */
static void
show_held(struct stage *stage)
{
	static char chunk[256 << 10];
	struct group *group = stage->current;
	int stream = group->shown[0] < group->held[0].len ? 1 : 2;
	ssize_t got =
	    spill_read(&group->held[stream - 1], group->shown[stream - 1], chunk, sizeof(chunk));

	if (got < 0) {
		stage->failed = stage->failed == 0 ? errno : stage->failed;
		group->shown[stream - 1] = group->held[stream - 1].len;
		return;
	}
	group->shown[stream - 1] += (uint64_t)got;
	outlet_put(stage->outlet, stream, (struct span){chunk, (size_t)got});
	if (all_shown(group)) {
		for (int i = 0; i < 2; i++) {
			spill_free(&group->held[i]);
			group->shown[i] = 0;
		}
	}
}

/* The turn passes to the next. False: it cannot yet. */
static bool
next_turn(struct stage *stage)
{
	struct turn *turn = turn_of(stage, stage->turn);

	if (!turn->done) {
		return false;
	}
	free_group(stage->current);
	*turn = (struct turn){.group = NULL};
	stage->turn++;
	turn = turn_of(stage, stage->turn);
	stage->current = turn->group;
	turn->group = NULL;
	return true;
}

static bool
next_group(struct stage *stage)
{
	struct groups *from = TAILQ_EMPTY(&stage->ready) ? &stage->growing : &stage->ready;

	if (stage->current != NULL && stage->current->open) {
		return false;
	}
	free_group(stage->current);
	stage->current = TAILQ_FIRST(from);
	if (stage->current == NULL) {
		return false;
	}
	TAILQ_REMOVE(from, stage->current, link);
	return true;
}

void
stage_move_on(struct stage *stage)
{
	while (stage_has_room(stage)) {
		if (!all_shown(stage->current)) {
			show_held(stage);
		} else if (!(stage->in_order ? next_turn(stage) : next_group(stage))) {
			return;
		}
	}
}

void
stage_let_go(struct stage *stage)
{
	struct group *group;

	for (uint64_t i = 0; i < stage->room; i++) {
		stage->turns[i].done = true;
	}
	TAILQ_FOREACH(group, &stage->growing, link)
	{
		group->open = false;
	}
	TAILQ_CONCAT(&stage->ready, &stage->growing, link);
	if (stage->current != NULL) {
		stage->current->open = false;
	}
}

int
stage_failed(const struct stage *stage)
{
	return stage->failed;
}

void
stage_free(struct stage *stage)
{
	struct group *group;

	for (uint64_t i = 0; i < stage->room; i++) {
		free_group(stage->turns[i].group);
	}
	while ((group = TAILQ_FIRST(&stage->ready)) != NULL) {
		TAILQ_REMOVE(&stage->ready, group, link);
		free_group(group);
	}
	free_group(stage->current);
	free(stage->turns);
	free(stage);
}
