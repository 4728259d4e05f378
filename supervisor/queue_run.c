/* SPDX-License-Identifier: ISC */
/*
 * queue_run: the engine of the queue, which is there while jobs are, and a while longer; and the end
 * of a job. See queue_parts.h. In the supervisor, of stintd.
 */
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/cgroup.h"
#include "ipc/clock.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"
#include "supervisor/trim.h"

#define IDLE_S 10 /* so long workers stay when there is nothing to do */

/* ---- the engine ------------------------------------------------------------------------------- */

/* How many tasks it has, before the first of them has ended. */
static void
note_total(const struct queue_active *active)
{
	struct queue_job *job = &active->entry->job;

	if (job->kept.total == 0) {
		job->kept.total = jobfile_total(active->job.jobfile, active->job.handed_out);
		job->estimated = !jobfile_is_read(active->job.jobfile);
	}
}

static void
on_sent(void *context, const struct task *task)
{
	struct queue *queue = context;
	const struct queue_active *active = task->job->owner;

	note_total(active);
	begun_note(queue->begun, active->entry->job.kept.number, task->number, task->attempt);
}

/*
 * A note counts until its job has ended, and the store knows. While the job is in the engine, only
 * those of tasks that are under way do, and of those that ran before it came there.
 */
static bool
note_counts(void *context, uint64_t number, uint64_t task, bool late)
{
	const struct queue *queue = context;
	const struct queue_entry *entry = queue_find(queue, number);

	if (entry == NULL ||
	    (entry->job.kept.phase == JOB_ENDED && store_backlog(queue->store) == 0)) {
		return false;
	}
	return late || entry->active == NULL || begun_attempts(queue->begun, number, task) > 0;
}

/* What is under way is noted anew when the notes have become many; then the others go. */
static void
note_anew(struct queue *queue)
{
	struct job *job;
	struct task *task;
	int64_t size;

	if (!begun_write(queue->begun)) {
		return;
	}
	size = begun_size(queue->begun);
	TAILQ_FOREACH(job, &queue->engine->jobs, link)
	{
		TAILQ_FOREACH(task, &job->tasks, of_job)
		{
			if (task->attempt > 0) {
				on_sent(queue, task);
			}
		}
	}
	if (begun_write(queue->begun)) {
		begun_keep(queue->begun, size, note_counts, queue);
	}
}

static void
on_sending(void *context)
{
	struct queue *queue = context;

	if (begun_is_large(queue->begun) && store_backlog(queue->store) == 0) {
		note_anew(queue);
	}
	if (!begun_write(queue->begun)) {
		engine_fail(queue->engine, "what is begun cannot be noted");
	}
}

static unsigned
how_often(void *context, const struct task *task)
{
	struct queue *queue = context;
	const struct queue_active *active = task->job->owner;

	return begun_attempts(queue->begun, active->entry->job.kept.number, task->number);
}

static void
on_over(void *context, struct job *job)
{
	struct queue_active *active = job->owner;

	(void)context;
	active->over = true;
	job_measure(job);
	queue_keep_flush(active, true);
}

static void
on_failed(void *context, const char *why)
{
	queue_interrupt(context, why);
}

static void
on_ended(void *context)
{
	struct queue *queue = context;

	queue->engine_ended = true;
	queue_soon(queue);
}

bool
queue_run_engine(struct queue *queue)
{
	static const struct engine_ops ops = {
	    .over = on_over,
	    .ended = on_ended,
	    .failed = on_failed,
	    .begun = how_often,
	    .sent = on_sent,
	    .sending = on_sending,
	    .wants = queue_open_next,
	};
	static const struct timeval second = {.tv_sec = 1};

	if (queue->engine != NULL && queue->engine->finishing) {
		return false; /* as soon as it is gone */
	}
	if (queue->idle != NULL) {
		event_del(queue->idle);
	}
	if (queue->engine == NULL) {
		queue->engine = engine_new(queue->base, &queue->options, "", &ops, queue);
		event_add(queue->second, &second);
	}
	return true;
}

/* The loop is not in it. */
void
queue_run_free(struct queue *queue)
{
	if (queue->engine == NULL) {
		return;
	}
	event_del(queue->second);
	engine_free(queue->engine);
	cgroup_remove_left(getenv("STINT_RUN"));
	queue->engine = NULL;
	queue->engine_ended = false;
	queue->interrupts = queue->stopping;
	trim_soon();
	if (queue->stopping && queue->stopped != NULL) {
		void (*stopped)(void *context) = queue->stopped;

		queue->stopped = NULL;
		stopped(queue->stopped_context);
	}
}

static void
on_idle(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;

	(void)fd;
	(void)what;
	if (queue->engine != NULL && queue->active_count == 0 && !queue->engine->finishing) {
		engine_finish(queue->engine);
	}
}

void
queue_run_idle(struct queue *queue)
{
	const struct timeval wait = {.tv_sec = queue->interrupts ? 0 : IDLE_S};

	/* What was interrupted is to be known when it begins again, in this daemon or the next. */
	if (queue->interrupts ||
	    (store_backlog(queue->store) == 0 && begun_has_grown(queue->begun))) {
		begun_write(queue->begun);
		begun_keep(queue->begun, begun_size(queue->begun), note_counts, queue);
	}
	if (queue->idle == NULL) {
		queue->idle = evtimer_new(queue->base, on_idle, queue);
	}
	if (queue->idle == NULL || event_add(queue->idle, &wait) != 0) {
		errx(EXIT_SYSTEM, "cannot set a timer");
	}
}

