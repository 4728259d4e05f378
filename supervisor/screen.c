/* SPDX-License-Identifier: ISC */
/*
 * screen: see screen.h. ncurses works out what is to be written; so that it never waits, it writes
 * to a file in memory, and what is in there goes to the terminal as fast as that takes it. In the
 * supervisor.
 */
#include "supervisor/screen.h"

#include <curses.h>
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/screen_style.h"
#include "supervisor/terminal.h"
#include "supervisor/top_view.h"

#define PATIENCE_MS  1000 /* for the terminal to take the last */
#define ESCAPE_MS    25   /* between the parts of what a key sends */
#define SCREEN_FILES 2

struct screen {
	struct terminal terminal;
	FILE *files[SCREEN_FILES]; /* what ncurses writes to, and reads from */
	SCREEN *curses;
	struct text left; /* bytes that the terminal has not taken */
	bool off;         /* suspended */
	bool ascii;
	struct event *readable, *writable, *resized, *continued;
	const struct screen_events *events;
	void *context;
};

static struct screen *the_screen; /* for the end of the process */

/* ---- writing ---------------------------------------------------------------------------------- */

/* Takes over what ncurses has made. */
static void
collect(struct screen *screen)
{
	int made = fileno(screen->files[0]);
	struct stat info;
	ssize_t got;

	fflush(screen->files[0]);
	if (fstat(made, &info) != 0 || info.st_size == 0) {
		return;
	}
	text_reserve(&screen->left, (size_t)info.st_size);
	got = pread(made, screen->left.data + screen->left.len, (size_t)info.st_size, 0);
	screen->left.len += got > 0 ? (size_t)got : 0;
	if (ftruncate(made, 0) != 0 || lseek(made, 0, SEEK_SET) != 0) {
		err(3, "the view");
	}
}

/* False: the terminal is gone. */
static bool
write_left(struct screen *screen)
{
	size_t done = 0;
	bool good = true;

	while (done < screen->left.len) {
		ssize_t wrote =
		    write(screen->terminal.fd, screen->left.data + done, screen->left.len - done);

		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (wrote < 0 && errno != EINTR) {
			good = errno == EAGAIN;
			break;
		}
	}
	text_drop_front(&screen->left, done);
	if (!good) {
		text_clear(&screen->left);
	}
	return good;
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct screen *screen = arg;

	(void)fd;
	(void)what;
	if (!write_left(screen)) {
		screen->events->gone(screen->context);
	} else if (screen->left.len > 0) {
		event_add(screen->writable, NULL);
	}
}

static void
begin_writing(struct screen *screen)
{
	collect(screen);
	if (write_left(screen) && screen->left.len > 0) {
		event_add(screen->writable, NULL);
	}
}

/* The end of the view: what is left is waited for, not for long. */
static void
finish_writing(struct screen *screen)
{
	struct pollfd ready = {.fd = screen->terminal.fd, .events = POLLOUT};

	collect(screen);
	terminal_let_flow(&screen->terminal);
	while (write_left(screen) && screen->left.len > 0 && poll(&ready, 1, PATIENCE_MS) > 0) {
	}
	text_clear(&screen->left);
}

/* ---- keys and signals ------------------------------------------------------------------------- */

static int
translate(wint_t code)
{
	switch (code) {
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_LEFT:
		return TOP_KEY_LEFT;
	case KEY_RIGHT:
		return TOP_KEY_RIGHT;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	case KEY_BTAB:
		return TOP_KEY_BACK_TAB;
	case KEY_BACKSPACE:
		return TOP_KEY_BACKSPACE;
	case KEY_ENTER:
		return '\n';
	default:
		return 0;
	}
}

static void
redraw(struct screen *screen)
{
	clearok(curscr, TRUE);
	screen->events->resized(screen->context);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct screen *screen = arg;
	struct pollfd ready = {.fd = screen->terminal.fd, .events = POLLIN};
	int kind, key = 0;
	wint_t code;

	(void)fd;
	(void)what;
	kind = get_wch(&code);
	if (kind != ERR) {
		key = kind == KEY_CODE_YES ? translate(code) : (int)code;
	} else if (poll(&ready, 1, 0) > 0 && (ready.revents & (POLLHUP | POLLERR)) != 0) {
		screen->events->gone(screen->context);
		return;
	}
	if (key == ('L' & 31)) {
		redraw(screen);
	} else if (key != 0) {
		screen->events->key(screen->context, key); /* which may close it */
	}
	if (the_screen == screen && kind != ERR) {
		event_active(screen->readable, EV_READ, 0); /* ncurses may have read more */
	}
}

static void
on_resized(evutil_socket_t fd, short what, void *arg)
{
	struct screen *screen = arg;
	int rows, columns;

	(void)fd;
	(void)what;
	terminal_size(&screen->terminal, &rows, &columns);
	resizeterm(rows, columns);
	if (!screen->off) {
		redraw(screen);
	}
}

/* It was stopped by a signal that cannot be held back; the shell has used the terminal. */
static void
on_continued(evutil_socket_t fd, short what, void *arg)
{
	struct screen *screen = arg;

	(void)fd;
	(void)what;
	if (screen->off) {
		return;
	}
	if (!terminal_in_foreground(&screen->terminal)) {
		screen->events->gone(screen->context);
		return;
	}
	terminal_take_again(&screen->terminal);
	redraw(screen);
}

/* ---- life ------------------------------------------------------------------------------------- */

static void
leave(struct screen *screen)
{
	if (!screen->off) {
		screen->off = true;
		endwin();
		finish_writing(screen);
		terminal_give_back(&screen->terminal);
	}
}

static void
at_exit(void)
{
	if (the_screen != NULL) {
		leave(the_screen);
	}
}

