/* SPDX-License-Identifier: ISC */
/*
 * resume: what a results file says is done already, so that a run goes on where a former one was
 * interrupted. The last record of a task counts; what it replaces is dropped at the end, when
 * resume_compact() writes the file anew. In the supervisor.
 *
 * resume_new() by whoever starts the run, resume_read() by the results sink when it has opened the
 * file, resume_verdict() by the intake, resume_replaced() and resume_compact() by the sink again.
 */
#ifndef SUPERVISOR_RESUME_H
#define SUPERVISOR_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/task.h"

struct resume;

enum resume_verdict {
	RESUME_RUN,
	RESUME_DONE,  /* it ended ok, and is still the same task, or only what failed is wanted */
	RESUME_LEAVE, /* it has no record, and only what failed is wanted */
	RESUME_ENDED  /* it has a record, though not ok, and is wanted once */
};

/* What is run again: what has not ended ok; of that, only what has a record; what has none. */
enum resume_wanted { WANTED_NOT_OK, WANTED_FAILED, WANTED_OPEN };

struct resume *resume_new(enum resume_wanted);
void resume_free(struct resume *);

/*
 * Before resume_read(): of the first `bytes` of the file, records that are not ok do not count, or
 * with `none` no record does.
 */
void resume_set_round(struct resume *, uint64_t bytes, bool none);

/*
 * Reads the records. `end`: where the whole lines end; what is behind is of a line that was not
 * written to its end, and must go before anything is appended. `unended`: the last record is
 * whole but for its newline. Says on stderr what is damaged.
 * False: it cannot be read, or is something else than results; `error` says so.
 */
bool resume_read(struct resume *, int fd, const char *path, uint64_t *end, bool *unended,
		 struct text *error);

/* With NULL, RESUME_RUN. */
enum resume_verdict resume_verdict(const struct resume *, const struct task *);

/* A record of the task was appended: those that were read do not count any longer. */
void resume_replaced(struct resume *, const struct task *);

/*
 * If records were replaced: puts a file without them in the place of the one that is open as
 * `fd`, in one step. False: `error` says why; the file is as it was.
 */
bool resume_compact(const struct resume *, int fd, const char *path, struct text *error);

#endif
