/* SPDX-License-Identifier: ISC */
/* job_json: see job_json.h. Pure; in the supervisor, of stintd. */
#include "supervisor/job_json.h"

#include <inttypes.h>
#include <string.h>

#include "ipc/clock.h"

#define STORE_HANGS_US (5 * US_PER_SECOND)

const char *
job_phase_name(enum job_phase phase)
{
	static const char *const names[] = {"held", "queued", "running", "ended"};

	return names[phase];
}

const char *
job_outcome_name(enum job_outcome outcome)
{
	static const char *const names[] = {"open", "ok", "failed", "cancelled"};

	return names[outcome];
}

const char *
job_fault_name(enum job_fault fault)
{
	static const char *const names[] = {NULL, "invalid", "system"};

	return names[fault];
}

/* What came from a client may be anything: what is not UTF-8 is left out. */
static void
put_string(struct text *out, const char *name, const char *string)
{
	if (string != NULL && text_is_utf8(string, strlen(string))) {
		text_printf(out, ",\"%s\":", name);
		text_json_string(out, string, strlen(string));
	}
}

static void
put_time(struct text *out, const char *name, int64_t us)
{
	if (us > 0) {
		text_printf(out, ",\"%s\":", name);
		text_seconds(out, us);
	}
}

static void
put_statuses(struct text *out, const uint64_t *counts)
{
	text_string(out, ",\"tasks\":{");
	for (int i = 0; i < STATUSES; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
			    task_status_name((enum task_status)i), counts[i]);
	}
	text_char(out, '}');
}

static void
put_after(struct text *out, const struct store_job *job)
{
	if (job->after_count > 0) {
		text_string(out, ",\"after\":[");
		for (size_t i = 0; i < job->after_count; i++) {
			text_printf(out, "%s%" PRIu64, i == 0 ? "" : ",", job->after[i]);
		}
		text_printf(out, "],\"after_any\":%s", job->after_any ? "true" : "false");
	}
}

void
job_json(struct text *out, const struct queue_job *job)
{
	const struct store_job *kept = &job->kept;

	text_printf(out, "{\"job\":%" PRIu64, kept->number);
	put_string(out, "name", kept->name);
	put_string(out, "file", kept->file);
	put_string(out, "directory", kept->directory);
	text_printf(out, ",\"phase\":\"%s\"", job_phase_name(kept->phase));
	if (kept->outcome != JOB_OPEN) {
		put_string(out, "outcome", job_outcome_name(kept->outcome));
	}
	put_string(out, "fault", job_fault_name(kept->fault));
	put_string(out, "reason", kept->reason);
	text_printf(out, ",\"paused\":%s,\"priority\":%d,\"weight\":%u",
		    kept->paused ? "true" : "false", kept->priority, kept->weight);
	put_after(out, kept);
	put_time(out, "submitted", kept->submitted_us);
	put_time(out, "began", kept->began_us);
	put_time(out, "ended", kept->ended_us);
	if (kept->total > 0) {
		text_printf(out, ",\"total\":%" PRIu64 "%s", kept->total,
			    job->estimated ? ",\"total_estimated\":true" : "");
	}
	put_statuses(out, kept->by_status);
	text_printf(out, ",\"running\":%u,\"computing\":%u,\"asked\":%.3f,\"wall\":", job->running,
		    job->computing, job->asked);
	text_seconds(out, kept->wall_us);
	text_string(out, ",\"cpu\":");
	text_seconds(out, kept->cpu_us);
	text_printf(out, ",\"bytes\":%" PRIu64 ",\"result_bytes\":%" PRIu64 "}", kept->bytes,
		    kept->result_bytes);
}

void
queue_status_put_store(struct text *out, const struct queue_status *status)
{
	if (status->store_us >= STORE_HANGS_US) {
		text_printf(out,
			    ",\"store_hangs\":\"the disk of the queue has not answered for %" PRId64
			    " s: what is submitted, and what ends, waits for it\"",
			    status->store_us / US_PER_SECOND);
	}
}

void
queue_status_json(struct text *out, const struct queue_status *status)
{
	text_printf(out, "{\"release\":\"" STINT_VERSION "\",\"paused\":%s,\"draining\":%s",
		    status->paused ? "true" : "false", status->draining ? "true" : "false");
	put_string(out, "trouble", status->trouble);
	put_string(out, "broken", status->broken);
	queue_status_put_store(out, status);
	text_string(out, ",\"jobs\":{");
	for (int i = 0; i <= JOB_ENDED; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
			    job_phase_name((enum job_phase)i), status->jobs[i]);
	}
	text_string(out, "},\"outcomes\":{");
	for (int i = JOB_OK; i <= JOB_CANCELLED; i++) {
		text_printf(out, "%s\"%s\":%" PRIu64, i == JOB_OK ? "" : ",",
			    job_outcome_name((enum job_outcome)i), status->ended[i]);
	}
	text_char(out, '}');
	put_statuses(out, status->tasks);
	text_printf(out,
		    ",\"cores\":%u,\"workers\":%u,\"computing\":%u,\"waiting\":%u,\"ready\":%u,"
		    "\"asked\":%.3f,\"wall\":",
		    status->cores, status->workers, status->computing, status->waiting,
		    status->ready, status->asked);
	text_seconds(out, status->wall_us);
	text_string(out, ",\"cpu\":");
	text_seconds(out, status->cpu_us);
	text_string(out, ",\"up\":");
	text_seconds(out, status->up_us);
	text_char(out, '}');
}

void
queue_running_json(struct text *out, const struct queue_running *running)
{
	text_printf(out, "{\"job\":%" PRIu64, running->job);
	put_string(out, "task", running->task);
	put_string(out, "tag", running->tag);
	text_printf(out, ",\"worker\":%d,\"attempt\":%u,\"for\":", running->worker,
		    running->attempt);
	text_seconds(out, running->for_us);
	text_printf(out, ",\"computes\":%s", running->computes ? "true" : "false");
	if (running->use >= 0) {
		text_printf(out, ",\"use\":%.3f", running->use);
	}
	text_char(out, '}');
}