static struct event *
watch(struct event_base *base, int fd, short what, event_callback_fn call, struct screen *screen)
{
	struct event *event = event_new(base, fd, what, call, screen);

	if (event == NULL || ((what & EV_WRITE) == 0 && event_add(event, NULL) != 0)) {
		errx(3, "cannot watch the terminal");
	}
	return event;
}

/* ncurses' own handlers end the process, or draw, when they like. */
static SCREEN *
start_curses(FILE *const files[SCREEN_FILES])
{
	static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction were[4];
	SCREEN *curses;

	for (int i = 0; i < 4; i++) {
		sigaction(signals[i], NULL, &were[i]);
	}
	curses = newterm(NULL, files[0], files[1]);
	for (int i = 0; i < 4; i++) {
		sigaction(signals[i], &were[i], NULL);
	}
	return curses;
}

static bool
set_up_curses(struct screen *screen, bool color)
{
	int rows, columns;

	screen->files[0] = fdopen(memfd_create("stint-screen", MFD_CLOEXEC), "w+");
	screen->files[1] = fdopen(fcntl(screen->terminal.fd, F_DUPFD_CLOEXEC, 3), "r");
	if (screen->files[0] == NULL || screen->files[1] == NULL) {
		return false;
	}
	screen->curses = start_curses(screen->files);
	if (screen->curses == NULL) {
		return false;
	}
	terminal_size(&screen->terminal, &rows, &columns);
	resizeterm(rows, columns);
	noecho();
	nonl();
	curs_set(0);
	typeahead(-1);
	set_escdelay(ESCAPE_MS);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	screen_style_init(color);
	return true;
}

static void
free_screen(struct screen *screen)
{
	struct event *events[] = {screen->readable, screen->writable, screen->resized,
				  screen->continued};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	if (screen->curses != NULL) {
		delscreen(screen->curses);
	}
	for (int i = 0; i < SCREEN_FILES; i++) {
		if (screen->files[i] != NULL) {
			fclose(screen->files[i]);
		}
	}
	terminal_close(&screen->terminal);
	text_free(&screen->left);
	free(screen);
}

bool
screen_possible(struct text *why)
{
	struct terminal terminal;
	bool good;

	terminal_open(&terminal);
	good = terminal_can_show(&terminal, why);
	terminal_close(&terminal);
	return good;
}

struct screen *
screen_open(struct event_base *base, bool color, const struct screen_events *events, void *context,
	    struct text *why)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	static bool registered;

	if (screen == NULL) {
		err(3, "the view");
	}
	terminal_open(&screen->terminal);
	screen->events = events;
	screen->context = context;
	setlocale(LC_CTYPE, "");
	screen->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (!terminal_can_show(&screen->terminal, why)) {
		free_screen(screen);
		return NULL;
	}
	if (!terminal_take(&screen->terminal)) {
		text_printf(why, "the terminal: %s", strerror(errno));
		free_screen(screen);
		return NULL;
	}
	if (!set_up_curses(screen, color)) {
		text_printf(why, "the terminal: %s", strerror(errno));
		terminal_give_back(&screen->terminal);
		free_screen(screen);
		return NULL;
	}
	the_screen = screen;
	if (!registered) {
		registered = true;
		atexit(at_exit);
	}
	terminal_tell_guard(&screen->terminal);
	screen->readable =
	    watch(base, screen->terminal.fd, EV_READ | EV_PERSIST, on_readable, screen);
	screen->writable = watch(base, screen->terminal.fd, EV_WRITE, on_writable, screen);
	screen->resized = watch(base, SIGWINCH, EV_SIGNAL | EV_PERSIST, on_resized, screen);
	screen->continued = watch(base, SIGCONT, EV_SIGNAL | EV_PERSIST, on_continued, screen);
	return screen;
}

void
screen_close(struct screen *screen)
{
	if (screen == NULL) {
		return;
	}
	leave(screen);
	the_screen = NULL;
	free_screen(screen);
}

int
screen_terminal(const struct screen *screen)
{
	return screen->terminal.fd;
}

void
screen_suspend(struct screen *screen)
{
	leave(screen);
}

bool
screen_resume(struct screen *screen)
{
	if (!terminal_in_foreground(&screen->terminal)) {
		return false;
	}
	screen->off = false;
	terminal_take(&screen->terminal);
	terminal_tell_guard(&screen->terminal);
	redraw(screen);
	return true;
}

/* ---- the picture ------------------------------------------------------------------------------ */

void
screen_fit(const struct screen *screen, struct canvas *canvas)
{
	int rows, columns;

	getmaxyx(stdscr, rows, columns);
	canvas->ascii = screen->ascii;
	canvas_resize(canvas, (unsigned)rows, (unsigned)columns);
}

void
screen_show(struct screen *screen, const struct canvas *canvas)
{
	cchar_t *line;

	if (screen->off || screen->left.len > 0) {
		return; /* the terminal is busy with the one before */
	}
	line = calloc(canvas->columns + 1, sizeof(*line));
	if (line == NULL) {
		err(3, "the view");
	}
	for (unsigned row = 0; row < canvas->rows; row++) {
		const struct canvas_cell *cells = &canvas->cells[(size_t)row * canvas->columns];
		int count = 0;

		for (unsigned i = 0; i < canvas->columns; i++) {
			const wchar_t shown[2] = {cells[i].shown, L'\0'};

			if (cells[i].shown != L'\0') {
				attr_t attributes;
				short pair;

				screen_style_get(cells[i].style, &attributes, &pair);
				setcchar(&line[count++], shown, attributes, pair, NULL);
			}
		}
		mvadd_wchnstr((int)row, 0, line, count);
	}
	free(line);
	refresh();
	begin_writing(screen);
}
