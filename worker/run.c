/* SPDX-License-Identifier: ISC */
/* run: see run.h. In stint-worker; the functions say in which thread. */
#include "worker/run.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "worker/slot.h"
#include "worker/thread_pool.h"
#include "worker/worker.h"

#define PUMP_US 2000 /* a model that computes in the loop looks at its messages this often */

#define IDLE_AFTER_US 2000 /* what is shorter does nothing beside its work */

static const struct action_ops *const actions[ACTION_TYPES] = {
#define ACTION(name, shape, load) &action_##name,
#include "ipc/actions.def"
#undef ACTION
};

const struct action *
run_action(const struct run *run)
{
	return &run->spec->actions[run->step];
}

const char *
run_label(const struct run *run)
{
	return run->id == NULL ? "?" : run->id;
}

bool
run_is_command(const struct run *run)
{
	return actions[run_action(run)->type]->runs_command;
}

bool
run_computes(const struct run *run)
{
	return task_spec_computes(run->spec, run->step);
}

static const struct action_ops *
ops(const struct run *run)
{
	return actions[run_action(run)->type];
}

struct run_extra *
run_extra(struct run *run)
{
	if (run->extra == NULL) {
		run->extra = calloc(1, sizeof(*run->extra));
		if (run->extra == NULL) {
			_exit(3);
		}
		run->extra->exit = -1;
	}
	return run->extra;
}

void
run_fail(struct run *run, enum task_status status, const char *format, ...)
{
	struct run_extra *extra = run_extra(run);
	va_list args;

	run->status = status;
	free(extra->error);
	va_start(args, format);
	if (vasprintf(&extra->error, format, args) < 0) {
		extra->error = NULL;
	}
	va_end(args);
}

/* Puts the text of one stream of an earlier stay back. */
static bool
carry_output(struct spill *out, struct span text, struct span base64)
{
	char *bytes;
	size_t len;
	bool kept;

	if (text.len == 0 && base64.len == 0) {
		return true;
	}
	if (!(text.len > 0 ? json_value_string(text, &bytes, &len)
			   : json_value_base64(base64, &bytes, &len))) {
		return false;
	}
	kept = spill_append(out, bytes, len);
	free(bytes);
	return kept;
}

/* Takes up what an earlier stay of the task, perhaps on another worker, came to. */
static bool
carry_on(struct run *run, struct span carry)
{
	struct result_record so_far;
	bool fits = result_record_decode(carry, &so_far) == NULL;

	if (!fits) {
		return false;
	}
	run->carried_us = so_far.wall_us;
	run->start_us = so_far.start_us;
	run->user_us = so_far.user_us;
	run->sys_us = so_far.sys_us;
	run->maxrss = so_far.maxrss;
	for (int i = 0; fits && i < 2; i++) {
		if (so_far.output[i].len + so_far.output_base64[i].len > 0) {
			fits = carry_output(&run_extra(run)->output[i], so_far.output[i],
					    so_far.output_base64[i]);
		}
	}
	if (so_far.value.len > 0) {
		text_span(&run_extra(run)->value, so_far.value);
	}
	if (so_far.truncated) {
		run_extra(run)->truncated = true;
	}
	if (so_far.has_exit) {
		run_extra(run)->exit = so_far.exit;
	}
	return fits;
}

/* A command is told the task's id. */
static bool
has_command(const struct task_spec *spec)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		if (actions[spec->actions[i].type]->runs_command) {
			return true;
		}
	}
	return false;
}

/* {"NAME":"value",…} as variables. */
static bool
take_grants(struct run *run, struct span object)
{
	struct json_members members;
	struct span key, value;
	size_t count = 0, len;
	char *string;

	json_members_begin(&members, object);
	while (json_members_next(&members, &key, &value)) {
		count++;
	}
	run->grants = calloc(count + 1, sizeof(*run->grants));
	if (run->grants == NULL) {
		return false;
	}
	count = 0;
	json_members_begin(&members, object);
	while (json_members_next(&members, &key, &value)) {
		if (!json_value_string(value, &string, &len)) {
			return false;
		}
		if (asprintf(&run->grants[count], "%.*s=%s", (int)key.len, key.at, string) < 0) {
			run->grants[count] = NULL;
		}
		free(string);
		if (run->grants[count++] == NULL) {
			return false;
		}
	}
	return true;
}

