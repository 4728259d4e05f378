/* SPDX-License-Identifier: ISC */
/* sending: the way of a task from the scheduler to its worker; see engine.h. In the supervisor. */
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/engine.h"

#define TIMEOUT_LEAST_US 100000            /* that is worked out from a median */
#define UNSENT_MOST      ((size_t)1 << 20) /* bytes for a worker that cannot follow */

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
put_grants(const struct task *task, struct text *out)
{
	struct span variables = task->job->variables;
	struct text grants = TEXT_INIT;

	gate_put_grants(task->job->gate, task, &grants);
	if (variables.len > 0) {
		grants.len -= grants.len > 0; /* the brace */
		text_string(&grants, grants.len > 1 ? "," : grants.len == 0 ? "{" : "");
		text_span(&grants, variables);
		text_char(&grants, '}');
	}
	if (grants.len > 2) {
		message_raw(out, FIELD_grants, (struct span){grants.data, grants.len});
	}
	text_free(&grants);
}

static void
note_peak(struct job *job, unsigned now)
{
	if (now > job->summary->peak) {
		job->summary->peak = now;
	}
}

static void
send_task(struct engine *engine, struct task *task)
{
	struct worker_proc *worker = pool_worker(engine->pool, task->sched.worker);
	struct text *out = worker_proc_out(worker);

	task->job->ready_bytes -= intake_size(task);
	task->job->sent++;
	if (!job_is_only(task->job)) {
		note_peak(task->job, task->job->sent);
	}
	slots_put(&engine->slots, task);
	task->started = false;
	task->sent_ms = (uint32_t)((clock_us() - task->job->began_us) / 1000);
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
	put_grants(task, out);
	if (task->job->directory != NULL && task->text->commands) {
		message_key(out, FIELD_directory);
		text_json_string(out, task->job->directory, strlen(task->job->directory));
	}
	message_end(out);
	if (engine->ops->sent != NULL) {
		engine->ops->sent(engine->context, task);
	}
	if (worker_proc_unsent(worker) > UNSENT_MOST) {
		if (engine->ops->sending != NULL) {
			engine->ops->sending(engine->context);
		}
		worker_proc_flush(worker);
	}
}

/* Whether nothing will come but what is there. */
static bool
has_all(const struct engine *engine)
{
	const struct job *job;

	TAILQ_FOREACH(job, &engine->stirring, stirring)
	{
		if (!job->read_all || intake_waiting(job) > 0) {
			return false;
		}
	}
	return true;
}

void
sending_dispatch(struct engine *engine)
{
	int64_t now_us = clock_us();
	struct sched_task *next;

	scheduler_no_more(engine->scheduler, has_all(engine));
	while ((next = scheduler_next(engine->scheduler, now_us)) != NULL) {
		explain_start(engine, (struct task *)(void *)next);
		send_task(engine, (struct task *)(void *)next);
		engine->explained = ADMITTED;
	}
	explain_stop(engine);
	explain_idle(engine);
	if (engine->job_count == 1) {
		struct scheduler_load load = scheduler_load(engine->scheduler);

		note_peak(TAILQ_FIRST(&engine->jobs), load.computing + load.waiting);
	}
}

void
sending_recall(struct engine *engine, int number, unsigned count)
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
sending_cancel(struct engine *engine, const struct task *task)
{
	struct worker_proc *worker = pool_worker(engine->pool, task->sched.worker);
	struct text *out;

	if (task->sched.state != SCHED_SENT || worker == NULL) {
		return;
	}
	out = worker_proc_out(worker);
	message_begin(out, MESSAGE_cancel);
	message_uint(out, FIELD_task, slots_wire_number(task));
	message_uint(out, FIELD_attempt, task->attempt);
	message_end(out);
}
