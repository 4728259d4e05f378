/* SPDX-License-Identifier: ISC */
/*
 * gate: what tasks take of the job's named resources, and of memory: hard limits. A task passes
 * when all that it uses is free, and holds it from then on; else it waits here, in the order of
 * ready.h for each resource, so that one that needs much is not overtaken for ever. In the
 * supervisor; pure.
 */
#ifndef SUPERVISOR_GATE_H
#define SUPERVISOR_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/task.h"

struct gate;

struct gate *gate_new(uint64_t memory); /* bytes there are for tasks that say what they take */
void gate_free(struct gate *);
void gate_declare(struct gate *, const char *name, uint64_t units);

/* NULL: it may pass, some time; else why it never can, until the next call. */
const char *gate_forbids(struct gate *, const struct task *);

/* True: it holds what it uses, if anything. False: it waits here until gate_opened() hands it out. */
bool gate_pass(struct gate *, struct task *);
void gate_give_back(struct gate *, struct task *); /* what it holds */
struct task *gate_opened(struct gate *);           /* one that holds all now; NULL: none more */
struct task *gate_take_any(struct gate *);         /* one that waits, to be dropped; NULL: none */
void gate_forget(struct gate *, struct task *);    /* this one, which waits */

unsigned gate_waiting(const struct gate *);        /* tasks */
bool gate_waiting_for_memory(const struct gate *); /* all of those do */

/* Appends {"STINT_GPU":"0,1"}: the numbers of the units that it holds; nothing without uses. */
void gate_put_grants(const struct gate *, const struct task *, struct text *);

#endif
