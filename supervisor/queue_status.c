/* SPDX-License-Identifier: ISC */
/* queue_status: how the queue stands, and what runs; see queue.h. In the supervisor, of stintd. */
#include "ipc/clock.h"
#include "supervisor/queue_parts.h"
#include "supervisor/running.h"

#define COUNT_SHARE 20 /* counting what runs takes no more than a 20th of the time */

static unsigned
count_workers(const struct engine *engine)
{
	unsigned count = 0;

	for (unsigned i = 0; i < running_workers(engine); i++) {
		count += running_worker_is_up(engine, i);
	}
	return count;
}

/* One that has ended runs until the store knows. */
static void
count_job(const struct queue_job *job, struct queue_status *status)
{
	bool ends = job->kept.phase == JOB_ENDED && !job->over;

	status->jobs[ends ? JOB_RUNNING : job->kept.phase]++;
	status->ended[job->kept.outcome] += job->over;
}

void
queue_status(const struct queue *queue, struct queue_status *status)
{
	*status = (struct queue_status){
	    .paused = queue->paused,
	    .draining = queue->draining,
	    .broken = queue->broken,
	    .trouble = queue->trouble,
	    .store_us = store_waits_us(queue->store),
	    .cores = queue->options.cores,
	    .wall_us = queue->wall_us,
	    .cpu_us = queue->cpu_us,
	    .up_us = clock_us() - queue->began_us,
	};
	for (int i = 0; i < STATUSES; i++) {
		status->tasks[i] = queue->tasks[i];
	}
	for (size_t i = 0; i < queue->count; i++) {
		const struct queue_entry *entry = queue->all[i];

		if (entry != NULL && !entry->gone) {
			count_job(&entry->job, status);
		}
	}
	if (queue->engine != NULL && !queue->engine_ended) {
		struct scheduler_load load = scheduler_load(queue->engine->scheduler);

		status->cores = scheduler_cores(queue->engine->scheduler);
		status->workers = count_workers(queue->engine);
		status->computing = load.computing;
		status->waiting = load.waiting;
		status->ready = load.ready;
		status->asked = load.asked / 1000.0;
	}
}

const char *
queue_broken(const struct queue *queue)
{
	return queue->broken;
}

static void
count_nothing(struct queue_job *job)
{
	job->running = job->computing = 0;
	job->asked = 0;
}

static bool
count_task(void *context, const struct running *running)
{
	const struct queue *queue = context;
	struct queue_active *active = running->task->job->owner;
	struct queue_job *job = &active->entry->job;
	bool computes = running->how == RUNNING_COMPUTES;

	if (running->how == RUNNING_QUEUED) {
		return true;
	}
	if (active->counted != queue->counts) {
		active->counted = queue->counts;
		count_nothing(job);
	}
	job->running++;
	job->computing += computes;
	job->asked += running->use >= 0 ? running->use / 1000.0 : computes;
	return true;
}

/* One walk for all jobs; one that takes long is not made again at once. */
static void
count_all(struct queue *queue)
{
	const struct engine *engine = queue->engine;
	int64_t began_us = clock_us(), now_us;

	if (began_us < queue->count_again_us) {
		return;
	}
	queue->counts++;
	for (unsigned i = 0; i < running_workers(engine); i++) {
		if (running_worker_is_up(engine, i)) {
			running_each(engine, i, count_task, queue);
		}
	}
	now_us = clock_us();
	queue->count_again_us = now_us + (now_us - began_us) * COUNT_SHARE;
}

void
queue_measure(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;

	if (queue->engine != NULL && !queue->engine_ended && entry->active != NULL) {
		count_all(queue);
	}
	if (entry->active == NULL || entry->active->counted != queue->counts) {
		count_nothing(&entry->job);
	}
}

struct visitor {
	bool (*visit)(void *, const struct queue_running *);
	void *context;
	bool computing; /* only those; else only the others */
	bool enough;
};

static bool
visit(void *context, const struct running *running)
{
	struct visitor *visitor = context;
	const struct task *task = running->task;
	const struct queue_active *active = task->job->owner;
	struct text id = TEXT_INIT, tag = TEXT_INIT;
	struct queue_running told = {
	    .job = active->entry->job.kept.number,
	    .worker = task->sched.worker,
	    .attempt = task->attempt,
	    .for_us = running->for_us,
	    .computes = running->how == RUNNING_COMPUTES,
	    .use = running->use < 0 ? -1 : running->use / 1000.0,
	};

	if (running->how == RUNNING_QUEUED || told.computes != visitor->computing) {
		return true;
	}
	task_put_plain_id(task, &id);
	text_terminate(&id);
	told.task = id.data;
	if (task_tag(task).len > 0) {
		task_put_short_tag(task, &tag);
		text_terminate(&tag);
		told.tag = tag.data;
	}
	visitor->enough = !visitor->visit(visitor->context, &told);
	text_free(&id);
	text_free(&tag);
	return !visitor->enough;
}

static void
visit_all(const struct engine *engine, struct visitor *visitor)
{
	for (unsigned i = 0; i < running_workers(engine) && !visitor->enough; i++) {
		if (running_worker_is_up(engine, i)) {
			running_each(engine, i, visit, visitor);
		}
	}
}

void
queue_each_running(const struct queue *queue, bool (*call)(void *, const struct queue_running *),
		   void *context)
{
	struct visitor visitor = {.visit = call, .context = context, .computing = true};

	if (queue->engine == NULL || queue->engine_ended) {
		return;
	}
	visit_all(queue->engine, &visitor);
	visitor.computing = false;
	visit_all(queue->engine, &visitor);
}

size_t
queue_backlog(const struct queue *queue)
{
	return store_backlog(queue->store);
}

void
queue_get_results(struct queue *queue, uint64_t number, store_got *got, void *context)
{
	store_get_results(queue->store, number, got, context);
}

void
queue_get_record(struct queue *queue, uint64_t number, const char *task, store_got *got,
		 void *context)
{
	store_get_record(queue->store, number, task, got, context);
}

void
queue_get_source(struct queue *queue, uint64_t number, store_got *got, void *context)
{
	store_source(queue->store, number, got, context);
}
