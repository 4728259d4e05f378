/* SPDX-License-Identifier: ISC */
/*
 * explain: what the run does and why: --explain, SIGUSR1, and what idle cores wait for. In the
 * supervisor.
 */
#include <err.h>
#include <stdio.h>

#include "ipc/clock.h"
#include "ipc/json_value.h"
#include "supervisor/engine.h"
#include "supervisor/running.h"
#include "supervisor/sink_progress.h"

/* What is known of a command, in words: "computes: 0.98 of a core, by 12 of gzip". */
static void
put_knowledge(const struct task *task, struct text *out)
{
	const struct sched_more *more = task->sched.more;
	const struct kind *kind = more == NULL ? NULL : more->kind;

	if (!task->sched.command || more == NULL) {
		text_string(out, task->sched.computes ? "computes by its nature"
						      : "waits by its nature");
	} else if (more->hint != TASK_CLASS_NONE) {
		text_printf(out, "its class is %s", more->hint == TASK_CLASS_CPU ? "cpu" : "wait");
	} else if (kind_class(kind) == KIND_UNKNOWN) {
		text_string(out, "nothing is known of it");
	} else {
		if (kind->ended == 0) {
			kind = kind->program;
		}
		text_printf(out, "%u of \"%s\" asked for %.2f of a core", kind->ended, kind->name,
			    kind->use / 1000.0);
	}
}

static void
say(struct text *line)
{
	text_terminate(line);
	progress_hide();
	warnx("%s", text_printable(line->data));
	text_free(line);
}

void
explain_start(const struct engine *engine, const struct task *task)
{
	static const char *const words[] = {
	    "a place is free",
	    "short tasks are sent ahead",
	    "it takes no core",
	    "it will not take a core for long",
	    "it will not take a core for long",
	    "to see whether it computes or waits",
	    "to see whether it is as the others were",
	    "it is the last one, and would end alone",
	    "alone, it may end its worker",
	};
	struct scheduler_load load = scheduler_load(engine->scheduler);
	struct sched_reason reason = scheduler_reason(engine->scheduler);
	struct text line = TEXT_INIT;

	if (!engine->options->explain) {
		return;
	}
	text_printf(
	    &line, "explain: %.3f s: ", (double)(clock_us() - task->job->began_us) / US_PER_SECOND);
	task_put_label(task, &line);
	text_printf(&line, " starts on worker %d%s: %s (", (int)task->sched.worker,
		    task->sched.beside ? ", beside" : "", words[reason.why]);
	put_knowledge(task, &line);
	text_printf(&line, "); %.2f of %u cores are asked for, %u commands run",
		    load.asked / 1000.0, scheduler_cores(engine->scheduler), load.commands);
	say(&line);
}

static int64_t
began_us(const struct engine *engine)
{
	const struct job *first = TAILQ_FIRST(&engine->jobs);

	return first == NULL ? clock_us() : first->began_us;
}

/* Says once why nothing more begins, until something does or the reason changes. */
void
explain_stop(struct engine *engine)
{
	struct scheduler_load load = scheduler_load(engine->scheduler);
	struct sched_reason reason = scheduler_reason(engine->scheduler);
	struct text line = TEXT_INIT;

	if (!engine->options->explain || load.ready == 0 || reason.denied == engine->explained) {
		return;
	}
	engine->explained = reason.denied;
	text_printf(&line,
		    "explain: %.3f s: %u ready, none starts: %s; %.2f of %u cores are asked for",
		    (double)(clock_us() - began_us(engine)) / US_PER_SECOND, load.ready,
		    admission_words(reason.denied), load.asked / 1000.0,
		    scheduler_cores(engine->scheduler));
	say(&line);
}

void
explain_measure(const struct engine *engine, const struct task *task, bool computes, int use)
{
	struct text line = TEXT_INIT;

	if (!engine->options->explain || use < 0) {
		return;
	}
	text_printf(
	    &line, "explain: %.3f s: ", (double)(clock_us() - task->job->began_us) / US_PER_SECOND);
	task_put_label(task, &line);
	text_printf(&line, " is seen to %s: %.2f of a core", computes ? "compute" : "wait",
		    use / 1000.0);
	say(&line);
}

static void
put_running(struct task *task)
{
	struct running running = running_task(task);
	struct text line = TEXT_INIT;

	text_string(&line, "running: ");
	task_put_label(task, &line);
	text_printf(&line, " for %.1f s, %s", (double)running.for_us / US_PER_SECOND,
		    running.how == RUNNING_COMPUTES ? "computing" : "waiting");
	if (running.use >= 0) {
		text_printf(&line, " (%.2f of a core)", running.use / 1000.0);
	}
	text_printf(&line, ", worker %d", (int)task->sched.worker);
	if (task->attempt > 1) {
		text_printf(&line, ", attempt %u", (unsigned)task->attempt);
	}
	say(&line);
}

void
explain_running(struct engine *engine)
{
	struct scheduler_load load = scheduler_load(engine->scheduler);
	unsigned shown = 0, gated = 0;
	uint64_t held = 0;
	const struct job *job;

	TAILQ_FOREACH(job, &engine->jobs, link)
	{
		gated += gate_waiting(job->gate);
		held += jobfile_held(job->jobfile);
	}

	progress_hide();
	warnx("%u running, %.1f of %u cores asked for; %u ready, %u held back by resources, "
	      "%ju by needs, %zu to be tried again",
	      load.sent, load.asked / 1000.0, scheduler_cores(engine->scheduler), load.ready, gated,
	      (uintmax_t)held, (size_t)engine->retries.count);
	for (uint32_t i = 0; i < engine->slots.count && shown < EXPLAIN_RUNNING; i++) {
		struct task *task = slots_at(&engine->slots, i);

		if (task != NULL) {
			put_running(task);
			shown++;
		}
	}
	if (load.sent > shown) {
		warnx("running: and %u more", load.sent - shown);
	}
}

static enum idle_cause
idle_cause(const struct job *job)
{
	const struct engine *engine = job->engine;
	struct scheduler_load load = scheduler_load(engine->scheduler);
	struct sched_reason reason = scheduler_reason(engine->scheduler);

	if (!engine->greeted) {
		return IDLE_START;
	}
	if (load.ready > 0) {
		if (engine->options->waiting > 0 && load.waiting >= engine->options->waiting) {
			return IDLE_CAP;
		}
		return reason.denied == DENIED_CAP      ? IDLE_CAP
		       : reason.denied == DENIED_MEMORY ? IDLE_MEMORY
							: IDLE_OVERHEAD;
	}
	if (job->stopping != STOP_NOT) {
		return IDLE_TASKS;
	}
	if (gate_waiting(job->gate) > 0) {
		return gate_waiting_for_memory(job->gate) ? IDLE_MEMORY : IDLE_RESOURCE;
	}
	if (job->later > 0) {
		return IDLE_RETRY;
	}
	return jobfile_held(job->jobfile) > 0 ? IDLE_NEEDS : IDLE_TASKS;
}

/* Of a job that has all cores to itself; else what a core waits for is nobody's in particular. */
void
explain_idle(struct engine *engine)
{
	struct job *job = TAILQ_FIRST(&engine->jobs);
	unsigned asked = scheduler_load(engine->scheduler).asked, cores;

	if (job != NULL && job_is_only(job)) {
		cores = job->summary->cores * ADMISSION_CORE;
		idle_note(&job->summary->idle, clock_us(), asked < cores ? cores - asked : 0,
			  idle_cause(job));
	}
}
