/* SPDX-License-Identifier: ISC */
/*
 * slots: the tasks that are with workers, by the number that each has on the wire: its place in a
 * table, and how often that place was used before, so that a late word about a former task is not
 * taken for one about the present. In the supervisor.
 */
#ifndef SUPERVISOR_SLOTS_H
#define SUPERVISOR_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/task.h"

struct slots {
	struct slot *table;
	uint32_t count; /* places that were ever used */
	uint32_t room;
	uint32_t free; /* the first free place, from 1; 0: none */
};

void slots_put(struct slots *, struct task *); /* sets its slot and generation */
void slots_take(struct slots *, struct task *);
uint64_t slots_wire_number(const struct task *);
struct task *slots_find(const struct slots *, uint64_t wire_number); /* NULL: none any more */
struct task *slots_at(const struct slots *, uint32_t place);         /* NULL: it is free */
uint32_t slots_grace_s(const struct slots *);                        /* the longest of them */
void slots_free(struct slots *);

#endif
