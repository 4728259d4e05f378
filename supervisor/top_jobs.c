/* SPDX-License-Identifier: ISC */
/* top_jobs: see top_jobs.h. Of stint top. */
#include "supervisor/top_jobs.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/supervisor.h"

enum rank { RUNS, WAITS, HELD, ENDED };

struct top_jobs {
	const uint64_t *only;
	size_t only_count;
	struct client_job *all; /* by number */
	size_t count, room;
	const struct client_job **order; /* as they are shown */
	size_t order_room;
};

struct top_jobs *
top_jobs_new(const uint64_t *only, size_t count)
{
	struct top_jobs *jobs = calloc(1, sizeof(*jobs));

	if (jobs == NULL) {
		err(EXIT_SYSTEM, "the view");
	}
	jobs->only = only;
	jobs->only_count = count;
	return jobs;
}

void
top_jobs_clear(struct top_jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		client_job_clear(&jobs->all[i]);
	}
	jobs->count = 0;
}

void
top_jobs_free(struct top_jobs *jobs)
{
	if (jobs != NULL) {
		top_jobs_clear(jobs);
		free(jobs->all);
		free(jobs->order);
		free(jobs);
	}
}

bool
top_jobs_are_shown(const struct top_jobs *jobs, uint64_t number)
{
	for (size_t i = 0; i < jobs->only_count; i++) {
		if (jobs->only[i] == number) {
			return true;
		}
	}
	return jobs->only_count == 0;
}

uint64_t
top_jobs_failed(const struct client_job *job)
{
	return job->done - job->by_status[STATUS_ok];
}

/* The first that has at least that number, or the end. */
static size_t
place(const struct top_jobs *jobs, uint64_t number)
{
	size_t from = 0, to = jobs->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (jobs->all[middle].number < number) {
			from = middle + 1;
		} else {
			to = middle;
		}
	}
	return from;
}

static struct client_job *
find(const struct top_jobs *jobs, uint64_t number)
{
	size_t at = place(jobs, number);

	return at < jobs->count && jobs->all[at].number == number ? &jobs->all[at] : NULL;
}

void
top_jobs_remove(struct top_jobs *jobs, uint64_t number)
{
	struct client_job *job = find(jobs, number);

	if (job != NULL) {
		size_t behind = jobs->count - (size_t)(job - jobs->all) - 1;

		client_job_clear(job);
		memmove(job, job + 1, behind * sizeof(*job));
		jobs->count--;
	}
}

static enum rank
rank_of(const struct client_job *job)
{
	if (job->ended) {
		return ENDED;
	}
	if (job->running > 0 || strcmp(job->state, "running") == 0) {
		return RUNS;
	}
	return strcmp(job->state, "held") == 0 ? HELD : WAITS;
}

/* Those that ended first are forgotten when they are too many. */
static void
forget_old(struct top_jobs *jobs)
{
	const struct client_job *oldest = NULL;
	size_t ended = 0;

	for (size_t i = 0; i < jobs->count; i++) {
		const struct client_job *job = &jobs->all[i];

		if (job->ended) {
			ended++;
			oldest = oldest == NULL || job->ended_us < oldest->ended_us ? job : oldest;
		}
	}
	if (ended > TOP_JOBS_ENDED) {
		top_jobs_remove(jobs, oldest->number);
	}
}

static bool
is_room_for(const struct top_jobs *jobs, const struct client_job *job)
{
	enum rank rank = rank_of(job);
	size_t waiting = 0;

	if (rank == RUNS || rank == ENDED) {
		return true;
	}
	for (size_t i = 0; i < jobs->count; i++) {
		rank = rank_of(&jobs->all[i]);
		waiting += rank == WAITS || rank == HELD;
	}
	return waiting < TOP_JOBS_WAITING;
}

static void
insert(struct top_jobs *jobs, const struct client_job *job)
{
	size_t at = place(jobs, job->number);

	if (jobs->count == jobs->room) {
		jobs->room = jobs->room == 0 ? 64 : jobs->room * 2;
		jobs->all = reallocarray(jobs->all, jobs->room, sizeof(*jobs->all));
		if (jobs->all == NULL) {
			err(EXIT_SYSTEM, "the view");
		}
	}
	memmove(&jobs->all[at + 1], &jobs->all[at], (jobs->count - at) * sizeof(*job));
	jobs->all[at] = *job;
	jobs->count++;
}

