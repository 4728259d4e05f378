/* SPDX-License-Identifier: ISC */
/*
 * stage: whose output is shown when. What is out of turn is held back: with an order, that of all
 * tasks but the first that has not ended; without, that of the others while a task says something
 * in several parts that belong together; and always while who reads us is slow. What is held back
 * is in memory up to a limit, then in a file (ipc/spill). In the supervisor.
 */
#ifndef SUPERVISOR_STAGE_H
#define SUPERVISOR_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/outlet.h"

struct stage;

/* The outlet stays the caller's. The order: that of the tasks' numbers, from 1. */
struct stage *stage_new(struct outlet *, bool in_order);
void stage_free(struct stage *);

/* `more`: the next of this task belongs to it. */
void stage_say(struct stage *, uint64_t number, int stream, struct span, bool more);
void stage_end(struct stage *, uint64_t number);  /* no more belongs to what it said last */
void stage_done(struct stage *, uint64_t number); /* and the task has ended */

/* Hands to the outlet what was held back and may be shown now, as far as there is room. */
void stage_move_on(struct stage *);
void stage_let_go(struct stage *); /* all may be shown: tasks have ended, or never will */

bool stage_has_room(const struct stage *); /* the outlet has not too much left to write */
int stage_failed(const struct stage *);    /* errno: something could not be held back; 0 */

#endif
