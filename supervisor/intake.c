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
#include "supervisor/history.h"
#include "supervisor/machine.h"
#include "supervisor/resume.h"

#define WINDOW_TASKS     32768             /* ready tasks: so far it is looked ahead for waits */
#define WINDOW_BYTES     ((size_t)8 << 20) /* of their texts */
#define PASS_TASKS       4096              /* read in one go, then the pipes are looked at */
#define TIMEOUT_LEAST_US 100000            /* that is worked out from a median */
#define UNSENT_MOST      ((size_t)1 << 20) /* bytes for a worker that cannot follow */

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
	engine->handed_out++;
	task = task_new(text, jobfile_bad_number(engine->jobfile), 0);
	task_text_release(text);
	warnx("%s", jobfile_error(engine->jobfile));
	outcome_decide(engine, task, STATUS_failed, jobfile_error(engine->jobfile));
	if (engine->options->strict) {
		engine->exit_status = EXIT_USAGE;
		engine_stop(engine, STOP_STARTING);
	}
}

/* It has its record from a former run, or is not wanted in this one. */
static bool
pass_over(struct engine *engine, struct task *task)
{
	enum resume_verdict verdict = resume_verdict(engine->options->done, task);

	if (verdict == RESUME_RUN) {
		return false;
	}
	engine->summary->done_before += verdict == RESUME_DONE;
	engine->summary->not_started += verdict == RESUME_LEAVE;
	sinks_passed(engine->sinks, task);
	jobfile_ended(engine->jobfile, task, verdict == RESUME_DONE ? STATUS_ok : STATUS_cancelled,
		      0);
	task_free(task);
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
	struct engine *engine = context;
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
intake_begin(struct engine *engine)
{
	const struct resources *resources = jobfile_resources(engine->jobfile);
	const struct resource *memory = resources_find(resources, "memory");

	engine->gate = gate_new(memory == NULL ? machine_memory() : memory->units);
	for (uint32_t i = 0; i < resources->count; i++) {
		if (&resources->list[i] != memory) {
			gate_declare(engine->gate, resources->list[i].name,
				     resources->list[i].units);
		}
	}
	jobfile_set_expect(engine->jobfile, expect, engine);
}

/* What the scheduler is to know of a task that comes from the job file. */
static void
prepare(struct engine *engine, struct task *task)
{
	const struct task_text *text = task->text;

	task->sched.order = ready_order(task_rules(text)->priority, jobfile_rank(engine->jobfile));
	task->sched.command = task_begins_with_command(task);
	if (task->sched.command || text->cpus > 1) {
		struct sched_more *more = &task_extra(task)->sched;

		more->cpus = text->cpus;
		more->hint = text->hint;
		more->kind = kind_of(engine, task);
	}
}

static void
make_ready(struct engine *engine, struct task *task)
{
	engine->ready_bytes += text_size(task);
	scheduler_add(engine->scheduler, &task->sched);
}

static void
take_task(struct engine *engine, struct task *task)
{
	const char *forbidden = gate_forbids(engine->gate, task);

	engine->handed_out++;
	if (pass_over(engine, task)) {
		return;
	}
	if (forbidden != NULL) {
		outcome_decide(engine, task, STATUS_failed, forbidden);
		return;
	}
	prepare(engine, task);
	if (gate_pass(engine->gate, task)) {
		make_ready(engine, task);
	}
}

void
intake_again(struct engine *engine, struct task *task)
{
	engine->ready_bytes += text_size(task);
	scheduler_again(engine->scheduler, &task->sched);
}

void
intake_release(struct engine *engine, struct task *task)
{
	gate_give_back(engine->gate, task);
	while ((task = gate_opened(engine->gate)) != NULL) {
		make_ready(engine, task);
	}
}

static struct task *
of_deadline(struct deadline *deadline)
{
	struct task_extra *extra =
	    (struct task_extra *)(void *)((char *)deadline - offsetof(struct task_extra, again));

	return (struct task *)(void *)extra->sched.task;
}

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

		if (gate_pass(engine->gate, task)) {
			make_ready(engine, task);
		}
	}
	intake_set_retry(engine);
	event_active(engine->again, EV_TIMEOUT, 0);
}

