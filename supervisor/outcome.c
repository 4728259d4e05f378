/* SPDX-License-Identifier: ISC */
/*
 * outcome: what becomes of the tasks that are with workers: results, output, tasks that come
 * back, and those whose worker died. In the supervisor.
 */
#include <bsd/stdlib.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/json_value.h"
#include "supervisor/engine.h"
#include "supervisor/sink_progress.h"

#define CRASHES_EVER    50 /* workers that may die around a task, whoever is to blame */
#define BACKOFF_MOST_US (600 * US_PER_SECOND)

/* Of commands the scheduler learns by itself. */
static void
learn_wall(const struct task *task, const struct result_record *record)
{
	struct engine *engine = task->job->engine;
	struct span name = task_name(task);
	struct kind *kind;

	if (name.len > 0 && !task_begins_with_command(task) && record->status == STATUS_ok) {
		kind = intake_kind(engine, name, false);
		if (kind != NULL) {
			kind_learn_took(kind, record->wall_us, record->user_us + record->sys_us);
		}
	}
}

/* --halt: enough have failed, or ended well, or ended. One that was skipped has not failed. */
static void
heed_halt(struct job *job)
{
	static const char *const reasons[] = {
	    [HALT_FAIL] = "too many failed",
	    [HALT_SUCCESS] = "enough ended ok",
	    [HALT_DONE] = "enough have ended",
	};
	const struct halt *halt = &job->options->halt;
	const struct summary *summary = job->summary;
	uint64_t not_ok = summary_not_ok(summary), total = 0;

	if (halt->what == HALT_NEVER || job->stopping != STOP_NOT) {
		return;
	}
	if (halt->what == HALT_FAIL) {
		not_ok -= summary->by_status[STATUS_skipped];
	}
	if (halt->percent) {
		total = jobfile_total(job->jobfile, job->handed_out);
	}
	if (halt_reached(halt, summary->by_status[STATUS_ok], not_ok, total)) {
		job->halted = true;
		job_stop(job, halt->now ? STOP_TERM : STOP_STARTING);
		progress_hide();
		warnx("--halt: %s: %s", reasons[halt->what],
		      halt->now ? "what runs is ended" : "no more are started");
	}
}

/* The last word on a task. Frees it. */
static void
conclude(struct task *task, const struct finished *finished)
{
	struct job *job = task->job;
	struct text id = TEXT_INIT, tag = TEXT_INIT;
	struct summary_who who;

	sinks_record(job->sinks, finished);
	if (summary_names(job->summary, finished->record)) {
		task_put_plain_id(task, &id);
		task_put_short_tag(task, &tag);
		text_terminate(&id);
		text_terminate(&tag);
	}
	who = (struct summary_who){.id = id.data, .tag = tag.len > 0 ? tag.data : NULL};
	summary_add(job->summary, &who, task->attempt, finished->record,
		    clock_us() - job->began_us);
	text_free(&id);
	text_free(&tag);
	learn_wall(task, finished->record);
	passage_release(task);
	jobfile_ended(job->jobfile, task, finished->record->status, finished->record->wall_us);
	job_forget(task);
	job_stir(job);
	heed_halt(job);
}

void
outcome_decide(struct task *task, enum task_status status, const char *error)
{
	struct result_record record = {.status = status};
	struct text json = TEXT_INIT, quoted = TEXT_INIT;
	struct finished finished = {.task = task, .record = &record, .worker = -1};

	if (error != NULL && text_is_utf8(error, strlen(error))) {
		text_json_string(&quoted, error, strlen(error));
		record.error = (struct span){quoted.data, quoted.len};
	}
	result_record_encode(&json, &record);
	finished.text = (struct span){json.data, json.len};
	finished.worker = task->sched.worker;
	conclude(task, &finished);
	text_free(&json);
	text_free(&quoted);
}

void
outcome_drop(struct task *task)
{
	struct job *job = task->job;

	if (task->attempt == 0) {
		job->summary->not_started++;
		passage_release(task);
		job_forget(task);
		job_stir(job);
	} else if (task_has_begun(task)) {
		outcome_decide(task, STATUS_cancelled, "the run was stopped");
	} else {
		outcome_decide(task, STATUS_cancelled,
			       "the run was stopped before it was tried again");
	}
}

/* The task is with its worker no longer. */
static void
take_back(struct engine *engine, struct task *task, int64_t took_us, int64_t cpu_us)
{
	task->job->sent--;
	scheduler_remove(engine->scheduler, &task->sched, took_us, cpu_us, clock_us());
	slots_take(&engine->slots, task);
}

/* It begins anew, on any worker. */
static void
rewind_task(struct task *task)
{
	task->step = 0;
	task_set_carry(task, SPAN_EMPTY);
	task->sched.computes = task->text->computes;
	task->sched.command = task_begins_with_command(task);
}

