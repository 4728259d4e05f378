/* SPDX-License-Identifier: ISC */
/*
 * line_source: the lines of a file, a pipe or a terminal, read as they are asked for. A pipe that
 * has nothing now does not hold anybody up. In the supervisor.
 */
#ifndef SUPERVISOR_LINE_SOURCE_H
#define SUPERVISOR_LINE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/frame.h"

struct line_maker;

struct line_source {
	const struct line_maker *maker; /* NULL: the lines are read */
	struct frame frame;
	char *shown;    /* the name for messages: without control characters; "stdin" for "-" */
	int fd;         /* -1: not open */
	bool regular;   /* a file that can always be read */
	bool ended;     /* no more bytes will come */
	bool skipping;  /* the rest of a line that was too long */
	uint64_t size;  /* of a regular file */
	uint64_t taken; /* bytes of the lines that were handed out */
	uint64_t line;  /* the number of the last one */
};

enum line_state {
	LINE_TAKEN,    /* it lives until the next call */
	LINE_TOO_LONG, /* it is passed over, by line_source_next() */
	LINE_WAIT,     /* nothing is there yet */
	LINE_END,
	LINE_REFUSED, /* one that is made cannot be: the line says why */
	LINE_FAIL     /* errno says why, or the line does if it is not empty */
};

/* Lines that are made as they are asked for, not read. */
struct line_maker {
	/*
	 * As line_source_next(). Sets in the source: `fd`, before LINE_WAIT; `ended`; `taken` and
	 * `size`, in any unit, as far as they are known.
	 */
	enum line_state (*next)(void *context, struct line_source *, struct span *line);
	void *context;
};

/* Opens `path` ("-": stdin). NULL, or why it cannot be read. To be closed in any case. */
const char *line_source_open(struct line_source *, const char *path, size_t longest_line);
/* The same of one that is open, and is closed by line_source_close(). */
const char *line_source_take(struct line_source *, int fd, const char *name, size_t longest_line);
void line_source_make(struct line_source *, const struct line_maker *); /* which must last */
void line_source_shut(struct line_source *); /* nothing more is read; the counts stay */
void line_source_close(struct line_source *);

/* The next line that is not blank. */
enum line_state line_source_next(struct line_source *, struct span *line);

/*
 * The first line that is not blank, waiting for it. LINE_TOO_LONG: `line` is as much of it as
 * has come; the rest is line_source_rest(). LINE_TAKEN: it may be put back, to come next.
 */
enum line_state line_source_first(struct line_source *, struct span *line);
void line_source_put_back(struct line_source *, struct span line);

/* What is behind the lines handed out, in pieces, waiting for them. Empty: that was the last. */
bool line_source_rest(struct line_source *, struct span *piece); /* false with errno */

void line_source_wait(const struct line_source *); /* until there is something to read */
bool line_is_blank(struct span line);

#endif
