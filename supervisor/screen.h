/* SPDX-License-Identifier: ISC */
/*
 * screen: the whole of a terminal, for a picture (canvas.h) and for keys. Nothing here waits for the
 * terminal: what it does not take at once is written when it does, and pictures are left out until
 * then. It is as it was before when the screen is closed, when the process ends by exit(3), and,
 * by the guard, however else it ends. One at a time. In the supervisor.
 */
#ifndef SUPERVISOR_SCREEN_H
#define SUPERVISOR_SCREEN_H

#include <stdbool.h>

#include "supervisor/canvas.h"

struct event_base;
struct screen;

struct screen_events {
	void (*key)(void *context, int key); /* a character, or an enum top_key */
	void (*resized)(void *context);      /* or what was on it is lost: draw it anew */
	void (*gone)(void *context);         /* the terminal is: close the screen */
};

/*
 * Whether there is a terminal that can show a picture, and we are in its foreground: that of
 * stderr, of stdout, or else /dev/tty. False: `why` says why not.
 */
bool screen_possible(struct text *why);

/* Takes the terminal. NULL: `why` says why not. Sets the locale's characters. */
struct screen *screen_open(struct event_base *, bool color, const struct screen_events *,
			   void *context, struct text *why);
void screen_close(struct screen *); /* NULL is harmless */

int screen_terminal(const struct screen *); /* a descriptor of it that does not wait */

/* Sets size and characters of the canvas for what is to be shown. */
void screen_fit(const struct screen *, struct canvas *);
void screen_show(struct screen *, const struct canvas *);

void screen_suspend(struct screen *); /* the terminal is as it was before, for a time */
bool screen_resume(struct screen *);  /* false: we are in the background, close it */

#endif
