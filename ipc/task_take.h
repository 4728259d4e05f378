/* SPDX-License-Identifier: ISC */
/*
 * task_take: what the decoders of a task share: a function for each key, which task_spec.c,
 * task_context.c and task_rules.c have, and the small decoders of single values. Pure; only for
 * them and task_action.c.
 */
#ifndef IPC_TASK_TAKE_H
#define IPC_TASK_TAKE_H

#include <jansson.h>

#include "ipc/task_spec.h"

/* Each fills `error` and returns false (or NULL) if the value does not fit. */
typedef bool take_key(struct task_spec *, json_t *, struct spec_error *);

#define KEY(name, place, reader) take_key take_##name;
#include "ipc/task_keys.def"
#undef KEY

char *spec_string(json_t *, bool empty_too, struct spec_error *); /* malloc'd */
bool spec_duration(json_t *, int64_t *us, struct spec_error *);
bool spec_whole(json_t *, uint64_t least, uint64_t most, uint64_t *, struct spec_error *);
bool spec_integer(json_t *, int64_t least, int64_t most, int64_t *, struct spec_error *);
bool spec_bool(json_t *, bool *, struct spec_error *);
bool spec_size(json_t *, uint64_t *bytes, struct spec_error *); /* more than 0 */

void task_context_free(struct task_context *);

/* The task's rules, made when the first key asks for them. NULL: `error` says so. */
struct task_rules *task_spec_rules(struct task_spec *, struct spec_error *);

#endif
