/* SPDX-License-Identifier: ISC */
/*
 * jobfile: the tasks of a job, from a document or from JSON Lines, a file or a pipe. A document is
 * read and checked as a whole before its first task is handed out; a stream is read as tasks are
 * asked for, so its memory does not depend on its length. In the supervisor.
 *
 * Tasks come in the order of the file, but for those with `needs`: they come when these have ended,
 * before any further ones. So tell jobfile_ended() of each task that was handed out, and ask again.
 */
#ifndef SUPERVISOR_JOBFILE_H
#define SUPERVISOR_JOBFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/result_record.h"
#include "ipc/text.h"
#include "supervisor/resources.h"
#include "supervisor/run_defaults.h"
#include "supervisor/task.h"

struct jobfile;
struct line_maker; /* line_source.h */

enum jobfile_state {
	JOBFILE_TASK, /* *task is the caller's, and may run now */
	JOBFILE_SKIP, /* *task is the caller's; it will not run: jobfile_error() says why */
	JOBFILE_HELD, /* what is left waits for tasks that were handed out: jobfile_ended() */
	JOBFILE_BAD,  /* a line of a stream is not a task: jobfile_error(), jobfile_number() */
	JOBFILE_WAIT, /* nothing has come yet: wait until jobfile_fd() can be read */
	JOBFILE_END,
	JOBFILE_FAIL /* the input cannot be read: jobfile_error() */
};

/*
 * Opens `path` ("-": stdin), and reads a document whole, or the first line of a stream, for which
 * it waits. `more` holds for tasks that say nothing of it, and whose job neither; may be NULL.
 * NULL: `error` says why, one line or more, each with file, place and remedy.
 */
struct jobfile *jobfile_open(const char *path, const struct run_defaults *more, struct text *error);
/* The same of one that is open; it is closed in any case. `name`: for messages, and of the job. */
struct jobfile *jobfile_open_fd(int fd, const char *name, const struct run_defaults *more,
				struct text *error);
/* Whether an input whose first line that is not blank is this is JSON Lines. */
bool jobfile_begins_stream(struct span line);
/* The same of tasks that are made, each the line of a stream; `maker` must last. */
struct jobfile *jobfile_open_lines(const struct line_maker *maker, const char *name,
				   const struct run_defaults *more);
void jobfile_close(struct jobfile *); /* it is at its end: its file is not needed any more */
void jobfile_free(struct jobfile *);

enum jobfile_state jobfile_next(struct jobfile *, struct task **task);
void jobfile_wait(const struct jobfile *); /* until there is something to read; for JOBFILE_WAIT */

/* Passes over the repeats of the last task that are still to come. How many there were. */
uint64_t jobfile_skip_repeats(struct jobfile *);

/*
 * A task that was handed out has come to its end, for good, whatever that is; also one that was to
 * be skipped, for which it is no news. `wall_us`: how long it ran.
 */
void jobfile_ended(struct jobfile *, const struct task *, enum task_status, int64_t wall_us);

/* All tasks come in the order of the file; what they need is only checked. Before the first. */
void jobfile_ignore_needs(struct jobfile *);

/*
 * Who may know how long a task takes when its author does not say, in microseconds; -1: not known.
 * Before the first task.
 */
void jobfile_set_expect(struct jobfile *,
			int64_t (*expect)(void *context, const struct task_text *), void *context);

/*
 * Of the task just handed out: the time from its start to the end of all that waits for it, along
 * the longest path, as far as is expected; in a stream, its own time. In microseconds.
 */
int64_t jobfile_rank(const struct jobfile *);

/*
 * The longest chain so far of tasks that waited for each other, by their walls; of a document,
 * appends its ids, "a -> c -> f". In a stream, what had ended before the line of a task that needs
 * it was read is not counted in.
 */
void jobfile_path(const struct jobfile *, int64_t *us, struct text *words);

uint64_t jobfile_held(const struct jobfile *); /* tasks that wait for others now */
bool jobfile_has_task(const struct jobfile *); /* one, or a skip, is there without reading on */
uint64_t jobfile_left(const struct jobfile *); /* tasks that were read and not handed out */

const char *jobfile_error(const struct jobfile *);   /* of the last JOBFILE_BAD, _SKIP, _FAIL */
uint64_t jobfile_number(const struct jobfile *);     /* of the last line, as a default id */
uint64_t jobfile_bad_number(const struct jobfile *); /* of JOBFILE_BAD, as struct task's */
const char *jobfile_name(const struct jobfile *);    /* the job's: its "name", or the file's */
bool jobfile_is(const struct jobfile *, const char *path);         /* the very file that it reads */
const struct resources *jobfile_resources(const struct jobfile *); /* its own */
bool jobfile_is_stream(const struct jobfile *);
bool jobfile_is_read(const struct jobfile *); /* all tasks are known, though some may be held */
int jobfile_fd(const struct jobfile *); /* to wait on; another one each time, if tasks are made */

/* Of how many tasks it will be, or 0 while that is not known. An estimate in a stream. */
uint64_t jobfile_total(const struct jobfile *, uint64_t handed_out);

#endif
