/* SPDX-License-Identifier: ISC */
/* jobfile_check: says on stderr what is wrong with the tasks of a job file. In the supervisor. */
#ifndef SUPERVISOR_JOBFILE_CHECK_H
#define SUPERVISOR_JOBFILE_CHECK_H

#include "supervisor/jobfile.h"

/* Reads it to its end. True: all is good, and it has so many tasks. */
bool jobfile_check(struct jobfile *, const char *path, uint64_t *tasks);

#endif
