/* SPDX-License-Identifier: ISC */
/* terminal: see terminal.h. In the supervisor. */
#include "supervisor/terminal.h"

#include <curses.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/guard.h"

#undef columns /* of term.h */

#define SIZE_MOST 1000 /* rows, columns */

static int
open_it(void)
{
	static const int standard[] = {STDERR_FILENO, STDOUT_FILENO};
	char path[32];
	int fd = -1;

	for (size_t i = 0; i < 2 && fd < 0; i++) {
		if (isatty(standard[i]) == 1) {
			snprintf(path, sizeof(path), "/proc/self/fd/%d", standard[i]);
			fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		}
	}
	return fd >= 0 ? fd : open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool
terminal_open(struct terminal *terminal)
{
	*terminal = (struct terminal){.fd = open_it()};
	return terminal->fd >= 0;
}

void
terminal_close(struct terminal *terminal)
{
	fds_close(&terminal->fd);
}

bool
terminal_in_foreground(const struct terminal *terminal)
{
	pid_t group = tcgetpgrp(terminal->fd);

	return group < 0 || group == getpgrp();
}

bool
terminal_can_show(const struct terminal *terminal, struct text *why)
{
	const char *term = getenv("TERM");
	char *move;
	int result = 0;

	if (terminal->fd < 0 || isatty(terminal->fd) != 1) {
		text_string(why, "there is no terminal");
		return false;
	}
	if (!terminal_in_foreground(terminal)) {
		text_string(why, "the run is in the background of its terminal");
		return false;
	}
	if (term == NULL || term[0] == '\0') {
		text_string(why, "TERM is not set: it is the name of the terminal's kind");
		return false;
	}
	if (setupterm(NULL, terminal->fd, &result) == ERR) {
		text_string(why, "the terminal, by TERM, is of a kind that terminfo does not know");
		return false;
	}
	move = tigetstr("cup");
	if (move == NULL || move == (char *)-1) {
		text_string(why, "the terminal, by TERM, cannot show a full screen");
	}
	del_curterm(cur_term);
	return move != NULL && move != (char *)-1;
}

/* What makes the terminal what it was, without the delays that old ones need. */
static void
add_sequence(char *out, size_t size, const char *name)
{
	const char *sequence = tigetstr(name);
	size_t len = strlen(out);

	if (sequence == NULL || sequence == (char *)-1) {
		return;
	}
	while (*sequence != '\0' && len + 1 < size) {
		const char *end = strncmp(sequence, "$<", 2) == 0 ? strchr(sequence, '>') : NULL;

		if (end != NULL) {
			sequence = end + 1;
		} else {
			out[len++] = *sequence++;
		}
	}
	out[len] = '\0';
}

void
terminal_tell_guard(const struct terminal *terminal)
{
	struct guard_terminal told = {.before = terminal->before, .during = terminal->during};

	if (ttyname_r(terminal->fd, told.path, sizeof(told.path)) != 0) {
		return;
	}
	add_sequence(told.leave, sizeof(told.leave), "sgr0");
	add_sequence(told.leave, sizeof(told.leave), "cnorm");
	add_sequence(told.leave, sizeof(told.leave), "rmkx");
	add_sequence(told.leave, sizeof(told.leave), "rmcup");
	guard_terminal(&told);
}

void
terminal_size(const struct terminal *terminal, int *rows, int *columns)
{
	struct winsize size = {.ws_row = 0};

	ioctl(terminal->fd, TIOCGWINSZ, &size);
	*rows = size.ws_row == 0 ? 24 : size.ws_row > SIZE_MOST ? SIZE_MOST : size.ws_row;
	*columns = size.ws_col == 0 ? 80 : size.ws_col > SIZE_MOST ? SIZE_MOST : size.ws_col;
}

bool
terminal_take(struct terminal *terminal)
{
	if (tcgetattr(terminal->fd, &terminal->before) != 0) {
		return false;
	}
	terminal->during = terminal->before;
	terminal->during.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	terminal->during.c_oflag &= ~(tcflag_t)OPOST;
	terminal->during.c_cc[VMIN] = 1;
	terminal->during.c_cc[VTIME] = 0;
	return tcsetattr(terminal->fd, TCSANOW, &terminal->during) == 0;
}

void
terminal_take_again(struct terminal *terminal)
{
	tcsetattr(terminal->fd, TCSANOW, &terminal->during);
}

/* It goes on when Ctrl-S has no meaning any more; tcflow(3) would not do it. */
void
terminal_let_flow(struct terminal *terminal)
{
	struct termios flowing = terminal->during;

	flowing.c_iflag &= ~(tcflag_t)IXON;
	if (terminal_in_foreground(terminal)) {
		tcsetattr(terminal->fd, TCSANOW, &flowing);
	}
}

void
terminal_give_back(struct terminal *terminal)
{
	if (terminal_in_foreground(terminal)) {
		tcsetattr(terminal->fd, TCSANOW, &terminal->before);
	}
	guard_terminal(NULL);
}
