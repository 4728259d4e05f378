/* SPDX-License-Identifier: ISC */
/*
 * import: what others have recorded or written, as a job file: a row in imports.def and a file
 * import_<name>.c for each format. In the supervisor; pure.
 */
#ifndef SUPERVISOR_IMPORT_H
#define SUPERVISOR_IMPORT_H

#include "supervisor/import_job.h"

struct import_source {
	const char *file;  /* for messages */
	struct span bytes; /* a NUL is behind the last */
	enum import_as as; /* IMPORT_EXEC: every task must have a command */
};

struct import_ops {
	const char *name;
	/*
	 * Adds the tasks of the source and their needs to the job, which points into its bytes
	 * from then on. False: `error` says, in one line, what is wrong and where.
	 */
	bool (*read)(const struct import_source *, struct import_job *, struct text *error);
};

#define IMPORT(name, says) extern const struct import_ops import_##name;
#include "supervisor/imports.def"
#undef IMPORT

extern const struct import_ops *const import_formats[]; /* NULL is behind the last */

/* A line for each format, for -h. */
void import_describe(struct text *out);

#endif