/* ---- jobs in it ------------------------------------------------------------------------------- */

/* The engine is about to end: the job waits for the next one. */
bool
queue_run_put_off(struct queue_active *active)
{
	struct queue_entry *entry = active->entry;
	const struct queue *queue = entry->queue;

	if (queue->engine != NULL && !queue->engine->finishing && !queue->interrupts) {
		return false;
	}
	queue_open_free(active);
	entry->job.kept.phase = JOB_QUEUED;
	queue_settle(entry);
	if (entry->queue->active_count == 0) {
		queue_run_idle(entry->queue);
	}
	return true;
}

void
queue_run_begin(struct queue_active *active)
{
	struct queue *queue = active->entry->queue;
	const struct store_job *kept = &active->entry->job.kept;

	if (queue_run_put_off(active)) {
		return;
	}
	active->job.share = &active->share;
	active->job.paused = kept->paused || queue->paused;
	active->in_engine = true;
	queue->opening_count--;
	scheduler_share(queue->engine->scheduler, &active->share, kept->priority, kept->weight);
	job_begin(queue->engine, &active->job);
	queue_tell_job(
	    active->entry); /* that it runs need not be kept: it would go on all the same */
	daemon_log(DAEMON_INFO, "job %ju begins: %s", (uintmax_t)kept->number, active->summary.job);
}

/* What it came to; the daemon's end is none of its own: then it goes on, the next time. */
static void
judge(struct queue_active *active)
{
	struct store_job *kept = &active->entry->job.kept;
	const struct summary *summary = &active->summary;
	uint64_t not_ok = 0;

	for (int i = 0; i < STATUSES; i++) {
		not_ok += i == STATUS_ok ? 0 : kept->by_status[i];
	}
	active->entry->unread = false;
	kept->phase = JOB_ENDED;
	kept->ended_us = clock_epoch_us();
	kept->outcome = active->cancelled ? JOB_CANCELLED
			: not_ok > 0 || summary->not_started > 0 || active->job.exit_status != 0
			    ? JOB_FAILED
			    : JOB_OK;
	if (active->job.exit_status == EXIT_SYSTEM && kept->outcome == JOB_FAILED) {
		kept->fault = FAULT_SYSTEM;
	}
	if (active->job.exit_status != 0 && kept->reason == NULL) {
		kept->reason = strdup("it could not be read to its end");
	}
}

/* A file that cannot be read to its end is read once more; then the job has failed. */
bool
queue_run_is_interrupted(const struct queue_active *active)
{
	const struct queue_entry *entry = active->entry;

	return !active->cancelled && (entry->queue->interrupts ||
				      (active->job.exit_status == EXIT_SYSTEM && !entry->unread));
}

/* Before its last results go to the store: what is to be kept of it. */
void
queue_run_settle_end(struct queue_active *active)
{
	bool unread = active->job.exit_status == EXIT_SYSTEM;

	if (queue_run_is_interrupted(active) &&
	    (unread || active->dropped > 0 || active->summary.not_started > 0 ||
	     active->summary.more)) {
		active->entry->unread |= unread;
		return;
	}
	judge(active);
}

void
queue_run_conclude(struct queue_active *active)
{
	struct queue_entry *entry = active->entry;
	struct queue *queue = entry->queue;
	bool ended = entry->job.kept.phase == JOB_ENDED && !active->lost;

	if (active->in_engine) {
		job_end(&active->job);
	}
	queue_open_free(active);
	if (ended) {
		daemon_log(DAEMON_INFO, "job %ju has ended: %s", (uintmax_t)entry->job.kept.number,
			   entry->job.kept.outcome == JOB_OK       ? "ok"
			   : entry->job.kept.outcome == JOB_FAILED ? "failed"
								   : "cancelled");
		queue_ended(entry);
	}
	if (!ended) {
		entry->job.kept.phase = JOB_QUEUED;
		queue_settle(entry);
	}
	if (queue->active_count == 0) {
		queue_run_idle(queue);
	}
}

static void
on_refused(void *context, const char *error)
{
	struct queue_entry *entry = context;

	if (error == NULL) {
		queue_ended(entry);
	} else { /* for this daemon it goes no further */
		entry->job.kept.phase = JOB_QUEUED;
		entry->job.kept.outcome = JOB_OPEN;
		entry->job.kept.ended_us = 0;
	}
}

void
queue_run_refuse(struct queue_entry *entry, enum job_fault fault, const char *why)
{
	struct store_job *kept = &entry->job.kept;
	size_t len = strlen(why);

	free((void *)(uintptr_t)kept->reason);
	kept->reason = strndup(why, len > 0 && why[len - 1] == '\n' ? len - 1 : len);
	kept->phase = JOB_ENDED;
	kept->outcome = fault == FAULT_NONE ? JOB_CANCELLED : JOB_FAILED;
	kept->fault = fault;
	kept->ended_us = clock_epoch_us();
	daemon_log(DAEMON_INFO, "job %ju does not run: %s", (uintmax_t)kept->number,
		   kept->reason == NULL ? "" : kept->reason);
	queue_save(entry, on_refused, entry);
}
