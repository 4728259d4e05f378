/* SPDX-License-Identifier: ISC */
/*
 * jobfile_defaults: what the head of a job says for all of its tasks, and how it is merged into
 * the text of one. In the supervisor; pure.
 */
#ifndef SUPERVISOR_JOBFILE_DEFAULTS_H
#define SUPERVISOR_JOBFILE_DEFAULTS_H

#include "supervisor/jobfile_error.h"
#include "supervisor/resources.h"
#include "supervisor/run_defaults.h"

#define DEFAULTS_MOST 32 /* keys, more than there are */

/* Each key's number (task_key_find()) and its JSON; and decoded. All zero: nothing is said. */
struct defaults {
	struct resources resources; /* to be set before the others */
	struct task_spec *spec;     /* NULL: there are none */
	int count;
	int key[DEFAULTS_MOST];
	struct text name[DEFAULTS_MOST];  /* of the key */
	struct text value[DEFAULTS_MOST]; /* compact */
};

/* False: `error` has the message. */
bool defaults_set(struct defaults *, const struct piece *, struct text *error);
void defaults_add(struct defaults *, const struct run_defaults *); /* unless said; may be NULL */
void defaults_clear(struct defaults *);

const struct text *defaults_find(const struct defaults *, const char *key); /* JSON, or NULL */

/*
 * Who reads the text of a task with the defaults in it. Workers: what only the supervisor heeds is
 * left out. A matrix: its key and the id are.
 */
enum merged { MERGED_FOR_WORKERS, MERGED_FOR_MATRIX };

/* Appends the task, compact, with the defaults that are not among its `keys` (task_spec.keys). */
void defaults_merge(const struct defaults *, struct span task, uint32_t keys, enum merged,
		    struct text *out);

/*
 * Keys are looked for in the text as it stands. Where one is spelled with escapes, the text is
 * printed anew, into `plain`, without them.
 */
struct span jobfile_plain_keys(struct span object, struct text *plain);

#endif
