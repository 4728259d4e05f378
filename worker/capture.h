/* SPDX-License-Identifier: ISC */
/*
 * capture: one output stream of a command, over a pipe: kept for the record up to its limit,
 * shown as the run asks for it. In stint-worker, the loop thread.
 *
 * What is shown in one piece, when the command has ended, is kept whole until then, as far as
 * there is room for it; memory is spared by ipc/spill.
 */
#ifndef WORKER_CAPTURE_H
#define WORKER_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/spill.h"
#include "ipc/text.h"
#include "worker/backlog.h"

struct run;
struct worker;

#define CAPTURE_TAIL 200               /* bytes of the last line that an error message quotes */
#define CAPTURE_LINE ((size_t)4 << 20) /* a longer line is shown in several, in SHOW_LINE */

struct capture {
	struct worker *worker;
	struct run *run;
	void (*ended)(struct run *); /* called when the pipe ends, not from capture_drain() */
	struct event *event;
	struct waiter waiter; /* for the supervisor, before more is read */
	struct spill line;    /* the beginning of a line, in SHOW_LINE */
	uint64_t shown;       /* bytes of what is kept that were shown already, in SHOW_GROUP */
	int fd;               /* -1: ended, or there is none */
	int stream;           /* 1 or 2; 0: it goes elsewhere */
	bool cut;             /* something was lost: what comes behind it is not kept either */
	char tail[CAPTURE_TAIL];
	size_t tail_len;
};

/*
 * Makes the pipe; *write_end is for the command, the caller closes it. False with errno.
 * Reading begins with capture_begin().
 */
bool capture_open(struct capture *, struct worker *, struct run *, int stream, int *write_end,
		  void (*ended)(struct run *));
bool capture_begin(struct capture *); /* false with errno */
void capture_none(struct capture *);  /* a stream that goes elsewhere */
void capture_drain(struct capture *); /* reads what is there now */

/*
 * The command has ended. capture_close() reads no more; then both of its streams are shown as far
 * as the waiter's turn has come and the supervisor takes it: false if there is more, to be called
 * again when the waiter goes. capture_free() frees.
 */
void capture_close(struct capture *);
bool capture_show(struct capture streams[2], struct waiter *);
void capture_free(struct capture *);

bool capture_lost(const struct capture *); /* some of what was to be shown could not be kept */

/* Keeps for the record what is shown already. */
void capture_keep(struct worker *, struct run *, int stream, struct span bytes);

/* The last line with something on it, as much as is kept; valid UTF-8 is not promised. */
struct span capture_last_line(const struct capture *);

#endif
