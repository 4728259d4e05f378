/* SPDX-License-Identifier: ISC */
/*
 * top_queue: see top_queue.h. The daemon tells when a job changes and when a task fails; how many
 * tasks compute and wait, and which, is asked for, one question at a time. Of stint top.
 */
#include "supervisor/top_queue.h"

#include <err.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/autostart.h"
#include "supervisor/client_options.h"
#include "supervisor/screen.h"
#include "supervisor/supervisor.h"
#include "supervisor/top_jobs.h"
#include "supervisor/top_link.h"
#include "supervisor/top_screen.h"
#include "supervisor/top_tasks.h"
#include "supervisor/top_told.h"

#define ASK_US       500000              /* between questions, and pictures */
#define PATIENCE_US  (3 * US_PER_SECOND) /* for an answer, before that is said */
#define RESULTS_MOST ((uint64_t)8 << 20) /* bytes of a job, up to which its failures are read */

/* The number of a request says what it is. */
enum ask {
	ASK_RUNNING_JOBS = 1,
	ASK_QUEUED,
	ASK_HELD,
	ASK_ENDED,
	ASK_STATUS,
	ASK_RUNNING,
	ASK_RESULTS,
	ASK_ONE = 100,
	ASK_WATCH = 1000
};

struct watcher {
	struct top_screen top;
	struct top_link *link;
	struct top_jobs *jobs;
	struct top_tasks tasks, coming; /* that run, and those of the answer that is under way */
	struct event *tick;
	const uint64_t *only;
	size_t only_count;
	struct top_told told;
	int64_t told_us; /* when, by the epoch */
	int64_t
	    asked_us; /* since when an answer, or the daemon's hello, is waited for; 0: it is not */
	bool lost;    /* there is no connection */
	uint64_t reading;  /* the job whose results are read; 0: none is */
	struct text lines; /* of them, that are not whole */
	struct text title, about, notice, error;
};

/* ---- what is shown ---------------------------------------------------------------------------- */

static void
put_title(struct watcher *watcher)
{
	text_clear(&watcher->title);
	text_string(&watcher->title, watcher->only_count == 0   ? "The queue of stintd"
				     : watcher->only_count == 1 ? "Job"
								: "Jobs");
	for (size_t i = 0; i < watcher->only_count; i++) {
		text_printf(&watcher->title, "%s%" PRIu64, i == 0 ? " " : ", ", watcher->only[i]);
	}
	text_terminate(&watcher->title);
}

/* Of several terminals one may be at another machine. */
static void
put_about(struct watcher *watcher)
{
	char host[64];

	if (gethostname(host, sizeof(host)) == 0) {
		host[sizeof(host) - 1] = '\0';
		text_printf(&watcher->about, "on %s", host);
	}
	text_terminate(&watcher->about);
}

static void
put_notice(struct watcher *watcher)
{
	struct text *notice = &watcher->notice;

	if (watcher->lost) {
		text_terminate(notice); /* as it was put when it was lost */
		return;
	}
	text_clear(notice);
	if (watcher->asked_us != 0 && clock_us() - watcher->asked_us >= PATIENCE_US) {
		text_string(notice, "stintd does not answer: stopped, or very busy");
	} else {
		top_told_put_notice(&watcher->told, notice);
	}
	text_terminate(notice);
}

static void
set_status(struct watcher *watcher, int64_t now_us)
{
	const struct top_told *told = &watcher->told;
	struct top_status *status = &watcher->top.view.status;

	put_notice(watcher);
	status->title = watcher->title.data;
	status->about = watcher->about.data;
	status->notice = watcher->notice.len > 0 ? watcher->notice.data : NULL;
	status->now_us = now_us;
	status->began_us = now_us - told->up_us;
	status->running = told->computing + told->waiting;
	status->ready = told->ready;
	status->cores = (unsigned)told->cores;
	status->computing = told->asked < (double)told->cores ? told->asked : (double)told->cores;
	status->tasks = (double)status->running;
	status->jobs_running = told->running;
	status->jobs_queued = told->queued;
	status->jobs_held = told->held;
	status->jobs_ended = told->ended;
	status->jobs_failed = told->failed + told->cancelled;
}

