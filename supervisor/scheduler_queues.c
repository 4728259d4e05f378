/* SPDX-License-Identifier: ISC */
/* scheduler_queues: see scheduler_queues.h. Pure; in the supervisor. */
#include "supervisor/scheduler_queues.h"

void
queues_init(struct queues *queues, bool apart)
{
	*queues = (struct queues){.apart = apart, .measured = true};
	TAILQ_INIT(&queues->untried);
}

void
queues_free(struct queues *queues)
{
	for (int i = 0; i < QUEUES; i++) {
		ready_free(&queues->ready[i]);
	}
}

enum kind_class
queues_class(const struct sched_task *task)
{
	const struct sched_more *more = task->more;

	if (!task->command || more == NULL) {
		return task->computes ? KIND_COMPUTES : KIND_WAITS;
	}
	if (more->hint != TASK_CLASS_NONE) {
		return more->hint == TASK_CLASS_CPU ? KIND_COMPUTES : KIND_WAITS;
	}
	return kind_class(more->kind);
}

static enum queue
queue_for(const struct queues *queues, const struct sched_task *task)
{
	if (task->alone) {
		return QUEUE_ALONE;
	}
	if (!queues->apart) {
		return QUEUE_WAITS;
	}
	if (!task->command || !queues->measured) {
		return task->computes ? QUEUE_COMPUTES : QUEUE_WAITS;
	}
	switch (queues_class(task)) {
	case KIND_UNKNOWN:
		return QUEUE_UNKNOWN;
	case KIND_COMPUTES:
		return QUEUE_COMPUTES;
	default:
		return QUEUE_BESIDE;
	}
}

static enum queue
queue_of(const struct queues *queues, const struct sched_task *task)
{
	return task->more != NULL ? (enum queue)task->more->queue : queue_for(queues, task);
}

static void
put(struct queues *queues, struct sched_task *task, bool first)
{
	enum queue queue = queue_for(queues, task);

	if (task->more != NULL) {
		task->more->queue = (uint8_t)queue;
	}
	if (first) {
		ready_add_first(&queues->ready[queue], task);
	} else {
		ready_add(&queues->ready[queue], task);
	}
}

/* Whether the kind is among those to be tried. */
static void
settle_untried(struct queues *queues, struct kind *kind)
{
	bool wanted = queues->apart && kind->trials == 0 && kind_class(kind) == KIND_UNKNOWN &&
		      !TAILQ_EMPTY(&kind->ready);

	if (wanted && !kind->is_untried) {
		TAILQ_INSERT_TAIL(&queues->untried, kind, untried);
	} else if (!wanted && kind->is_untried) {
		TAILQ_REMOVE(&queues->untried, kind, untried);
	}
	kind->is_untried = wanted;
}

static bool
is_of_kind(const struct sched_task *task)
{
	return task->command && task->more->kind != NULL && task->more->hint == TASK_CLASS_NONE &&
	       !task->alone;
}

bool
queues_is_unknown(const struct sched_task *task)
{
	return is_of_kind(task) && kind_class(task->more->kind) == KIND_UNKNOWN;
}

void
queues_add(struct queues *queues, struct sched_task *task, bool first)
{
	put(queues, task, first);
	if (is_of_kind(task)) {
		struct kind *kind = task->more->kind;

		if (first) {
			TAILQ_INSERT_HEAD(&kind->ready, task->more, of_kind);
		} else {
			TAILQ_INSERT_TAIL(&kind->ready, task->more, of_kind);
		}
		kind->placed = (uint8_t)kind_class(kind);
		settle_untried(queues, kind);
	}
}

void
queues_remove(struct queues *queues, struct sched_task *task)
{
	ready_remove(&queues->ready[queue_of(queues, task)], task);
	if (is_of_kind(task)) {
		TAILQ_REMOVE(&task->more->kind->ready, task->more, of_kind);
		settle_untried(queues, task->more->kind);
	}
}

struct sched_task *
queues_first(struct queues *queues, enum queue queue)
{
	return ready_first(&queues->ready[queue]);
}

struct sched_task *
queues_untried(struct queues *queues)
{
	struct kind *kind = TAILQ_FIRST(&queues->untried);

	return kind == NULL ? NULL : TAILQ_FIRST(&kind->ready)->task;
}

struct sched_task *
queues_last_command(struct queues *queues)
{
	struct sched_task *task = ready_last(&queues->ready[QUEUE_COMPUTES]);

	return task != NULL && is_of_kind(task) ? task : NULL;
}

static void
settle_kind(struct queues *queues, struct kind *kind)
{
	enum kind_class class = kind_class(kind);
	struct sched_more *more;

	if (queues->apart && class != kind->placed) {
		TAILQ_FOREACH(more, &kind->ready, of_kind)
		{
			ready_remove(&queues->ready[more->queue], more->task);
			put(queues, more->task, false);
		}
		kind->placed = (uint8_t) class;
	}
	settle_untried(queues, kind);
}

void
queues_settle(struct queues *queues, struct kind *kind)
{
	struct kind *program = kind->program, *name;

	settle_kind(queues, kind);
	if (program != NULL) {
		settle_untried(queues, program);
		if (kind_class(program) == (enum kind_class)program->placed) {
			return;
		}
		settle_kind(queues, program);
		kind = program;
	}
	LIST_FOREACH(name, &kind->names, sibling)
	{
		settle_kind(queues, name);
	}
}

unsigned
queues_shares(const struct queues *queues, enum queue queue)
{
	const struct ready *ready = &queues->ready[queue];

	return ready->count == 0 ? 0 : ready->lane_count;
}

unsigned
queues_count(const struct queues *queues)
{
	unsigned count = 0;

	for (int i = 0; i < QUEUES; i++) {
		count += queues->ready[i].count;
	}
	return count;
}
