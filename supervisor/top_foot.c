/* SPDX-License-Identifier: ISC */
/* top_foot: the keys that there are, and what they do; see top_view.h. In the supervisor. */
#include <string.h>

#include "supervisor/top_parts.h"

static unsigned
draw_key(struct canvas *canvas, unsigned row, unsigned at, const char *key, const char *what)
{
	unsigned width = (unsigned)(strlen(key) + strlen(what)) + 3;

	if (at + width > canvas->columns + 2) {
		return at;
	}
	canvas_string(canvas, row, at, CANVAS_STRONG, key);
	canvas_string(canvas, row, at + (unsigned)strlen(key) + 1, CANVAS_FAINT, what);
	return at + width;
}

void
top_foot_draw(const struct top_view *view, struct canvas *canvas, unsigned row)
{
	unsigned at = 1;

	if (view->typing) {
		at = canvas_string(canvas, row, at, CANVAS_STRONG, "Filter: ");
		at = canvas_put(canvas, row, at, CANVAS_PLAIN,
				(struct span){view->filter.data, view->filter.len});
		canvas_fill(canvas, row, at, 1, CANVAS_BAR_ON, L' ');
		if (at + 32 < canvas->columns) {
			canvas_string(canvas, row, at + 3, CANVAS_FAINT,
				      "Enter keeps it, Esc clears it");
		}
		return;
	}
	at = draw_key(canvas, row, at, "q", view->stays ? "quit" : "leave, the run goes on");
	at = draw_key(canvas, row, at, "Tab", "list");
	at = draw_key(canvas, row, at, "s", "sort");
	at = draw_key(canvas, row, at, "/", "filter");
	draw_key(canvas, row, at, "?", "help");
}

void
top_help_draw(const struct top_view *view, struct canvas *canvas, unsigned top, unsigned rows)
{
	const char *const lines[][2] = {
	    {"q", view->queue   ? "quit; the jobs go on"
		  : view->stays ? "quit; the run goes on"
				: "leave the view; the run goes on"},
	    {"Tab", "another list is the one that keys are for"},
	    {"Up Down", "move in it; also k j, PgUp PgDn, Home End"},
	    {"s", "sort tasks by time, name, state or worker; also arrows"},
	    {"r", "the other way round"},
	    {"/ f", "show only what has a text in it; Esc shows all again"},
	    {"Ctrl-C", view->stays ? "quit" : "start no more tasks; again: end them; again: kill"},
	    {"Ctrl-Z", view->stays ? "stop the view; fg goes on" : "stop the run; fg goes on"},
	    {"Ctrl-L", "draw anew"},
	};
	const char *const words[] = {
	    "Cores: tasks that compute now, of the cores that there are.",
	    "Tasks: all in progress, those that wait as well. A column is a second.",
	};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]) && i < rows; i++) {
		canvas_string(canvas, top + i, 1, CANVAS_STRONG, lines[i][0]);
		canvas_string(canvas, top + i, 10, CANVAS_PLAIN, lines[i][1]);
	}
	for (unsigned i = 0; i < 2 && i + 10 < rows; i++) {
		canvas_string(canvas, top + 10 + i, 1, CANVAS_FAINT, words[i]);
	}
}