uint64_t
top_jobs_take(struct top_jobs *jobs, struct span object, bool *anew)
{
	struct client_job job, *known;
	uint64_t number;

	*anew = false;
	if (!client_job_decode(&job, object) || !top_jobs_are_shown(jobs, job.number)) {
		client_job_clear(&job);
		return 0;
	}
	number = job.number;
	job.after = SPAN_EMPTY; /* it does not last */
	known = find(jobs, number);
	if (known != NULL) {
		*anew = top_jobs_failed(&job) < top_jobs_failed(known);
		client_job_clear(known);
		*known = job;
	} else if (is_room_for(jobs, &job)) {
		insert(jobs, &job);
	} else {
		client_job_clear(&job);
	}
	if (jobs->only_count == 0) {
		forget_old(jobs);
	}
	return number;
}

const struct client_job *
top_jobs_next_failed(const struct top_jobs *jobs, uint64_t number)
{
	for (size_t i = place(jobs, number + 1); i < jobs->count; i++) {
		if (top_jobs_failed(&jobs->all[i]) > 0) {
			return &jobs->all[i];
		}
	}
	return NULL;
}

/* ---- what is shown ---------------------------------------------------------------------------- */

/* As they go on: running, then waiting in the order in which they begin; the last that ended. */
static int
compare(const void *one, const void *other)
{
	const struct client_job *a = *(const struct client_job *const *)one;
	const struct client_job *b = *(const struct client_job *const *)other;
	enum rank rank_a = rank_of(a), rank_b = rank_of(b);

	if (rank_a != rank_b) {
		return rank_a < rank_b ? -1 : 1;
	}
	if (rank_a == ENDED && a->ended_us != b->ended_us) {
		return a->ended_us > b->ended_us ? -1 : 1;
	}
	if (rank_a != ENDED && a->priority != b->priority) {
		return a->priority > b->priority ? -1 : 1;
	}
	return a->number < b->number ? -1 : a->number > b->number;
}

static void
sort(struct top_jobs *jobs)
{
	if (jobs->order_room < jobs->count) {
		jobs->order_room = jobs->room;
		free(jobs->order);
		jobs->order = reallocarray(NULL, jobs->order_room, sizeof(const void *));
		if (jobs->order == NULL) {
			err(EXIT_SYSTEM, "the view");
		}
	}
	for (size_t i = 0; i < jobs->count; i++) {
		jobs->order[i] = &jobs->all[i];
	}
	if (jobs->count > 1) {
		qsort(jobs->order, jobs->count, sizeof(const void *), compare);
	}
}

static enum canvas_style
style_of(const struct client_job *job, enum rank rank)
{
	if (rank == ENDED) {
		return strcmp(job->state, "ok") == 0 ? CANVAS_GOOD : CANVAS_BAD;
	}
	return strcmp(job->state, "queued") == 0    ? CANVAS_FAINT
	       : strcmp(job->state, "running") == 0 ? CANVAS_COMPUTE
						    : CANVAS_NOTICE;
}

static void
show(const struct client_job *job, struct top_view *view, int64_t now_us,
     const struct top_tasks *running)
{
	enum rank rank = rank_of(job);
	int64_t waited_us = now_us - job->submitted_us;
	struct top_job shown = {
	    .number = job->number,
	    .label = span_of(job->name == NULL ? "" : job->name),
	    .state = job->state,
	    .style = style_of(job, rank),
	    .total = job->tasks,
	    .estimated = job->estimated,
	    .done = job->done,
	    .failed = top_jobs_failed(job),
	    .running = top_tasks_count(running, job->number),
	    .priority = (int)job->priority,
	    .for_us = rank == WAITS || rank == HELD ? waited_us : client_job_wall_us(job, now_us),
	};

	top_view_job(view, &shown);
}

void
top_jobs_show(struct top_jobs *jobs, struct top_view *view, int64_t now_us, uint64_t unended,
	      const struct top_tasks *running)
{
	struct top_status *status = &view->status;
	bool total_known = true;
	uint64_t known = 0;

	status->total = status->done = status->failed = status->jobs_more = 0;
	status->estimated = false;
	sort(jobs);
	for (size_t i = 0; i < jobs->count; i++) {
		const struct client_job *job = jobs->order[i];

		status->failed += top_jobs_failed(job);
		if (!job->ended) {
			known++;
			total_known = total_known && job->tasks > 0;
			status->total += job->tasks;
			status->estimated |= job->estimated;
			status->done += job->done;
		}
		show(job, view, now_us, running);
	}
	if (jobs->only_count == 0 && unended > known) {
		status->jobs_more = unended - known;
	}
	if (!total_known || status->jobs_more > 0) {
		status->total = 0;
	}
}
