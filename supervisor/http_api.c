/* SPDX-License-Identifier: ISC */
/* http_api: what can be asked of the dashboard by programs. In the supervisor, of stintd. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "supervisor/dashboard_parts.h"
#include "supervisor/job_json.h"

#define LIMIT      100
#define LIMIT_MOST 1000
#define LOOKED_AT  20000                /* jobs, for those of a phase, before the answer ends */
#define UNWELL_US  (30 * US_PER_SECOND) /* without an answer of the disk */

void
http_healthz(struct dashboard *dashboard, struct http_call *call)
{
	struct queue_status status = {0};
	struct text body = TEXT_INIT;

	queue_status(dashboard->queue, &status);
	if (status.broken != NULL) {
		http_answer_error(call, 503, "%s", status.broken);
		return;
	}
	if (status.store_us >= UNWELL_US) {
		http_answer_error(call, 503, "the disk of the queue does not answer");
		return;
	}
	text_string(&body, "{\"ok\":true}\n");
	http_answer_json(call, 200, &body);
}

void
http_status(struct dashboard *dashboard, struct http_call *call)
{
	struct queue_status status = {0};
	struct text body = TEXT_INIT;

	queue_status(dashboard->queue, &status);
	queue_status_json(&body, &status);
	text_char(&body, '\n');
	http_answer_json(call, 200, &body);
}

const struct queue_job *
http_find_job(struct dashboard *dashboard, struct http_call *call)
{
	const struct queue_job *job = queue_job(dashboard->queue, call->job);

	if (job == NULL) {
		http_answer_error(call, 404, "there is no job %" PRIu64, call->job);
	}
	return job;
}

void
http_job(struct dashboard *dashboard, struct http_call *call)
{
	const struct queue_job *job = http_find_job(dashboard, call);
	struct text body = TEXT_INIT;

	if (job != NULL) {
		job_json(&body, job);
		text_char(&body, '\n');
		http_answer_json(call, 200, &body);
	}
}

/* A whole number of the query; false: it is something else, and the call was answered so. */
static bool
take_number(struct http_call *call, const char *name, uint64_t most, uint64_t *number, bool *given)
{
	struct text value = TEXT_INIT;
	char *end;
	bool good = true;

	*given = http_request_query(&call->asked, name, &value);
	if (*given) {
		text_terminate(&value);
		*number = strtoull(value.data, &end, 10);
		good = value.data[0] >= '0' && value.data[0] <= '9' && *end == '\0' &&
		       strlen(value.data) == value.len && value.len < 20;
		*number = *number < most ? *number : most;
	}
	if (!good) {
		http_answer_error(call, 400, "%s must be a whole number", name);
	}
	text_free(&value);
	return good;
}

/* ---- jobs, some at a time --------------------------------------------------------------------- */

struct listing {
	uint64_t after, before, limit;
	bool has_before;
	int phase; /* -1: any */
};

static bool
take_listing(struct http_call *call, struct listing *listing)
{
	struct text phase = TEXT_INIT;
	bool given;

	*listing = (struct listing){.limit = LIMIT, .phase = -1};
	if (!take_number(call, "after", UINT64_MAX, &listing->after, &given) ||
	    !take_number(call, "before", UINT64_MAX, &listing->before, &listing->has_before) ||
	    !take_number(call, "limit", LIMIT_MOST, &listing->limit, &given)) {
		return false;
	}
	if (http_request_query(&call->asked, "phase", &phase)) {
		for (int i = JOB_HELD; i <= JOB_ENDED; i++) {
			if (span_is((struct span){phase.data, phase.len},
				    job_phase_name((enum job_phase)i))) {
				listing->phase = i;
			}
		}
		if (listing->phase < 0) {
			http_answer_error(call, 400,
					  "phase must be held, queued, running or ended");
			text_free(&phase);
			return false;
		}
	}
	text_free(&phase);
	return true;
}

void
http_jobs(struct dashboard *dashboard, struct http_call *call)
{
	struct listing listing;
	struct text body = TEXT_INIT;
	const struct queue_job *job;
	uint64_t at, count = 0, seen = 0;

	if (!take_listing(call, &listing)) {
		return;
	}
	text_string(&body, "{\"jobs\":[");
	at = listing.has_before ? listing.before : listing.after;
	for (;;) {
		if (listing.has_before) {
			job = at == 0 ? NULL : queue_before(dashboard->queue, at - 1);
		} else {
			job = queue_next(dashboard->queue, at);
		}
		if (job == NULL || count == listing.limit || seen++ == LOOKED_AT) {
			break;
		}
		at = job->kept.number;
		if (listing.phase < 0 || (int)job->kept.phase == listing.phase) {
			text_string(&body, count++ == 0 ? "" : ",\n");
			job_json(&body, job);
		}
	}
	text_char(&body, ']');
	if (job != NULL) {
		text_printf(&body, ",\"%s\":%" PRIu64, listing.has_before ? "before" : "after", at);
	}
	text_string(&body, "}\n");
	http_answer_json(call, 200, &body);
}

/* ---- what runs -------------------------------------------------------------------------------- */

struct running_list {
	struct text body;
	uint64_t job, count, limit;
	bool of_job, more;
};

static bool
add_running(void *context, const struct queue_running *running)
{
	struct running_list *list = context;

	if (list->of_job && running->job != list->job) {
		return true;
	}
	if (list->count == list->limit) {
		list->more = true;
		return false;
	}
	text_string(&list->body, list->count++ == 0 ? "" : ",\n");
	queue_running_json(&list->body, running);
	return true;
}

void
http_running(struct dashboard *dashboard, struct http_call *call)
{
	struct running_list list = {.limit = LIMIT};
	bool given;

	if (!take_number(call, "job", UINT64_MAX, &list.job, &list.of_job) ||
	    !take_number(call, "limit", LIMIT_MOST, &list.limit, &given)) {
		return;
	}
	text_string(&list.body, "{\"running\":[");
	queue_each_running(dashboard->queue, add_running, &list);
	text_printf(&list.body, "],\"more\":%s}\n", list.more ? "true" : "false");
	http_answer_json(call, 200, &list.body);
}
