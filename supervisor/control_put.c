/* SPDX-License-Identifier: ISC */
/* control_put: what answers are made of: a job as JSON, bytes of output. In the supervisor, of stintd. */
#include <string.h>

#include "supervisor/control_parts.h"
#include "supervisor/job_json.h"
#include "supervisor/supervisor.h"

int
control_exit_of(const struct store_job *job)
{
	if (job->outcome == JOB_OK) {
		return EXIT_ALL_OK;
	}
	return job->fault == FAULT_INVALID  ? EXIT_USAGE
	       : job->fault == FAULT_SYSTEM ? EXIT_SYSTEM
					    : EXIT_NOT_ALL_OK;
}

static void
put_string(struct text *out, const char *key, const char *value)
{
	if (value != NULL && text_is_utf8(value, strlen(value))) {
		text_printf(out, ",\"%s\":", key);
		text_json_string(out, value, strlen(value));
	}
}

static void
put_uint(struct text *out, const char *key, uint64_t value)
{
	text_string(out, ",\"");
	text_string(out, key);
	text_string(out, "\":");
	text_uint(out, value);
}

static void
put_time(struct text *out, const char *key, int64_t us)
{
	if (us != 0) {
		text_string(out, ",\"");
		text_string(out, key);
		text_string(out, "\":");
		text_seconds(out, us);
	}
}

static void
put_after(struct text *out, const struct store_job *job)
{
	for (size_t i = 0; i < job->after_count; i++) {
		text_string(out, i == 0 ? ",\"after\":[" : ",");
		text_uint(out, job->after[i]);
	}
	if (job->after_count > 0) {
		text_char(out, ']');
		text_string(out, job->after_any ? ",\"after_any\":true" : "");
	}
}

static void
put_tasks(struct text *out, const struct store_job *job, bool estimated)
{
	bool first = true;

	put_uint(out, "tasks", job->total);
	text_string(out, estimated && job->total > 0 ? ",\"tasks_estimated\":true" : "");
	text_string(out, ",\"by_status\":{");
	for (int i = 0; i < STATUSES; i++) {
		if (job->by_status[i] > 0) {
			text_string(out, first ? "\"" : ",\"");
			text_string(out, task_status_name((enum task_status)i));
			text_string(out, "\":");
			text_uint(out, job->by_status[i]);
			first = false;
		}
	}
	text_char(out, '}');
}

void
control_put_job(struct text *out, const struct queue_job *queued)
{
	const struct store_job *job = &queued->kept;

	text_string(out, "{\"job\":");
	text_uint(out, job->number);
	put_string(out, "name", job->name);
	put_string(
	    out, "state",
	    job_phase_name(queued->over || job->phase != JOB_ENDED ? job->phase : JOB_RUNNING));
	if (queued->over) {
		put_string(out, "outcome", job_outcome_name(job->outcome));
	}
	put_string(out, "fault", job_fault_name(job->fault));
	put_string(out, "reason", job->reason);
	text_string(out, job->paused ? ",\"paused\":true" : "");
	text_string(out, ",\"priority\":");
	text_int(out, job->priority);
	put_uint(out, "weight", job->weight);
	put_after(out, job);
	put_string(out, "file", job->file);
	put_string(out, "directory", job->directory);
	put_time(out, "submitted", job->submitted_us);
	put_time(out, "began", job->began_us);
	put_time(out, "ended", job->ended_us);
	put_uint(out, "bytes", job->bytes);
	put_tasks(out, job, queued->estimated);
	put_uint(out, "running", queued->running);
	put_uint(out, "computing", queued->computing);
	put_time(out, "wall", job->wall_us);
	put_time(out, "cpu", job->cpu_us);
	put_uint(out, "result_bytes", job->result_bytes);
	text_char(out, '}');
}

void
control_put_text(struct text *out, struct span bytes)
{
	if (text_is_utf8(bytes.at, bytes.len)) {
		text_string(out, ",\"text\":");
		text_json_string(out, bytes.at, bytes.len);
	} else {
		text_string(out, ",\"base64\":");
		text_json_base64(out, bytes.at, bytes.len);
	}
}
