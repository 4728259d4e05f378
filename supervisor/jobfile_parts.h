/* SPDX-License-Identifier: ISC */
/* jobfile_parts: what jobfile.c and jobfile_next.c share. For nobody else. */
#ifndef SUPERVISOR_JOBFILE_PARTS_H
#define SUPERVISOR_JOBFILE_PARTS_H

#include "supervisor/jobfile.h"
#include "supervisor/line_source.h"
#include "supervisor/needs.h"
#include "supervisor/task_reader.h"

struct jobfile {
	struct line_source source;
	const char *file; /* as messages name it */
	char *name;
	bool stream;
	bool at_end; /* of a stream: all of its lines were read */
	uint64_t ordinal;
	struct defaults defaults;
	struct ids *ids;
	struct task_reader reader; /* of a stream's last line */
	struct text error;

	/* Of a document, or of a line. Those before `text_next` had their turn. */
	struct task_text **texts;
	size_t text_count;
	size_t text_room;
	size_t text_next;
	uint64_t number; /* in the job, of the last repeat of the last that had its turn */
	uint64_t left;   /* tasks that were read and not handed out */

	struct task_text *text; /* the one whose repeats are being handed out */
	uint32_t index;         /* the last repeat that was */
	uint64_t first;         /* the number of its first */
	int64_t rank_us;
	bool skipped; /* they will not run */

	struct needs *needs; /* NULL: a document in which no task needs another */
	bool ignores_needs;
	struct needs_expect expect;
	bool ranked;
	int64_t unknown_us;  /* expected of tasks of which nothing is known */
	int64_t longest_us;  /* the longest task of those without a node */
	struct text longest; /* its id, plain */
};

bool jobfile_fail(struct jobfile *, const char *why); /* false, with the error set */

#endif
