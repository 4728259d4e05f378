/* SPDX-License-Identifier: ISC */
/*
 * task_hash: whether a task is still what it was when its record was written. In the supervisor;
 * pure.
 */
#ifndef SUPERVISOR_TASK_HASH_H
#define SUPERVISOR_TASK_HASH_H

#include <stdint.h>

#include "ipc/text.h"

/*
 * The hash of the text that workers get, which is compact. Of what the task does: its limits and
 * hints (task_key_is_limit()) are not in it, nor is the order of its keys or of its variables.
 * Never 0.
 */
uint64_t task_hash(struct span spec);

#endif