/* Whether it did not end ok, and is tried again after that; then in how long. */
static bool
is_retried(struct task *task, enum task_status status, int64_t *delay_us)
{
	const struct task_rules *rules = task_rules(task->text);
	enum task_retry after = status == STATUS_timeout ? RETRY_TIMEOUT : RETRY_FAILED;
	int64_t backoff_us;

	if (task->job->stopping != STOP_NOT ||
	    (status != STATUS_failed && status != STATUS_timeout) || (rules->retry & after) == 0 ||
	    task_extra(task)->tries >= rules->retries) {
		return false;
	}
	backoff_us = rules->backoff_us;
	for (unsigned i = 0; i < task_extra(task)->tries && backoff_us < BACKOFF_MOST_US; i++) {
		backoff_us *= 2;
	}
	if (backoff_us > BACKOFF_MOST_US && backoff_us > rules->backoff_us) {
		backoff_us =
		    BACKOFF_MOST_US > rules->backoff_us ? BACKOFF_MOST_US : rules->backoff_us;
	}
	*delay_us = backoff_us / 2 +
		    arc4random_uniform((uint32_t)(backoff_us / 2 / 1000) + 1) * INT64_C(1000);
	return true;
}

/* It is to run once more, or not at all when the run is being stopped. */
static void
run_again(struct task *task, bool computes)
{
	if (task->job->stopping != STOP_NOT) {
		outcome_drop(task);
		return;
	}
	task->sched.computes = computes;
	task->sched.command = task->step == 0 && task_begins_with_command(task);
	passage_again(task);
}

static const char *
take_result(struct engine *engine, struct task *task, const struct message *message)
{
	struct finished finished = {
	    .task = task, .text = message->record, .worker = task->sched.worker};
	struct result_record record;
	const char *wrong = result_record_decode(message->record, &record);
	struct text encoded = TEXT_INIT;
	int64_t delay_us;

	if (wrong != NULL) {
		return wrong;
	}
	if (record.status == STATUS_crashed || record.status == STATUS_poisoned ||
	    record.status == STATUS_skipped) {
		return "a status that is not for a worker to give";
	}
	if (record.foreign) { /* only what we know goes into the results */
		result_record_encode(&encoded, &record);
		finished.text = (struct span){encoded.data, encoded.len};
	}
	finished.record = &record;
	if (is_retried(task, record.status, &delay_us)) {
		task_note_attempt(task, record.status, record.start_us, record.wall_us);
		take_back(engine, task, record.wall_us, record.user_us + record.sys_us);
		task_extra(task)->tries++;
		rewind_task(task);
		intake_later(task, delay_us);
		text_free(&encoded);
		return NULL;
	}
	take_back(engine, task, record.wall_us, record.user_us + record.sys_us);
	conclude(task, &finished);
	text_free(&encoded);
	return NULL;
}

static const char *
take_output(struct task *task, const struct message *message)
{
	struct job *job = task->job;
	struct task_output output = {.stream = span_is(message->stream, "\"stderr\"") ? 2 : 1,
				     .more = MESSAGE_HAS(message, more) && message->more != 0};
	char *bytes;
	size_t len;

	if (MESSAGE_HAS(message, text) ? !json_value_string(message->text, &bytes, &len)
				       : !MESSAGE_HAS(message, base64) ||
					     !json_value_base64(message->base64, &bytes, &len)) {
		return "output that cannot be decoded";
	}
	output.bytes = (struct span){bytes, len};
	if (output.more) {
		job->more_us = clock_us();
	}
	sinks_output(job->sinks, task, &output);
	job_stir(job);
	if (job->options->results_dir != NULL || job->options->joblog != NULL) {
		task_receive(task, output.stream, len);
	}
	free(bytes);
	return NULL;
}

/* It comes back: not begun, or at a step that computes. */
static const char *
take_yield(struct engine *engine, struct task *task, const struct message *message)
{
	bool computes = task->sched.computes;

	if (message->step > 1000000) {
		return "a step that no task has";
	}
	if (MESSAGE_HAS(message, carry)) {
		task_set_carry(task, message->carry);
		computes = true;
	}
	take_back(engine, task, -1, 0);
	task->step = (uint32_t)message->step;
	task->attempt = (uint16_t)(task->attempt - !task_has_begun(task));
	run_again(task, computes || task->step > 0);
	return NULL;
}

static void
take_phase(struct engine *engine, struct task *task, const struct message *message)
{
	bool computes = span_is(message->phase, "\"cpu\"");
	int use = MESSAGE_HAS(message, use) ? (int)(message->use % 1000001) : -1;

	scheduler_phase(engine->scheduler, &task->sched, computes, use, clock_us());
	explain_measure(engine, task, computes, use);
}

