/* SPDX-License-Identifier: ISC */
/*
 * jobfile_task: one task of a job file, from its text to a struct task_text: checked, with the
 * job's defaults in it, compact. In the supervisor; pure.
 */
#ifndef SUPERVISOR_JOBFILE_TASK_H
#define SUPERVISOR_JOBFILE_TASK_H

#include "supervisor/ids.h"
#include "supervisor/jobfile_error.h"
#include "supervisor/task.h"

#define DEFAULTS_MOST 32 /* keys, more than there are */

/* The job's defaults: each key's number (task_key_find()) and its JSON; and decoded. */
struct defaults {
	struct task_spec *spec; /* NULL: there are none */
	int count;
	int key[DEFAULTS_MOST];
	struct text name[DEFAULTS_MOST];  /* of the key */
	struct text value[DEFAULTS_MOST]; /* compact */
};

/* False: `error` has the message. */
bool defaults_set(struct defaults *, const struct piece *, struct text *error);
void defaults_add_timeout(struct defaults *, const char *duration); /* unless one is there */
void defaults_clear(struct defaults *);

/* The task in the piece, number `ordinal` of the file. NULL: `error` has the message. */
struct task_text *jobfile_task(const struct piece *, uint64_t ordinal, const struct defaults *,
			       struct ids *, struct text *error);

#endif
