/* SPDX-License-Identifier: ISC */
/*
 * action_cpu: computes one of the cpu ops, in the thread that the model says. In stint-worker.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "ipc/clock.h"
#include "worker/cpu_ops.h"
#include "worker/gil.h"
#include "worker/worker.h"

#define SPLIT_US 10000

static int (*const ops[CPU_OPS])(uint64_t, struct cancel *, struct text *) = {
#define CPU_OP(name, argument, most) cpu_##name,
#include "ipc/cpu_ops.def"
#undef CPU_OP
};

struct used {
	int64_t cpu_us;
	int64_t sys_us;
};

/* What the calling thread had used after the last step that it did: the next one's beginning. */
static _Thread_local struct used before;

/*
 * getrusage(2) knows how the time is shared between user and system, but is behind by up to a
 * tick; the thread's clock is exact. Below SPLIT_US all of it counts as user.
 */
static void
account(struct run *run, const struct used *after)
{
	int64_t used_us = after->cpu_us - before.cpu_us, sys_us = 0;

	if (used_us >= SPLIT_US) {
		sys_us = after->sys_us - before.sys_us;
		sys_us = sys_us < 0 ? 0 : sys_us > used_us ? used_us : sys_us;
	}
	run->user_us += used_us - sys_us;
	run->sys_us += sys_us;
}

static struct used
used_by_thread(void)
{
	struct used used = {.cpu_us = clock_thread_cpu_us(), .sys_us = before.sys_us};
	struct rusage usage;

	if (used.cpu_us - before.cpu_us >= SPLIT_US) {
		getrusage(RUSAGE_THREAD, &usage);
		used.sys_us = usage.ru_stime.tv_sec * US_PER_SECOND + usage.ru_stime.tv_usec;
	}
	return used;
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
		run_fail(run, STATUS_failed, "cpu %s: %s", cpu_op_name(action->op),
			 strerror(errno));
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
	if (before.cpu_us == 0 || worker->model->compute != COMPUTE_IN_THREAD) {
		before = used_by_thread();
	}
	compute(run, action);
	after = used_by_thread();
	if (worker->model->gil) {
		gil_release();
	}
	account(run, &after);
	before = after;
}

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	block(worker, run, action);
	return RUN_DONE;
}

const struct action_ops action_cpu = {.start = start, .block = block};
