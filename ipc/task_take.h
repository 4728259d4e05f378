/* SPDX-License-Identifier: ISC */
/*
 * task_take: what the decoders of a task share: a function for each key, which task_spec.c,
 * task_context.c and task_rules.c have. Pure; only for them.
 */
#ifndef IPC_TASK_TAKE_H
#define IPC_TASK_TAKE_H

#include "ipc/task_value.h"

/* Each fills `error` and returns false if the value does not fit. */
typedef bool take_key(struct task_spec *, json_t *, struct spec_error *);

#define KEY(name, place, reader) take_key take_##name;
#include "ipc/task_keys.def"
#undef KEY

void task_context_free(struct task_context *);

/* The task's rules, made when the first key asks for them. */
struct task_rules *task_spec_rules(struct task_spec *);

#endif
