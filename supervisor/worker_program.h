/* SPDX-License-Identifier: ISC */
/* worker_program: where stint-worker is. In the supervisor. */
#ifndef SUPERVISOR_WORKER_PROGRAM_H
#define SUPERVISOR_WORKER_PROGRAM_H

/*
 * `wanted` (--worker) if it is not NULL, else $STINT_WORKER, else stint-worker beside this
 * executable (a build tree), else the one in libexec. The string lives as long as the process.
 */
const char *worker_program_find(const char *wanted);

#endif
