/* SPDX-License-Identifier: ISC */
/*
 * jobfile_error: says where a job file is wrong: "jobs.json:12: tasks[3].slep: unknown key, did
 * you mean "sleep"?". In the supervisor; pure.
 */
#ifndef SUPERVISOR_JOBFILE_ERROR_H
#define SUPERVISOR_JOBFILE_ERROR_H

#include "ipc/task_spec.h"
#include "ipc/text.h"

/* A piece of a job file: `text` begins in line `line` and, if that is known, after `column`. */
struct piece {
	const char *file;
	const char *prefix; /* of the path: "tasks[3]", "defaults", or "" */
	struct span text;
	uint64_t line; /* from 1 */
};

/* Appends the message for an error in the piece, without a newline. */
void jobfile_describe(const struct piece *, const struct spec_error *, struct text *out);

/* Likewise for the need of that index in the task, from 0; -1: for all of its needs. */
void jobfile_describe_need(const struct piece *, int index, const char *message, struct text *out);

/* Appends "file:line: path: message"; line 0 and an empty path are left out. */
void jobfile_complain(struct text *out, const char *file, uint64_t line, const char *path,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

uint64_t jobfile_count_lines(const char *from, const char *to); /* newlines between */

#endif