const char *
outcome_message(struct engine *engine, int worker, const struct message *message)
{
	struct task *task = slots_find(&engine->slots, message->task);

	if (task == NULL || task->attempt != message->attempt || task->sched.worker != worker) {
		return NULL; /* about a former attempt: too late */
	}
	switch (message->type) {
	case MESSAGE_started:
		task->started = true;
		return NULL;
	case MESSAGE_phase:
		take_phase(engine, task, message);
		return NULL;
	case MESSAGE_output:
		return take_output(task, message);
	case MESSAGE_yield:
		return take_yield(engine, task, message);
	case MESSAGE_result:
		return take_result(engine, task, message);
	default:
		return "a message that was not expected";
	}
}

/* A task whose worker died, and what is known of its part in that. */
enum guilt {
	INNOCENT,  /* it had not begun, or cannot end a worker */
	SUSPECTED, /* it is one of several that may have */
	GUILTY     /* nothing else can have */
};

/* When its worker began it is not known: no later than it was sent. */
static void
note_crash(struct task *task)
{
	int64_t wall_us = clock_us() - task->job->began_us - task->sent_ms * INT64_C(1000);

	task_note_attempt(task, STATUS_crashed, clock_epoch_us() - wall_us, wall_us);
}

static void
take_crash(struct engine *engine, struct task *task, enum guilt guilt, const char *why)
{
	const struct task_rules *rules = task_rules(task->text);
	struct job *job = task->job;
	unsigned limit = rules->crash_limit;
	unsigned retry = rules->retry;
	char error[400];

	sinks_lost(job->sinks, task);
	job_stir(job);
	if (task->started) {
		note_crash(task);
	}
	take_back(engine, task, -1, 0);
	task->crashes = (uint8_t)(task->crashes + task->started);
	if (!task->started && !task_has_begun(task)) {
		task->attempt--;
	}
	if (job->stopping >= STOP_TERM && !task->started) {
		outcome_drop(task);
	} else if (job->stopping >= STOP_TERM) {
		outcome_decide(task, STATUS_cancelled, "the run was stopped");
	} else if (retry == 0 && task->started) {
		snprintf(error, sizeof(error), "its worker %s; it is not to run twice", why);
		outcome_decide(task, STATUS_interrupted, error);
	} else if ((retry & RETRY_CRASH) == 0 && guilt == GUILTY) {
		snprintf(error, sizeof(error), "crashed its worker, which %s", why);
		outcome_decide(task, STATUS_crashed, error);
	} else if (task->crashes >= (guilt == GUILTY ? limit : CRASHES_EVER)) {
		snprintf(error, sizeof(error), "crashed its worker %u times; the last one %s",
			 (unsigned)task->crashes, why);
		outcome_decide(task, STATUS_poisoned, error);
	} else {
		task->sched.alone |= guilt == SUSPECTED;
		rewind_task(task);
		run_again(task, task->text->computes);
	}
}

/*
 * What had begun there: of the tasks that queue, the one that the worker named, or else the
 * oldest, for it sends its results before it begins another; and all that do not queue. When it
 * was torn off, the pipe was full, and results were not sent: then any command may have begun.
 */
static void
mark_begun(struct engine *engine, struct sched_list *tasks, bool torn)
{
	struct task *oldest = NULL;
	struct sched_task *sched;
	bool named = false;

	TAILQ_FOREACH(sched, tasks, link)
	{
		struct task *task = (struct task *)(void *)sched;

		if (!scheduler_queues(engine->scheduler, sched) || (torn && task->text->commands)) {
			task->started = true;
		} else {
			named |= task->started;
			oldest = oldest == NULL ? task : oldest;
		}
	}
	if (!named && oldest != NULL) {
		oldest->started = true;
	}
}

/*
 * A wait, a print or a computation of ours does not end a worker, a command may. If several had
 * begun, each of them runs alone from now on; it is poisoned only if its worker dies even so.
 */
void
outcome_worker_lost(struct engine *engine, int worker, const struct worker_end *end)
{
	struct sched_list *tasks = scheduler_tasks(engine->scheduler, worker);
	struct sched_task *sched;
	unsigned suspects = 0, begun = 0;

	scheduler_worker_down(engine->scheduler, worker);
	if (end->greeted) {
		mark_begun(engine, tasks, end->torn);
	}
	TAILQ_FOREACH(sched, tasks, link)
	{
		struct task *task = (struct task *)(void *)sched;

		begun += task->started;
		suspects += task->started && task->text->commands;
	}
	while ((sched = TAILQ_LAST(tasks, sched_list)) != NULL) {
		struct task *task = (struct task *)(void *)sched;
		enum guilt guilt = INNOCENT;

		if (end->blamed && task->started && (begun == 1 || task->text->commands)) {
			guilt = begun == 1 || suspects == 1 ? GUILTY : SUSPECTED;
		}
		take_crash(engine, task, guilt, end->why == NULL ? "ended" : end->why);
	}
}
