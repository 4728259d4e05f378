/* SPDX-License-Identifier: ISC */
/*
 * matrix: the tasks that one task stands for, one for each combination of the values in its
 * `matrix`, as JSON text. In the order written, the last key fastest. In the supervisor; pure.
 *
 * In the strings of the task `{key}` becomes the value and `{{key}}` becomes "{key}"; other braces
 * stay. In `shell` a value is quoted if the shell could take it for more than a word, between
 * quotes or not, and `${key}` stays, for it is the shell's. Where a number is wanted, a string that is all "{key}" becomes the
 * value itself.
 */
#ifndef SUPERVISOR_MATRIX_H
#define SUPERVISOR_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

struct matrix;

/*
 * `values`: a valid `matrix` (task_spec.h). `task`: a valid JSON object, its keys without escapes,
 * without `id` and `matrix`. `id`: the base of the ids, plain; each combination's is "base.lr=0.1,
 * seed=1", unless it has all keys in it, as "train-{lr}-{seed}". All are copied.
 */
struct matrix *matrix_new(struct span values, struct span task, struct span id);
void matrix_free(struct matrix *);

/* The key that the id does not have though it has others; NULL: it has all or none. */
const char *matrix_missing_key(const struct matrix *);
bool matrix_is_group(const struct matrix *); /* the id has none: it stands for all of them */
void matrix_put_group(struct matrix *, struct text *); /* such an id, plain */

/* The next combination's task, with its id, in `task`. False: that was the last. */
bool matrix_next(struct matrix *, struct text *task);
/* A key whose value could not be quoted where the last combination's command has it; or NULL. */
const char *matrix_unquotable(const struct matrix *);
void matrix_put_values(const struct matrix *, struct text *); /* of the last: "lr=0.1,seed=1" */

#endif
