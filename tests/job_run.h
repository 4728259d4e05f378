/* SPDX-License-Identifier: ISC */
/*
 * job_run: a run of a job file without workers. A task named "fail" fails, any other ends ok, the
 * oldest first, when nothing more can begin. Linked into every unit test.
 */
#ifndef TESTS_JOB_RUN_H
#define TESTS_JOB_RUN_H

#include "supervisor/jobfile.h"
#include "tests/unit.h"

#define OPEN_MOST 64

/* Task files in few letters: a document, a task, one with needs, one that fails, a matrix. */
#define TASKS(list) "{\"tasks\":[" list "]}"
#define T(id)       "{\"sleep\":0,\"id\":\"" id "\"}"
#define N(id, ...)  "{\"sleep\":0,\"id\":\"" id "\",\"needs\":[" __VA_ARGS__ "]}"
#define F(id)       "{\"sleep\":0,\"name\":\"fail\",\"id\":\"" id "\"}"
#define MATRIX(id, more) \
	"{\"sleep\":0,\"id\":\"" id "\",\"matrix\":{\"x\":[1,2],\"y\":[\"p\"]}" more "}"

/* What a run looks like: ids as they are handed out, a "|" where a task has to end first. */
struct run {
	struct jobfile *jobfile;
	struct task *open[OPEN_MOST];
	unsigned count;
	int64_t wall_us; /* of each task */
	struct text seen;
};

struct jobfile *run_open(const char *text, size_t len, struct text *error); /* NULL: it is bad */
struct jobfile *run_open_good(const char *text);

void run_see(struct run *, struct task *, bool skipped); /* it was handed out */
void run_end_oldest(struct run *);
void run_to_its_end(struct run *);
void run_put_message(const char *message, struct text *); /* without the name of the file */

void run_assert(const char *text, const char *expected);
void run_assert_refused(const char *text, const char *expected);

#endif