struct run *
run_new(const struct message *message, const char **why)
{
	struct run *run = calloc(1, sizeof(*run));
	struct spec_error error;
	size_t len;

	*why = "out of memory";
	if (run == NULL) {
		return NULL;
	}
	run->task = message->task;
	run->attempt = (uint32_t)message->attempt;
	run->step = MESSAGE_HAS(message, step) ? (uint32_t)message->step : 0;
	run->spec = task_spec_parse(message->spec, SPEC_TASK, &error);
	*why = "a task that is not valid";
	if (run->spec == NULL || run->step >= run->spec->count ||
	    (MESSAGE_HAS(message, carry) && !carry_on(run, message->carry))) {
		run_free(run);
		return NULL;
	}
	if (has_command(run->spec) &&
	    (!json_value_string(message->id, &run->id, &len) ||
	     (MESSAGE_HAS(message, directory) &&
	      !json_value_string(message->directory, &run->directory, &len)) ||
	     (MESSAGE_HAS(message, grants) && !take_grants(run, message->grants)))) {
		run_free(run);
		return NULL;
	}
	if (MESSAGE_HAS(message, timeout)) {
		run->spec->timeout_us = (int64_t)message->timeout;
	}
	cancel_init(&run->cancel, 0);
	run->beside = MESSAGE_HAS(message, beside) && message->beside != 0 && run_is_command(run);
	run->granted = run_computes(run) && !run->beside;
	return run;
}

void
run_free(struct run *run)
{
	if (run == NULL) {
		return;
	}
	if (run->extra != NULL) {
		spill_free(&run->extra->output[0]);
		spill_free(&run->extra->output[1]);
		text_free(&run->extra->value);
		free(run->extra->error);
		free(run->extra);
	}
	for (char **grant = run->grants; grant != NULL && *grant != NULL; grant++) {
		free(*grant);
	}
	free(run->grants);
	free(run->directory);
	task_spec_free(run->spec);
	free(run->id);
	free(run);
}

void
run_enqueue(struct run_queue *queue, struct run *run)
{
	TAILQ_INSERT_TAIL(queue, run, queue);
	run->in = queue;
}

void
run_dequeue(struct run *run)
{
	TAILQ_REMOVE(run->in, run, queue);
	run->in = NULL;
}

void
run_begin(struct run *run)
{
	if (run->begin_us != 0) {
		return;
	}
	run->begin_us = clock_us();
	if (run->start_us == 0) {
		run->start_us = clock_epoch_us();
	}
	run->cancel.deadline_us = run_timeout_at(run);
	run->cancel.next_us = run->begin_us + IDLE_AFTER_US;
}

int64_t
run_timeout_at(const struct run *run)
{
	if (run->spec->timeout_us == 0) {
		return 0;
	}
	return run->begin_us + run->spec->timeout_us - run->carried_us;
}

void
run_cancelled(struct run *run)
{
	switch (cancel_reason(&run->cancel)) {
	case CANCEL_TIMEOUT:
		run_fail(run, STATUS_timeout, "timed out after %g s",
			 (double)run->spec->timeout_us / 1e6);
		break;
	case CANCEL_SHUTDOWN:
		run_fail(run, STATUS_interrupted, "its worker was stopped");
		break;
	case CANCEL_REQUEST:
	case CANCEL_NONE:
		run_fail(run, STATUS_cancelled, "stopped on request");
		break;
	}
}

enum progress
run_start(struct worker *worker, struct run *run)
{
	return ops(run)->start(worker, run, run_action(run));
}

