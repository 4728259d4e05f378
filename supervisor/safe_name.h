/* SPDX-License-Identifier: ISC */
/* safe_name: a name for a file or a folder from any id. Pure; in the supervisor. */
#ifndef SUPERVISOR_SAFE_NAME_H
#define SUPERVISOR_SAFE_NAME_H

#include "ipc/text.h"

#define SAFE_NAME_MOST 200 /* bytes */

/*
 * Appends the name: the id, with %XX for slashes, control bytes, percent signs and a dot at its
 * beginning. One that is too long is cut, and ends with "%-" and a hash. No two ids have the same.
 */
void safe_name_put(struct text *, struct span id);

#endif