static void
show(void *context)
{
	struct watcher *watcher = context;
	const struct top_told *told = &watcher->told;
	int64_t now_us = clock_epoch_us();

	set_status(watcher, now_us);
	top_view_begin(&watcher->top.view);
	top_jobs_show(watcher->jobs, &watcher->top.view, now_us,
		      told->running + told->queued + told->held, &watcher->tasks);
	top_tasks_show(&watcher->tasks, &watcher->top.view);
	top_view_end(&watcher->top.view,
		     watcher->only_count == 0 &&
			     told->computing + told->waiting > watcher->tasks.count
			 ? told->computing + told->waiting - watcher->tasks.count
			 : 0);
}

/* ---- what is asked ---------------------------------------------------------------------------- */

static void
ask(struct watcher *watcher, enum ask which, const char *type, const char *members)
{
	top_link_ask(watcher->link, type, which, members);
}

static void
ask_how(struct watcher *watcher)
{
	char job[40] = "";

	if (watcher->only_count == 1) {
		snprintf(job, sizeof(job), ",\"job\":%" PRIu64, watcher->only[0]);
	}
	watcher->asked_us = clock_us();
	ask(watcher, ASK_STATUS, "status", "");
	top_tasks_clear(&watcher->coming);
	ask(watcher, ASK_RUNNING, "running", job);
}

static void
ask_queued(struct watcher *watcher)
{
	char members[64];

	snprintf(members, sizeof(members), ",\"state\":\"queued\",\"first\":%d", TOP_JOBS_WAITING);
	ask(watcher, ASK_QUEUED, "jobs", members);
}

static void
ask_for_all(struct watcher *watcher)
{
	char members[64];

	ask(watcher, ASK_WATCH, "watch", ",\"failed\":true");
	ask(watcher, ASK_RUNNING_JOBS, "jobs", ",\"state\":\"running\"");
	ask_queued(watcher);
	snprintf(members, sizeof(members), ",\"state\":\"held\",\"first\":%d", TOP_JOBS_WAITING);
	ask(watcher, ASK_HELD, "jobs", members);
	snprintf(members, sizeof(members), ",\"state\":\"ended\",\"last\":%d", TOP_JOBS_ENDED);
	ask(watcher, ASK_ENDED, "jobs", members);
}

static void
ask_for_some(struct watcher *watcher)
{
	char members[64];

	for (size_t i = 0; i < watcher->only_count; i++) {
		snprintf(members, sizeof(members), ",\"job\":%" PRIu64 ",\"failed\":true",
			 watcher->only[i]);
		ask(watcher, ASK_WATCH, "watch", members);
		snprintf(members, sizeof(members), ",\"job\":%" PRIu64, watcher->only[i]);
		ask(watcher, i + 1 < watcher->only_count ? ASK_ONE : ASK_ENDED, "status", members);
	}
}

static void
on_up(void *context)
{
	struct watcher *watcher = context;

	watcher->lost = false;
	watcher->told_us = 0;
	watcher->reading = 0;
	top_jobs_clear(watcher->jobs);
	if (watcher->only_count == 0) {
		ask_for_all(watcher);
	} else {
		ask_for_some(watcher);
	}
	ask_how(watcher);
}

/* What failed before it was watched: of one job after the other, from its results. */
static void
read_next(struct watcher *watcher)
{
	const struct client_job *job = top_jobs_next_failed(watcher->jobs, watcher->reading);
	char members[40];

	while (job != NULL && job->result_bytes > RESULTS_MOST) {
		job = top_jobs_next_failed(watcher->jobs, job->number);
	}
	watcher->reading = job == NULL ? UINT64_MAX : job->number;
	text_clear(&watcher->lines);
	if (job != NULL) {
		snprintf(members, sizeof(members), ",\"job\":%" PRIu64, job->number);
		ask(watcher, ASK_RESULTS, "results", members);
	}
}

