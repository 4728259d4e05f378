/* SPDX-License-Identifier: ISC */
/*
 * task_reader: the tasks that a piece of a job file stands for: one, or one for each combination
 * of its matrix, made when they are asked for. In the supervisor; pure.
 */
#ifndef SUPERVISOR_TASK_READER_H
#define SUPERVISOR_TASK_READER_H

#include "supervisor/jobfile_task.h"

struct matrix;

struct task_reader {
	const struct defaults *defaults; /* these two are the owner's, who sets them first */
	struct ids *ids;
	struct piece piece;
	uint64_t ordinal;
	struct matrix *matrix; /* NULL: it has none */
	uint64_t group_hash;   /* of the id that its matrix took for all of them; 0: none */
	uint16_t group_len;    /* struct task_text's */
	bool open;             /* there may be more */
};

/* The piece must live until the last task is taken; it is number `ordinal` of the file. */
void task_reader_begin(struct task_reader *, const struct piece *, uint64_t ordinal);

/*
 * The next task of the piece into *text, the caller's; NULL: there is none left. False: it is
 * wrong, `error` has the message, and nothing more comes of the piece.
 */
bool task_reader_next(struct task_reader *, struct task_text **text, struct text *error);

void task_reader_clear(struct task_reader *);

#endif
