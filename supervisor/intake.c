/* SPDX-License-Identifier: ISC */
/*
 * intake: the way of a task from the job file to the scheduler, no more than is soon needed. In the
 * supervisor.
 */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/engine.h"
#include "supervisor/history.h"
#include "supervisor/resume.h"
#include "supervisor/supervisor.h"

#define WINDOW_TASKS 32768             /* ready tasks: so far it is looked ahead for waits */
#define WINDOW_LEAST 64                /* of a job, beside others */
#define WINDOW_BYTES ((size_t)8 << 20) /* of their texts */
#define PASS_TASKS   4096              /* read in one go, then the pipes are looked at */

size_t
intake_size(const struct task *task)
{
	return sizeof(*task) + task->text->spec_len + task->text->id_len + task->text->name_len;
}

/* A line that is not a task has a record all the same. */
static void
take_bad_line(struct job *job)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *task;

	text->ordinal = jobfile_number(job->jobfile);
	task = task_new(text, jobfile_bad_number(job->jobfile), 0);
	task_text_release(text);
	job_take(job, task);
	warnx("%s", jobfile_error(job->jobfile));
	outcome_decide(task, STATUS_failed, jobfile_error(job->jobfile));
	if (job->options->strict) {
		job->exit_status = EXIT_USAGE;
		job_stop(job, STOP_STARTING);
	}
}

/* It has its record from a former run, or is not wanted in this one. */
static bool
pass_over(struct task *task)
{
	struct job *job = task->job;
	enum resume_verdict verdict = resume_verdict(job->options->done, task);

	if (verdict == RESUME_RUN) {
		return false;
	}
	job->summary->done_before += verdict == RESUME_DONE;
	job->summary->not_started += verdict == RESUME_LEAVE;
	sinks_passed(job->sinks, task);
	jobfile_ended(job->jobfile, task,
		      verdict == RESUME_DONE    ? STATUS_ok
		      : verdict == RESUME_ENDED ? STATUS_failed
						: STATUS_cancelled,
		      0);
	job_forget(task);
	return true;
}

struct kind *
intake_kind(struct engine *engine, struct span name, bool is_program)
{
	if (!engine->learns && !engine->options->no_history) {
		engine->learns = true;
		history_load(engine->kinds);
	}
	return kinds_get(engine->kinds, name, is_program);
}

/* What is learned of tasks like this one. */
static struct kind *
kind_of(struct engine *engine, struct task *task)
{
	struct span name = task_name(task), program = task_program(task->text);
	struct kind *kind = NULL, *runs = NULL;

	if (program.len > 0) {
		runs = kind = intake_kind(engine, program, true);
	}
	if (name.len > 0) {
		kind = intake_kind(engine, name, false);
		if (kind != NULL && runs != NULL) {
			kind_set_program(kind, runs);
		}
	}
	return kind == NULL ? runs : kind;
}

/* How long a task takes, as earlier ones of its kind did. */
static int64_t
expect(void *context, const struct task_text *text)
{
	const struct task task = {.text = (struct task_text *)(uintptr_t)text};
	struct engine *engine = ((struct job *)context)->engine;
	struct span name = task_name(&task), program = task_program(text);
	const struct kind *kind = NULL;

	if (name.len > 0) {
		kind = intake_kind(engine, name, false);
	} else if (program.len > 0) {
		kind = intake_kind(engine, program, true);
	}
	return kind == NULL || kind->wall_count == 0 ? -1 : kind_median_us(kind);
}

void
intake_begin(struct job *job)
{
	passage_begin(job);
	jobfile_set_expect(job->jobfile, expect, job);
}

/* What the scheduler is to know of a task that comes from the job file. */
static void
prepare(struct task *task)
{
	struct job *job = task->job;
	const struct task_text *text = task->text;

	task->sched.order = ready_order(task_rules(text)->priority, jobfile_rank(job->jobfile));
	task->sched.command = task_begins_with_command(task);
	task->sched.share = job->share;
	if (task->sched.command || text->cpus > 1) {
		struct sched_more *more = &task_extra(task)->sched;

		more->cpus = text->cpus;
		more->hint = text->hint;
		more->kind = kind_of(job->engine, task);
	}
}

/* It has come from the job file; it may have run before. */
static void
take(struct job *job, struct task *task)
{
	const struct engine *engine = job->engine;

	job_take(job, task);
	if (engine->ops->begun != NULL) {
		task->attempt = (uint16_t)engine->ops->begun(engine->context, task);
	}
}

static void
take_task(struct job *job, struct task *task)
{
	const char *forbidden = gate_forbids(job->gate, task);

	take(job, task);
	if (pass_over(task)) {
		return;
	}
	if (task->attempt > 0 && task_rules(task->text)->retry == 0) {
		outcome_decide(task, STATUS_interrupted,
			       "it was running when stint ended; it is not to run twice");
		return;
	}
	if (forbidden != NULL) {
		outcome_decide(task, STATUS_failed, forbidden);
		return;
	}
	prepare(task);
	passage_enter(task);
}

