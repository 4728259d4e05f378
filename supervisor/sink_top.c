/* SPDX-License-Identifier: ISC */
/*
 * sink_top: `stint run --top`: the run on the whole screen while it lasts, with the tasks that run
 * now. What would go to that terminal meanwhile is shown when the view ends (detour.c). It ends with
 * the run, or by its key: then the run goes on with plain progress. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/json_value.h"
#include "supervisor/detour.h"
#include "supervisor/outlet.h"
#include "supervisor/running.h"
#include "supervisor/screen.h"
#include "supervisor/sink.h"
#include "supervisor/sink_progress.h"
#include "supervisor/top_view.h"

#define REFRESH_US (500 * INT64_C(1000)) /* between looks at the tasks that run */
#define SHARE      50                    /* a look takes no more than this part of the time */
#define TASKS_MOST 5000                  /* that are listed */
#define LOOK_MOST  ((size_t)64 << 10)    /* bytes of output at a time */
#define HURRY_MS   1000

struct top {
	const struct run_options *options;
	struct event_base *base;
	struct screen *screen; /* NULL: there is no view, or none any more */
	struct detour *detour; /* NULL: likewise; it may last longer than the view */
	struct event *ending;  /* the terminal takes more of what was held back */
	struct top_view view;
	struct canvas canvas;
	int64_t elapsed_us; /* of the run, at the last tick */
	int64_t next_us;    /* when the tasks are looked at again */
	uint64_t done;
	uint64_t not_told; /* tasks that run and are not listed */
	struct text label;
	bool hurry;
};

/* What a visit of a worker's tasks gathers. */
struct visit {
	struct top *top;
	struct top_worker worker;
	struct text label; /* of the one that computes */
};

static bool
open_top(const struct run_options *options, void **sink, struct text *error)
{
	struct text why = TEXT_INIT;
	struct top *top;

	(void)error;
	*sink = NULL;
	if (!options->top) {
		return true;
	}
	if (!screen_possible(&why)) {
		text_terminate(&why);
		warnx("--top: %s; the run goes on without the view", why.data);
		text_free(&why);
		return true;
	}
	top = calloc(1, sizeof(*top));
	if (top == NULL) {
		err(3, "the view");
	}
	top->options = options;
	top->view.live = true;
	top->view.list = TOP_TASKS;
	*sink = top;
	return true;
}

static void
draw(struct top *top)
{
	screen_fit(top->screen, &top->canvas);
	top_view_draw(&top->view, &top->canvas);
	screen_show(top->screen, &top->canvas);
}

/* ---- the end of the view ---------------------------------------------------------------------- */

static void
end_detour(struct top *top)
{
	if (detour_end(top->detour)) {
		outlet_streams_changed();
		progress_rest(false);
	} else {
		event_add(top->ending, NULL);
	}
}

static void
on_ending(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	end_detour(arg);
}

/* The run goes on. */
static void
leave(void *arg)
{
	struct top *top = arg;

	screen_close(top->screen);
	top->screen = NULL;
	end_detour(top);
}

static void
end(struct top *top)
{
	screen_close(top->screen);
	top->screen = NULL;
	if (top->detour != NULL) {
		if (!detour_end_waiting(top->detour, top->hurry ? HURRY_MS : -1)) {
			warnx("nobody reads the output: the rest of it is lost");
		}
		outlet_streams_changed();
	}
	detour_free(top->detour);
	top->detour = NULL;
	if (top->ending != NULL) {
		event_free(top->ending);
		top->ending = NULL;
	}
	progress_rest(false);
}

/* ---- keys and the beginning ------------------------------------------------------------------- */