/* Where the next step may not simply begin: it waits for the slot, or goes back. */
static bool
must_queue(struct worker *worker, struct run *run)
{
	if (worker->model->compute != COMPUTE_IN_THREAD) {
		return false;
	}
	if (run->beside) {
		run->beside = false;
		return false;
	}
	if (run_computes(run)) {
		if (run->granted) {
			slot_enter(worker, run);
		} else {
			reply_yield(worker, run);
		}
		return true;
	}
	if (run->granted && run_action(run)->type == ACTION_print) {
		return false; /* too short to give the core away for */
	}
	if (run->granted) {
		run->granted = false;
		reply_phase(worker, run, "wait");
	}
	return false;
}

void
run_advance(struct worker *worker, struct run *run)
{
	while (run->status == STATUS_ok && run->step < run->spec->count) {
		if (must_queue(worker, run)) {
			return;
		}
		run_begin(run);
		run->end_us = 0;
		if (run_start(worker, run) == RUN_PENDING) {
			return;
		}
		run->step++;
	}
	run_finish(worker, run);
}

void
run_step_done(struct worker *worker, struct run *run)
{
	deadlines_clear(&worker->deadlines, &run->deadline);
	if (run->pooled) {
		thread_pool_answer(worker->pool, run);
		return;
	}
	slot_leave(worker, run);
	run->step++;
	run_advance(worker, run);
	slot_fill(worker);
}

void
run_finish(struct worker *worker, struct run *run)
{
	if (run->end_us == 0) {
		run->end_us = clock_us();
	}
	reply_result(worker, run);
	TAILQ_REMOVE(&worker->all, run, all);
	run_free(run);
}

void
run_unbegun_stop(struct worker *worker, struct run *run)
{
	run_cancelled(run);
	run_finish(worker, run);
}

void
run_stop(struct worker *worker, struct run *run, enum cancel_reason reason)
{
	cancel_request(&run->cancel, reason);
	if (run->in != NULL) {
		run_dequeue(run);
		run_unbegun_stop(worker, run);
		return;
	}
	if (run->pooled && thread_pool_stop(worker->pool, run)) {
		return;
	}
	if (run->begin_us != 0 && ops(run)->stop != NULL) {
		ops(run)->stop(worker, run, run_action(run));
	}
}

/* A run of the model that does one thing at a time is under way. */
static bool
occupied(const struct worker *worker)
{
	const struct run *run;

	if (!worker->model->exclusive) {
		return false;
	}
	run = TAILQ_FIRST(&worker->all);
	return run != NULL && run->begin_us != 0;
}

void
run_pump(struct worker *worker)
{
	int64_t until_us = clock_us() + PUMP_US;
	struct run *run;

	while (!occupied(worker) && (run = TAILQ_FIRST(&worker->inbox)) != NULL) {
		run_dequeue(run);
		if (worker->pool != NULL && worker->model->compute == COMPUTE_IN_POOL) {
			thread_pool_push(worker->pool, run);
		} else {
			run_advance(worker, run);
		}
		if (worker->model->compute == COMPUTE_IN_LOOP && clock_us() > until_us) {
			event_active(worker->again, EV_TIMEOUT, 0);
			break;
		}
	}
	slot_fill(worker);
}

void
run_due(struct worker *worker)
{
	int64_t now_us = clock_us();
	struct deadline *due;

	while ((due = deadlines_due(&worker->deadlines, now_us)) != NULL) {
		struct run *run =
		    (struct run *)(void *)((char *)due - offsetof(struct run, deadline));

		ops(run)->due(worker, run, run_action(run));
	}
	run_pump(worker);
}

void
run_block_step(struct worker *worker, struct run *run)
{
	run_begin(run);
	run->end_us = 0;
	if (ops(run)->block != NULL) {
		ops(run)->block(worker, run, run_action(run));
	} else {
		thread_pool_ask(worker->pool, run);
	}
	if (run->end_us == 0) {
		run->end_us = clock_us();
	}
}

void
run_block_all(struct worker *worker, struct run *run)
{
	while (run->status == STATUS_ok && run->step < run->spec->count) {
		run_block_step(worker, run);
		run->step++;
	}
}
