/* SPDX-License-Identifier: ISC */
/*
 * passage: of a task through the gate of its job, to those that are ready; and what is held back
 * there. In the supervisor.
 */
#include "supervisor/engine.h"
#include "supervisor/machine.h"

static void
make_ready(struct task *task)
{
	task->job->ready_bytes += intake_size(task);
	scheduler_add(task->job->engine->scheduler, &task->sched);
}

/* What waited at the gate, and need not any more. */
static void
let_in(struct gate *gate)
{
	struct task *task;

	while ((task = gate_opened(gate)) != NULL) {
		make_ready(task);
	}
}

static void
put_aside(struct task *task)
{
	task->aside = true;
	task->job->ready_bytes += intake_size(task);
}

/* It could run, as far as it is concerned. */
void
passage_enter(struct task *task)
{
	struct job *job = task->job;

	if (job->paused) {
		put_aside(task); /* holding nothing */
	} else if (gate_pass(job->gate, task)) {
		make_ready(task);
	} else {
		job_stir(job); /* it does not rest while it has tasks here */
		job->engine->memory_wanted |= task->text->memory > 0;
	}
}

/* They hold nothing while the job is paused. */
void
passage_pause(struct job *job)
{
	struct task *task;

	while ((task = gate_take_any(job->gate)) != NULL) {
		put_aside(task);
	}
	TAILQ_FOREACH(task, &job->tasks, of_job)
	{
		if (task->sched.state == SCHED_READY) {
			scheduler_forget(job->engine->scheduler, &task->sched);
			gate_give_back(job->gate, task);
			task->aside = true;
		}
	}
	let_in(job->gate); /* those of other jobs */
}

void
passage_resume(struct job *job)
{
	struct task *task;

	TAILQ_FOREACH(task, &job->tasks, of_job)
	{
		if (task->aside) {
			task->aside = false;
			job->ready_bytes -= intake_size(task);
			passage_enter(task);
		}
	}
}

/* What is ready in the job, and not sent, holds memory that others are to have first. */
static void
yield_memory(struct job *job)
{
	struct task *task;

	TAILQ_FOREACH(task, &job->tasks, of_job)
	{
		if (task->sched.state == SCHED_READY && task->text->memory > 0) {
			scheduler_forget(job->engine->scheduler, &task->sched);
			job->ready_bytes -= intake_size(task);
			gate_give_back(job->gate, task);
			gate_pass(job->gate, task); /* it waits behind those */
			job_stir(job);
		}
	}
	let_in(job->gate);
}

void
passage_yield_memory(struct engine *engine)
{
	const struct task *next = engine->shared_memory == NULL || !engine->memory_wanted
				      ? NULL
				      : gate_memory_next(engine->shared_memory);
	struct job *job;

	engine->memory_wanted = false;
	if (next == NULL) {
		return;
	}
	TAILQ_FOREACH(job, &engine->jobs, link)
	{
		if (job->share->priority < next->job->share->priority &&
		    gate_holding(job->gate) > 0) {
			yield_memory(job);
		}
	}
}

/* Memory, for all jobs that share the cores; 0: the machine's. */
static uint64_t
shared_memory(const struct engine *engine)
{
	return engine->options->memory_most == 0 ? engine->memory : engine->options->memory_most;
}

void
passage_set_memory(struct engine *engine)
{
	struct job *job = TAILQ_FIRST(&engine->jobs);

	if (engine->shared_memory != NULL) {
		gate_memory_set(engine->shared_memory, shared_memory(engine));
	}
	if (job != NULL) {
		gate_look_again(job->gate);
		let_in(job->gate);
	}
}

/* A job alone has the memory that it says there is; one among others no more than there is for all. */
void
passage_begin(struct job *job)
{
	struct engine *engine = job->engine;
	const struct resources *resources = jobfile_resources(job->jobfile);
	const struct resource *memory = resources_find(resources, "memory");

	if (engine->memory == 0) {
		engine->memory = machine_memory(); /* not for each of many small jobs */
	}
	if (job->share != NULL && engine->shared_memory == NULL) {
		engine->shared_memory = gate_memory_new(shared_memory(engine));
	}
	job->gate = gate_new(memory != NULL       ? memory->units
			     : job->share == NULL ? engine->memory
						  : UINT64_MAX,
			     job->share == NULL ? NULL : engine->shared_memory);
	for (uint32_t i = 0; i < resources->count; i++) {
		if (&resources->list[i] != memory) {
			gate_declare(job->gate, resources->list[i].name, resources->list[i].units);
		}
	}
}

void
passage_again(struct task *task)
{
	struct job *job = task->job;

	if (job->paused) {
		passage_release(task);
		put_aside(task);
	} else {
		job->ready_bytes += intake_size(task);
		scheduler_again(job->engine->scheduler, &task->sched);
	}
}

void
passage_release(struct task *task)
{
	gate_give_back(task->job->gate, task);
	let_in(task->job->gate);
}
