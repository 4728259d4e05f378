/* SPDX-License-Identifier: ISC */
/*
 * top_head: the upper part of the view: how the run, or the queue, stands, both measures as sparklines, counts. See
 * top_view.h. In the supervisor.
 */
#include <inttypes.h>

#include "supervisor/top_parts.h"

#define LABEL  8  /* columns of "Cores" and the like */
#define SPARK  26 /* column where the sparklines begin */
#define ROWS   6  /* that it takes, where there are enough; the last one is empty */
#define SECOND INT64_C(1000000)

void
top_view_put_duration(struct text *out, int64_t us, bool tenths)
{
	int64_t seconds = us / SECOND;
	int minutes = (int)(seconds / 60 % 60);

	if (us < 60 * SECOND) {
		int count = us < 0 ? 0 : (int)(us / (SECOND / 10));

		text_printf(out, "%d", count / 10);
		if (tenths) {
			text_printf(out, ".%d", count % 10);
		}
		text_char(out, 's');
	} else if (seconds < 3600) {
		text_printf(out, "%d:%02d", minutes, (int)(seconds % 60));
	} else if (seconds < 86400) {
		text_printf(out, "%d:%02d:%02d", (int)(seconds / 3600), minutes,
			    (int)(seconds % 60));
	} else {
		text_printf(out, "%" PRId64 "d %02d:%02d", seconds / 86400,
			    (int)(seconds / 3600 % 24), minutes);
	}
}

/* One character for a part of a whole, of eight. */
static wchar_t
level(bool ascii, double part)
{
	static const char plain[] = "_.:-=+*#";
	int eighths = (int)(part * 8 + 0.5);

	if (part <= 0) {
		return L' ';
	}
	eighths = eighths < 1 ? 1 : eighths > 8 ? 8 : eighths;
	return ascii ? (wchar_t)plain[eighths - 1] : (wchar_t)(L'\u2580' + eighths);
}

enum measure { CORES, TASKS };

static double
measured(const struct top_view *view, enum measure measure, unsigned ago)
{
	struct recent_second second = recent_at(&view->recent, view->status.now_us, ago);

	return measure == CORES ? second.cores : second.tasks;
}

/* The last seconds, one in each column. */
static void
draw_spark(const struct top_view *view, struct canvas *canvas, unsigned row, enum measure measure,
	   double whole)
{
	unsigned width = canvas->columns - SPARK - 1;
	int64_t seconds = (view->status.now_us - view->status.began_us) / SECOND;

	width = width < RECENT_SECONDS - 1 ? width : RECENT_SECONDS - 1;
	for (unsigned ago = 0; ago < width && ago <= seconds; ago++) {
		canvas_fill(
		    canvas, row, SPARK + width - 1 - ago, 1,
		    measure == CORES ? CANVAS_COMPUTE : CANVAS_WAIT,
		    level(canvas->ascii, whole > 0 ? measured(view, measure, ago) / whole : 0));
	}
}

static void
draw_measures(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	bool wide = canvas->columns >= TOP_NARROW;
	double most = 0;
	unsigned at;

	for (unsigned ago = 0;
	     wide && ago < canvas->columns - SPARK - 1 && ago < RECENT_SECONDS - 1; ago++) {
		double tasks = measured(view, TASKS, ago);

		most = tasks > most ? tasks : most;
	}
	canvas_string(canvas, row, 1, CANVAS_FAINT, "Cores");
	at = canvas_printf(canvas, row, 1 + LABEL, CANVAS_STRONG, "%.1f", status->computing);
	canvas_printf(canvas, row, at, CANVAS_FAINT, " of %u", status->cores);
	canvas_string(canvas, row + 1, 1, CANVAS_FAINT, "Tasks");
	at = canvas_printf(canvas, row + 1, 1 + LABEL, CANVAS_STRONG, view->live ? "%.0f" : "%.1f",
			   status->tasks);
	if (wide && most >= 1.5) {
		canvas_printf(canvas, row + 1, at, CANVAS_FAINT, " peak %.0f", most);
	}
	if (wide) {
		draw_spark(view, canvas, row, CORES, status->cores);
		draw_spark(view, canvas, row + 1, TASKS, most < 1 ? 1 : most);
	}
}

/* How much of it is done, as a bar where the total is known. */
static void
draw_done(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	unsigned width, full, good, at;

	canvas_string(canvas, row, 1, CANVAS_FAINT, "Done");
	at = canvas_printf(canvas, row, 1 + LABEL, CANVAS_STRONG, "%" PRIu64, status->done);
	if (status->total < status->done || status->total == 0) {
		return;
	}
	canvas_printf(canvas, row, at, CANVAS_FAINT, " of %s%" PRIu64, status->estimated ? "~" : "",
		      status->total);
	if (canvas->columns < TOP_NARROW) {
		return;
	}
	width = canvas->columns - SPARK - 7;
	width = width < RECENT_SECONDS - 7 ? width : RECENT_SECONDS - 7;
	full = (unsigned)((double)width * (double)status->done / (double)status->total);
	good = (unsigned)((double)width * (double)(status->done - status->failed) /
			  (double)status->total);
	good = status->failed > 0 && good == full && full > 0 ? full - 1 : good;
	canvas_fill(canvas, row, SPARK, good, CANVAS_GOOD, canvas->ascii ? L'#' : L'\u2501');
	canvas_fill(canvas, row, SPARK + good, full - good, CANVAS_BAD,
		    canvas->ascii ? L'x' : L'\u2501');
	canvas_fill(canvas, row, SPARK + full, width - full, CANVAS_FAINT,
		    canvas->ascii ? L'.' : L'\u2500');
	canvas_printf(canvas, row, SPARK + width + 1, CANVAS_PLAIN, "%3d %%",
		      (int)(status->done * 100 / status->total));
}

