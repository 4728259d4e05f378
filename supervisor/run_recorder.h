/* SPDX-License-Identifier: ISC */
/*
 * run_recorder: the records of a run that is going on, kept for the report that --report asks for:
 *
 *	ops = run_recorder_format(path, false);
 *	options.recorder = run_recorder_new(ops);     (sink_recorder.c adds each record)
 *	... the run ...
 *	run_recorder_end(options.recorder, &summary); (then report_write(), recorded_run_free())
 *
 * In the supervisor.
 */
#ifndef SUPERVISOR_RUN_RECORDER_H
#define SUPERVISOR_RUN_RECORDER_H

#include <stdbool.h>

#include "supervisor/recorded_run.h"
#include "supervisor/report.h"

/*
 * The format that the name of a report's file tells; `several`: it must show several runs. If there
 * is none, or the file cannot be written, it says so on stderr and ends the process with status 2:
 * better before the run than after it. NULL: no path.
 */
const struct report_ops *run_recorder_format(const char *path, bool several);

struct recorded_run *run_recorder_new(const struct report_ops *); /* NULL: NULL */

/* The run has ended; nothing is added any more. */
void run_recorder_end(struct recorded_run *, const struct summary *);

#endif
