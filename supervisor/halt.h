/* SPDX-License-Identifier: ISC */
/*
 * halt: --halt WHEN,WHAT=N: the rule by which a run stops before its tasks are all done, as in GNU
 * parallel: WHEN is now (what runs is ended) or soon (it is waited for), WHAT is fail, success or
 * done, N a number of tasks or a percentage of all of them. In the supervisor; pure.
 */
#ifndef SUPERVISOR_HALT_H
#define SUPERVISOR_HALT_H

#include <stdbool.h>
#include <stdint.h>

struct halt {
	enum { HALT_NEVER, HALT_FAIL, HALT_SUCCESS, HALT_DONE } what;
	bool now;
	bool percent;
	unsigned number;
};

/* NULL, or what is wrong: a constant string. */
const char *halt_parse(const char *rule, struct halt *);

/* `total`: tasks in all; 0: not known, then a percentage is not reached. */
bool halt_reached(const struct halt *, uint64_t ok, uint64_t not_ok, uint64_t total);

#endif
