/* SPDX-License-Identifier: ISC */
/*
 * plan_crowd: commands that compute wait for a core while others have it, and a record cannot tell
 * that from what they wait for by themselves. But where commands that are alike (of one name, or
 * without any) had a core to themselves now and then, all of them compute, and what they waited was
 * for a core. See kind_alone(). Pure; in the supervisor.
 */
#ifndef SUPERVISOR_PLAN_CROWD_H
#define SUPERVISOR_PLAN_CROWD_H

#include "supervisor/recorded_run.h"

struct crowd;

struct crowd *crowd_new(const struct recorded_run *);
void crowd_free(struct crowd *);

bool crowd_is_command(const struct recorded_task *);

/* How long the task would have taken with a core to itself. */
int64_t crowd_wall_us(const struct crowd *, const struct recorded_task *);

#endif
