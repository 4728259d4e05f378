/* SPDX-License-Identifier: ISC */
/*
 * jobfile_task: one task of a job file, from its text to a struct task_text: checked, with the
 * job's defaults in it, compact. In the supervisor; pure.
 */
#ifndef SUPERVISOR_JOBFILE_TASK_H
#define SUPERVISOR_JOBFILE_TASK_H

#include "supervisor/ids.h"
#include "supervisor/jobfile_defaults.h"
#include "supervisor/task.h"

/* The task that the text says, number `ordinal` of the file. NULL: `error` says what is wrong. */
struct task_text *jobfile_task(struct span task, uint64_t ordinal, const struct defaults *,
			       struct ids *, struct spec_error *error);

/* Takes the id, or the number for NULL. False: it was used before, as `error` says. */
bool jobfile_take_id(struct ids *, const char *id, uint64_t ordinal, uint32_t repeat,
		     struct spec_error *error);

#endif