static unsigned
put_count(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
	  uint64_t count, const char *what)
{
	if (column > 1) {
		column += 2;
	}
	column = canvas_printf(canvas, row, column, style, "%" PRIu64, count);
	return canvas_printf(canvas, row, column, CANVAS_FAINT, " %s", what);
}

/* Instead of it, of a queue: its jobs. */
static void
draw_jobs(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	unsigned at = 1 + LABEL;

	canvas_string(canvas, row, 1, CANVAS_FAINT, "Jobs");
	at = canvas_printf(canvas, row, at, CANVAS_STRONG, "%" PRIu64, status->jobs_running);
	at = canvas_string(canvas, row, at, CANVAS_FAINT, " running");
	at = put_count(canvas, row, at, CANVAS_PLAIN, status->jobs_queued, "queued");
	if (status->jobs_held > 0) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->jobs_held, "held");
	}
	at = put_count(canvas, row, at, CANVAS_PLAIN, status->jobs_ended, "ended");
	if (status->jobs_failed > 0) {
		put_count(canvas, row, at, CANVAS_BAD, status->jobs_failed, "of them not ok");
	}
}

/* What is left, and how fast it goes. */
static void
draw_counts(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	int64_t since_us =
	    status->known_us > status->began_us ? status->known_us : status->began_us;
	double rate = recent_rate(&view->recent, since_us, status->now_us, 15);
	struct text left = TEXT_INIT;
	unsigned at = 1;

	at = put_count(canvas, row, at, status->failed > 0 ? CANVAS_BAD : CANVAS_PLAIN,
		       status->failed, "failed");
	if (view->live) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->running, "running");
	}
	if (status->notice != NULL) { /* the rest does not matter any more */
		canvas_string(canvas, row, at + 2, CANVAS_NOTICE, status->notice);
		return;
	}
	if (view->live) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->ready, "ready");
	}
	if (status->held > 0) {
		at = put_count(canvas, row, at, CANVAS_PLAIN, status->held, "held back");
	}
	at = canvas_printf(canvas, row, at + 2, CANVAS_PLAIN, rate < 10 ? "%.1f" : "%.0f", rate);
	at = canvas_string(canvas, row, at, CANVAS_FAINT, "/s");
	if (status->total > status->done && rate > 0) {
		at = canvas_string(canvas, row, at + 2, CANVAS_FAINT, "ETA ");
		top_view_put_duration(
		    &left, (int64_t)((double)(status->total - status->done) / rate) * SECOND,
		    false);
		text_terminate(&left);
		canvas_string(canvas, row, at, CANVAS_PLAIN, left.data);
		text_free(&left);
	}
}

static void
draw_title(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	const struct top_status *status = &view->status;
	struct text elapsed = TEXT_INIT;
	unsigned at, room, taken;

	top_view_put_duration(&elapsed, status->now_us - status->began_us, false);
	text_terminate(&elapsed);
	taken = (unsigned)elapsed.len + 2;
	room = canvas->columns > taken + 1 ? canvas->columns - taken - 1 : 0;
	canvas_right(canvas, row, canvas->columns > 0 ? canvas->columns - 1 : 0, CANVAS_PLAIN,
		     elapsed.data);
	at = canvas_within(canvas, row, 1, room, CANVAS_STRONG, span_of(status->title));
	if (at + 3 < room) {
		canvas_within(canvas, row, at + 2, room - at - 1, CANVAS_FAINT,
			      span_of(status->about));
	}
	text_free(&elapsed);
}

unsigned
top_head_draw(const struct top_view *view, struct canvas *canvas)
{
	if (canvas->rows < 3) { /* what fits is what matters most */
		draw_counts(view, canvas, canvas->rows - 1);
		if (canvas->rows > 1) {
			(view->queue ? draw_jobs : draw_done)(view, canvas, 0);
		}
		return canvas->rows;
	}
	draw_title(view, canvas, 0);
	if (canvas->rows < 9) {
		draw_counts(view, canvas, 1);
		return 2;
	}
	(view->queue ? draw_jobs : draw_done)(view, canvas, 1);
	draw_measures(view, canvas, 2);
	draw_counts(view, canvas, 4);
	return canvas->rows < TOP_TALL ? ROWS - 1 : ROWS;
}
