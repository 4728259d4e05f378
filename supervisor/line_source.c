/* SPDX-License-Identifier: ISC */
/* line_source: see line_source.h. In the supervisor. */
#include "supervisor/line_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/memory.h"

#define READ_SIZE ((size_t)64 << 10)

const char *
line_source_take(struct line_source *source, int fd, const char *name, size_t longest_line)
{
	struct stat info;

	*source = (struct line_source){.fd = fd};
	frame_init(&source->frame, longest_line);
	source->shown = memory_check(strdup(name));
	text_printable(source->shown);
	if (source->fd < 0 || fstat(source->fd, &info) != 0) {
		return strerror(errno);
	}
	if (S_ISDIR(info.st_mode)) {
		return "is a directory; name a job file in it";
	}
	source->regular = S_ISREG(info.st_mode);
	source->size = source->regular ? (uint64_t)info.st_size : 0;
	return NULL;
}

const char *
line_source_open(struct line_source *source, const char *path, size_t longest_line)
{
	if (strcmp(path, "-") == 0) {
		return line_source_take(source, STDIN_FILENO, "stdin", longest_line);
	}
	return line_source_take(source, open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), path,
				longest_line);
}

void
line_source_make(struct line_source *source, const struct line_maker *maker)
{
	*source = (struct line_source){.maker = maker, .fd = -1};
	frame_init(&source->frame, 0);
}

void
line_source_shut(struct line_source *source)
{
	if (source->maker == NULL && source->fd > STDERR_FILENO) {
		fds_close(&source->fd);
	}
	frame_free(&source->frame);
	source->ended = true;
}

void
line_source_close(struct line_source *source)
{
	line_source_shut(source);
	free(source->shown);
}

/* Reads once; a pipe that has nothing now is left alone unless `wait`. False with errno. */
static bool
fill(struct line_source *source, bool wait, bool *got_some)
{
	struct pollfd ready = {.fd = source->fd, .events = POLLIN};
	ssize_t got;

	*got_some = false;
	if (source->ended || (!source->regular && poll(&ready, 1, wait ? -1 : 0) == 0)) {
		return true;
	}
	got = read(source->fd, frame_room(&source->frame, READ_SIZE), READ_SIZE);
	if (got < 0) {
		return errno == EINTR || errno == EAGAIN;
	}
	source->ended = got == 0;
	*got_some = true;
	frame_filled(&source->frame, (size_t)got);
	return true;
}

bool
line_is_blank(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (strchr(" \t\r\n", line.at[i]) == NULL || line.at[i] == '\0') {
			return false;
		}
	}
	return true;
}

/* The next line, as far as it is there; the last one may lack its newline. */
static enum frame_state
cut_line(struct line_source *source, struct span *line)
{
	enum frame_state state;

	if (source->skipping) {
		source->skipping = !frame_skip(&source->frame);
	}
	state = source->skipping ? FRAME_MORE : frame_next(&source->frame, line);
	if (state == FRAME_MORE && source->ended && !source->skipping) {
		*line = frame_take_rest(&source->frame);
		state = line->len > 0 ? FRAME_LINE : FRAME_MORE;
	}
	source->line += state != FRAME_MORE;
	return state;
}

enum line_state
line_source_next(struct line_source *source, struct span *line)
{
	bool got_some;

	if (source->maker != NULL) {
		return source->maker->next(source->maker->context, source, line);
	}
	*line = SPAN_EMPTY;
	for (;;) {
		switch (cut_line(source, line)) {
		case FRAME_TOO_LONG:
			source->skipping = true;
			return LINE_TOO_LONG;
		case FRAME_LINE:
			source->taken += line->len + 1;
			if (!line_is_blank(*line)) {
				return LINE_TAKEN;
			}
			break;
		case FRAME_MORE:
			if (source->ended) {
				return LINE_END;
			}
			if (!fill(source, false, &got_some)) {
				return LINE_FAIL;
			}
			if (!got_some) {
				return LINE_WAIT;
			}
			break;
		}
	}
}

enum line_state
line_source_first(struct line_source *source, struct span *line)
{
	bool got_some;

	for (;;) {
		enum frame_state state = cut_line(source, line);

		if (state == FRAME_LINE && !line_is_blank(*line)) {
			return LINE_TAKEN;
		}
		if (state == FRAME_TOO_LONG) {
			*line = frame_take_rest(&source->frame);
			return LINE_TOO_LONG;
		}
		if (state == FRAME_MORE && source->ended) {
			return LINE_END;
		}
		if (state == FRAME_MORE && !fill(source, true, &got_some)) {
			return LINE_FAIL;
		}
	}
}

void
line_source_put_back(struct line_source *source, struct span line)
{
	source->frame.begin = source->frame.scanned = (size_t)(line.at - source->frame.bytes.data);
	source->line--;
}

bool
line_source_rest(struct line_source *source, struct span *piece)
{
	bool got_some;

	*piece = frame_take_rest(&source->frame);
	while (piece->len == 0 && !source->ended) {
		if (!fill(source, true, &got_some)) {
			return false;
		}
		*piece = frame_take_rest(&source->frame);
	}
	return true;
}

void
line_source_wait(const struct line_source *source)
{
	struct pollfd ready = {.fd = source->fd, .events = POLLIN};

	poll(&ready, 1, -1);
}
