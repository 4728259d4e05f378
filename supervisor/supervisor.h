/* SPDX-License-Identifier: ISC */
/*
 * supervisor: runs one job: owns the event loop and wires the job file, the scheduler, the pool of
 * workers and the sinks together. One run at a time in a process.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include "supervisor/jobfile.h"
#include "supervisor/run_options.h"
#include "supervisor/sink.h"
#include "supervisor/summary.h"

/* Exit statuses of stint, as stint(1) has them. */
enum { EXIT_ALL_OK = 0, EXIT_NOT_ALL_OK = 1, EXIT_USAGE = 2, EXIT_SYSTEM = 3, EXIT_SIGNAL = 128 };

/*
 * Runs the job to its end, however that comes. The job file and the sinks stay the caller's;
 * `summary` was set up by summary_init(). Says on stderr what people must know at once.
 * Returns the exit status.
 */
int supervisor_run(const struct run_options *, struct jobfile *, struct sinks *, struct summary *);

#endif
