/* SPDX-License-Identifier: ISC */
/*
 * top_results: see top_results.h. The run is not touched: nothing of it depends on who watches. Of
 * stint top.
 */
#include "supervisor/top_results.h"

#include <err.h>
#include <event2/event.h>

#include "ipc/clock.h"
#include "supervisor/results_follow.h"
#include "supervisor/screen.h"
#include "supervisor/supervisor.h"
#include "supervisor/top_past.h"
#include "supervisor/top_screen.h"

#define LOOK_US   250000                 /* between looks at the file */
#define DRAW_US   (500 * INT64_C(1000))  /* between pictures, while it is read */
#define WRITER_US (1000 * INT64_C(1000)) /* between looks at who writes it */

struct watcher {
	struct top_screen top;
	struct event *look;
	struct event *again; /* there is more to read, after a look at the keys */
	struct results_follow follow;
	struct top_past *past;
	unsigned cores; /* 0: not said */
	enum follow_writer writer;
	enum follow_news news; /* the last one */
	int64_t drawn_us, writer_us;
	struct text error;
};

static const char *
describe(const struct watcher *watcher)
{
	if (watcher->news == FOLLOW_GONE) {
		return "the file is gone";
	}
	switch (watcher->writer) {
	case WRITER_THERE:
		return "running; of its tasks, those that have ended";
	case WRITER_NONE:
		return "the run has ended";
	case WRITER_UNKNOWN:
		break;
	}
	return "tasks that have ended";
}

static void
show(void *context)
{
	struct watcher *watcher = context;
	struct top_view *view = &watcher->top.view;
	bool ended = watcher->writer == WRITER_NONE || watcher->news == FOLLOW_GONE;

	view->status.title = watcher->follow.path;
	view->status.about = describe(watcher);
	view->status.notice = NULL;
	top_past_show(watcher->past, view, ended ? 0 : clock_epoch_us(), watcher->cores);
	watcher->drawn_us = clock_us();
}

static void
forget(struct watcher *watcher)
{
	top_past_free(watcher->past);
	watcher->past = top_past_new();
	top_view_forget(&watcher->top.view);
}

/* True: there may be more. */
static bool
take(struct watcher *watcher)
{
	struct recorded_run *run;

	watcher->news = results_follow_next(&watcher->follow, &run, &watcher->error);
	switch (watcher->news) {
	case FOLLOW_RECORDS:
		top_past_add(watcher->past, &watcher->top.view, run);
		recorded_run_free(run);
		return true;
	case FOLLOW_ANEW:
		forget(watcher);
		return true;
	case FOLLOW_FAIL:
		top_screen_leave(&watcher->top);
		return false;
	case FOLLOW_NOTHING:
	case FOLLOW_GONE:
		break;
	}
	return false;
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct watcher *watcher = arg;
	int64_t now_us = clock_us();
	bool more;

	(void)fd;
	(void)what;
	if (now_us - watcher->writer_us >= WRITER_US) {
		/* First, so that nothing was written after what is read when it says that none is. */
		watcher->writer = results_follow_writer(&watcher->follow);
		watcher->writer_us = now_us;
	}
	more = take(watcher);
	if (more) {
		event_active(watcher->again, EV_TIMEOUT, 0);
	}
	if (watcher->news != FOLLOW_FAIL && (!more || now_us - watcher->drawn_us >= DRAW_US)) {
		top_screen_draw(&watcher->top);
	}
}

static int
watch(struct watcher *watcher, bool color)
{
	static const struct top_screen_ops ops = {show, NULL};
	static const struct timeval tick = {.tv_usec = LOOK_US};
	int status;

	top_screen_begin(&watcher->top, color, &ops, watcher, "stint report");
	watcher->again = event_new(watcher->top.base, -1, 0, on_look, watcher);
	watcher->look = event_new(watcher->top.base, -1, EV_PERSIST, on_look, watcher);
	if (watcher->again == NULL || watcher->look == NULL ||
	    event_add(watcher->look, &tick) != 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	event_active(watcher->again, EV_TIMEOUT, 0);
	status = top_screen_run(&watcher->top);
	event_free(watcher->look);
	event_free(watcher->again);
	top_screen_free(&watcher->top);
	return status;
}

int
top_results(const char *path, unsigned cores, bool color)
{
	struct watcher watcher = {.top = {.view = {.list = TOP_TASKS, .stays = true}}};
	struct text error = TEXT_INIT;
	int status;

	if (!results_follow_open(&watcher.follow, path, &error) || !screen_possible(&error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	watcher.cores = cores;
	watcher.past = top_past_new();
	status = watch(&watcher, color);
	if (watcher.news == FOLLOW_FAIL) {
		text_terminate(&watcher.error);
		warnx("%s", watcher.error.data);
		status = EXIT_USAGE;
	}
	results_follow_close(&watcher.follow);
	top_past_free(watcher.past);
	text_free(&watcher.error);
	text_free(&error);
	return status;
}
