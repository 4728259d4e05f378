/* SPDX-License-Identifier: ISC */
/*
 * run_job: what `stint run` and `stint map` do with their tasks. In the
 * supervisor.
 */
#ifndef SUPERVISOR_RUN_JOB_H
#define SUPERVISOR_RUN_JOB_H

#include "supervisor/jobfile.h"
#include "supervisor/run_options.h"

/* Runs them, reports on stderr, and as the options say. Returns the exit status. */
int run_job(const struct run_options *, struct jobfile *);

#endif
