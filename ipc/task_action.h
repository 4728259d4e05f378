/* SPDX-License-Identifier: ISC */
/*
 * task_action: decodes the action of a task, by the shapes that ipc/actions.def names; and the
 * small decoders that it shares with task_spec.c. Pure; not for others.
 */
#ifndef IPC_TASK_ACTION_H
#define IPC_TASK_ACTION_H

#include <jansson.h>

#include "ipc/task_spec.h"

int task_action_find(const char *name); /* an enum action_type, or -1 */

/* Gives the task its action. False with `error` filled if the value does not fit. */
bool task_action_take(struct task_spec *, const char *name, json_t *value, struct spec_error *);
void task_action_clear(struct action *);

/* Each fills `error` and returns false (or NULL) if the value does not fit. */
char *spec_string(json_t *, bool empty_too, struct spec_error *); /* malloc'd */
bool spec_duration(json_t *, int64_t *us, struct spec_error *);
bool spec_whole(json_t *, uint64_t least, uint64_t most, uint64_t *, struct spec_error *);

#endif
