/* SPDX-License-Identifier: ISC */
/*
 * resources: what a job says there is of gpus, licences, memory and the like: {"gpu":2,
 * "memory":"16G"}. Who has which unit is not known here. In the supervisor; pure.
 */
#ifndef SUPERVISOR_RESOURCES_H
#define SUPERVISOR_RESOURCES_H

#include "supervisor/jobfile_error.h"

struct resource {
	char *name;
	uint64_t units; /* of "memory": bytes */
};

struct resources {
	uint32_t count;
	struct resource *list; /* in the order of the job file */
};

/* Decodes the piece's object. False: `error` has the message. resources_clear() in any case. */
bool resources_set(struct resources *, const struct piece *, struct text *error);
void resources_clear(struct resources *);

const struct resource *resources_find(const struct resources *, const char *name); /* or NULL */

/* Whether a task with these rules (may be NULL) and this memory can ever run. */
bool resources_suffice(const struct resources *, const struct task_rules *, uint64_t memory,
		       struct spec_error *error);

#endif
