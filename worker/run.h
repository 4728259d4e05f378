/* SPDX-License-Identifier: ISC */
/*
 * run: one attempt of one task on this worker, from its arrival to its result. In stint-worker.
 *
 * A run belongs to the loop thread, but for the time that it is in the thread pool; then the
 * thread owns it, and the loop may only ask it to stop (run_stop()).
 */
#ifndef WORKER_RUN_H
#define WORKER_RUN_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "ipc/message.h"
#include "ipc/result_record.h"
#include "ipc/spill.h"
#include "ipc/task_spec.h"
#include "worker/cancel.h"

struct worker;
struct pool_thread;
struct run;

TAILQ_HEAD(run_list, run);
TAILQ_HEAD(run_queue, run);

/* What only some tasks have. */
struct run_extra {
	/*
	 * stdout and stderr of all steps so far: for the record, which takes the first bytes of
	 * each, and where it is shown in one piece, for that.
	 */
	struct spill output[2];
	struct text value; /* JSON */
	char *error;       /* why it is not ok */
	bool truncated;
	int exit;   /* -1: none */
	int signal; /* 0: none */
};

struct run {
	TAILQ_ENTRY(run) all;
	TAILQ_ENTRY(run) queue; /* the inbox, the slot's queue, the pool's queues */
	struct run_queue *in;   /* the inbox or the slot's queue, while it is there */
	uint64_t task;
	uint32_t attempt;
	uint32_t step;
	struct task_spec *spec;
	char *id;        /* plain; only where a command may want it */
	char *directory; /* likewise; NULL: the worker's */
	char **grants;   /* likewise: variables "NAME=value"; ends with NULL; NULL: none */
	struct run_extra *extra;
	struct child *child;        /* the command that runs */
	struct pool_thread *thread; /* that it occupies, in the pool models */
	struct deadline deadline;   /* of the step: it wakes, or the task's time is up */
	struct cancel cancel;
	int64_t begin_us;   /* monotonic, of this stay on the worker; 0: not begun */
	int64_t end_us;     /* monotonic, when its last step ended; 0: now */
	int64_t carried_us; /* wall of earlier stays */
	int64_t start_us;   /* since the epoch */
	int64_t user_us;
	int64_t sys_us;
	uint64_t maxrss; /* bytes */
	enum task_status status;
	bool granted;   /* it may compute: it was sent for a computing step, or is in one */
	bool beside;    /* the command that it was sent for begins without the slot */
	bool pooled;    /* the pool has it */
	bool asked;     /* its thread waits while the loop does the step */
	bool announced; /* `started` was sent, in the models that compute in the loop */
};

enum progress { RUN_DONE, RUN_PENDING };

/* An action: a row for each in actions.def. */
struct action_ops {
	/*
	 * Begins in the loop thread. RUN_DONE: it ended at once, run->status says how.
	 * RUN_PENDING: run_step_done() is called when it has.
	 */
	enum progress (*start)(struct worker *, struct run *, const struct action *);
	/* Does all of it in a thread of the pool. NULL: start() in the loop, and wait for that. */
	void (*block)(struct worker *, struct run *, const struct action *);
	/* The deadline that it set is over; loop thread. May be NULL. */
	void (*due)(struct worker *, struct run *, const struct action *);
	/*
	 * It is pending and must end, for run->cancel's reason; loop thread. May be called again,
	 * then at once. NULL: its computing notices by itself.
	 */
	void (*stop)(struct worker *, struct run *, const struct action *);
	bool runs_command;
};

#define ACTION(name, shape, load) extern const struct action_ops action_##name;
#include "ipc/actions.def"
#undef ACTION

/* Makes a run from a `task` message. NULL: *why is a constant string. */
struct run *run_new(const struct message *, const char **why);
void run_free(struct run *); /* must be in no list */

struct run_extra *run_extra(struct run *); /* made when first asked for */
void run_fail(struct run *, enum task_status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* All in the loop thread. */
void run_enqueue(struct run_queue *, struct run *); /* at the end */
void run_dequeue(struct run *);
void run_begin(struct run *);                           /* its clock starts, unless it has */
void run_advance(struct worker *, struct run *);        /* does the next steps; may free it */
enum progress run_start(struct worker *, struct run *); /* its current step */
void run_step_done(struct worker *, struct run *); /* the pending step has ended; may free it */
void run_finish(struct worker *, struct run *);    /* result; frees it */
void run_stop(struct worker *, struct run *, enum cancel_reason); /* may free it */
void run_unbegun_stop(struct worker *, struct run *); /* never began: result; frees it */
void run_pump(struct worker *);                       /* begins what is in the inbox */
void run_due(struct worker *);                        /* serves the deadlines that are over */

/* In a thread of the pool: all steps, or the one that computes. */
void run_block_all(struct worker *, struct run *);
void run_block_step(struct worker *, struct run *);

const struct action *run_action(const struct run *);
const char *run_label(const struct run *); /* its id, where it is known, for messages */
bool run_is_command(const struct run *);   /* its current step is one */
bool run_computes(const struct run *);     /* its current step does */

/* Monotonic time at which the task's own timeout is over; 0: it has none. */
int64_t run_timeout_at(const struct run *);
/* status for a cancel reason: timeout, cancelled, interrupted; and the reason in words. */
void run_cancelled(struct run *);

#endif