static void
on_key(void *arg, int key)
{
	struct top *top = arg;

	switch (top_view_key(&top->view, key)) {
	case TOP_LEAVE:
		leave(top);
		return;
	case TOP_CHANGED:
		draw(top);
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
begin(struct top *top, struct event_base *base)
{
	static const struct screen_events events = {on_key, on_resized, leave};
	struct text why = TEXT_INIT;

	top->screen = screen_open(base, top->options->top_color, &events, top, &why);
	if (top->screen == NULL) {
		text_terminate(&why);
		warnx("--top: %s; the run goes on without the view", why.data);
		text_free(&why);
		return;
	}
	top->detour = detour_begin(screen_terminal(top->screen));
	if (top->detour == NULL) {
		int error = errno;

		screen_close(top->screen);
		top->screen = NULL;
		errno = error;
		warn("--top: no file for the output that is to be shown later; set TMPDIR to a "
		     "folder for it; the run goes on without the view");
		return;
	}
	top->ending = event_new(base, detour_terminal(top->detour), EV_WRITE, on_ending, top);
	if (top->ending == NULL) {
		errx(3, "cannot set up the view");
	}
	outlet_streams_changed();
	progress_rest(true);
}

static void
attach(void *sink, struct event_base *base)
{
	struct top *top = sink;

	top->base = base;
	if (base != NULL) {
		begin(top, base);
	} else {
		end(top);
	}
}

static void
suspend(void *sink, bool stop)
{
	struct top *top = sink;

	if (top->screen == NULL) {
		return;
	}
	if (stop) {
		screen_suspend(top->screen);
	} else if (!screen_resume(top->screen)) {
		leave(top); /* it goes on in the background */
	}
}

/* ---- what is shown ---------------------------------------------------------------------------- */

static void
list_task(struct top *top, const struct running *running, int worker)
{
	static const char *const states[] = {"computes", "waits", "queued"};
	static const enum canvas_style styles[] = {CANVAS_COMPUTE, CANVAS_WAIT, CANVAS_FAINT};
	struct top_task task = {.state = states[running->how],
				.style = styles[running->how],
				.attempt = running->task->attempt,
				.worker = worker,
				.use = running->use,
				.for_us = running->for_us,
				.ago_us = -1};

	if (top->view.task_count >= TASKS_MOST) {
		top->not_told++;
		return;
	}
	text_clear(&top->label);
	task_put_label(running->task, &top->label);
	task.label = (struct span){top->label.data, top->label.len};
	top_view_task(&top->view, &task);
}

static bool
visit(void *arg, const struct running *running)
{
	struct visit *visit = arg;
	struct top_worker *worker = &visit->worker;

	worker->waiting += running->how == RUNNING_WAITS;
	worker->queued += running->how == RUNNING_QUEUED;
	if (running->how == RUNNING_COMPUTES && visit->label.len == 0) {
		task_put_label(running->task, &visit->label);
		worker->for_us = running->for_us;
	}
	list_task(visit->top, running, (int)worker->number);
	return true;
}

static void
look(struct top *top, const struct engine *engine)
{
	struct visit gathered = {.top = top};

	top_view_begin(&top->view);
	top->not_told = 0;
	for (unsigned i = 0; i < running_workers(engine); i++) {
		if (!running_worker_is_up(engine, i)) {
			continue;
		}
		gathered.worker = (struct top_worker){.number = i};
		text_clear(&gathered.label);
		running_each(engine, i, visit, &gathered);
		gathered.worker.label = (struct span){gathered.label.data, gathered.label.len};
		top_view_worker(&top->view, &gathered.worker);
	}
	text_free(&gathered.label);
	top_view_end(&top->view, top->not_told);
}

static void
set_status(struct top *top, const struct run_status *status)
{
	double cores = status->cores, asked = status->asked / 1000.0;
	double computing = asked < cores ? asked : cores;

	recent_add(&top->view.recent, top->elapsed_us, status->elapsed_us, computing,
		   status->computing + status->waiting);
	recent_ended(&top->view.recent, status->elapsed_us, (double)(status->done - top->done));
	top->elapsed_us = status->elapsed_us;
	top->done = status->done;
	top->view.status = (struct top_status){
	    .title = status->job[0] == '\0' ? top->options->file : status->job,
	    .about = top->options->model->name,
	    .notice = status->stopping,
	    .now_us = status->elapsed_us,
	    .total = status->total,
	    .done = status->done,
	    .failed = status->failed,
	    .running = status->computing + status->waiting,
	    .ready = status->ready,
	    .held = status->held,
	    .cores = status->cores,
	    .computing = computing,
	    .tasks = status->computing + status->waiting,
	};
}

static void
tick(void *sink, const struct run_status *status)
{
	static char bytes[LOOK_MOST];
	struct top *top = sink;
	int64_t began_us = clock_us(), took_us;
	ssize_t got;

	if (top->screen == NULL) {
		if (top->detour != NULL && !event_pending(top->ending, EV_WRITE, NULL)) {
			detour_end(top->detour); /* what workers wrote since */
		}
		return;
	}
	set_status(top, status);
	if (detour_is_full(top->detour)) {
		leave(top);
		return;
	}
	if (began_us < top->next_us) {
		return;
	}
	got = detour_look(top->detour, bytes, sizeof(bytes));
	top_view_output(&top->view, bytes, (size_t)got);
	look(top, status->engine);
	draw(top);
	took_us = (clock_us() - began_us) * SHARE;
	top->next_us = began_us + (took_us > REFRESH_US ? took_us : REFRESH_US);
}

static void
record(void *sink, const struct finished *finished)
{
	struct top *top = sink;
	const struct result_record *result = finished->record;
	struct text said = TEXT_INIT, error = TEXT_INIT;
	struct top_failure failure = {.status = task_status_name(result->status),
				      .attempt = finished->task->attempt,
				      .worker = finished->worker,
				      .at_us = top->elapsed_us};

	if (result->status == STATUS_ok || top->screen == NULL) {
		return;
	}
	text_clear(&top->label);
	task_put_label(finished->task, &top->label);
	failure.label = (struct span){top->label.data, top->label.len};
	if (result->error.len > 0) {
		json_value_append(&said, result->error);
	}
	text_terminate(&said);
	top_view_put_error(&error, said.data, result->has_exit ? result->exit : -1, result->signal);
	failure.error = (struct span){error.data, error.len};
	top_view_failure(&top->view, &failure);
	text_free(&said);
	text_free(&error);
}

static void
hurry(void *sink)
{
	((struct top *)sink)->hurry = true;
}

static bool
close_top(void *sink, struct text *error)
{
	struct top *top = sink;

	(void)error;
	end(top);
	top_view_free(&top->view);
	canvas_free(&top->canvas);
	text_free(&top->label);
	free(top);
	return true;
}

const struct sink_ops sink_top = {
    .name = "top",
    .open = open_top,
    .record = record,
    .tick = tick,
    .attach = attach,
    .suspend = suspend,
    .hurry = hurry,
    .close = close_top,
};
