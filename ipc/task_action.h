/* SPDX-License-Identifier: ISC */
/*
 * task_action: decodes the action of a task, by the shapes that ipc/actions.def names. Pure; only
 * for task_spec.c.
 */
#ifndef IPC_TASK_ACTION_H
#define IPC_TASK_ACTION_H

#include <jansson.h>

#include "ipc/task_spec.h"

int task_action_find(const char *name); /* an enum action_type, or -1 */

/* Gives the task its action. False with `error` filled if the value does not fit. */
bool task_action_take(struct task_spec *, const char *name, json_t *value, struct spec_error *);
void task_action_clear(struct action *);

/* A string of any bytes, one as exec has them, malloc'd. NULL: `error` says what is wrong. */
char *task_action_argument(json_t *, bool empty_too, struct spec_error *error);

#endif