/* ---- what is told ----------------------------------------------------------------------------- */

static void
take_status(struct watcher *watcher, struct span value)
{
	struct top_told told = top_told_read(value);
	struct top_view *view = &watcher->top.view;
	double computing = told.asked < (double)told.cores ? told.asked : (double)told.cores;
	int64_t now_us = clock_epoch_us(), since_us = now_us - watcher->told_us;

	if (watcher->told_us != 0 && since_us < PATIENCE_US) {
		recent_add(&view->recent, watcher->told_us, now_us, computing,
			   (double)(told.computing + told.waiting));
		recent_ended(
		    &view->recent, now_us,
		    told.done < watcher->told.done ? 0 : (double)(told.done - watcher->told.done));
	}
	watcher->told = told;
	watcher->told_us = now_us;
}

static void
take_job(struct watcher *watcher, struct span value)
{
	bool anew;
	uint64_t number = top_jobs_take(watcher->jobs, value, &anew);

	if (anew) {
		top_tasks_forgive(&watcher->top.view, number);
	}
}

static void
take_removed(struct watcher *watcher, struct span line)
{
	uint64_t number = top_tasks_job(line);

	top_jobs_remove(watcher->jobs, number);
	top_tasks_forgive(&watcher->top.view, number);
}

/* A piece of the results of a job. */
static void
take_results(struct watcher *watcher, struct span text)
{
	const char *end;
	size_t done = 0;

	json_value_append(&watcher->lines, text);
	while (done < watcher->lines.len && (end = memchr(watcher->lines.data + done, '\n',
							  watcher->lines.len - done)) != NULL) {
		const char *line = watcher->lines.data + done;
		size_t len = (size_t)(end - line);

		top_tasks_ended(&watcher->top.view, watcher->reading, (struct span){line, len},
				clock_epoch_us());
		done += len + 1;
	}
	text_drop_front(&watcher->lines, done);
}

static void
take_data(struct watcher *watcher, struct span type, struct span line)
{
	struct span value = json_member(line, "value");

	if (span_is(type, "job")) {
		take_job(watcher, value);
	} else if (span_is(type, "removed")) {
		take_removed(watcher, line);
	} else if (span_is(type, "failed")) {
		top_tasks_ended(&watcher->top.view, top_tasks_job(line), value, clock_epoch_us());
	} else if (span_is(type, "status")) {
		take_status(watcher, value);
	} else if (span_is(type, "running")) {
		if (top_jobs_are_shown(watcher->jobs, top_tasks_job(value))) {
			top_tasks_take(&watcher->coming, value);
		}
	} else if (span_is(type, "results")) {
		take_results(watcher, json_member(line, "text"));
	}
}

/* All that was asked for a picture is there. */
static void
take_picture(struct watcher *watcher)
{
	struct top_tasks before = watcher->tasks;

	watcher->tasks = watcher->coming;
	watcher->coming = before;
	watcher->asked_us = 0;
	top_screen_draw(&watcher->top);
}

static void
take_done(struct watcher *watcher, uint64_t request)
{
	if (request == ASK_RUNNING) {
		take_picture(watcher);
	} else if (request == ASK_ENDED || request == ASK_RESULTS) {
		read_next(watcher);
	}
}

/* One of the jobs that it is to show is not there; of what was removed since that is no news. */
static void
take_error(struct watcher *watcher, uint64_t request, struct span line)
{
	if (request == ASK_RUNNING) {
		take_picture(watcher);
	} else if (request == ASK_RESULTS) {
		read_next(watcher);
	} else if (request != ASK_WATCH) {
		text_clear(&watcher->error);
		json_value_append(&watcher->error, json_member(line, "error"));
		top_screen_leave(&watcher->top);
	}
}

static void
on_message(void *context, struct span type, uint64_t request, struct span line)
{
	struct watcher *watcher = context;

	if (span_is(type, "done")) {
		take_done(watcher, request);
	} else if (span_is(type, "error")) {
		take_error(watcher, request, line);
	} else if (request != ASK_STATUS || span_is(type, "status")) {
		take_data(watcher, type, line);
	}
}

