/* SPDX-License-Identifier: ISC */
/*
 * argument_reader: the arguments in a file, a pipe or a terminal, one a line or however they are
 * separated, read as they are asked for. In the supervisor.
 */
#ifndef SUPERVISOR_ARGUMENT_READER_H
#define SUPERVISOR_ARGUMENT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/line_source.h"

#define ARGUMENT_MOST ((size_t)256 << 20) /* bytes of one */

struct argument_reader {
	struct text buffer;
	size_t begin;   /* of the argument that comes next */
	size_t scanned; /* no delimiter before this */
	char *shown;    /* the name for messages */
	int fd;         /* -1: not open */
	char delimiter;
	bool skip_blank; /* arguments that are only white space */
	bool regular;    /* a file that can always be read */
	bool ended;      /* no more bytes will come */
	uint64_t size;   /* of a regular file */
	uint64_t taken;  /* bytes of what was handed out */
};

/* Opens `path` ("-": stdin). NULL, or why it cannot be read. To be closed in any case. */
const char *argument_reader_open(struct argument_reader *, const char *path, char delimiter,
				 bool skip_blank);
void argument_reader_close(struct argument_reader *);

/*
 * The next argument; LINE_TAKEN: it lives until the next call; LINE_WAIT: until `fd` can be read;
 * LINE_FAIL: errno says why, EFBIG that one is longer than ARGUMENT_MOST.
 */
enum line_state argument_reader_next(struct argument_reader *, struct span *argument);

#endif
