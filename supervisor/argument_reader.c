/* SPDX-License-Identifier: ISC */
/* argument_reader: see argument_reader.h. In the supervisor. */
#include "supervisor/argument_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 << 10)

const char *
argument_reader_open(struct argument_reader *reader, const char *path, char delimiter,
		     bool skip_blank)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat info;

	*reader = (struct argument_reader){.fd = STDIN_FILENO,
					   .delimiter = delimiter,
					   .skip_blank = skip_blank,
					   .shown = strdup(is_stdin ? "stdin" : path)};
	if (reader->shown == NULL) {
		return "out of memory";
	}
	text_printable(reader->shown);
	if (!is_stdin) {
		reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (reader->fd < 0 || fstat(reader->fd, &info) != 0) {
		return strerror(errno);
	}
	if (S_ISDIR(info.st_mode)) {
		return "is a directory; name a file of arguments";
	}
	reader->regular = S_ISREG(info.st_mode);
	reader->size = reader->regular ? (uint64_t)info.st_size : 0;
	return NULL;
}

void
argument_reader_close(struct argument_reader *reader)
{
	if (reader->fd > STDERR_FILENO) {
		close(reader->fd);
	}
	text_free(&reader->buffer);
	free(reader->shown);
}

/* Reads once. False: nothing is there now, or it cannot be read. */
static bool
fill(struct argument_reader *reader, enum line_state *state)
{
	struct pollfd ready = {.fd = reader->fd, .events = POLLIN};
	struct text *buffer = &reader->buffer;
	ssize_t got;

	*state = LINE_WAIT;
	if (!reader->regular && poll(&ready, 1, 0) <= 0) {
		return false;
	}
	text_drop_front(buffer, reader->begin);
	reader->scanned -= reader->begin;
	reader->begin = 0;
	text_reserve(buffer, READ_SIZE);
	got = read(reader->fd, buffer->data + buffer->len, READ_SIZE);
	if (got < 0) {
		*state = errno == EINTR || errno == EAGAIN ? LINE_WAIT : LINE_FAIL;
		return false;
	}
	reader->ended = got == 0;
	buffer->len += (size_t)got;
	if (buffer->len > ARGUMENT_MOST + READ_SIZE) {
		errno = EFBIG;
		*state = LINE_FAIL;
		return false;
	}
	return true;
}

/* The next argument, if it is there; the last one may lack its delimiter. */
static bool
cut(struct argument_reader *reader, struct span *argument)
{
	struct text *buffer = &reader->buffer;
	size_t left = buffer->len - reader->scanned;
	const char *found =
	    left == 0 ? NULL : memchr(buffer->data + reader->scanned, reader->delimiter, left);
	size_t end = found == NULL ? buffer->len : (size_t)(found - buffer->data);

	reader->scanned = end;
	if (found == NULL && (!reader->ended || reader->begin == buffer->len)) {
		return false;
	}
	*argument = (struct span){buffer->data + reader->begin, end - reader->begin};
	reader->taken += argument->len + 1;
	reader->begin = reader->scanned = end + (found != NULL);
	return true;
}

enum line_state
argument_reader_next(struct argument_reader *reader, struct span *argument)
{
	enum line_state state;

	for (;;) {
		if (!cut(reader, argument)) {
			if (reader->ended) {
				return LINE_END;
			}
			if (!fill(reader, &state)) {
				return state;
			}
		} else if (!reader->skip_blank || !line_is_blank(*argument)) {
			return LINE_TAKEN;
		}
	}
}
