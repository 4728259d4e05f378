/* SPDX-License-Identifier: ISC */
/*
 * jobfile_document: a job file that is one JSON object, and the header of a stream, which is one
 * without tasks. Checked as a whole. In the supervisor; pure.
 *
 * document_feed() the bytes, document_parse() them, take what it found, document_clear().
 */
#ifndef SUPERVISOR_JOBFILE_DOCUMENT_H
#define SUPERVISOR_JOBFILE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/jobfile_task.h"
#include "supervisor/needs.h"

struct document {
	const char *file;
	uint64_t line; /* of its first byte, from 1 */
	struct text bytes;

	/* What is known of the bytes while they come, so that nonsense is refused early. */
	size_t scanned;
	size_t value; /* where the value inside the outermost brackets begins */
	unsigned depth;
	bool in_string;
	bool escaped;

	char *name;               /* of the job, malloc'd; NULL: it has none */
	struct task_text **texts; /* malloc'd, as are they */
	size_t count;
	struct needs *needs; /* NULL: no task needs another */
};

/* All return false with `error` filled. */
bool document_feed(struct document *, struct span, struct text *error);
bool document_parse(struct document *, struct defaults *, const struct run_defaults *more,
		    struct ids *, struct text *error);
bool document_header(struct document *, struct span line, struct defaults *, struct text *error);

void document_clear(struct document *); /* frees all it still has */

#endif
