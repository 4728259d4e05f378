/* SPDX-License-Identifier: ISC */
/*
 * intake: the way of a task to its worker: from the job file to the scheduler, no more than is
 * soon needed, and from the scheduler into a message. In the supervisor.
 */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>

#include "ipc/clock.h"
#include "supervisor/engine.h"

#define WINDOW_TASKS 32768             /* ready tasks: so far it is looked ahead for waits */
#define WINDOW_BYTES ((size_t)8 << 20) /* of their texts */
#define PASS_TASKS   4096              /* read in one go, then the pipes are looked at */
#define UNSENT_MOST  ((size_t)1 << 20) /* bytes for a worker that cannot follow */

static size_t
text_size(const struct task *task)
{
	return sizeof(*task) + task->text->spec_len + task->text->id_len + task->text->name_len;
}

/* A line that is not a task has a record all the same. */
static void
take_bad_line(struct engine *engine)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *task;

	text->ordinal = jobfile_number(engine->jobfile);
	task = task_new(text, ++engine->handed_out, 0);
	task_text_release(text);
	warnx("%s", jobfile_error(engine->jobfile));
	outcome_decide(engine, task, STATUS_failed, jobfile_error(engine->jobfile));
	if (engine->options->strict) {
		engine->exit_status = EXIT_USAGE;
		engine_stop(engine, STOP_STARTING);
	}
}

static void
take_task(struct engine *engine, struct task *task)
{
	engine->handed_out++;
	engine->ready_bytes += text_size(task);
	scheduler_add(engine->scheduler, &task->sched);
}

void
intake_again(struct engine *engine, struct task *task)
{
	engine->ready_bytes += text_size(task);
	scheduler_again(engine->scheduler, &task->sched);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	engine->waiting_for_input = false;
	event_active(engine->again, EV_TIMEOUT, 0);
}

/* The input has nothing for now: the loop waits for it beside the pipes. */
static void
wait_for_input(struct engine *engine)
{
	if (engine->readable == NULL) {
		engine->readable = event_new(engine->base, jobfile_fd(engine->jobfile), EV_READ,
					     on_readable, engine);
	}
	if (engine->readable == NULL || event_add(engine->readable, NULL) != 0) {
		engine_fail(engine, "cannot wait for the job file");
		return;
	}
	engine->waiting_for_input = true;
}

/* Takes one step in the job file. False: no more for now. */
static bool
take_next(struct engine *engine)
{
	struct task *task;

	switch (jobfile_next(engine->jobfile, &task)) {
	case JOBFILE_TASK:
		take_task(engine, task);
		return true;
	case JOBFILE_BAD:
		take_bad_line(engine);
		return !engine->read_all;
	case JOBFILE_WAIT:
		wait_for_input(engine);
		return false;
	case JOBFILE_END:
		engine->read_all = true;
		return false;
	case JOBFILE_FAIL:
		engine->read_all = true;
		engine->summary->more = true;
		engine_fail(engine, jobfile_error(engine->jobfile));
		return false;
	}
	return false;
}

void
intake_fill(struct engine *engine)
{
	for (int i = 0; !engine->read_all && !engine->waiting_for_input; i++) {
		if (!scheduler_wants(engine->scheduler, WINDOW_TASKS) ||
		    engine->ready_bytes > WINDOW_BYTES) {
			return;
		}
		if (i == PASS_TASKS) {
			event_active(engine->again, EV_TIMEOUT, 0);
			return;
		}
		if (!take_next(engine)) {
			return;
		}
	}
}

static void
send_task(struct engine *engine, struct task *task)
{
	struct worker_proc *worker = pool_worker(engine->pool, task->sched.worker);
	struct text *out = worker_proc_out(worker);

	engine->ready_bytes -= text_size(task);
	slots_put(&engine->slots, task);
	task->started = false;
	if (task->attempt == 0) {
		task->attempt = 1;
	}
	message_begin(out, MESSAGE_task);
	message_uint(out, FIELD_task, slots_wire_number(task));
	message_uint(out, FIELD_attempt, task->attempt);
	message_key(out, FIELD_id);
	task_put_id(task, out);
	message_raw(out, FIELD_spec, task_spec_text(task));
	if (task->step > 0) {
		message_uint(out, FIELD_step, task->step);
	}
	if (task_carry(task).len > 0) {
		message_raw(out, FIELD_carry, task_carry(task));
	}
	if (task->sched.beside) {
		message_uint(out, FIELD_beside, 1);
	}
	message_end(out);
	if (worker_proc_unsent(worker) > UNSENT_MOST) {
		worker_proc_flush(worker);
	}
}

static void
note_peak(struct engine *engine)
{
	struct scheduler_load load = scheduler_load(engine->scheduler);

	if (load.computing + load.waiting > engine->summary->peak) {
		engine->summary->peak = load.computing + load.waiting;
	}
}

void
intake_dispatch(struct engine *engine)
{
	int64_t now_us = clock_us();
	struct sched_task *next;

	while (engine->stopping == STOP_NOT &&
	       (next = scheduler_next(engine->scheduler, now_us)) != NULL) {
		send_task(engine, (struct task *)(void *)next);
	}
	note_peak(engine);
}

void
intake_recall(struct engine *engine, int number, unsigned count)
{
	struct worker_proc *worker = pool_worker(engine->pool, number);
	struct text *out;

	if (worker == NULL || count == 0) {
		return;
	}
	out = worker_proc_out(worker);
	message_begin(out, MESSAGE_recall);
	message_uint(out, FIELD_count, count);
	message_end(out);
	worker_proc_flush(worker);
}

void
intake_drop_ready(struct engine *engine)
{
	struct sched_task *task;

	while ((task = scheduler_any_ready(engine->scheduler)) != NULL) {
		scheduler_forget(engine->scheduler, task);
		engine->summary->not_started++;
		task_free((struct task *)(void *)task);
	}
}
