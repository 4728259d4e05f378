/* SPDX-License-Identifier: ISC */
/*
 * terminal: the terminal that a picture is shown on: which one that is, whether it can, its size and
 * its settings. It is opened anew, so that nothing waits for it, whoever shares it with us. In the
 * supervisor.
 */
#ifndef SUPERVISOR_TERMINAL_H
#define SUPERVISOR_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "ipc/text.h"

struct terminal {
	int fd;                /* -1: not open; does not wait */
	struct termios before; /* as it was found */
	struct termios during; /* as a picture wants it */
};

/* That of stderr, of stdout, or else /dev/tty. False: there is none. */
bool terminal_open(struct terminal *);
void terminal_close(struct terminal *);

/* Whether it can show a picture, and we are in its foreground. False: `why` says why not. */
bool terminal_can_show(const struct terminal *, struct text *why);
/* Where nobody else is in the foreground, as without job control, we are. */
bool terminal_in_foreground(const struct terminal *);
void terminal_size(const struct terminal *, int *rows, int *columns);

/*
 * Keys come one by one, unseen; Ctrl-C and its like stay signals. terminal_give_back() makes it what
 * it was; the guard does if we die before that. terminal_tell_guard() needs ncurses to be there.
 */
bool terminal_take(struct terminal *);       /* false with errno */
void terminal_take_again(struct terminal *); /* the shell has used it */
void terminal_let_flow(struct terminal *);   /* if Ctrl-S has stopped it, it goes on */
void terminal_tell_guard(const struct terminal *);
void terminal_give_back(struct terminal *);

#endif
