/* SPDX-License-Identifier: ISC */
/*
 * run_defaults: what the command line says for tasks that say nothing of it (--timeout, --retries
 * and the like): keys of a task, each with its value as JSON. In the supervisor; pure.
 */
#ifndef SUPERVISOR_RUN_DEFAULTS_H
#define SUPERVISOR_RUN_DEFAULTS_H

#define RUN_DEFAULTS_MOST 16

struct run_defaults {
	unsigned count;
	struct {
		const char *key;
		char value[128]; /* JSON */
	} set[RUN_DEFAULTS_MOST];
};

/* The last value for a key holds. NULL, or what is wrong with it: static, until the next call. */
const char *run_defaults_set(struct run_defaults *, const char *key, const char *value);

#endif
