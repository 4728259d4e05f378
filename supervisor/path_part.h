/* SPDX-License-Identifier: ISC */
/* path_part: what replacement strings take of a path. In the supervisor; pure. */
#ifndef SUPERVISOR_PATH_PART_H
#define SUPERVISOR_PATH_PART_H

#include "ipc/text.h"

enum path_part {
	PATH_WHOLE,
	PATH_STEM,     /* without extension: "a/b" of "a/b.c" */
	PATH_BASE,     /* "b.c" */
	PATH_FOLDER,   /* "a"; "." if it has none */
	PATH_BASE_STEM /* "b" */
};

/* Points into `path`, or at a constant. */
struct span path_part(struct span path, enum path_part);

#endif
