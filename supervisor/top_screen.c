/* SPDX-License-Identifier: ISC */
/* top_screen: see top_screen.h. Of stint top. */
#include "supervisor/top_screen.h"

#include <err.h>
#include <event2/event.h>
#include <signal.h>

#include "supervisor/guard.h"
#include "supervisor/screen.h"
#include "supervisor/supervisor.h"
#include "supervisor/suspend.h"

void
top_screen_draw(struct top_screen *top)
{
	top->ops->show(top->context);
	screen_fit(top->screen, &top->canvas);
	top_view_draw(&top->view, &top->canvas);
	screen_show(top->screen, &top->canvas);
}

void
top_screen_leave(struct top_screen *top)
{
	event_base_loopbreak(top->base);
}

static void
on_key(void *arg, int key)
{
	struct top_screen *top = arg;

	switch (top_view_key(&top->view, key)) {
	case TOP_LEAVE:
		top_screen_leave(top);
		return;
	case TOP_CHANGED:
		top_screen_draw(top);
		return;
	case TOP_IGNORED:
		return;
	}
}

static void
on_resized(void *arg)
{
	top_screen_draw(arg);
}

static void
on_gone(void *arg)
{
	top_screen_leave(arg);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct top_screen *top = arg;

	(void)what;
	top->signal = (int)number;
	top_screen_leave(top);
}

static void
rest(struct top_screen *top, bool on)
{
	if (top->ops->rest != NULL) {
		top->ops->rest(top->context, on);
	}
}

static void
on_suspend(evutil_socket_t fd, short what, void *arg)
{
	struct top_screen *top = arg;

	(void)fd;
	(void)what;
	rest(top, true);
	screen_suspend(top->screen);
	suspend_self();
	if (!screen_resume(top->screen)) {
		top_screen_leave(top); /* nobody sees it in the background */
		return;
	}
	rest(top, false);
}

static struct event *
watch(struct top_screen *top, int fd, short what, event_callback_fn call)
{
	struct event *event = event_new(top->base, fd, what, call, top);

	if (event == NULL || event_add(event, NULL) != 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	return event;
}

void
top_screen_begin(struct top_screen *top, bool color, const struct top_screen_ops *ops,
		 void *context, const char *instead)
{
	static const struct screen_events events = {on_key, on_resized, on_gone};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct text why = TEXT_INIT;

	top->ops = ops;
	top->context = context;
	sigaction(SIGPIPE, &ignore, NULL);
	guard_start();
	top->base = event_base_new();
	top->suspended = suspend_watch();
	if (top->base == NULL || top->suspended < 0) {
		errx(EXIT_SYSTEM, "cannot set up the event loop");
	}
	for (int i = 0; i < 3; i++) {
		top->on[i] = watch(top, signals[i], EV_SIGNAL | EV_PERSIST, on_signal);
	}
	top->on[3] = watch(top, top->suspended, EV_READ | EV_PERSIST, on_suspend);
	top->screen = screen_open(top->base, color, &events, top, &why);
	if (top->screen == NULL) {
		text_terminate(&why);
		errx(EXIT_USAGE, "%s; `%s` needs none", why.data, instead);
	}
}

int
top_screen_run(struct top_screen *top)
{
	event_base_dispatch(top->base);
	screen_close(top->screen);
	top->screen = NULL;
	return top->signal == 0 ? EXIT_ALL_OK : EXIT_SIGNAL + top->signal;
}

void
top_screen_free(struct top_screen *top)
{
	screen_close(top->screen);
	for (int i = 0; i < 4; i++) {
		event_free(top->on[i]);
	}
	suspend_unwatch(top->suspended);
	event_base_free(top->base);
	top_view_free(&top->view);
	canvas_free(&top->canvas);
}
