/* SPDX-License-Identifier: ISC */
/* running: see running.h. In the supervisor. */
#include "supervisor/running.h"

#include "ipc/clock.h"
#include "supervisor/engine.h"

void
running_status(const struct job *job, struct run_status *status)
{
	const struct engine *engine = job->engine;
	struct scheduler_load load = scheduler_load(engine->scheduler);
	uint64_t total = jobfile_total(job->jobfile, job->handed_out);

	*status = (struct run_status){
	    .elapsed_us = clock_us() - job->began_us,
	    .total = total - (total == 0 ? 0 : job->summary->done_before),
	    .done = job->summary->tasks,
	    .failed = summary_not_ok(job->summary),
	    .computing = load.computing,
	    .waiting = load.waiting,
	    .asked = load.asked,
	    .ready = load.ready,
	    .held = intake_waiting(job) + jobfile_held(job->jobfile),
	    .cores = scheduler_cores(engine->scheduler),
	    .job = job->summary->job,
	    .stopping = stopping_words(job),
	    .engine = engine,
	};
}

struct running
running_task(const struct task *task)
{
	const struct sched_more *more = task->sched.more;
	struct running running = {
	    .task = task,
	    .how = task->sched.computes ? RUNNING_COMPUTES : RUNNING_WAITS,
	    .use = -1,
	    .for_us = clock_us() - task->job->began_us - task->sent_ms * INT64_C(1000),
	};

	if (more != NULL && more->measured && task->sched.beside) {
		running.use = (int)more->counted;
		running.how = more->counted >= KIND_HEAVY ? RUNNING_COMPUTES : RUNNING_WAITS;
	}
	return running;
}

unsigned
running_workers(const struct engine *engine)
{
	return pool_size(engine->pool);
}

bool
running_worker_is_up(const struct engine *engine, unsigned number)
{
	return pool_worker(engine->pool, (int)number) != NULL;
}

void
running_each(const struct engine *engine, unsigned number, running_visit *visit, void *context)
{
	struct sched_task *sched;
	bool begun = false; /* the first of those that queue */

	TAILQ_FOREACH(sched, scheduler_tasks(engine->scheduler, (int)number), link)
	{
		struct running running = running_task((const struct task *)(const void *)sched);

		if (scheduler_queues(engine->scheduler, sched)) {
			running.how = begun ? RUNNING_QUEUED : running.how;
			begun = true;
		}
		if (!visit(context, &running)) {
			return;
		}
	}
}
