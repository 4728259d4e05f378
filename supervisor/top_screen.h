/* SPDX-License-Identifier: ISC */
/*
 * top_screen: a view (top_view.h) on the screen of a process that is there for nothing else: its
 * event loop, the keys, signals, Ctrl-Z. What is shown comes from whoever has made it. Of stint top.
 */
#ifndef SUPERVISOR_TOP_SCREEN_H
#define SUPERVISOR_TOP_SCREEN_H

#include "supervisor/top_view.h"

struct event_base;
struct event;
struct screen;

struct top_screen_ops {
	void (*show)(void *context);          /* before each picture: tell the view how it stands */
	void (*rest)(void *context, bool on); /* Ctrl-Z, and afterwards; may be NULL */
};

struct top_screen {
	struct event_base *base;
	struct top_view view; /* zero-initialised, then set by the owner before the beginning */
	struct screen *screen;
	struct canvas canvas;
	const struct top_screen_ops *ops;
	void *context;
	struct event *on[4];
	int suspended;
	int signal; /* that ended it; 0: none */
};

/*
 * Takes the terminal; first of all forks the guard that gives it back however we end. Ends the
 * process, and says why, if there is none: whoever wants to do so before something else asks
 * screen_possible(). `instead`: what shows the same without one.
 */
void top_screen_begin(struct top_screen *, bool color, const struct top_screen_ops *, void *context,
		      const char *instead);
void top_screen_draw(struct top_screen *);
void top_screen_leave(struct top_screen *);
int top_screen_run(struct top_screen *);   /* until it is left; the exit status */
void top_screen_free(struct top_screen *); /* gives the terminal back */

#endif
