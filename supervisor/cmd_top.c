/* SPDX-License-Identifier: ISC */
/*
 * cmd_top: `stint top`: a run on the whole screen, by its results file while that grows. The run is
 * not touched: nothing of it depends on who watches. In a process of its own.
 */
#include <err.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/commands.h"
#include "supervisor/guard.h"
#include "supervisor/options.h"
#include "supervisor/results_follow.h"
#include "supervisor/screen.h"
#include "supervisor/supervisor.h"
#include "supervisor/suspend.h"
#include "supervisor/top_past.h"

#define USAGE     "stint top [options] RESULTS"
#define LOOK_US   250000                 /* between looks at the file */
#define DRAW_US   (500 * INT64_C(1000))  /* between pictures, while it is read */
#define WRITER_US (1000 * INT64_C(1000)) /* between looks at who writes it */

struct watcher {
	struct event_base *base;
	struct event *look;
	struct event *again; /* there is more to read, after a look at the keys */
	struct screen *screen;
	struct results_follow follow;
	struct top_past *past;
	struct top_view view;
	struct canvas canvas;
	unsigned cores; /* 0: not said */
	enum follow_writer writer;
	enum follow_news news; /* the last one */
	int64_t drawn_us, writer_us;
	int signal; /* that ended it; 0: none */
	struct text error;
};

/* ---- the picture ------------------------------------------------------------------------------ */

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
draw(struct watcher *watcher)
{
	bool ended = watcher->writer == WRITER_NONE || watcher->news == FOLLOW_GONE;

	watcher->view.status.title = watcher->follow.path;
	watcher->view.status.about = describe(watcher);
	watcher->view.status.notice = NULL;
	top_past_show(watcher->past, &watcher->view, ended ? 0 : clock_epoch_us(), watcher->cores);
	screen_fit(watcher->screen, &watcher->canvas);
	top_view_draw(&watcher->view, &watcher->canvas);
	screen_show(watcher->screen, &watcher->canvas);
	watcher->drawn_us = clock_us();
}

/* ---- the file --------------------------------------------------------------------------------- */

static void
forget(struct watcher *watcher)
{
	struct top_view *view = &watcher->view;

	top_past_free(watcher->past);
	watcher->past = top_past_new();
	top_view_forget(view);
}

/* True: there may be more. */
static bool
take(struct watcher *watcher)
{
	struct recorded_run *run;

	watcher->news = results_follow_next(&watcher->follow, &run, &watcher->error);
	switch (watcher->news) {
	case FOLLOW_RECORDS:
		top_past_add(watcher->past, &watcher->view, run);
		recorded_run_free(run);
		return true;
	case FOLLOW_ANEW:
		forget(watcher);
		return true;
	case FOLLOW_FAIL:
		event_base_loopbreak(watcher->base);
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
		draw(watcher);
	}
}

/* ---- keys and signals ------------------------------------------------------------------------- */

static void
on_key(void *arg, int key)
{
	struct watcher *watcher = arg;

	switch (top_view_key(&watcher->view, key)) {
	case TOP_LEAVE:
		event_base_loopbreak(watcher->base);
		return;
	case TOP_CHANGED:
		draw(watcher);
		return;
	case TOP_IGNORED:
		return;
	}
}

static void
on_resized(void *arg)
{
	draw(arg);
}

static void
on_gone(void *arg)
{
	event_base_loopbreak(((struct watcher *)arg)->base);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct watcher *watcher = arg;

	(void)what;
	watcher->signal = (int)number;
	event_base_loopbreak(watcher->base);
}

static void
on_suspend(evutil_socket_t fd, short what, void *arg)
{
	struct watcher *watcher = arg;

	(void)fd;
	(void)what;
	screen_suspend(watcher->screen);
	suspend_self();
	if (!screen_resume(watcher->screen)) {
		event_base_loopbreak(watcher->base); /* nobody sees it in the background */
	}
}

/* ---- life ------------------------------------------------------------------------------------- */

static struct event *
watch(struct watcher *watcher, int fd, short what, event_callback_fn call)
{
	struct event *event = event_new(watcher->base, fd, what, call, watcher);

	if (event == NULL || (fd >= 0 && event_add(event, NULL) != 0)) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	return event;
}

static int
show(struct watcher *watcher, bool color)
{
	static const struct screen_events events = {on_key, on_resized, on_gone};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	static const struct timeval tick = {.tv_usec = LOOK_US};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct text why = TEXT_INIT;
	struct event *on[4];
	int suspended;

	sigaction(SIGPIPE, &ignore, NULL);
	guard_start();
	watcher->base = event_base_new();
	suspended = suspend_watch();
	if (watcher->base == NULL || suspended < 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	for (int i = 0; i < 3; i++) {
		on[i] = watch(watcher, signals[i], EV_SIGNAL | EV_PERSIST, on_signal);
	}
	on[3] = watch(watcher, suspended, EV_READ | EV_PERSIST, on_suspend);
	watcher->again = watch(watcher, -1, 0, on_look);
	watcher->look = watch(watcher, -1, EV_PERSIST, on_look);
	watcher->screen = screen_open(watcher->base, color, &events, watcher, &why);
	if (watcher->screen == NULL) {
		text_terminate(&why);
		errx(EXIT_USAGE, "%s; `stint report` needs none", why.data);
	}
	event_add(watcher->look, &tick);
	event_active(watcher->again, EV_TIMEOUT, 0);
	event_base_dispatch(watcher->base);
	screen_close(watcher->screen);
	for (int i = 0; i < 4; i++) {
		event_free(on[i]);
	}
	event_free(watcher->look);
	event_free(watcher->again);
	suspend_unwatch(suspended);
	event_base_free(watcher->base);
	return watcher->signal == 0 ? EXIT_ALL_OK : EXIT_SIGNAL + watcher->signal;
}

int
cmd_top(int argc, char **argv)
{
	struct watcher watcher = {.view = {.list = TOP_TASKS, .stays = true}};
	struct command_line line = {.first = 0};
	struct text error = TEXT_INIT;
	int status;

	options_parse(&line, argc, argv, FOR_TOP, USAGE);
	if (argc - line.first != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "which results file?" : "one results file at a time");
	}
	if (!results_follow_open(&watcher.follow, argv[line.first], &error) ||
	    !screen_possible(&error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	watcher.cores = line.report.cores;
	watcher.past = top_past_new();
	status = show(&watcher, line.run.top_color);
	if (watcher.news == FOLLOW_FAIL) {
		text_terminate(&watcher.error);
		warnx("%s", watcher.error.data);
		status = EXIT_USAGE;
	}
	results_follow_close(&watcher.follow);
	top_past_free(watcher.past);
	top_view_free(&watcher.view);
	canvas_free(&watcher.canvas);
	text_free(&watcher.error);
	text_free(&error);
	return status;
}
