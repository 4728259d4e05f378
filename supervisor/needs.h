/* SPDX-License-Identifier: ISC */
/*
 * needs: the `needs` of a job's tasks. Ids become nodes of a graph when the tasks are read, and
 * nodes become tasks again when their turn comes. Pure; in the supervisor.
 *
 * A document is told as a whole by needs_of_document(), a stream line by line by needs_of_line();
 * then needs_start() asks for each task, in the order of the file, whether it may run at once.
 * Those that may not come by needs_next(). In a stream, what is kept is the tasks that have not
 * ended, and the ids of those that did not end ok.
 */
#ifndef SUPERVISOR_NEEDS_H
#define SUPERVISOR_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/result_record.h"
#include "supervisor/ids.h"
#include "supervisor/task.h"

struct needs;

/* What is wrong with a need, and where; the message is for people. */
struct needs_fault {
	size_t text; /* which of the texts, from 0 */
	int index;   /* which of its needs, from 0; -1: all of them together */
	struct text message;
};

/* `ids`, of all tasks that were read, stay the caller's; NULL for a document. */
struct needs *needs_new(const struct ids *);
void needs_free(struct needs *);

void needs_only_check(struct needs *); /* of a stream: the lines are checked, and forgotten */

/*
 * The tasks in file order; the first repeat of the first is number `number` of the job, from 1.
 * False: `fault` says what is wrong, its message the caller's to free; nothing of a document may
 * run then, and nothing of a line. Counts references to the texts that it keeps.
 */
bool needs_of_document(struct needs *, struct task_text *const *, size_t count,
		       struct needs_fault *fault);
bool needs_of_line(struct needs *, struct task_text *const *, size_t count, uint64_t number,
		   struct needs_fault *fault);

/* A line that cannot run, for another reason; `group_hash`: of an id that it took besides, or 0. */
void needs_of_bad_line(struct needs *, struct task_text *const *, size_t count,
		       uint64_t group_hash);

/* What a task is expected to take, in microseconds; -1: not known. */
struct needs_expect {
	int64_t (*ask)(void *context, const struct task_text *); /* NULL: nobody to ask */
	void *context;
};

/* For a document, before its first task runs. What a task takes of which nothing is known. */
int64_t needs_rank(struct needs *, struct task_text *const *, size_t count, struct needs_expect);

/* The task's turn in the file has come. False: it waits, it is skipped, or it ran before. */
bool needs_start(struct needs *, const struct task_text *);

struct needs_turn {
	struct task_text *text; /* the caller's reference */
	uint64_t number;        /* in the job, of its first repeat */
	int64_t rank_us;
	bool skipped;
};

/* The next that is skipped, with the reason in `why`, or that may run now. False: there is none. */
bool needs_next(struct needs *, struct needs_turn *, struct text *why);

/* One of its repeats has ended, or was skipped. */
void needs_ended(struct needs *, const struct task_text *, enum task_status, int64_t wall_us);

int64_t needs_rank_us(const struct needs *, const struct task_text *); /* of one in the graph */
uint64_t needs_held(const struct needs *);                             /* tasks that wait */
uint64_t needs_queued(const struct needs *); /* tasks that needs_next() has now */

/* The longest chain that has run so far; of a document, appends its ids: "a -> b -> c". */
int64_t needs_path(const struct needs *, struct text *words);

#endif
