/* SPDX-License-Identifier: ISC */
/* job: the beginning and the end of a job in the engine; see engine.h. In the supervisor. */
#include <event2/event.h>

#include "ipc/clock.h"
#include "supervisor/engine.h"
#include "supervisor/supervisor.h"

void
job_begin(struct engine *engine, struct job *job)
{
	job->engine = engine;
	job->began_us = clock_us();
	job->summary->began_us = clock_epoch_us();
	TAILQ_INIT(&job->tasks);
	TAILQ_INSERT_TAIL(&engine->jobs, job, link);
	engine->job_count++;
	intake_begin(job);
	job_again(job);
}

void
job_stir(struct job *job)
{
	if (!job->stirs) {
		job->stirs = true;
		TAILQ_INSERT_TAIL(&job->engine->stirring, job, stirring);
		job->engine->stirring_count++;
	}
}

void
job_again(struct job *job)
{
	job_stir(job);
	engine_again(job->engine);
}

void
job_rest(struct job *job)
{
	if (job->stirs) {
		job->stirs = false;
		TAILQ_REMOVE(&job->engine->stirring, job, stirring);
		job->engine->stirring_count--;
	}
}

/* When it is over: the measures that need its end. */
void
job_measure(struct job *job)
{
	job->summary->wall_us = clock_us() - job->began_us;
	job->summary->not_started += jobfile_left(job->jobfile);
	jobfile_path(job->jobfile, &job->summary->path_us, &job->summary->path);
	summary_end(job->summary, job->began_us + job->summary->wall_us);
}

void
job_end(struct job *job)
{
	struct event *const events[] = {job->readable, job->outgoing, job->patience};

	job_rest(job);
	TAILQ_REMOVE(&job->engine->jobs, job, link);
	job->engine->job_count--;
	gate_free(job->gate);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
}

void
job_take(struct job *job, struct task *task)
{
	task->job = job;
	TAILQ_INSERT_TAIL(&job->tasks, task, of_job);
	job->open++;
	job->handed_out++;
}

void
job_forget(struct task *task)
{
	TAILQ_REMOVE(&task->job->tasks, task, of_job);
	task->job->open--;
	task_free(task);
}

bool
job_is_only(const struct job *job)
{
	return job->engine->job_count == 1;
}

int
job_exit_status(const struct job *job)
{
	uint64_t not_ok = summary_not_ok(job->summary);

	if (job->exit_status != EXIT_ALL_OK) {
		return job->exit_status;
	}
	if (job->signal != 0 && job->stopping != STOP_NOT) {
		return EXIT_SIGNAL + job->signal;
	}
	if (job->halted && job->options->halt.what == HALT_SUCCESS) {
		return EXIT_ALL_OK;
	}
	if (job->halted) { /* that others were cancelled is what was asked for */
		not_ok -= job->summary->by_status[STATUS_cancelled];
	}
	return not_ok > 0 ? EXIT_NOT_ALL_OK : EXIT_ALL_OK;
}

/* ---- tasks that have not begun ----------------------------------------------------------------- */

/* It waits for nothing any longer, but for being dropped; false: it is with a worker. */
static bool
take_out(struct task *task)
{
	struct job *job = task->job;

	if (task->sched.state == SCHED_READY) {
		scheduler_forget(job->engine->scheduler, &task->sched);
		job->ready_bytes -= intake_size(task);
	} else if (task->aside) {
		task->aside = false;
		job->ready_bytes -= intake_size(task);
	} else if (task->later) {
		task->later = false;
		job->later--;
		deadlines_clear(&job->engine->retries, &task_extra(task)->again);
	} else {
		return false;
	}
	return true;
}

/* Those that the gate holds go first, so that none comes through it meanwhile. */
void
job_drop_ready(struct job *job)
{
	struct task *task, *next;

	while ((task = gate_take_any(job->gate)) != NULL) {
		outcome_drop(task);
	}
	TAILQ_FOREACH_SAFE(task, &job->tasks, of_job, next)
	{
		if (take_out(task)) {
			outcome_drop(task);
		}
	}
}

void
job_pause(struct job *job, bool paused)
{
	if (job->paused == paused) {
		return;
	}
	job->paused = paused;
	if (paused) {
		passage_pause(job);
	} else {
		passage_resume(job);
	}
	job_again(job);
}

bool
job_cancel(struct job *job, const char *id, bool kill)
{
	struct text plain = TEXT_INIT;
	struct task *task;
	bool found = false;

	TAILQ_FOREACH(task, &job->tasks, of_job)
	{
		text_clear(&plain);
		task_put_plain_id(task, &plain);
		if (span_is((struct span){plain.data, plain.len}, id)) {
			found = true;
			break;
		}
	}
	text_free(&plain);
	if (!found) {
		return false;
	}
	if (task->sched.state == SCHED_SENT) {
		sending_cancel(job->engine, task);
		if (kill) {
			sending_cancel(job->engine, task);
		}
		worker_proc_flush(pool_worker(job->engine->pool, task->sched.worker));
	} else {
		if (!take_out(task)) {
			gate_forget(job->gate, task);
		}
		outcome_decide(task, STATUS_cancelled, "it was cancelled");
	}
	job_again(job);
	return true;
}