static void
on_down(void *context, const char *why)
{
	struct watcher *watcher = context;
	time_t now = time(NULL);
	char at[16] = "";
	struct tm local;

	if (localtime_r(&now, &local) != NULL) {
		strftime(at, sizeof(at), "%H:%M:%S", &local);
	}
	watcher->lost = true;
	watcher->asked_us = 0;
	watcher->told.computing = watcher->told.waiting = watcher->told.ready = 0;
	watcher->told.asked = 0;
	top_tasks_clear(&watcher->tasks);
	text_clear(&watcher->notice);
	if (why != NULL) {
		text_printf(&watcher->notice, "no stintd since %s: %s", at, why);
	} else {
		text_printf(&watcher->notice, "no stintd since %s; it is looked for", at);
	}
	top_screen_draw(&watcher->top);
}

/* ---- life ------------------------------------------------------------------------------------- */

/* A clock for questions, and for durations that grow while nothing is told. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct watcher *watcher = arg;
	const struct top_told *told = &watcher->told;

	(void)fd;
	(void)what;
	if (top_link_is_up(watcher->link) && watcher->asked_us == 0) {
		ask_how(watcher); /* it is drawn with the answer */
		if (watcher->top.view.status.jobs_more > 0 &&
		    watcher->top.view.job_count < TOP_JOBS_WAITING / 2 + told->running) {
			ask_queued(watcher);
		}
		return;
	}
	top_screen_draw(&watcher->top);
}

static void
rest(void *context, bool on)
{
	struct watcher *watcher = context;

	top_link_rest(watcher->link, on);
	watcher->asked_us = on ? 0 : clock_us();
}

static int
run(struct watcher *watcher, int fd, const char *socket, bool color)
{
	static const struct top_screen_ops ops = {show, rest};
	static const struct top_link_events events = {on_up, on_message, on_down};
	static const struct timeval tick = {.tv_usec = ASK_US};
	int status;

	top_screen_begin(&watcher->top, color, &ops, watcher, "stint status");
	watcher->link = top_link_new(watcher->top.base, fd, socket, &events, watcher);
	watcher->tick = event_new(watcher->top.base, -1, EV_PERSIST, on_tick, watcher);
	if (watcher->tick == NULL || event_add(watcher->tick, &tick) != 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	top_screen_draw(&watcher->top);
	status = top_screen_run(&watcher->top);
	top_link_free(watcher->link);
	event_free(watcher->tick);
	top_screen_free(&watcher->top);
	return status;
}

int
top_queue(const struct client_options *options, const uint64_t *only, size_t count, bool color)
{
	struct watcher watcher = {
	    .top = {.view = {.live = true, .stays = true, .queue = true, .list = TOP_JOBS}},
	    .jobs = top_jobs_new(only, count),
	    .only = only,
	    .only_count = count,
	    .asked_us = clock_us(),
	};
	struct text error = TEXT_INIT;
	int fd, status;

	if (!screen_possible(&error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s; `stint status` needs none", error.data);
	}
	fd = autostart_connect(options->socket, false, &error);
	if (fd < 0) {
		errx(EXIT_SYSTEM, "%s", error.data);
	}
	put_title(&watcher);
	put_about(&watcher);
	watcher.top.view.status.known_us = clock_epoch_us();
	status = run(&watcher, fd, options->socket, color);
	if (watcher.error.len > 0) {
		text_terminate(&watcher.error);
		warnx("%s", text_printable(watcher.error.data));
		status = EXIT_USAGE;
	}
	top_jobs_free(watcher.jobs);
	top_tasks_free(&watcher.tasks);
	top_tasks_free(&watcher.coming);
	text_free(&watcher.lines);
	text_free(&watcher.title);
	text_free(&watcher.about);
	text_free(&watcher.notice);
	text_free(&watcher.error);
	text_free(&error);
	return status;
}
