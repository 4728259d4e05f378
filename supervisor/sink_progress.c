/* SPDX-License-Identifier: ISC */
/*
 * sink_progress: one line on stderr: done, running (computing / waiting), failed, rate, ETA. On a
 * terminal it is drawn over itself, and hidden before any output; elsewhere it is a line every
 * five seconds. In the supervisor.
 */
#include "supervisor/sink_progress.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/sink.h"

#define FIRST_US    (300 * INT64_C(1000)) /* a run that is over sooner shows nothing */
#define LOG_US      (5 * US_PER_SECOND)
#define RATE_TICKS  30 /* the rate is that of the last three seconds */
#define CLEAR       "\r\033[K"
#define COLUMNS_MIN 40

struct progress {
	bool terminal;
	bool color;
	int64_t logged_us;
	struct {
		int64_t at_us;
		uint64_t done;
	} history[RATE_TICKS];
	unsigned ticks;
};

static bool shown; /* on the terminal, which all of the process shares */
static bool resting;

void
progress_hide(void)
{
	if (shown) {
		fds_write_all(STDERR_FILENO, CLEAR, sizeof(CLEAR) - 1);
		shown = false;
	}
}

void
progress_rest(bool rest)
{
	progress_hide();
	resting = rest;
}

static bool
open_progress(const struct run_options *options, void **sink, struct text *error)
{
	struct progress *progress;

	(void)error;
	*sink = NULL;
	if (!options->progress) {
		return true;
	}
	progress = calloc(1, sizeof(*progress));
	if (progress == NULL) {
		err(3, "progress");
	}
	progress->terminal = isatty(STDERR_FILENO) == 1;
	progress->color = options->color;
	*sink = progress;
	return true;
}

static unsigned
columns(void)
{
	const char *env = getenv("COLUMNS");
	struct winsize size;
	long wanted = env == NULL ? 0 : strtol(env, NULL, 10);

	if (wanted >= COLUMNS_MIN && wanted < 10000) {
		return (unsigned)wanted;
	}
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_MIN) {
		return size.ws_col;
	}
	return 80;
}

/* "1:02:03", "4:05" or "7s". */
static void
put_duration(struct text *out, int64_t seconds)
{
	if (seconds >= 3600) {
		text_printf(out, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
			    (int)(seconds % 60));
	} else if (seconds >= 60) {
		text_printf(out, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
	} else {
		text_printf(out, "%ds", (int)seconds);
	}
}

/* Tasks a second, over the ticks that are remembered. */
static double
rate(struct progress *progress, const struct run_status *status)
{
	unsigned slot = progress->ticks % RATE_TICKS;
	unsigned oldest = progress->ticks < RATE_TICKS ? 0 : slot;
	int64_t since_us = 0;
	uint64_t before = 0;

	if (progress->ticks > 0) {
		since_us = progress->history[oldest].at_us;
		before = progress->history[oldest].done;
	}
	progress->history[slot].at_us = status->elapsed_us;
	progress->history[slot].done = status->done;
	progress->ticks++;
	if (status->elapsed_us <= since_us) {
		return 0;
	}
	return (double)(status->done - before) * 1e6 / (double)(status->elapsed_us - since_us);
}

static void
compose(struct text *line, const struct run_status *status, double per_second, bool color)
{
	if (status->total >= status->done && status->total > 0) {
		text_printf(line, "%" PRIu64 "/%" PRIu64 " done", status->done, status->total);
		text_printf(line, " (%d %%)", (int)(status->done * 100 / status->total));
	} else {
		text_printf(line, "%" PRIu64 " done", status->done);
	}
	text_printf(line, ", %u running (%u computing / %u waiting)",
		    status->computing + status->waiting, status->computing, status->waiting);
	if (status->failed > 0) {
		text_printf(line, ", %s%" PRIu64 " failed%s", color ? "\033[31m" : "",
			    status->failed, color ? "\033[0m" : "");
	}
	text_printf(line, per_second < 10 ? ", %.1f/s" : ", %.0f/s", per_second);
	if (status->stopping != NULL) {
		text_printf(line, ", %s", status->stopping);
	} else if (status->total > status->done && per_second > 0) {
		text_string(line, ", ETA ");
		put_duration(line, (int64_t)((double)(status->total - status->done) / per_second));
	}
}

/* Cut to `most` columns; what is a colour takes none. */
static size_t
fit(const struct text *line, unsigned most)
{
	unsigned column = 0;
	bool escape = false;
	size_t i;

	for (i = 0; i < line->len && column < most; i++) {
		escape = escape || line->data[i] == '\033';
		column += !escape;
		escape = escape && line->data[i] != 'm';
	}
	return i;
}

static void
tick(void *sink, const struct run_status *status)
{
	struct progress *progress = sink;
	struct text line = TEXT_INIT;
	double per_second = rate(progress, status);

	if (resting || status->elapsed_us < FIRST_US ||
	    (!progress->terminal && status->elapsed_us - progress->logged_us < LOG_US)) {
		return;
	}
	progress->logged_us = status->elapsed_us;
	compose(&line, status, per_second, progress->color);
	if (progress->terminal) {
		line.len = fit(&line, columns() - 1);
		fds_write_all(STDERR_FILENO, CLEAR, sizeof(CLEAR) - 1);
		text_string(&line, progress->color ? "\033[0m" : "");
		shown = true;
	} else {
		text_char(&line, '\n');
	}
	fds_write_all(STDERR_FILENO, line.data, line.len);
	text_free(&line);
}

static bool
close_progress(void *sink, struct text *error)
{
	(void)error;
	progress_hide();
	free(sink);
	return true;
}

const struct sink_ops sink_progress = {
    .name = "progress",
    .open = open_progress,
    .tick = tick,
    .close = close_progress,
};
