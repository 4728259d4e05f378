/* SPDX-License-Identifier: ISC */
/*
 * line_file: a file that lines are appended to while a run lasts, each of them whole or not at
 * all: locked, so that no other run writes to it, written in batches, synced as was asked for.
 * In the supervisor.
 *
 * Once a write or a sync has failed nothing more is written, and every flush says so again.
 */
#ifndef SUPERVISOR_LINE_FILE_H
#define SUPERVISOR_LINE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/run_options.h"

struct line_file {
	const char *path; /* as it was named; the caller's */
	const char *hint; /* what to do when it cannot be written; NULL: nothing to say */
	enum sync sync;
	int fd;
	bool regular;       /* a file that stays, not a pipe or a device */
	uint64_t end;       /* of its whole lines */
	struct text buffer; /* whole lines that are still to be written */
	bool unsynced;
	bool named; /* the folder, too, was synced since it was opened */
	int64_t sync_due_us;
	int failed; /* errno of a write or a sync */
};

enum line_file_begin { LINE_FILE_EMPTY, LINE_FILE_APPEND };

/*
 * Opens `path` ("-": stdout), which is made if it is missing, and locks it. LINE_FILE_EMPTY:
 * what it holds goes. LINE_FILE_APPEND: it stays, and can be read through `fd`; only a regular
 * file will do; line_file_cut() must say where its whole lines end before the first flush.
 * False: `error` says why; nothing is open.
 */
bool line_file_open(struct line_file *, const char *path, enum sync, enum line_file_begin,
		    struct text *error);

/* What is behind `end` goes. */
bool line_file_cut(struct line_file *, uint64_t end, struct text *error);

bool line_file_flush(struct line_file *, struct text *error);  /* false with errno */
bool line_file_finish(struct line_file *, struct text *error); /* flushes and syncs the last */
bool line_file_close(struct line_file *, struct text *error);  /* and unlocks; may be NULL */

#endif
