/* SPDX-License-Identifier: ISC */
/*
 * job_json: a job of the daemon, and the queue, as JSON for other programs: the same members
 * wherever they are shown; stint-dashboard(7) lists them. Pure; in the supervisor, of stintd.
 */
#ifndef SUPERVISOR_JOB_JSON_H
#define SUPERVISOR_JOB_JSON_H

#include "supervisor/queue.h"

const char *job_phase_name(enum job_phase);     /* "held", "queued", "running", "ended" */
const char *job_outcome_name(enum job_outcome); /* "ok", "failed", "cancelled"; JOB_OPEN: "open" */
const char *job_fault_name(enum job_fault);     /* "invalid", "system"; FAULT_NONE: NULL */

/* An object each. Members that say nothing are left out. */
void job_json(struct text *out, const struct queue_job *);
void queue_status_json(struct text *out, const struct queue_status *);
/* `,"store_hangs":"..."`, for people, if the disk has not answered for 5 seconds; else nothing. */
void queue_status_put_store(struct text *out, const struct queue_status *);
void queue_running_json(struct text *out, const struct queue_running *);

#endif
