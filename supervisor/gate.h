/* SPDX-License-Identifier: ISC */
/*
 * gate: what tasks take of the job's named resources, and of memory: hard limits. A task passes
 * when all that it uses is free, and holds it from then on; else it waits here, in the order of
 * ready.h for each resource, so that one that needs much is not overtaken for ever. Each job has a
 * gate; the memory of the machine is one supply for all of them. In the supervisor; pure.
 */
#ifndef SUPERVISOR_GATE_H
#define SUPERVISOR_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/task.h"

struct gate;
struct supply;

/* Memory for the tasks of all gates made with it, in bytes. Freed after them. */
struct supply *gate_memory_new(uint64_t bytes);
/* From now on. What is taken stays so; a task that passed gate_forbids() before waits to be alone, if it must. */
void gate_memory_set(struct supply *, uint64_t bytes);
void gate_memory_free(struct supply *);

/*
 * `memory`: bytes for the tasks of this gate that say what they take; `shared`: they take of that as
 * well, NULL: of no other.
 */
struct gate *gate_new(uint64_t memory, struct supply *shared);
void gate_free(struct gate *); /* none of its tasks waits */
void gate_declare(struct gate *, const char *name, uint64_t units);

/* NULL: it may pass, some time; else why it never can, until the next call. */
const char *gate_forbids(struct gate *, const struct task *);

/* True: it holds what it uses, if anything. False: it waits here until gate_opened() hands it out. */
bool gate_pass(struct gate *, struct task *);
void gate_give_back(struct gate *, struct task *); /* what it holds */
void gate_look_again(struct gate *);               /* there may be more than before */
/* After either: one that holds all now, maybe of another gate with the same memory; NULL: none more. */
struct task *gate_opened(struct gate *);
struct task *gate_take_any(struct gate *);      /* one that waits, to be dropped; NULL: none */
void gate_forget(struct gate *, struct task *); /* this one, which waits */

unsigned gate_waiting(const struct gate *);        /* tasks */
bool gate_waiting_for_memory(const struct gate *); /* all of those do */
unsigned gate_holding(const struct gate *);        /* tasks that hold something */
/* Who is next to have of the shared memory, and waits for it; NULL: nobody. */
const struct task *gate_memory_next(struct supply *);

/* Appends {"STINT_GPU":"0,1"}: the numbers of the units that it holds; nothing without uses. */
void gate_put_grants(const struct gate *, const struct task *, struct text *);

#endif
