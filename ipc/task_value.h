/* SPDX-License-Identifier: ISC */
/* task_value: what single values of a job file say, with their errors. Pure; any process. */
#ifndef IPC_TASK_VALUE_H
#define IPC_TASK_VALUE_H

#include <jansson.h>

#include "ipc/task_spec.h"

/* Each fills `error` and returns false (or NULL) if the value does not fit. */
char *spec_string(json_t *, bool empty_too, struct spec_error *); /* malloc'd */
bool spec_duration(json_t *, int64_t *us, struct spec_error *);
bool spec_whole(json_t *, uint64_t least, uint64_t most, uint64_t *, struct spec_error *);
bool spec_integer(json_t *, int64_t least, int64_t most, int64_t *, struct spec_error *);
bool spec_bool(json_t *, bool *, struct spec_error *);
bool spec_size(json_t *, uint64_t *bytes, struct spec_error *); /* more than 0 */

#endif
