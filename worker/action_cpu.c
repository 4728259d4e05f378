/* SPDX-License-Identifier: ISC */
/*
 * action_cpu: computes one of the cpu ops, in the thread that the model says. In stint-worker.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "worker/cpu_ops.h"
#include "worker/gil.h"
#include "worker/worker.h"

static int (*const ops[CPU_OPS])(uint64_t, struct cancel *, struct text *) = {
#define CPU_OP(name, argument, most) cpu_##name,
#include "ipc/cpu_ops.def"
#undef CPU_OP
};

struct used {
	int64_t user_us;
	int64_t sys_us;
};

/* What the calling thread had used after the last step that it did: the next one's beginning. */
static _Thread_local struct used before;

static struct used
used_by_thread(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (struct used){
	    .user_us = usage.ru_utime.tv_sec * INT64_C(1000000) + usage.ru_utime.tv_usec,
	    .sys_us = usage.ru_stime.tv_sec * INT64_C(1000000) + usage.ru_stime.tv_usec,
	};
}

static void
compute(struct run *run, const struct action *action)
{
	struct text *value = &run_extra(run)->value;

	text_clear(value);
	if (ops[action->op](action->arg, &run->cancel, value) == 0) {
		return;
	}
	if (errno == ECANCELED) {
		run_cancelled(run);
	} else {
		run_fail(run, STATUS_failed, "cpu %s: %s", cpu_op_name(action->op), strerror(errno));
	}
}

/*
 * The thread's CPU time is read once a step, not twice: what it spent since its last step, taking
 * this one from the queue included (about a microsecond), counts as this one's.
 */
static void
block(struct worker *worker, struct run *run, const struct action *action)
{
	struct used after;

	if (worker->model->gil) {
		gil_acquire();
	}
	if (before.user_us == 0 || worker->model->compute != COMPUTE_IN_THREAD) {
		before = used_by_thread();
	}
	compute(run, action);
	after = used_by_thread();
	if (worker->model->gil) {
		gil_release();
	}
	run->user_us += after.user_us - before.user_us;
	run->sys_us += after.sys_us - before.sys_us;
	before = after;
}

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	block(worker, run, action);
	return RUN_DONE;
}

const struct action_ops action_cpu = {.start = start, .block = block};
