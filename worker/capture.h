/* SPDX-License-Identifier: ISC */
/*
 * capture: one output stream of a command, over a pipe: kept for the record up to its limit,
 * shown as the run asks for it. In stint-worker, the loop thread.
 */
#ifndef WORKER_CAPTURE_H
#define WORKER_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

struct run;
struct worker;

#define CAPTURE_TAIL 200 /* bytes of the last line that an error message quotes */

struct capture {
	struct worker *worker;
	struct run *run;
	void (*ended)(struct run *); /* called when the pipe ends, not from capture_drain() */
	struct event *event;
	struct event *again; /* looks again whether the supervisor has caught up */
	struct text line;    /* the beginning of a line, in SHOW_LINE */
	size_t shown;        /* bytes of what is kept that were shown already, in SHOW_GROUP */
	size_t most;         /* bytes kept */
	int fd;              /* -1: ended, or there is none */
	int stream;          /* 1 or 2 */
	char tail[CAPTURE_TAIL];
	size_t tail_len;
};

/*
 * Makes the pipe; *write_end is for the command, the caller closes it. False with errno.
 * Reading begins with capture_begin().
 */
bool capture_open(struct capture *, struct worker *, struct run *, int stream, int *write_end,
		  void (*ended)(struct run *));
bool capture_begin(struct capture *);  /* false with errno */
void capture_none(struct capture *);   /* a stream that goes elsewhere */
void capture_drain(struct capture *);  /* reads what is there now */
void capture_finish(struct capture *); /* shows what is left; closes; frees */

/* The last line with something on it, as much as is kept; valid UTF-8 is not promised. */
struct span capture_last_line(const struct capture *);

#endif
