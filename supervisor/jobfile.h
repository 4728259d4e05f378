/* SPDX-License-Identifier: ISC */
/*
 * jobfile: the tasks of a job, from a document or from JSON Lines, a file or a pipe. A document is
 * read and checked as a whole before its first task is handed out; a stream is read as tasks are
 * asked for, so its memory does not depend on its length. In the supervisor.
 */
#ifndef SUPERVISOR_JOBFILE_H
#define SUPERVISOR_JOBFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/resources.h"
#include "supervisor/task.h"

struct jobfile;

enum jobfile_state {
	JOBFILE_TASK, /* *task is the caller's */
	JOBFILE_BAD,  /* a line of a stream is not a task: jobfile_error(), jobfile_number() */
	JOBFILE_WAIT, /* nothing has come yet: wait until jobfile_fd() can be read */
	JOBFILE_END,
	JOBFILE_FAIL /* the input cannot be read: jobfile_error() */
};

/*
 * Opens `path` ("-": stdin), and reads a document whole, or the first line of a stream, for which
 * it waits. `timeout` is that of tasks that have none, as a duration in a string; may be NULL.
 * NULL: `error` says why, one line or more, each with file, place and remedy.
 */
struct jobfile *jobfile_open(const char *path, const char *timeout, struct text *error);
void jobfile_free(struct jobfile *);

enum jobfile_state jobfile_next(struct jobfile *, struct task **task);
void jobfile_wait(const struct jobfile *); /* until there is something to read; for JOBFILE_WAIT */

/* Passes over the repeats of the last task that are still to come. How many there were. */
uint64_t jobfile_skip_repeats(struct jobfile *);

const char *jobfile_error(const struct jobfile *); /* of the last JOBFILE_BAD or _FAIL */
uint64_t jobfile_number(const struct jobfile *);   /* of the last line, as a default id */
const char *jobfile_name(const struct jobfile *);  /* the job's: its "name", or the file's */
bool jobfile_is(const struct jobfile *, const char *path);         /* the very file that it reads */
const struct resources *jobfile_resources(const struct jobfile *); /* its own */
bool jobfile_is_stream(const struct jobfile *);
int jobfile_fd(const struct jobfile *); /* to wait on */

/* Of how many tasks it will be, or 0 while that is not known. An estimate in a stream. */
uint64_t jobfile_total(const struct jobfile *, uint64_t handed_out);

#endif