/* Sets the timer for the first of them. */
void
intake_set_retry(struct engine *engine)
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
intake_later(struct engine *engine, struct task *task, int64_t delay_us)
{
	intake_release(engine, task);
	deadlines_set(&engine->retries, &task_extra(task)->again, clock_us() + delay_us);
	intake_set_retry(engine);
}

unsigned
intake_waiting(const struct engine *engine)
{
	return gate_waiting(engine->gate) + (unsigned)engine->retries.count;
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
	int fd = jobfile_fd(engine->jobfile);

	if (engine->readable != NULL && event_get_fd(engine->readable) != fd) {
		event_free(engine->readable);
		engine->readable = NULL;
	}
	if (engine->readable == NULL) {
		engine->readable = event_new(engine->base, fd, EV_READ, on_readable, engine);
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
	case JOBFILE_SKIP:
		engine->handed_out++;
		outcome_decide(engine, task, STATUS_skipped, jobfile_error(engine->jobfile));
		return true;
	case JOBFILE_HELD:
		return false; /* it goes on when a task has ended */
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
	for (int i = 0;
	     !engine->read_all && (!engine->waiting_for_input || jobfile_has_task(engine->jobfile));
	     i++) {
		if (!scheduler_wants(engine->scheduler, WINDOW_TASKS) ||
		    intake_waiting(engine) > WINDOW_TASKS || engine->ready_bytes > WINDOW_BYTES) {
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

/* "timeout": "300%": of the median of its name so far, once that says something. */
static void
put_timeout(struct engine *engine, const struct task *task, struct text *out)
{
	const struct task_rules *rules = task_rules(task->text);
	const struct kind *kind;

	if (rules->timeout_percent == 0) {
		return;
	}
	kind = task_name(task).len > 0    ? intake_kind(engine, task_name(task), false)
	       : task->sched.more != NULL ? task->sched.more->kind
					  : NULL;
	if (kind != NULL && kind->wall_count >= KIND_KNOWS) {
		double median_us = (double)kind_median_us(kind);
		int64_t us = (int64_t)(median_us * rules->timeout_percent / 100);

		message_uint(out, FIELD_timeout,
			     us < TIMEOUT_LEAST_US ? TIMEOUT_LEAST_US : (uint64_t)us);
	}
}

static void
put_grants(struct engine *engine, const struct task *task, struct text *out)
{
	struct text grants = TEXT_INIT;

	gate_put_grants(engine->gate, task, &grants);
	if (grants.len > 2) {
		message_raw(out, FIELD_grants, (struct span){grants.data, grants.len});
	}
	text_free(&grants);
}

static void
send_task(struct engine *engine, struct task *task)
{
	struct worker_proc *worker = pool_worker(engine->pool, task->sched.worker);
	struct text *out = worker_proc_out(worker);

	engine->ready_bytes -= text_size(task);
	slots_put(&engine->slots, task);
	task->started = false;
	task->sent_ms = (uint32_t)((clock_us() - engine->began_us) / 1000);
	task->attempt = (uint16_t)(task->attempt + !task_has_begun(task));
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
	put_timeout(engine, task, out);
	put_grants(engine, task, out);
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

	scheduler_no_more(engine->scheduler, engine->read_all && intake_waiting(engine) == 0);
	while (engine->stopping == STOP_NOT &&
	       (next = scheduler_next(engine->scheduler, now_us)) != NULL) {
		explain_start(engine, (struct task *)(void *)next);
		send_task(engine, (struct task *)(void *)next);
		engine->explained = ADMITTED;
	}
	explain_stop(engine);
	explain_idle(engine);
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
	struct sched_task *sched;
	struct deadline *due;
	struct task *task;

	while ((sched = scheduler_any_ready(engine->scheduler)) != NULL) {
		scheduler_forget(engine->scheduler, sched);
		outcome_drop(engine, (struct task *)(void *)sched);
	}
	while ((task = gate_take_any(engine->gate)) != NULL) {
		outcome_drop(engine, task);
	}
	while ((due = deadlines_due(&engine->retries, INT64_MAX)) != NULL) {
		outcome_drop(engine, of_deadline(due));
	}
}
