/* SPDX-License-Identifier: ISC */
/* slots: see slots.h. In the supervisor. */
#include "supervisor/slots.h"

#include <err.h>
#include <stdlib.h>

#define GENERATIONS (UINT32_C(1) << 20) /* with 32 bits of place this stays below 2^53 */

struct slot {
	struct task *task;   /* NULL: free */
	uint32_t generation; /* of its present or last task */
	uint32_t next_free;
};

void
slots_put(struct slots *slots, struct task *task)
{
	uint32_t place = slots->free;

	if (place == 0) {
		if (slots->count == slots->room) {
			slots->room = slots->room == 0 ? 256 : slots->room * 2;
			slots->table =
			    reallocarray(slots->table, slots->room, sizeof(*slots->table));
			if (slots->table == NULL) {
				err(3, "tasks");
			}
		}
		place = ++slots->count;
		slots->table[place - 1] = (struct slot){.task = NULL};
	} else {
		slots->free = slots->table[place - 1].next_free;
	}
	slots->table[place - 1].task = task;
	slots->table[place - 1].generation = (slots->table[place - 1].generation + 1) % GENERATIONS;
	task->slot = place - 1;
	task->generation = slots->table[place - 1].generation;
}

void
slots_take(struct slots *slots, struct task *task)
{
	struct slot *slot = &slots->table[task->slot];

	slot->task = NULL;
	slot->next_free = slots->free;
	slots->free = task->slot + 1;
}

uint64_t
slots_wire_number(const struct task *task)
{
	return (uint64_t)task->generation << 32 | task->slot;
}

struct task *
slots_find(const struct slots *slots, uint64_t number)
{
	uint32_t place = (uint32_t)number;

	if (place >= slots->count || slots->table[place].generation != number >> 32) {
		return NULL;
	}
	return slots->table[place].task;
}

struct task *
slots_at(const struct slots *slots, uint32_t place)
{
	return slots->table[place].task;
}

uint32_t
slots_grace_s(const struct slots *slots)
{
	uint32_t longest = 0;

	for (uint32_t i = 0; i < slots->count; i++) {
		const struct task *task = slots->table[i].task;

		if (task != NULL && task->text->grace_s > longest) {
			longest = task->text->grace_s;
		}
	}
	return longest;
}

void
slots_free(struct slots *slots)
{
	for (uint32_t i = 0; i < slots->count; i++) {
		task_free(slots->table[i].task);
	}
	free(slots->table);
	*slots = (struct slots){.table = NULL};
}
