/* SPDX-License-Identifier: ISC */
/*
 * http_metrics: /metrics, in the text format of Prometheus. Names and units are a contract, which
 * stint-dashboard(7) lists: nothing of them changes its meaning. In the supervisor, of stintd.
 */
#include <inttypes.h>

#include "ipc/clock.h"
#include "supervisor/dashboard_parts.h"
#include "supervisor/job_json.h"

static void
put_head(struct text *out, const char *name, const char *type, const char *help)
{
	text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_one(struct text *out, const char *name, const char *type, const char *help, double value)
{
	put_head(out, name, type, help);
	text_printf(out, "%s %.15g\n", name, value);
}

static void
put_jobs(struct text *out, const struct queue_status *status)
{
	put_head(out, "stint_jobs", "gauge", "Jobs that are kept, by phase.");
	for (int i = 0; i <= JOB_ENDED; i++) {
		text_printf(out, "stint_jobs{phase=\"%s\"} %" PRIu64 "\n",
			    job_phase_name((enum job_phase)i), status->jobs[i]);
	}
	put_head(out, "stint_jobs_ended", "gauge",
		 "Jobs that have ended and are kept, by outcome.");
	for (int i = JOB_OK; i <= JOB_CANCELLED; i++) {
		text_printf(out, "stint_jobs_ended{outcome=\"%s\"} %" PRIu64 "\n",
			    job_outcome_name((enum job_outcome)i), status->ended[i]);
	}
	put_one(out, "stint_queue_depth", "gauge", "Jobs that have not begun: held and queued.",
		(double)(status->jobs[JOB_HELD] + status->jobs[JOB_QUEUED]));
	put_one(out, "stint_queue_paused", "gauge", "1: nothing more is started.", status->paused);
	put_one(out, "stint_queue_draining", "gauge", "1: no more jobs are taken.",
		status->draining);
	put_one(out, "stint_queue_broken", "gauge", "1: what is submitted cannot be kept.",
		status->broken != NULL);
	put_one(out, "stint_store_waits_seconds", "gauge",
		"For how long the oldest of what is to be kept has waited for the disk.",
		(double)status->store_us / US_PER_SECOND);
}

static void
put_tasks(struct text *out, const struct queue_status *status)
{
	double cores = status->asked < status->cores ? status->asked : status->cores;

	put_head(out, "stint_tasks_total", "counter",
		 "Tasks that have ended since the daemon was started, by status.");
	for (int i = 0; i < STATUSES; i++) {
		text_printf(out, "stint_tasks_total{status=\"%s\"} %" PRIu64 "\n",
			    task_status_name((enum task_status)i), status->tasks[i]);
	}
	put_one(out, "stint_task_wall_seconds_total", "counter", "Wall time of those tasks.",
		(double)status->wall_us / US_PER_SECOND);
	put_one(out, "stint_task_cpu_seconds_total", "counter",
		"CPU time of those tasks, user and system.",
		(double)status->cpu_us / US_PER_SECOND);
	put_one(out, "stint_tasks_in_progress", "gauge", "Tasks that are with workers.",
		(double)status->computing + status->waiting);
	put_one(out, "stint_tasks_computing", "gauge", "Of those, tasks that compute.",
		status->computing);
	put_one(out, "stint_tasks_ready", "gauge", "Tasks that could be started at once.",
		status->ready);
	put_one(out, "stint_cores", "gauge", "Cores that tasks may compute on.", status->cores);
	put_one(out, "stint_cores_computing", "gauge", "Cores that tasks compute on.", cores);
	put_one(out, "stint_cores_asked", "gauge", "Cores that the tasks in progress ask for.",
		status->asked);
	put_one(out, "stint_workers", "gauge", "Worker processes.", status->workers);
}

static void
put_http(struct dashboard *dashboard, struct text *out)
{
	const uint64_t *answers = http_gate_answers(dashboard->gate);

	put_one(out, "stint_http_connections", "gauge", "Connections to the dashboard.",
		http_gate_connections(dashboard->gate));
	put_one(out, "stint_http_event_readers", "gauge", "Of those, readers of events.",
		http_events_readers(dashboard->events));
	put_head(out, "stint_http_answers_total", "counter",
		 "Answers, by the class of their status.");
	for (int i = 2; i < HTTP_STATUS_CLASSES; i++) {
		if (i != 3) {
			text_printf(out, "stint_http_answers_total{class=\"%dxx\"} %" PRIu64 "\n",
				    i, answers[i]);
		}
	}
}

void
http_metrics(struct dashboard *dashboard, struct http_call *call)
{
	struct queue_status status = {0};
	struct text body = TEXT_INIT;

	queue_status(dashboard->queue, &status);
	put_head(&body, "stint_build_info", "gauge", "1; the release is the label.");
	text_string(&body, "stint_build_info{version=\"" STINT_VERSION "\"} 1\n");
	put_one(&body, "stint_start_time_seconds", "gauge",
		"When the daemon was started, since the epoch.",
		(double)(clock_epoch_us() - status.up_us) / US_PER_SECOND);
	put_jobs(&body, &status);
	put_tasks(&body, &status);
	put_http(dashboard, &body);
	http_answer(call, 200, "text/plain; version=0.0.4; charset=utf-8", NULL, &body);
}
