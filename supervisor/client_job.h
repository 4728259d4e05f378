/* SPDX-License-Identifier: ISC */
/*
 * client_job: a job of the daemon as the control socket tells of it, and how people are shown it. In
 * the client.
 */
#ifndef SUPERVISOR_CLIENT_JOB_H
#define SUPERVISOR_CLIENT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/result_record.h"
#include "ipc/text.h"

struct client_job {
	uint64_t number;
	char *name, *reason, *file, *directory; /* NULL: none */
	char state[16];                         /* what it is in one word: queued, paused, ok */
	bool ended;
	int64_t priority;
	uint64_t weight;
	struct span after; /* JSON; empty: none */
	bool after_any;
	uint64_t tasks; /* 0: not known */
	bool estimated; /* that number is */
	uint64_t done, by_status[STATUSES];
	uint64_t running, computing;
	int64_t submitted_us, began_us, ended_us; /* since the epoch, or 0 */
	int64_t wall_us, cpu_us;                  /* sums over its tasks */
	uint64_t result_bytes;
};

/* False: it is none. `object` must last as long as the job. */
bool client_job_decode(struct client_job *, struct span object);
void client_job_clear(struct client_job *);

/* How long it has been running, or ran; 0: it has not begun. */
int64_t client_job_wall_us(const struct client_job *, int64_t now_us);

/* "12/40", "12/~40", "12/?" */
void client_job_progress(const struct client_job *, struct text *);

#endif