static struct task *
of_deadline(struct deadline *deadline)
{
	struct task_extra *extra =
	    (struct task_extra *)(void *)((char *)deadline - offsetof(struct task_extra, again));

	return (struct task *)(void *)extra->sched.task;
}

static void set_retry(struct engine *);

/* The tasks whose time to be tried again has come. */
static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct deadline *due;

	(void)fd;
	(void)what;
	while ((due = deadlines_due(&engine->retries, clock_us())) != NULL) {
		struct task *task = of_deadline(due);

		task->later = false;
		task->job->later--;
		passage_enter(task);
	}
	set_retry(engine);
	engine_again(engine);
}

/* Sets the timer for the first of them. */
static void
set_retry(struct engine *engine)
{
	const struct deadline *first = deadlines_first(&engine->retries);
	int64_t left_us = first == NULL ? 0 : first->at_us - clock_us();
	struct timeval wait;

	if (first == NULL) {
		return;
	}
	if (engine->retry == NULL) {
		engine->retry = evtimer_new(engine->base, on_retry, engine);
	}
	left_us = left_us < 0 ? 0 : left_us;
	wait = (struct timeval){left_us / US_PER_SECOND, left_us % US_PER_SECOND};
	if (engine->retry == NULL || event_add(engine->retry, &wait) != 0) {
		engine_fail(engine, "cannot set a timer");
	}
}

void
intake_later(struct task *task, int64_t delay_us)
{
	struct engine *engine = task->job->engine;

	passage_release(task);
	task->later = true;
	task->job->later++;
	job_stir(task->job);
	deadlines_set(&engine->retries, &task_extra(task)->again, clock_us() + delay_us);
	set_retry(engine);
}

unsigned
intake_waiting(const struct job *job)
{
	return gate_waiting(job->gate) + job->later;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct job *job = arg;

	(void)fd;
	(void)what;
	job->waiting_for_input = false;
	job_again(job);
}

/* The input has nothing for now: the loop waits for it beside the pipes. */
static void
wait_for_input(struct job *job)
{
	int fd = jobfile_fd(job->jobfile);

	if (job->readable != NULL && event_get_fd(job->readable) != fd) {
		event_free(job->readable);
		job->readable = NULL;
	}
	if (job->readable == NULL) {
		job->readable = event_new(job->engine->base, fd, EV_READ, on_readable, job);
	}
	if (job->readable == NULL || event_add(job->readable, NULL) != 0) {
		job_fail(job, "cannot wait for the job file");
		return;
	}
	job->waiting_for_input = true;
}

/* Takes one step in the job file. False: no more for now. */
static bool
take_next(struct job *job)
{
	struct task *task;

	switch (jobfile_next(job->jobfile, &task)) {
	case JOBFILE_TASK:
		take_task(job, task);
		return true;
	case JOBFILE_SKIP:
		take(job, task);
		outcome_decide(task, STATUS_skipped, jobfile_error(job->jobfile));
		return true;
	case JOBFILE_HELD:
		return false; /* it goes on when a task has ended */
	case JOBFILE_BAD:
		take_bad_line(job);
		return !job->read_all;
	case JOBFILE_WAIT:
		wait_for_input(job);
		return false;
	case JOBFILE_END:
		job->read_all = true;
		jobfile_close(job->jobfile);
		return false;
	case JOBFILE_FAIL:
		job->read_all = true;
		job->summary->more = true;
		job_fail(job, jobfile_error(job->jobfile));
		return false;
	}
	return false;
}

/* So far it is looked ahead in a job: all of the window, or its part of it. */
static unsigned
window(const struct job *job)
{
	unsigned part = WINDOW_TASKS / job->engine->stirring_count;

	return part < WINDOW_LEAST ? WINDOW_LEAST : part;
}

static bool
wants_more(const struct job *job)
{
	if (job->paused || job->ready_bytes > WINDOW_BYTES || intake_waiting(job) > WINDOW_TASKS) {
		return false;
	}
	if (job_is_only(job)) {
		return scheduler_wants(job->engine->scheduler, WINDOW_TASKS);
	}
	return job->open - job->sent - intake_waiting(job) < window(job);
}

void
intake_fill(struct job *job)
{
	for (int i = 0;
	     !job->read_all && (!job->waiting_for_input || jobfile_has_task(job->jobfile)); i++) {
		if (!wants_more(job)) {
			return;
		}
		if (i == PASS_TASKS) {
			job_again(job);
			return;
		}
		if (!take_next(job)) {
			return;
		}
	}
}
